"""Everything the club holds about a person, in one file for them alone: made by the worker, kept for a week."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _t

from members import personal_data
from members.fields import CodeField
from members.photos import stored
from outbox.models import Delivery

if TYPE_CHECKING:
    from members.models import Member

KEPT_FOR = timedelta(days=7)


def random_name(_export: DataExport, _name: str) -> str:
    """Where the file lies: nobody guesses it."""
    return f"exports/{get_random_string(40)}.zip"


class DataExportQuerySet(models.QuerySet["DataExport"]):
    def ask(self, member: Member, *, now: datetime) -> DataExport:
        """One at a time: who has one coming or lying ready gets that one."""
        export, _is_new = self.get_or_create(member=member, defaults={"asked_at": now})
        return export

    def outdated(self, now: datetime) -> DataExportQuerySet:
        return self.filter(made_at__lt=now - KEPT_FOR)


class DataExport(models.Model):
    """One file somebody asked for."""

    code = CodeField()
    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_export")
    asked_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(upload_to=random_name, max_length=200, blank=True)

    objects = DataExportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.code

    @property
    def goes_at(self) -> datetime | None:
        return self.made_at + KEPT_FOR if self.made_at else None

    @transaction.atomic
    def make(self, *, now: datetime) -> None:
        """Write the file and owe the mail that says so; a second worker finds it made."""
        found = DataExport.objects.select_for_update(skip_locked=True).filter(pk=self.pk, made_at=None).first()
        if found is None:
            return
        member = found.member
        with translation.override(member.language):
            found.file.save("", ContentFile(packed(member)), save=False)
        found.made_at = now
        found.save(update_fields=["made_at", "file"])
        context = {"notice": "export"}
        Delivery.objects.owe(
            "account.notice", f"export:{found.pk}", to=member.email, language=member.language, context=context
        )

    def discard(self) -> None:
        """The file and the row."""
        if self.file:
            self.file.delete(save=False)
        self.delete()


def tick(*, now: datetime) -> None:
    """Make what was asked for; throw away what has lain a week."""
    for export in DataExport.objects.filter(made_at=None).order_by("pk")[:5]:
        export.make(now=now)
    for export in DataExport.objects.outdated(now):
        export.discard()


def packed(member: Member) -> bytes:
    """A zip: data.json, with the rows of each model by its name; READ ME; and every file that belongs to a row."""
    data: dict[str, list[dict[str, Any]]] = {}
    files: list[FieldFile] = []
    for policy in personal_data.policies():
        if policy.exports is None:
            continue
        model = apps.get_model(policy.model)
        rows = list(model._default_manager.filter(policy.exports(member)).order_by("pk"))  # noqa: SLF001
        data[policy.model] = [dict(_columns(row, policy.secret)) for row in rows]
        names = [name for name in personal_data.file_columns(model) if name not in policy.secret]
        files += [kept for row in rows for name in names if (kept := getattr(row, name))]
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("data.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        pack.writestr("READ ME.txt", _read_me())
        for number, file in enumerate(files):
            pack.writestr(f"files/{number:03}-{str(file.name).rpartition('/')[2]}", stored(file))
    return body.getvalue()


def _columns(row: models.Model, secret: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for column in row._meta.concrete_fields:  # noqa: SLF001 - Django's name
        value = column.value_from_object(row)
        if column.name not in secret and value not in (None, "", [], {}):
            yield column.name, value.name if isinstance(value, FieldFile) else value


def _read_me() -> str:
    return _t(
        "data.json holds what the club's site keeps about you, by the name of the table it stands in. Numbers stand "
        "for other rows, also for other people: who they are is theirs. Not in it: what hosts noted for themselves, "
        "what you told the hosts without your name, and keys and codes with which one could sign in as you."
    )
