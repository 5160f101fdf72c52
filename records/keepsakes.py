"""What else remains of a session: photos of it, and files that were given out.

A photo is shown to those who came from the moment it is added; further, as far as its host chose, once the report is
published, for until then the guest may still object. Whoever came can hide one at once, and it stays hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from events.models import Attendance, Session
from events.models.series import Viewer
from members import photos
from members.fields import CodeField, LineField
from members.models import Activity, Member
from speakers.models import Speaker

PICTURES_AT_MOST = 60  # of one session
HANDOUTS_AT_MOST = 12
SMALL = 480  # pixels of the longest side in a gallery


class Audience(models.TextChoices):
    """Who may see it, besides those who host."""

    CAME = "came", _("those who came")
    MEMBERS = "members", _("members")
    PUBLIC = "public", _("everyone")


def handout_name(_row: models.Model, name: str) -> str:
    """Where a file lies: nobody guesses it."""
    return f"handouts/{get_random_string(40)}.{name.rpartition('.')[2].lower()}"


Kept = TypeVar("Kept", bound="Keepsake")


class KeepsakeQuerySet(models.QuerySet[Kept]):
    def visible_to(self, viewer: Viewer) -> KeepsakeQuerySet[Kept]:
        """Of sessions this reader may see, as far as each goes."""
        if not isinstance(viewer, Member):
            allowed = self._far(Audience.PUBLIC)
        else:
            came = Attendance.objects.came().filter(session=OuterRef("session"), member=viewer)
            far = self._far(Audience.PUBLIC, *([Audience.MEMBERS] if viewer.joined_at else []))
            allowed = far | Exists(came) | Q(session__in=Session.objects.hosted_by(viewer))
        return self.filter(allowed, session__in=Session.objects.visible_to(viewer).on())

    def _far(self, *audiences: Audience) -> Q:
        return Q(audience__in=audiences)


class Keepsake(models.Model):
    """What photos and files have in common."""

    code = CodeField()
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="%(class)ss")
    audience = models.CharField(_("who may see it"), max_length=10, choices=Audience, default=Audience.CAME)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["pk"]

    FILES: tuple[str, ...] = ("file",)

    @transaction.atomic
    def describe(self, fields: Collection[str], *, now: datetime, actor: Member) -> None:
        """A host says something else of it, or shows it to others: save these fields."""
        self.save(update_fields=fields)
        verb, target = f"{self._meta.model_name}.describe", f"session:{self.session.code}"
        Activity.record(actor, verb, target, now=now, code=self.code)
        touched(self.session, now=now)

    @transaction.atomic
    def remove(self, *, now: datetime, actor: Member | None) -> None:
        """A host takes it away for good, with its files; or the guest who sent it."""
        stored: list[FieldFile] = [getattr(self, name) for name in self.FILES]
        verb = f"{self._meta.model_name}.{'remove' if actor else 'take_back'}"
        Activity.record(actor, verb, f"session:{self.session.code}", now=now, code=self.code)
        self.delete()
        for file in stored:
            transaction.on_commit(partial(file.storage.delete, str(file.name)))
        touched(self.session, now=now)


def touched(session: Session, *, now: datetime) -> None:
    """The session's page shows something else from now on."""
    Session.objects.filter(pk=session.pk).update(changed_at=now)


class PictureQuerySet(KeepsakeQuerySet["Picture"]):
    def visible_to(self, viewer: Viewer) -> PictureQuerySet:
        """Hidden ones nobody sees, not even hosts: they see that there are some."""
        return super().visible_to(viewer).filter(hidden_at=None)  # type: ignore[return-value]

    def for_guest(self, session: Session) -> PictureQuerySet:
        """Those the guest of that morning finds right, or hides, before they are published."""
        return self.filter(session=session, hidden_at=None)

    def _far(self, *audiences: Audience) -> Q:
        return super()._far(*audiences) & Q(session__report__published_at__isnull=False)

    @transaction.atomic
    def add(
        self, session: Session, sent: Iterable[ContentFile[bytes]], *, audience: str, now: datetime, actor: Member
    ) -> list[Picture]:
        """Keep these photos, each as `members.photos.rewritten` made it, beside a small one for the gallery."""
        added = []
        for photo in sent:
            row = self.model(session=session, audience=audience, added_by=actor, added_at=now)
            row.width, row.height = photos.size(photo)
            row.file.save("", photo, save=False)
            row.small.save("", ContentFile(photos.rewritten(photo, longest=SMALL)), save=False)
            row.save()
            added.append(row)
        Activity.record(actor, "picture.add", f"session:{session.code}", now=now, photos=len(added))
        touched(session, now=now)
        return added


class Picture(Keepsake):
    """One photo, written anew: nothing of the file that was sent is kept but the picture."""

    FILES = ("file", "small")

    file = models.FileField(upload_to=photos.random_name, max_length=200, editable=False)
    small = models.FileField(upload_to=photos.random_name, max_length=200, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    caption = LineField(_("what it shows"), max_length=200, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True, editable=False)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = PictureQuerySet.as_manager()

    class Meta(Keepsake.Meta):
        verbose_name = _("photo")

    def __str__(self) -> str:
        return self.caption or self.code

    def get_absolute_url(self) -> str:
        return f"{reverse('pictures', args=[self.session.code])}#{self.code}"

    @property
    def markdown(self) -> str:
        """What puts it into the report."""
        return f"![{self.caption}]({self.code})"

    @transaction.atomic
    def hide(self, *, now: datetime, member: Member | None) -> None:
        """Somebody shown does not want it, the guest (nobody's member) among them. No reason is asked."""
        hidden = Picture.objects.filter(pk=self.pk, hidden_at=None).update(hidden_at=now, hidden_by=member)
        if hidden:
            Activity.record(None, "picture.hide", f"session:{self.session.code}", now=now, code=self.code)
            touched(self.session, now=now)


class HandoutQuerySet(KeepsakeQuerySet["Handout"]):
    def visible_to(self, viewer: Viewer, *, now: datetime | None = None) -> HandoutQuerySet:
        """What a guest sent beforehand, hosts alone see before the morning has begun."""
        begun = Q(session__starts_at__lte=now or timezone.now())
        hosting = Q(session__in=Session.objects.hosted_by(viewer))
        return super().visible_to(viewer).filter(begun | hosting)  # type: ignore[return-value]

    def from_guest(self, session: Session, speaker: Speaker) -> HandoutQuerySet:
        """What this guest has sent for this morning."""
        return self.filter(session=session, speaker=speaker)

    @transaction.atomic
    def add(
        self,
        session: Session,
        file: File[Any],
        *,
        title: str,
        audience: str,
        now: datetime,
        actor: Member | None,
        speaker: Speaker | None = None,
    ) -> Handout:
        """Keep a file under a name that cannot be guessed; what it is called is its title. `speaker`: who sent it."""
        row = self.model(session=session, title=title, audience=audience, size=file.size, added_by=actor, added_at=now)
        row.speaker = speaker
        row.file.save(file.name or "", file, save=False)
        row.save()
        verb = "handout.receive" if speaker else "handout.add"
        Activity.record(actor, verb, f"session:{session.code}", now=now, title=title)
        touched(session, now=now)
        return row


class Handout(Keepsake):
    """Slides, or another file of that morning."""

    title = LineField(_("what it is"), max_length=120)
    # The guest who sent it, on the page behind their link.
    speaker = models.ForeignKey(
        Speaker, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    file = models.FileField(upload_to=handout_name, max_length=200, editable=False)
    size = models.PositiveIntegerField(editable=False)

    objects = HandoutQuerySet.as_manager()

    class Meta(Keepsake.Meta):
        verbose_name = _("file")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("handout", args=[self.code])

    @property
    def kind(self) -> str:
        """PDF, PPTX: the end of its name."""
        return str(self.file.name).rpartition(".")[2].upper()

    @property
    def download_name(self) -> str:
        return f"{self.title}.{self.kind.lower()}"
