"""What came of an introduction: asked with the next morning or after four weeks, and once more a year later.

Each of the two is asked alone and answers in two taps. What one says is never shown to the other; hosts see numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from events import nights
from events.models import Series, Session
from introductions.models import Introduction
from members.fields import ProseField
from members.models import Member
from outbox.models import Delivery, Lane

FOUR_WEEKS = timedelta(weeks=4)
# A morning so soon after tells nothing yet.
NOT_BEFORE = timedelta(days=5)
A_YEAR = timedelta(days=365)
# An introduction made longer ago than this is not asked about any more: an import, or a scheduler that stood still.
WITHIN = timedelta(days=90)
USEFUL_FOR = timedelta(days=30)


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
    """Ask both sides of every introduction whose time has come, once; and once more after a year."""
    for introduction in _due(now):
        _ask(introduction, now=now)
    later = FollowUp.objects.met().filter(asked_again_at=None, introduction__made_at__lte=now - A_YEAR)
    later = later.filter(introduction__made_at__gt=now - A_YEAR - WITHIN)
    for row in later.select_related("introduction__round__session", "member").order_by("pk"):
        _ask_again(row, now=now)


def _due(now: datetime) -> models.QuerySet[Introduction]:
    """Four weeks after it was made, or when the series has met again."""
    again = Session.objects.filter(
        series=OuterRef("round__session__series"),
        starts_at__gte=OuterRef("made_at") + NOT_BEFORE,
        ends_at__lte=now,
        roster_closed_at__isnull=False,
    )
    asked = Exists(FollowUp.objects.filter(introduction=OuterRef("pk")))
    found = Introduction.objects.filter(~asked, made_at__gt=now - WITHIN).not_apart().in_order()
    found = found.filter(Q(made_at__lte=now - FOUR_WEEKS) | Exists(again))
    return found.select_related("first", "second", "round__session").order_by("pk")


@transaction.atomic
def _ask(introduction: Introduction, *, now: datetime) -> None:
    rows = [
        FollowUp(introduction=introduction, member=one, asked_at=now)
        for one in (introduction.first, introduction.second)
    ]
    FollowUp.objects.bulk_create(rows, ignore_conflicts=True)
    Delivery.objects.owe_many([_mail("intro.followup", row, now=now) for row in rows])


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
