"""What becomes of it: rounds of introductions, each asked twice."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events import nights, roster
from events.models import Session
from introductions.acquaintance import Exchange, Memory  # noqa: F401 - Django looks for models here
from introductions.pairs import PairQuerySet, both_agree
from introductions.pauses import Pause  # noqa: F401 - Django looks for models here
from introductions.policy import Policy
from introductions.table_seats import TableSeat  # noqa: F401 - Django looks for models here
from members.fields import CodeField
from members.models import Activity, Member
from outbox.models import Delivery, Lane

# How long the two have to answer (to the end of that day), and how long a round waits for the host.
ANSWER_WITHIN = timedelta(days=7)
LAPSES_AFTER = timedelta(days=7)
# For so long after that day two yeses still count, if a host had to look at something first.
MADE_LATE = timedelta(days=14)
# Somebody is new to the club up to this many mornings.
NEWCOMER_UP_TO = 2


class TooLate(ValidationError):  # noqa: N818 - it says what happened
    """The time to answer, or to send, is over. Says so to the person."""


class RoundQuerySet(models.QuerySet["Round"]):
    def waiting(self) -> RoundQuerySet:
        """Computed from the roster as it is closed, and neither sent nor lapsed."""
        fresh = Q(computed_at__gte=F("session__roster_closed_at"))
        return self.filter(fresh, released_at=None, lapsed_at=None)


class Round(models.Model):
    """The introductions of one closed roster: computed once, looked at by the host, then sent."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="introduction_round")
    seed = models.CharField(max_length=40)
    computed_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    # When it goes by itself; without, it waits for the host.
    goes_at = models.DateTimeField(null=True, blank=True)
    # By which of the host's choices it was made.
    choice = models.CharField(max_length=20, choices=Policy.Choice, default=Policy.Choice.ACROSS_TRADES)
    choice_version = models.PositiveIntegerField(default=1)
    covered = models.PositiveSmallIntegerField(default=0)
    value = models.BigIntegerField(default=0)
    # Why somebody got nobody: {member id: reason}.
    left_out = models.JSONField(default=dict)

    objects = RoundQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.session_id}"

    @property
    def is_waiting(self) -> bool:
        """Nothing has been sent yet, and it still can be."""
        return self.released_at is None and self.lapsed_at is None

    def is_stale(self) -> bool:
        """The roster was opened again since: what was computed from it does not count any more."""
        closed = self.session.roster_closed_at
        return self.released_at is None and (closed is None or self.computed_at < closed)

    @property
    def lapses_at(self) -> datetime:
        return self.computed_at + LAPSES_AFTER

    @property
    def goes_local(self) -> datetime | None:
        """On the clock where they met."""
        return self.goes_at.astimezone(self.session.zone) if self.goes_at else None

    @transaction.atomic
    def go_at(self, when: datetime | None, *, now: datetime, actor: Member | None) -> None:
        """Let it go by itself at that time, or wait for a tap again. Raises `TooLate` for a time it cannot go at."""
        if when is not None and not now < when < self.lapses_at:
            raise TooLate(_t("Please choose a time between now and the day they lapse."), code="when")
        if Round.objects.waiting().filter(pk=self.pk).update(goes_at=when):
            self.goes_at = when
            said = when.isoformat() if when else ""
            Activity.record(actor, "introductions.time", f"session:{self.session.code}", now=now, at=said)

    @transaction.atomic
    def release(self, *, now: datetime, actor: Member | None) -> None:
        """Ask both of every pair that was not dropped, each person in one mail; the roster stays closed from here on.

        Releasing twice changes nothing. Raises `TooLate` when it has lapsed or the roster was opened again.
        """
        roster.settle(self.session, now=now)
        self.refresh_from_db(from_queryset=Round.objects.select_for_update().select_related("session"))
        if self.released_at is not None:
            return
        if self.lapsed_at is not None or self.is_stale():
            raise TooLate(_t("These proposals have lapsed; nobody was asked."), code="lapsed")
        self.released_at = now
        self.save(update_fields=["released_at"])
        pairs = self.introductions.filter(dropped_at=None).willing().awake(now).strangers()
        asked = pairs.update(asked_at=now, answer_until=_end_of_day(now + ANSWER_WITHIN, self.session.zone))
        owed: dict[int, Delivery] = {}
        for pair in pairs.select_related("first", "second").order_by("pk"):
            for ask in pair.asks(now):
                owed.setdefault(ask.context["member"], ask)
        Delivery.objects.owe_many(list(owed.values()))
        Activity.record(actor, "introductions.release", f"session:{self.session.code}", now=now, pairs=asked)


class IntroductionQuerySet(PairQuerySet["Introduction"]):
    def of(self, member: Member) -> IntroductionQuerySet:
        """Those in which this member is one of the two."""
        return self.filter(Q(first=member) | Q(second=member))

    def asked(self) -> IntroductionQuerySet:
        return self.filter(asked_at__isnull=False, dropped_at=None)

    def held_up(self, now: datetime) -> IntroductionQuerySet:
        """Two yeses that made no introduction when they were said; what stood between stands there no more."""
        yes = Introduction.Answer.YES
        both = self.asked().willing().filter(first_answer=yes, second_answer=yes, made_at=None)
        return both.filter(answer_until__gt=now - MADE_LATE)

    def shown(self) -> IntroductionQuerySet:
        """What the two may see: what they were asked as long as both agree, and what was made."""
        return self.asked().not_apart().filter(Q(made_at__isnull=False) | both_agree())

    def with_people(self) -> IntroductionQuerySet:
        """With both members and the session, and how often each had come by then (`first_came`, `second_came`)."""
        people = self.select_related("first", "second", "round__session__series")
        return people.counted("round__session__starts_at")


class Introduction(models.Model):
    """Two people who might like to meet. `first` is the one with the smaller id; addresses appear after two yeses."""

    class Answer(models.TextChoices):
        NONE = "", _("no answer yet")
        YES = "yes", _("yes")
        NO = "no", _("not this time")

    code = CodeField()
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="introductions")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introductions_as_first")
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introductions_as_second"
    )
    value = models.IntegerField()
    # The named integer terms the value is the sum of; `a` is the first, `b` the second.
    terms = models.JSONField(default=dict)
    dropped_at = models.DateTimeField(null=True, blank=True)
    # Kept by the host's hand when the others are chosen again.
    locked_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    answer_until = models.DateTimeField(null=True, blank=True)
    first_answer = models.CharField(max_length=3, choices=Answer, blank=True)
    first_answered_at = models.DateTimeField(null=True, blank=True)
    second_answer = models.CharField(max_length=3, choices=Answer, blank=True)
    second_answered_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("introduction")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="introduction_pair_once"),
            models.CheckConstraint(name="introduction_ordered", condition=Q(first__lt=F("second"))),
            models.CheckConstraint(
                name="introduction_made_after_two_yeses",
                condition=Q(made_at=None) | Q(first_answer="yes", second_answer="yes"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} – {self.second_id}"

    def side_of(self, member: Member) -> str:
        """Which of the two: first or second. Raises ValueError for somebody else."""
        if member.pk not in {self.first_id, self.second_id}:
            raise ValueError(f"{member.pk} is neither of the two")
        return "first" if member.pk == self.first_id else "second"

    def other(self, member: Member) -> Member:
        """Whom this member is introduced to."""
        return self.second if self.side_of(member) == "first" else self.first

    def answer_of(self, member: Member) -> str:
        return str(getattr(self, f"{self.side_of(member)}_answer"))

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be answered."""
        return self.made_at is None and self.answer_until is not None and now < self.answer_until

    # Verbs

    @transaction.atomic
    def drop(self, *, now: datetime, actor: Member | None) -> None:
        """Not these two: nobody will be asked. Only as long as the round waits; again changes nothing."""
        if self._waiting().filter(dropped_at=None).update(dropped_at=now, locked_at=None):
            self.dropped_at, self.locked_at = now, None
            Activity.record(actor, "introduction.drop", f"introduction:{self.code}", now=now)

    @transaction.atomic
    def keep(self, *, now: datetime, actor: Member | None) -> None:
        """These two after all."""
        if self._waiting().filter(dropped_at__isnull=False).update(dropped_at=None):
            self.dropped_at = None
            Activity.record(actor, "introduction.keep", f"introduction:{self.code}", now=now)

    @transaction.atomic
    def lock(self, *, now: datetime, actor: Member | None) -> None:
        """These two for certain, when the others are chosen again; again changes nothing."""
        if self._waiting().filter(dropped_at=None, locked_at=None).update(locked_at=now):
            self.locked_at = now
            Activity.record(actor, "introduction.lock", f"introduction:{self.code}", now=now)

    @transaction.atomic
    def unlock(self, *, now: datetime, actor: Member | None) -> None:
        """These two only if they still are among the best."""
        if self._waiting().filter(locked_at__isnull=False).update(locked_at=None):
            self.locked_at = None
            Activity.record(actor, "introduction.unlock", f"introduction:{self.code}", now=now)

    def answer(self, member: Member, *, yes: bool, now: datetime) -> None:
        """Take one side's answer; the second yes makes the introduction and owes its two mails, once.

        Where three may meet at once, the three are written to instead (introductions.threes). A no is kept and changes
        nothing anybody else can see. The last word counts until it is made or too late, and
        saying the same again changes nothing. Raises `TooLate` after the time to answer.
        """
        side, said = self.side_of(member), self.Answer.YES if yes else self.Answer.NO
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Introduction.objects.select_for_update())
            if self.made_at is not None or self.answer_of(member) == said:
                return
            if not self.is_open(now) or self.dropped_at is not None:
                raise TooLate(_t("The time to answer is over."), code="late")
            setattr(self, f"{side}_answer", said)
            setattr(self, f"{side}_answered_at", now)
            if self.first_answer == self.second_answer == self.Answer.YES and self._is_willing():
                self._make(now=now)
            self.save()

    @transaction.atomic
    def make_late(self, *, now: datetime) -> None:
        """Both had said yes and had to wait; once."""
        found = Introduction.objects.held_up(now).filter(pk=self.pk).select_for_update(of=("self",)).first()
        if found:
            found._make(now=now)
            found.save(update_fields=["made_at"])

    def asks(self, now: datetime) -> list[Delivery]:
        """The two mails that ask; by night they wait for the morning."""
        rows = [self._mail("intro.ask", one, lane=Lane.BULK) for one in (self.first, self.second)]
        for row in rows:
            row.next_attempt_at = nights.by_day(now, self.round.session.zone)
            row.useful_until = self.answer_until
        return rows

    def _make(self, *, now: datetime) -> None:
        """Bring them together; where three may meet at once, all three are written to instead."""
        self.made_at = now
        if not threes.join(self, now=now):
            Delivery.objects.owe_many([self._mail("intro.made", one) for one in (self.first, self.second)])

    def _is_willing(self) -> bool:
        return Introduction.objects.willing().filter(pk=self.pk).exists()

    def _waiting(self) -> QuerySet[Introduction]:
        return Introduction.objects.filter(pk=self.pk, asked_at=None, round__in=Round.objects.waiting())

    def _mail(self, kind: str, member: Member, *, lane: Lane = Lane.ANSWER) -> Delivery:
        return Delivery(
            kind=kind,
            key=f"{kind}:{self.pk}:{member.pk}",
            to=member.email,
            language=member.language,
            context={"introduction": self.pk, "member": member.pk},
            lane=lane,
        )


def _end_of_day(when: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(when.astimezone(zone).date(), time(23, 59), tzinfo=zone)


# Django looks for models here; these stand on those above.
from introductions import asks, favours, followups, lookouts, openness, threes  # noqa: E402, F401
