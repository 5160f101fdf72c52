"""What remains of a session: the report and what people took home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Attendance, Session, Talk, TalkSpeaker
from events.models.series import Viewer
from events.models.session import SessionQuerySet
from members.fields import LineField, ProseField
from members.models import Activity, Member
from members.names import Surname, clean_text
from records.intentions import Intention
from records.keepsakes import Handout, Picture, touched
from search import sources

__all__ = [
    "Agreed",
    "Handout",
    "Intention",
    "Picture",
    "Report",
    "ReportQuerySet",
    "Takeaway",
    "TakeawayQuerySet",
    "attended_by",
]

REPORT_LENGTH = 20_000


NOT_YET = _("The guest has not found this text right yet. Show it first, or say how they agreed.")


class Agreed(models.TextChoices):
    """What the host says of a guest's word, where the guest did not give it on their page."""

    TOLD = "told", _("The guest said by telephone or mail that it is right")
    UNASKED = "unasked", _("It goes without the guest's word")


def attended_by(member: Member) -> SessionQuerySet:
    """Sessions this person came to, as the door marked it, and may see."""
    came = Attendance.objects.came().filter(session=OuterRef("pk"), member=member)
    return Session.objects.visible_to(member).on().filter(Exists(came))


def has_guest(session: Session) -> bool:
    """Whether somebody was invited to speak, whose word on the report is waited for."""
    return TalkSpeaker.objects.filter(talk__session=session).exists()


def _touch(session: Session, *, now: datetime) -> None:
    """The session's page shows something else from now on, and is found by something else."""
    touched(session, now=now)
    sources.refresh([session.code])


class ReportQuerySet(models.QuerySet["Report"]):
    def published(self) -> ReportQuerySet:
        return self.filter(published_at__isnull=False)

    def visible_to(self, viewer: Viewer) -> ReportQuerySet:
        """Published ones of sessions this person may see; drafts of sessions this person hosts."""
        public = Q(published_at__isnull=False, session__in=Session.objects.visible_to(viewer))
        return self.filter(public | Q(session__in=Session.objects.hosted_by(viewer)))

    @transaction.atomic
    def write(
        self,
        session: Session,
        body: str,
        *,
        language: str,
        is_published: bool,
        now: datetime,
        actor: Member,
        agreed: str = "",
        topics: Sequence[str] | None = None,
    ) -> Report:
        """Keep what the host wrote, as a draft or for everybody who may see the session; `topics` of its talk, if said.

        Raises ValidationError for publishing what a guest has not found right, unless the host says how the guest
        agreed, or that it goes without; `agreed` is kept and stands in the record.
        """
        Session.objects.select_for_update().get(pk=session.pk)
        # As it is kept: a browser sends other ends of lines, and that is no other text than the guest found right.
        body = clean_text(body)
        report = self.filter(session=session).first() or self.model(session=session, author=actor, created_at=now)
        if report.body != body:
            # What a guest was shown, and found right, is this text and no other.
            report.shown_at = report.approved_at = None
            report.agreed = ""
        if is_published and not report.is_approved and has_guest(session):
            if agreed not in Agreed:
                raise ValidationError({"agreed": NOT_YET})
            report.agreed, report.approved_at = agreed, now if agreed == Agreed.TOLD else None
        report.body, report.language = body, language
        report.published_at = (report.published_at or now) if is_published else None
        report.save()
        verb = "report.publish" if is_published else "report.keep"
        told = {"agreed": report.agreed} if is_published and report.agreed else {}
        Activity.record(actor, verb, f"session:{session.code}", now=now, length=len(body), **told)
        if topics is not None:
            Talk.objects.filter(session=session).update(tags=list(topics))
        _touch(session, now=now)
        return report


class Report(models.Model):
    """What was said that morning, in Markdown. Public once it is published."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="report")
    body = ProseField(_("report"), max_length=REPORT_LENGTH)
    language = models.CharField(_("language"), max_length=8, default="ja")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reports")
    created_at = models.DateTimeField(default=timezone.now)
    # The guest is shown this text before it is published, and finds it right or remarks on it.
    shown_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    remark = ProseField(_("what the guest would like put right"), max_length=4000, blank=True)
    # How a guest agreed who did not do so on their page, or that nobody asked; of this text and no other.
    agreed = models.CharField(max_length=10, choices=Agreed, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")

    def __str__(self) -> str:
        return f"{self.session_id}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None

    @property
    def waits_for_guest(self) -> bool:
        """Shown to the guest, who has not found it right yet."""
        return self.shown_at is not None and self.approved_at is None

    def show(self, *, now: datetime) -> None:
        """The guest may read it from now on."""
        if self.shown_at is None:
            self.shown_at = now
            self.save(update_fields=["shown_at"])

    def hear(self, *, is_right: bool, remark: str, now: datetime) -> None:
        """What the guest said of it."""
        self.approved_at, self.remark = (now if is_right else None), remark
        self.save(update_fields=["approved_at", "remark"])


class TakeawayQuerySet(models.QuerySet["Takeaway"]):
    def visible_to(self, viewer: Viewer) -> TakeawayQuerySet:
        """Lines that are not hidden, of sessions this person may see, as far as their authors chose; and one's own."""
        return self.filter(self._chosen_for(viewer), session__in=Session.objects.visible_to(viewer), hidden_at=None)

    def for_guest(self, session: Session) -> TakeawayQuerySet:
        """Lines the guest of that morning reads, whoever else may; with the names meant for the guest's eyes."""
        return self.filter(session=session, hidden_at=None).select_related("member")

    def named_to(self, viewer: Member) -> TakeawayQuerySet:
        """Without those signed by somebody who keeps this reader away, or whom this reader keeps away."""
        return self.filter(self._near(viewer))

    @staticmethod
    def _near(viewer: Member) -> Q:
        unnamed = Q(signed=Takeaway.Signed.NONE) | Q(member=None)
        return unnamed | Q(member__in=Member.objects.get_queryset().visible_to(viewer))

    @staticmethod
    def _chosen_for(viewer: Viewer) -> Q:
        public = Q(audience=Takeaway.Audience.PUBLIC)
        if not isinstance(viewer, Member):
            return public
        members = Q(audience=Takeaway.Audience.MEMBERS) if viewer.joined_at else Q(pk=None)
        near = TakeawayQuerySet._near(viewer)
        return near & (public | members) | Q(session__in=Session.objects.hosted_by(viewer)) | Q(member=viewer)

    @transaction.atomic
    def say(
        self,
        session: Session,
        member: Member,
        text: str,
        *,
        audience: str,
        signed: str,
        language: str,
        now: datetime,
    ) -> Takeaway:
        """One line of one who came; saying it anew replaces it. What a host has hidden stays hidden."""
        values = {"text": text, "audience": audience, "signed": signed, "language": language}
        made = {**values, "created_at": now}
        takeaway, _new = self.update_or_create(session=session, member=member, defaults=values, create_defaults=made)
        _touch(session, now=now)
        return takeaway


class Takeaway(models.Model):
    """What one person took home, in one line, shown as far as they chose."""

    class Audience(models.TextChoices):
        HOSTS = "hosts", _("hosts and the guest")
        MEMBERS = "members", _("members")
        PUBLIC = "public", _("everyone")

    class Signed(models.TextChoices):
        NAME = "name", _("with my name")
        SURNAME = "surname", _("with my surname alone")
        NONE = "none", _("with no name")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="takeaways")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="takeaways")
    text = LineField(_("what you take home, in one line"), max_length=200)
    language = models.CharField(_("language"), max_length=8, default="ja")
    audience = models.CharField(_("who may read it"), max_length=10, choices=Audience, default=Audience.HOSTS)
    signed = models.CharField(_("whose line it is"), max_length=10, choices=Signed, default=Signed.NAME)
    created_at = models.DateTimeField(default=timezone.now)
    hidden_at = models.DateTimeField(null=True, blank=True)

    objects = TakeawayQuerySet.as_manager()

    class Meta:
        verbose_name = _("what was taken home")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["session", "member"], name="takeaway_once")]

    def __str__(self) -> str:
        return self.text

    @property
    def signature(self) -> Member | Surname | None:
        """Whose line it says it is; nobody where the surname alone was chosen and the name does not tell it."""
        if self.member is None or self.signed == self.Signed.NONE:
            return None
        return self.member if self.signed == self.Signed.NAME else self.member.surname_alone

    @transaction.atomic
    def take_back(self, *, now: datetime) -> None:
        """Its author wants it gone."""
        self.delete()
        _touch(self.session, now=now)

    @transaction.atomic
    def hide(self, *, now: datetime, actor: Member) -> None:
        """A host takes it off every page; nobody sees it any more. Hiding twice changes nothing."""
        if Takeaway.objects.filter(pk=self.pk, hidden_at=None).update(hidden_at=now):
            Activity.record(actor, "takeaway.hide", f"session:{self.session.code}", now=now, takeaway=self.pk)
            _touch(self.session, now=now)
