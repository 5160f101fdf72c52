"""What is ahead, through the verbs that pages use: full, asked, open, draft, called off, and one out of turn."""

from datetime import date, time, timedelta
from typing import Any

from archive.sample import answers, invited
from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.dice import Dice
from archive.sample.history import give_talk, running_order
from archive.sample.series import Groups
from events import jobs, passing_on, recurrence
from events.making import make_ahead
from events.models import Job, NearStart, Series, Session, StandingRsvp, Talk
from members.models import Member
from outbox.models import Delivery
from speakers.models import Speaker

PUBLISHED_DAYS_AGO = 16
OUTING_IN_DAYS = 9
SATURDAY = 5
FOR_NEWCOMERS = 4
SPARE_COVERS = 2


def make(groups: Groups, members: dict[str, Member], guests: dict[str, Speaker], days: Days) -> None:
    """The coming sessions. Of their mails only those of yesterday go out: the others were read long ago."""
    dice = Dice("coming")
    words = read("coming")
    ahead = [
        *_ahead(groups.breakfast, words["breakfast"], days, dice),
        *_ahead(groups.study, words["study"], days, dice),
        (_outing(groups, words["outing"], days, dice), words["outing"]),
    ]
    host = members[read("club")["roles"]["breakfast"]["owner"]]
    for session, one in ahead:
        _put_on(session, one, members, guests)
    free = [session for session, one in ahead if session.series == groups.breakfast and "seated" not in one]
    invitations = [
        invited.invite(session, one, guests[one.get("guest") or one["asked"]], host, days, or_else=free)
        for session, one in ahead
        if "invitation" in one
    ]
    always = members[words["every_time"]]
    StandingRsvp.begin(groups.breakfast, always, now=days.ago(60, time(21)))
    for session, one in ahead:
        if "seated" in one:
            session.publish(now=days.ago(_since(one), time(21)), actor=host)
    given = sorted(
        (
            answer
            for session, one in ahead
            for answer in answers.of(session, one, members, days, since=_since(one), dice=dice)
        ),
        key=lambda answer: answer.at,
    )
    answers.take(answer for answer in given if not answer.is_fresh)
    Delivery.objects.open().update(dropped_at=days.now, drop_reason="sample")
    answers.take(answer for answer in given if answer.is_fresh)
    for invitation in invitations:
        invitation.send(now=days.ago(8, time(21, 40)))
    _take_jobs(groups.breakfast, days)
    for session, one in ahead:
        if "cancelled" in one:
            session.cancel(one["cancelled"], now=days.ago(1, time(20, 30)), actor=host)
    seats = (NearStart.OFFER, FOR_NEWCOMERS, SPARE_COVERS)
    passing_on.choose(groups.breakfast, *seats, now=days.ago(9, time(21, 0)), actor=host)
    for session, one in ahead:
        if "late_friend" in one:
            session.headcount_told(now=days.ago(1, time(20, 30)))
            _bring_late(session, one["late_friend"], members, days)


def _bring_late(session: Session, friend: dict[str, str], members: dict[str, Member], days: Days) -> None:
    """Every seat is taken: a friend told of at ten at night has a spare cover."""
    named = {name: friend[name] for name in ("name", "yomi", "email")}
    session.add_friend(members[friend["of"]], **named, now=days.ago(1, time(22)))


def _take_jobs(series: Series, days: Days) -> None:
    """Of the next morning somebody has the door and somebody the report; two jobs are free."""
    session = Session.objects.on().filter(series=series, starts_at__gt=days.now).order_by("starts_at")[0]
    for kind, member in zip(("door", "report"), jobs.turn(session), strict=False):
        Job.objects.create(session=session, kind=kind, member_id=member, taken_at=days.ago(1, time(19)))


def _since(words: dict[str, Any]) -> int:
    return int(words.get("published_days_ago", PUBLISHED_DAYS_AGO))


def _ahead(series: Series, words: list[dict[str, Any]], days: Days, dice: Dice) -> list[tuple[Session, dict[str, Any]]]:
    """The sessions that the series makes ahead by itself, each with its words; the last ones have none yet."""
    sessions = make_ahead(series, now=days.now)
    told: list[dict[str, Any]] = [*words, *({} for _ in sessions)]
    for session in sessions:
        session.programme = running_order(series.slug)
        _fix(session, days, dice)
    return list(zip(sessions, told, strict=False))


def _outing(groups: Groups, words: dict[str, Any], days: Days, dice: Dice) -> Session:
    """A one-off on a Saturday: it has no recurrence_id and therefore no number."""
    at_least = days.today + timedelta(days=OUTING_IN_DAYS)
    session = Session(
        series=groups.breakfast,
        venue=groups.rooms[words["room"]],
        starts_at=recurrence.localise(_saturday(at_least), time.fromisoformat(words["at"]), groups.breakfast.timezone),
        **{name: words[name] for name in ("duration_minutes", "doors_minutes", "capacity", "fee_amount", "programme")},
    )
    _fix(session, days, dice)
    return session


def _saturday(on: date) -> date:
    return on + timedelta(days=(SATURDAY - on.weekday()) % 7)


def _fix(session: Session, days: Days, dice: Dice) -> None:
    """Codes that are the same every time, and a day on which it was made; saved with its words."""
    session.code, session.meeting_code, session.uid = dice.code(), dice.code(), ""
    session.created_at = session.changed_at = days.ago(40, time(3))
    session.complete()


def _put_on(session: Session, words: dict[str, Any], members: dict[str, Member], guests: dict[str, Speaker]) -> None:
    session.title = words.get("title", "")
    session.summary = words.get("summary", "")
    session.save()
    if "guest" in words:
        give_talk(session, guests[words["guest"]])
    if "by" in words:
        Talk.objects.create(session=session, title=session.title, member=members[words["by"]], minutes=25)
