"""What came of an introduction: asked with the thanks of the next morning, or alone after four weeks; once more a year
later.

Each of the two is asked alone and answers in two taps. What one says is never shown to the other; hosts see numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from events import nights, reminders, together
from events.models import Attendance, ReminderRule, Series, Session
from introductions import consent
from introductions.models import Introduction
from members.fields import ProseField
from members.models import Member
from outbox.models import Delivery, Lane
from outbox.stops import Stop
from outbox.topics import Topic

THANKS = ReminderRule.Template.THANKS
FOUR_WEEKS = timedelta(weeks=4)
# A morning so soon after tells nothing yet.
NOT_BEFORE = timedelta(days=5)
A_YEAR = timedelta(days=365)
# An introduction made longer ago than this is not asked about any more: an import, or a scheduler that stood still.
WITHIN = timedelta(days=90)
USEFUL_FOR = timedelta(days=30)
# How long after a list was closed its thanks may take others along, and when they have gone or never will.
ALONG_WITHIN, SETTLED_AFTER = timedelta(days=2), timedelta(days=10)


@dataclass(frozen=True)
class Numbers:
    """What only the hosts know: of how many introductions the two met, and how many of those were useful to one."""

    made: int
    met: int
    useful: int

    @classmethod
    def of(cls, series: Series) -> Numbers:
        """One query."""
        made = Introduction.objects.filter(round__session__series=series, made_at__isnull=False)
        yes = {name: Q(**{f"follow_ups__{name}": "yes"}) for name in ("in_touch", "useful")}
        counted = made.aggregate(
            made=Count("pk", distinct=True),
            met=Count("pk", filter=yes["in_touch"], distinct=True),
            useful=Count("pk", filter=yes["useful"], distinct=True),
        )
        return cls(**counted)


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def met(self) -> FollowUpQuerySet:
        """Of introductions whose two have been in touch, as at least this side says."""
        return self.filter(in_touch="yes")

    def of_series(self, series: Series) -> FollowUpQuerySet:
        return self.filter(introduction__round__session__series=series)

    def stories(self, *, for_hosts: bool) -> FollowUpQuerySet:
        """What people told for others to read, the newest first: for the wall, and for hosts what is for them too."""
        seen = [FollowUp.Seen.WALL, *([FollowUp.Seen.HOSTS] if for_hosts else [])]
        found = self.exclude(story="").filter(story_for__in=seen, member__is_active=True)
        return found.select_related("member").order_by("-story_at", "-pk")


class FollowUp(models.Model):
    """One side's word on one introduction."""

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        YES = "yes", _("yes")
        NO = "no", _("not yet")

    class Seen(models.TextChoices):
        PRIVATE = "private", _("for myself alone")
        HOSTS = "hosts", _("for the hosts")
        WALL = "wall", _("for everybody in the club, with my name")

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="follow_ups")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follow_ups")
    asked_at = models.DateTimeField()
    # The morning in whose thanks it is asked, until it is known that these went.
    along = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    in_touch = models.CharField(max_length=3, choices=Answer, blank=True)
    useful = models.CharField(max_length=3, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    asked_again_at = models.DateTimeField(null=True, blank=True)
    story = ProseField(_("What came of it"), max_length=1000, blank=True)
    story_for = models.CharField(_("Who may read it"), max_length=7, choices=Seen, default=Seen.PRIVATE)
    story_at = models.DateTimeField(null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["introduction", "member"], name="follow_up_once"),
            models.CheckConstraint(name="follow_up_useful_once_in_touch", condition=Q(useful="") | Q(in_touch="yes")),
            models.CheckConstraint(name="follow_up_story_has_its_day", condition=Q(story="") | ~Q(story_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id} {self.member_id}"

    @property
    def other(self) -> Member:
        return self.introduction.other(self.member)

    def say_in_touch(self, said: str, *, now: datetime) -> None:
        """Have you been in touch? The last word counts; a no takes back what was useful."""
        kept = {} if said == self.Answer.YES else {"useful": ""}
        FollowUp.objects.filter(pk=self.pk).exclude(in_touch=said).update(in_touch=said, answered_at=now, **kept)

    def say_useful(self, said: str, *, now: datetime) -> None:
        """Was it useful? Only of those who were in touch."""
        FollowUp.objects.filter(pk=self.pk, in_touch="yes").exclude(useful=said).update(useful=said, answered_at=now)

    def tell(self, story: str, seen: str, *, now: datetime) -> None:
        """What came of it, for whom; an empty story takes it back."""
        FollowUp.objects.filter(pk=self.pk).update(story=story, story_for=seen, story_at=now if story else None)


def tick(*, now: datetime) -> None:
    """Ask each side whose time has come, once: in a mail that goes anyway, or alone; and once more after a year."""
    for session in Session.objects.filter(roster_closed_at__gt=now - ALONG_WITHIN, ends_at__lte=now).order_by("pk"):
        _ask_along(session, now=now)
    for row in FollowUp.objects.filter(along__isnull=False, asked_at__lte=now - SETTLED_AFTER).select_related("along"):
        _settle(row)
    for introduction, member in _sides(now, made_at__lte=now - FOUR_WEEKS):
        _ask(introduction, member, now=now)
    later = FollowUp.objects.met().filter(asked_again_at=None, introduction__made_at__lte=now - A_YEAR)
    later = later.filter(introduction__made_at__gt=now - A_YEAR - WITHIN)
    later = later.filter(introduction__in=Introduction.objects.not_apart().in_order())
    for row in later.select_related("introduction__round__session", "member").order_by("pk"):
        _ask_again(row, now=now)


def asked_along(session: Session, members: Collection[Member]) -> FollowUpQuerySet:
    """What these are asked in the thanks of that morning: not who has answered, stopped such mails, or left it all."""
    rows = FollowUp.objects.filter(along=session, member__in=members, in_touch="")
    stopped = Stop.objects.filter(address=Lower(OuterRef("member__email")), topic=Topic.FOLLOWUP.value, about="")
    agreed = consent.in_force().filter(member=OuterRef("member"))
    rows = rows.filter(~Exists(stopped), Exists(agreed), introduction__in=Introduction.objects.not_apart().in_order())
    return rows.select_related("member", "introduction__first", "introduction__second").order_by("pk")


def _sides(now: datetime, *, came: Session | None = None, **made: Any) -> list[tuple[Introduction, Member]]:
    """Introductions and which of the two has not been asked about it yet: two queries."""
    found = []
    for side in ("first", "second"):
        asked = FollowUp.objects.filter(introduction=OuterRef("pk"), member=OuterRef(side))
        rows = Introduction.objects.filter(~Exists(asked), made_at__gt=now - WITHIN, **made).not_apart().in_order()
        if came:
            rows = rows.filter(Exists(Attendance.objects.came().filter(session=came, member=OuterRef(side))))
        rows = rows.select_related("first", "second", "round__session").order_by("pk")
        found += [(one, getattr(one, side)) for one in rows]
    return found


@transaction.atomic
def _ask_along(session: Session, *, now: datetime) -> None:
    """Who came, was introduced to somebody since the mornings before, and will be thanked: asked in the same mail."""
    made = {"made_at__lte": session.starts_at - NOT_BEFORE, "round__session__series": session.series_id}
    sides = _sides(now, came=session, **made)
    thanked = reminders.to_come(session, THANKS, {member.pk for _one, member in sides}, now=now) if sides else set()
    rows = [
        FollowUp(introduction=introduction, member=member, asked_at=now, along=session)
        for introduction, member in sides
        if member.pk in thanked
    ]
    FollowUp.objects.bulk_create(rows, ignore_conflicts=True)


def _settle(row: FollowUp) -> None:
    """The thanks went, and with them the question; or they did not, and it will be asked alone."""
    assert row.along is not None  # noqa: S101 - it is chosen by that
    asked = row.in_touch or together.went(row.along, THANKS, row.member_id)
    found = FollowUp.objects.filter(pk=row.pk)
    found.update(along=None) if asked else found.delete()


@transaction.atomic
def _ask(introduction: Introduction, member: Member, *, now: datetime) -> None:
    row = FollowUp(introduction=introduction, member=member, asked_at=now)
    FollowUp.objects.bulk_create([row], ignore_conflicts=True)
    Delivery.objects.owe_many([_mail("intro.followup", row, now=now)])


@transaction.atomic
def _ask_again(row: FollowUp, *, now: datetime) -> None:
    if FollowUp.objects.filter(pk=row.pk, asked_again_at=None).update(asked_again_at=now):
        Delivery.objects.owe_many([_mail("intro.later", row, now=now)])


def _mail(kind: str, row: FollowUp, *, now: datetime) -> Delivery:
    return Delivery(
        kind=kind,
        key=f"{kind}:{row.introduction_id}:{row.member_id}",
        to=row.member.email,
        language=row.member.language,
        context={"introduction": row.introduction_id, "member": row.member_id},
        lane=Lane.BULK,
        next_attempt_at=nights.by_day(now, row.introduction.round.session.zone),
        useful_until=now + USEFUL_FOR,
    )
