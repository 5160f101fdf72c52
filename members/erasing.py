"""Deleting an account: what is about this person goes, what is others' too stays without a name."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile

from members import personal_data
from members.models import Activity, Member
from members.names import new_code
from outbox.models import Delivery
from search import sources

# What is left of an address: nobody can own it (RFC 2606), and it is another for each.
NOWHERE = "erased.invalid"


@transaction.atomic
def erase(member: Member, *, now: datetime) -> None:
    """For ever. Raises ValidationError where something must be handed on first; again changes nothing."""
    found = Member.objects.get_queryset().select_for_update().get(pk=member.pk)
    if found.erased_at is not None:
        return
    for leave in personal_data.leaving():
        leave(found, now)
    codes = personal_data.named_at(found)
    words = _words(found)
    for policy in personal_data.policies():
        for step in policy.erases:
            rows = apps.get_model(policy.model)._default_manager.filter(step.rows(found))  # noqa: SLF001 - Django's name
            _carry_out(rows, step)
    _empty(found, now=now)
    _forget_mails_that_say(words)
    sources.refresh(codes)
    Activity.record(None, "member.erase", f"member:{found.pk}", now=now)


def _carry_out(rows: QuerySet[Any], step: personal_data.Step) -> None:
    if step.clear is not None:
        rows.update(**step.clear)
        return
    files = _files(rows)
    rows.delete()
    _throw_away(files)


def _files(rows: QuerySet[Any]) -> list[FieldFile]:
    names = personal_data.file_columns(rows.model)
    return [stored for row in rows for name in names if (stored := getattr(row, name))]


def _throw_away(files: list[FieldFile]) -> None:
    for stored in files:
        transaction.on_commit(partial(stored.storage.delete, str(stored.name)))


def _words(member: Member) -> list[str]:
    """What a mail to somebody else may say of this person: name, address, telephone."""
    before = member.former_addresses.values_list("address", flat=True)
    found = (member.email, *before, member.name, member.romaji, member.phone, member.line_id)
    return [word for word in found if len(word) > 1]


def _forget_mails_that_say(words: list[str]) -> None:
    """The text of mails to others that name this person: it is kept for a second attempt, and no mail is sent twice."""
    says = Q(pk__in=[])
    for word in words:
        says |= Q(rendered__icontains=word) | Q(last_error__icontains=word)
    Delivery.objects.filter(says).update(rendered=None, last_error="")


def _empty(member: Member, *, now: datetime) -> None:
    """The row as it was before anything was told, without a way in, under a code that no old address leads to."""
    fresh = Member(code=new_code(), password=make_password(None), created_at=now, erased_at=now, is_active=False)
    fresh.email = f"{fresh.code}@{NOWHERE}"
    fresh.pk, fresh.link_version = member.pk, member.link_version + 1
    _throw_away(_files(Member.objects.get_queryset().filter(pk=member.pk)))
    member.groups.clear()
    member.user_permissions.clear()
    fresh.save(force_update=True)
