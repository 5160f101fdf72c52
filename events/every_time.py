"""Who comes every time unless they say no: asked when somebody waits, passed on where a series wants it, and the end.

Days and hours are those of the clock where people meet.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from events import nights, reminders
from events.models import Attendance, Partstat, ReminderRule, Rsvp, Segment, Series, Session, StandingRsvp
from events.models.reminder import due_at
from events.models.standing_rsvp import SHARE
from members.models import Member
from outbox.models import Delivery, Lane

log = logging.getLogger(__name__)

# Asked on these days before, from this hour; and when a silent seat may pass on.
ASKED_DAYS, ASKED_FROM = (3, 2), time(12, 10)
PASSED_DAYS, PASSED_FROM = 2, time(20, 0)
# Nobody loses a seat who had less than an afternoon to answer.
TO_ANSWER = timedelta(hours=6)
PAUSES = (1, 2, 3, 6)
WARNED_AFTER, ENDS_AFTER = 2, 3
Template = ReminderRule.Template


def begin(series: Series, member: Member, *, now: datetime) -> list[Session]:
    """From now on this member comes every time; returns the mornings already announced in which they have a seat."""
    with transaction.atomic():
        StandingRsvp.begin(series, member, now=now)
    ahead = Session.objects.on().filter(series=series, starts_at__gt=now).order_by("starts_at", "pk")
    for session in ahead:
        session.seat_standing(now=now)
    mine = Rsvp.objects.by_standing().filter(member=member, session__in=ahead).values("session")
    return list(ahead.filter(pk__in=mine))


def pause(word: StandingRsvp, until: date, *, now: datetime) -> None:
    """Leave out the mornings before this date: silent seats in them are given back where that costs nothing."""
    word.pause(until)
    give_back(word, now=now, until=until)


def end(word: StandingRsvp, why: str, *, now: datetime) -> None:
    """It holds no more: silent seats ahead are given back where that costs nothing."""
    if word.finish(why, now=now):
        give_back(word, now=now)


def give_back(word: StandingRsvp, *, now: datetime, until: date | None = None) -> None:
    """Seats this word alone has given, ahead and before `until`; one that costs by now stays, and its page says so."""
    for session in seats_ahead(word, now=now):
        costs = session.late_amount and session.headcount_at and now >= session.headcount_at
        if (until is None or session.local_start.date() < until) and not costs:
            session.rsvp(word.member, Partstat.DECLINED, now=now)


def seats_ahead(word: StandingRsvp, *, now: datetime) -> list[Session]:
    """The mornings to come in which this word has a seat, and its holder has not said anything else."""
    silent = Rsvp.objects.silent().filter(member=word.member_id).values("session")
    ahead = Session.objects.on().filter(series=word.series_id, starts_at__gt=now, pk__in=silent)
    return list(ahead.order_by("starts_at", "pk"))


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)


def half(series: Series) -> int:
    """How many seats of a morning may be kept in this way."""
    return series.capacity // SHARE


# Ticks


def carry_on(*, now: datetime) -> None:
    """Every minute: holders are asked whose seat somebody waits for; silent seats pass on where a series wants it."""
    waits = Rsvp.objects.waiting().order_by().filter(session=OuterRef("pk"))
    silent = Rsvp.objects.silent().filter(session=OuterRef("pk"))
    near = Session.objects.on().filter(starts_at__gt=now, starts_at__lt=now + timedelta(days=max(ASKED_DAYS) + 1))
    wanted = near.filter(Exists(waits), Exists(silent)).select_related("series").order_by("starts_at", "pk")
    for session in wanted:
        try:
            _ask(session, now=now)
            _pass_on(session, now=now)
        except Exception:
            log.exception("Who comes every time to %s was not asked", session.code)


def count_absences(*, now: datetime) -> None:
    """Every hour: after the second absence without a word a mail says what the third does; after that it ends."""
    for word in _often_absent(now):
        if word.warned_at is None:
            _warn(word, now=now)
        elif vars(word)["missed"] >= ENDS_AFTER and vars(word)["last"] > word.warned_at:
            with transaction.atomic():
                end(word, StandingRsvp.End.ABSENT, now=now)
                Delivery.objects.owe_many([_mail("standing.ended", word, now=now)])


def missed(word: StandingRsvp, *, now: datetime) -> int:
    """How often this holder was expected in vain since they said that they come every time."""
    found = Attendance.objects.without_word(now=now).filter(member=word.member_id, session__series=word.series_id)
    return found.filter(session__starts_at__gt=word.since).count()


def _ask(session: Session, *, now: datetime) -> None:
    local = now.astimezone(session.zone)
    days = (session.local_start.date() - local.date()).days
    if days not in ASKED_DAYS or local.time() < ASKED_FROM or nights.is_night(local.time()):
        return
    today = datetime.combine(local.date(), ASKED_FROM, tzinfo=session.zone)
    open_ = Q(standing_asked_at=None) | Q(standing_asked_at__lt=today)
    asked = Rsvp.objects.silent().filter(open_, session=session)
    if asked.exists():
        session.ask_standing(asked, mails=not _reminded(session, local), now=now)


def _reminded(session: Session, local: datetime) -> bool:
    """Whether a mail to those who come goes today anyhow, not before the hour at which holders are asked."""
    rules = reminders.rules_of([session])[session.pk]
    said = [rule for rule in rules if rule.is_on and rule.template in {Template.STILL_COMING, Template.TOMORROW}]
    due = [due_at(rule, session) for rule in said if rule.audience == Segment.COMING]
    return any(at.date() == local.date() and at.time() >= ASKED_FROM for at in due)


def _pass_on(session: Session, *, now: datetime) -> None:
    if session.series.standing_passes_on and session.standing_passed_at is None and now >= passes_at(session):
        session.pass_standing_on(asked_until=asked_until(session), now=now)


def passes_at(session: Session) -> datetime:
    """When silent seats pass on, where they do."""
    day = session.local_start.date() - timedelta(days=PASSED_DAYS)
    return datetime.combine(day, PASSED_FROM, tzinfo=session.zone)


def asked_until(session: Session) -> datetime:
    """Whoever is asked later keeps the seat."""
    return passes_at(session) - TO_ANSWER


def _often_absent(now: datetime) -> QuerySet[StandingRsvp]:
    """Holders expected in vain twice or more since they began, with how often and when last."""
    absent = Attendance.objects.without_word(now=now).filter(session__starts_at__gt=OuterRef("since"))
    mine = absent.filter(member=OuterRef("member"), session__series=OuterRef("series")).order_by().values("member")
    counted = StandingRsvp.objects.standing().annotate(
        missed=mine.annotate(n=Count("pk")).values("n"), last=mine.annotate(at=Max("session__starts_at")).values("at")
    )
    return counted.filter(missed__gte=WARNED_AFTER).select_related("series", "member").order_by("pk")


@transaction.atomic
def _warn(word: StandingRsvp, *, now: datetime) -> None:
    """Once: whoever is warned twice at the same time is warned once."""
    if StandingRsvp.objects.filter(pk=word.pk, warned_at=None, ended_at=None).update(warned_at=now):
        Delivery.objects.owe_many([_mail("standing.warned", word, now=now)])


def _mail(kind: str, word: StandingRsvp, *, now: datetime) -> Delivery:
    return Delivery(
        kind=kind,
        key=f"{kind}:{word.pk}:{word.since.isoformat()}",
        to=word.member.email,
        language=word.member.language,
        context={"standing": word.pk},
        lane=Lane.BULK,
        next_attempt_at=nights.by_day(now, word.series.zone),
        useful_until=now + timedelta(days=7),
    )
