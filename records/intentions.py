"""What somebody means to do with what they took home: for themselves alone, and asked about once, before their next
morning.

No page, mail, file or answer shows it to anybody else: hosts, guests and operators have no way to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events import together
from events.along import Passage, Section
from events.models import ReminderRule, Rsvp, Session
from members import links
from members.fields import LineField
from members.models import Member

EVENING_BEFORE = ReminderRule.Template.TOMORROW
# A morning so soon after is no time to have done anything; after a year nobody remembers what was meant.
NOT_BEFORE, WITHIN = timedelta(days=5), timedelta(days=366)
# No day before begins longer ahead of its morning than this, wherever people meet.
AHEAD = timedelta(hours=50)
PURPOSE = "intention"
LINK_LASTS = timedelta(days=90)


class IntentionQuerySet(models.QuerySet["Intention"]):
    def unanswered(self) -> IntentionQuerySet:
        return self.filter(outcome="")

    def asked(self, session: Session, members: Collection[Member]) -> IntentionQuerySet:
        """What these are asked before that morning, as long as it has not been moved to another day since."""
        found = self.unanswered().filter(asked_before=session, asked_for=session.local_start.date(), member__in=members)
        return found.select_related("member", "session").order_by("session__starts_at", "pk")

    @transaction.atomic
    def mean(self, session: Session, member: Member, text: str, *, language: str, now: datetime) -> None:
        """Keep the line; another line is asked about anew, and an empty one takes it back."""
        known = self.filter(session=session, member=member)
        known.exclude(text=text).delete()
        if text:
            # Not `create`: a form that is sent twice at once is one line.
            made = {"text": text, "language": language, "created_at": now}
            self.get_or_create(session=session, member=member, defaults=made)


class Intention(models.Model):
    """One line of one member, about one morning."""

    class Outcome(models.TextChoices):
        DONE = "done", pgettext_lazy("what was meant", "Done")
        NOT_YET = "not_yet", _("Not yet")
        LET_GO = "let_go", _("I let it go")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="intentions")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="intentions")
    text = LineField(_("what you will do with it"), max_length=200)
    language = models.CharField(_("language"), max_length=8, default="ja")
    created_at = models.DateTimeField(default=timezone.now)
    # The morning before which it is asked about, and the day on which that was to be.
    asked_before = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_for = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = IntentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("what somebody will do with it")
        constraints = [
            models.UniqueConstraint(fields=["session", "member"], name="intention_once"),
            models.CheckConstraint(
                name="intention_answer_has_its_time",
                condition=Q(outcome="", answered_at=None) | ~Q(outcome="") & Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.member_id}"

    def say(self, outcome: str, *, now: datetime) -> None:
        """What became of it; saying the same twice changes nothing."""
        Intention.objects.filter(pk=self.pk).exclude(outcome=outcome).update(outcome=outcome, answered_at=now)


def tick(*, now: datetime) -> None:
    """From the day before a morning on, those who have a seat are asked what became of their line: once.

    Who gives the seat back, or whose morning is moved or called off, before the mail of that evening went, was not
    asked.
    """
    near = Session.objects.on().filter(starts_at__gt=now, starts_at__lt=now + AHEAD).order_by("starts_at", "pk")
    _release(now)
    for session in near:
        if now.astimezone(session.zone).date() >= session.local_start.date() - timedelta(days=1):
            _ask(session)


def section(session: Session, members: Collection[Member]) -> Mapping[int, Section]:
    """For the mail of the evening before. One query."""
    asked: dict[int, list[Passage]] = defaultdict(list)
    now = timezone.now()
    for row in Intention.objects.asked(session, members):
        title = _t("“%(text)s”") % {"text": row.text}
        asked[row.member_id].append(
            Passage(
                title, lines=[_t("Did you get round to it?")], url=link(row, now=now), label=_t("Answer with one tap")
            )
        )
    foot = _t("Nobody but you reads this line. You are asked this once.")
    return {pk: Section(_t("What you wanted to do"), rows, foot) for pk, rows in asked.items()}


def link(row: Intention, *, now: datetime) -> str:
    """Where its writer answers; it shows by GET and acts by POST alone."""
    payload = {"i": row.pk, "m": row.member_id, "v": row.member.link_version}
    return links.absolute("intention_by_mail", links.sign(PURPOSE, payload, until=now + LINK_LASTS))


def read(token: str, *, now: datetime) -> Intention | None:
    """Whose line; nothing for a link that is not ours, is old, or was made void."""
    try:
        ids = links.read(PURPOSE, token, now=now)
    except links.BadLink:
        return None
    writer = Member.objects.of_link(ids)
    return Intention.objects.select_related("session__series", "member").filter(pk=ids["i"], member__in=writer).first()


def _ask(session: Session) -> None:
    seated = Rsvp.objects.seated().filter(session=session, member=OuterRef("member"), member__is_active=True)
    since, until = session.starts_at - WITHIN, session.starts_at - NOT_BEFORE
    waiting = Intention.objects.unanswered().filter(Exists(seated), asked_before=None)
    waiting = waiting.filter(session__starts_at__gte=since, session__starts_at__lte=until)
    waiting.update(asked_before=session, asked_for=session.local_start.date())


def _release(now: datetime) -> None:
    """What was to be asked before a morning that is no longer theirs, and was not: it waits for the next one."""
    seated = Rsvp.objects.seated().filter(session=OuterRef("asked_before"), member=OuterRef("member"))
    asked = Intention.objects.unanswered().filter(asked_before__starts_at__gt=now).annotate(is_seated=Exists(seated))
    for row in asked.select_related("asked_before"):
        session, day = row.asked_before, row.asked_for
        assert session is not None and day is not None  # noqa: S101, PT018 - they are chosen by that
        stands = vars(row)["is_seated"] and session.cancelled_at is None and session.local_start.date() == day
        if not stands and not together.went(session, EVENING_BEFORE, row.member_id, day=day):
            Intention.objects.filter(pk=row.pk).update(asked_before=None, asked_for=None)
