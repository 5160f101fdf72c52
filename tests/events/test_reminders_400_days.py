"""Four hundred days in six zones: whatever the clocks do, each reminder goes once, at its hour on the wall."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from events import due_times, reminders
from events.models import Attendance, Membership, ReminderRule, Rsvp, Series, Session
from events.models.reminder import AUDIENCE, MONTHLY, WEEKLY, Defaults, begin_with, due_at
from events.recurrence import localise
from members.models import Member
from outbox.models import Delivery

# Lord Howe sets its clocks by half an hour, Casablanca around Ramadan; Tokyo and Apia, beyond the date line, never.
ZONES = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
    "Pacific/Apia",
    "Africa/Casablanca",
]
CHANGES = [2, 2, 3, 0, 0, 2]
FIRST, DAYS = date(2026, 9, 1), 400
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def thursdays(*, every: int = 1) -> list[date]:
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    return [day for day in days if day.weekday() == 3][::every]


def changes(zone: str) -> list[datetime]:
    """The instants at which the clocks are set in these days."""
    here, start = ZoneInfo(zone), datetime(2026, 9, 1, tzinfo=UTC)
    hours = [start + n * HOUR / 2 for n in range(DAYS * 48)]
    offsets = [hour.astimezone(here).utcoffset() for hour in hours]
    return [hour for hour, a, b in zip(hours[1:], offsets, offsets[1:], strict=False) if a != b]


def at_nine(day: date, zone: str) -> Session:
    return Session(starts_at=localise(day, time(9), zone), timezone=zone, duration_minutes=80)


def rules_of(defaults: Defaults) -> list[ReminderRule]:
    return [
        ReminderRule(pk=n, template=template, audience=AUDIENCE[template], days_before=days, at=at)
        for n, (template, days, at) in enumerate(defaults)
    ]


def ticks(session: Session, rules: list[ReminderRule]) -> Iterator[datetime]:
    """A tick a minute wherever a reminder falls due within three hours, a tick an hour from nine days before to eight
    days after: between these nothing changes that the function compares with."""
    near = {due_at(rule, session).astimezone(UTC) + n * MINUTE for rule in rules for n in range(-180, 181)}
    far = {session.starts_at - 9 * DAY + n * HOUR for n in range(17 * 24)}
    yield from sorted(near | far)


def first_ticks(session: Session, rules: list[ReminderRule], moments: Iterator[datetime]) -> dict[int, datetime]:
    """When each rule is carried out: at the first tick at which it is due."""
    first: dict[int, datetime] = {}
    for moment in moments:
        for rule in due_times.due(session, rules, now=moment):
            first.setdefault(rule.pk, moment)
    return first


def test_the_clocks_are_set_in_these_days_as_often_as_the_almanac_says() -> None:
    assert [len(changes(zone)) for zone in ZONES] == CHANGES


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("defaults", "every"), [(WEEKLY, 1), (MONTHLY, 4)], ids=["weekly", "monthly"])
def test_every_reminder_of_400_days_begins_at_its_hour_on_the_wall(zone: str, defaults: Defaults, every: int) -> None:
    rules, here = rules_of(defaults), ZoneInfo(zone)
    for day in thursdays(every=every):
        session = at_nine(day, zone)
        assert (session.local_start.hour, session.local_start.minute) == (9, 0)
        began = first_ticks(session, rules, ticks(session, rules))
        seen = [(pk, f"{moment.astimezone(here):%Y-%m-%d %H:%M}") for pk, moment in sorted(began.items())]
        assert seen == [(rule.pk, f"{day - timedelta(days=rule.days_before)} {rule.at:%H:%M}") for rule in rules]


@pytest.mark.parametrize("zone", [zone for zone, times in zip(ZONES, CHANGES, strict=True) if times])
def test_every_single_minute_of_the_week_around_a_change(zone: str) -> None:
    """The same without leaving a minute out."""
    rules = rules_of(WEEKLY)
    for change in changes(zone):
        local = change.astimezone(ZoneInfo(zone)).date()
        day = local + timedelta(days=(3 - local.weekday()) % 7)
        session = at_nine(day, zone)
        minutes = (session.starts_at - 4 * DAY + n * MINUTE for n in range(5 * 24 * 60))
        assert first_ticks(session, rules, minutes) == {
            rule.pk: due_at(rule, session).astimezone(UTC) for rule in rules
        }


@pytest.mark.parametrize(
    ("zone", "day", "at", "wall", "utc"),
    [
        ("America/New_York", date(2027, 3, 14), time(2, 30), "03:30", "2027-03-14T07:30:00+00:00"),
        ("Europe/London", date(2027, 3, 28), time(1, 30), "02:30", "2027-03-28T01:30:00+00:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "02:45", "2026-10-03T15:45:00+00:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "01:30", "2026-11-01T05:30:00+00:00"),
        ("Europe/London", date(2026, 10, 25), time(1, 30), "01:30", "2026-10-25T00:30:00+00:00"),
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), "01:45", "2027-04-03T14:45:00+00:00"),
    ],
)
def test_an_hour_left_out_comes_when_the_clocks_have_gone_on_and_one_that_comes_twice_the_first_time(
    zone: str, day: date, at: time, wall: str, utc: str
) -> None:
    due = due_at(ReminderRule(days_before=0, at=at), at_nine(day, zone)).astimezone(UTC)
    assert (due.isoformat(), f"{due.astimezone(ZoneInfo(zone)):%H:%M}") == (utc, wall)


@pytest.fixture
def everywhere(db: None, person: Callable[..., Member]) -> list[tuple[Session, list[Member]]]:
    """In each zone a series every eighth week with all four reminders, and a weekly one around each change.

    Two members: one comes and came, one belongs and never answers.
    """
    made = []
    for n, zone in enumerate(ZONES):
        people = [person(f"comes{n}"), person(f"silent{n}")]
        near = {day for day in thursdays() for change in changes(zone) if abs((day - change.date()).days) <= 10}
        for kind, defaults, days in (("monthly", MONTHLY, thursdays(every=8)), ("weekly", WEEKLY, sorted(near))):
            series = Series.objects.create(slug=f"{kind}{n}", name=kind, starts_on=FIRST, at=time(9), timezone=zone)
            begin_with(series, defaults)
            Membership.objects.bulk_create(Membership(series=series, member=one) for one in people)
            made += [(a_morning(series, day, people[0]), people) for day in days]
    return made


def a_morning(series: Series, day: date, comes: Member) -> Session:
    """Published, with its list closed: thanks may go."""
    start, now = localise(day, series.at, series.timezone), datetime(2026, 8, 1, tzinfo=UTC)
    session = Session.objects.create(
        series=series, starts_at=start, timezone=series.timezone, published_at=now, roster_closed_at=start
    )
    Rsvp.objects.create(session=session, member=comes, partstat="ACCEPTED", seated_at=now)
    Attendance.objects.create(session=session, member=comes)
    return session


def test_the_database_is_owed_each_reminder_exactly_once(everywhere: list[tuple[Session, list[Member]]]) -> None:
    """At every due minute, two before and two after it, and around every change of the clocks."""
    expected, moments = Counter[tuple[int, int, str]](), set[datetime]()
    for session, (comes, silent) in everywhere:
        for rule in session.series.reminder_rules.all():
            who = silent if rule.template == "invite" else comes
            expected[session.pk, who.pk, f"{rule.template}:{rule.audience}:{rule.days_before}"] += 1
            moments |= {due_at(rule, session).astimezone(UTC) + n * MINUTE for n in range(-2, 3)}
    moments |= {change + n * MINUTE for zone in ZONES for change in changes(zone) for n in range(-2, 3)}
    early = []
    for moment in sorted(moments):
        if reminders.carry_out(now=moment):
            early += [
                row.key for row in Delivery.objects.filter(useful_until__lt=moment, sent_at=None, dropped_at=None)
            ]
            Delivery.objects.open().update(sent_at=moment)
    owed = Counter(
        (int(session), int(member), what)
        for _reminder, session, _day, member, what in (
            key.split(":", 4) for key in Delivery.objects.values_list("key", flat=True)
        )
    )
    assert early == []
    assert owed == expected
    assert sum(expected.values()) == 244
