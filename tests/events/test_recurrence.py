"""Which dates a schedule yields, and which instants they are."""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule as dateutil_rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from events.recurrence import Day, Freq, Holidays, Occurrence, Rule, Yearly, localise, occurrences
from tests.events.schedules import DATES, SA, TH, parse, rules

SECOND_THURSDAY = Rule(freq=Freq.MONTHLY, weekdays=(Day(TH, 2),))


def dates(rule: Rule, start_on: date, **options: object) -> list[str]:
    return [f"{one.on:%m-%d}" for one in occurrences(rule, start_on, **{"limit": 6, **options})]


@pytest.mark.parametrize(
    ("text", "start_on"),
    [
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTH=2;BYDAY=1TH", date(2027, 1, 1)),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", date(2027, 2, 1)),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", date(2027, 1, 1)),
        ("FREQ=YEARLY;BYMONTH=2", date(2027, 1, 31)),
        ("FREQ=WEEKLY\nX-HOLIDAYS:skip\nX-CLOSED:01-01..12-31", date(2027, 1, 1)),
        ("FREQ=WEEKLY;INTERVAL=52;BYMONTH=2", date(2027, 6, 1)),
        ("FREQ=MONTHLY;BYMONTH=2;BYDAY=5TH", date(2027, 1, 1)),
        ("FREQ=WEEKLY;UNTIL=20261231", date(2027, 1, 1)),
    ],
)
def test_a_rule_without_dates_is_answered_after_few_steps(
    text: str, start_on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, rebuild = [], dateutil_rrule._iterinfo.rebuild
    monkeypatch.setattr(
        dateutil_rrule._iterinfo, "rebuild", lambda *year_month: (steps.append(1), rebuild(*year_month))
    )
    assert occurrences(parse(text), start_on, limit=6) == []
    assert len(steps) < 1000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FREQ=MONTHLY;BYDAY=2TH", ["12-10", "01-14", "02-11", "03-11", "04-08", "05-13"]),
        ("FREQ=MONTHLY;BYDAY=2TH,4TH", ["12-10", "12-24", "01-14", "01-28", "02-11", "02-25"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["12-25", "01-29", "02-26", "03-26", "04-30", "05-28"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["12-31", "01-31", "03-31", "05-31", "07-31", "08-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["12-31", "01-31", "02-28", "03-31", "04-30", "05-31"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", ["12-01", "12-03", "12-15", "12-17", "12-29", "12-31"]),
        ("FREQ=WEEKLY;COUNT=2", ["12-01", "12-08"]),
        ("FREQ=WEEKLY;UNTIL=20261215", ["12-01", "12-08", "12-15"]),
        ("RDATE;VALUE=DATE:20261130,20261221,20270118", ["12-21", "01-18"]),
        (
            "FREQ=MONTHLY;BYDAY=2TH;COUNT=2\nRDATE;VALUE=DATE:20261221\nEXDATE;VALUE=DATE:20261210",
            ["12-21", "01-14"],
        ),
    ],
)
def test_the_next_six_dates_are_those_of_the_calendar_on_the_wall(text: str, found: list[str]) -> None:
    assert dates(parse(text), date(2026, 12, 1)) == found


def test_on_a_public_holiday_the_club_meets_or_not_or_a_week_later() -> None:
    """The second Thursday of February 2027 is National Foundation Day."""
    start_on = date(2027, 1, 1)
    assert dates(SECOND_THURSDAY, start_on, limit=3) == ["01-14", "02-11", "03-11"]
    skipping = replace(SECOND_THURSDAY, holidays=Holidays.SKIP)
    assert dates(skipping, start_on, limit=3) == ["01-14", "03-11", "04-08"]
    moving = replace(SECOND_THURSDAY, holidays=Holidays.WEEK_LATER)
    assert occurrences(moving, start_on, limit=3) == [
        Occurrence(date(2027, 1, 14), date(2027, 1, 14)),
        Occurrence(date(2027, 2, 11), date(2027, 2, 18)),
        Occurrence(date(2027, 3, 11), date(2027, 3, 11)),
    ]


def test_a_closed_day_never_holds_a_session() -> None:
    new_year = Rule(freq=Freq.MONTHLY, weekdays=(Day(TH, 5),), closed_yearly=(Yearly((12, 29), (1, 3)),))
    assert dates(new_year, date(2026, 12, 1), limit=2) == ["04-29", "07-29"]
    second = Rule(freq=Freq.MONTHLY, monthdays=(2,), closed_yearly=new_year.closed_yearly)
    assert dates(second, date(2026, 12, 1), limit=3) == ["12-02", "02-02", "03-02"]
    moving = replace(new_year, holidays=Holidays.WEEK_LATER)
    assert dates(moving, date(2026, 12, 1), limit=2) == ["01-07", "05-06"]
    one_day = replace(SECOND_THURSDAY, closed_on=(date(2026, 12, 10),))
    assert dates(one_day, date(2026, 12, 1), limit=1) == ["01-14"]


def test_a_date_is_moved_on_until_a_week_is_open() -> None:
    summer = replace(SECOND_THURSDAY, holidays=Holidays.WEEK_LATER, closed_yearly=(Yearly((8, 8), (8, 20)),), count=1)
    assert occurrences(summer, date(2026, 8, 1), limit=2) == [Occurrence(date(2026, 8, 13), date(2026, 8, 27))]


def test_a_moved_date_gives_way_to_one_that_is_there_already() -> None:
    weekly = Rule(freq=Freq.WEEKLY, weekdays=(Day(TH),), holidays=Holidays.WEEK_LATER)
    assert dates(weekly, date(2027, 2, 4), limit=3) == ["02-04", "02-18", "02-25"]


def test_a_moved_date_takes_its_place_among_the_others() -> None:
    both = Rule(freq=Freq.MONTHLY, monthdays=(11, 15, 20), holidays=Holidays.WEEK_LATER, months=(2,))
    assert dates(both, date(2027, 2, 1), limit=3) == ["02-15", "02-18", "02-20"]
    assert dates(both, date(2027, 2, 1), limit=1) == ["02-15"]
    assert dates(both, date(2027, 2, 1), limit=1, after=date(2027, 2, 15)) == ["02-18"]


def test_a_date_picked_by_hand_stands_even_on_a_holiday() -> None:
    picked = Rule(dates=(date(2027, 2, 11),), holidays=Holidays.SKIP, closed_on=(date(2027, 2, 11),))
    assert occurrences(picked, date(2027, 1, 1), limit=2) == [Occurrence(date(2027, 2, 11), date(2027, 2, 11))]


def fits(rule: Rule, start_on: date, on: date) -> bool:  # noqa: PLR0911 - one answer for each kind
    """Whether the rule yields this day, said again without any library."""
    months = (on.year - start_on.year) * 12 + on.month - start_on.month
    last = monthrange(on.year, on.month)[1]
    as_weekday = {Day(on.weekday()), Day(on.weekday(), (on.day + 6) // 7)}
    if on.day + 7 > last:
        as_weekday.add(Day(on.weekday(), -1))
    if rule.months and on.month not in rule.months:
        return False
    if rule.freq is Freq.DAILY:
        return (on - start_on).days % rule.interval == 0
    if rule.freq is Freq.WEEKLY:
        monday, first = (day - timedelta(days=day.weekday()) for day in (on, start_on))
        weekdays = rule.weekdays or (Day(start_on.weekday()),)
        return (monday - first).days // 7 % rule.interval == 0 and Day(on.weekday()) in weekdays
    if rule.freq is Freq.MONTHLY and months % rule.interval:
        return False
    if rule.freq is Freq.YEARLY and (on.year - start_on.year) % rule.interval:
        return False
    if rule.setpos:
        working = [day for day in range(1, last + 1) if date(on.year, on.month, day).weekday() < SA]
        at = rule.setpos - 1 if rule.setpos > 0 else rule.setpos
        return on.day == working[at]
    if rule.weekdays:
        return bool(as_weekday & set(rule.weekdays))
    if rule.monthdays:
        return on.day in rule.monthdays or (on.day == last and -1 in rule.monthdays)
    return on.day == start_on.day and (rule.freq is Freq.MONTHLY or bool(rule.months) or on.month == start_on.month)


@given(rule=rules(), start_on=st.dates(date(2025, 1, 1), date(2027, 6, 30)))
@settings(max_examples=200)
def test_a_rule_yields_exactly_the_days_that_fit_it(rule: Rule, start_on: date) -> None:
    plain = replace(
        rule,
        dates=rule.dates if rule.freq is None else (),
        exdates=(),
        holidays=Holidays.KEEP,
        closed_on=(),
        closed_yearly=(),
    )
    window = [start_on + timedelta(days=days) for days in range(1500)]
    if rule.freq is None:
        expected = [on for on in rule.dates if on >= start_on]
    else:
        expected = [on for on in window if fits(rule, start_on, on) and on <= (rule.until or on)][: rule.count]
    found = occurrences(plain, start_on, limit=5000)
    assert [one.on for one in found if one.on <= window[-1]] == expected
    assert [one.recurrence_id for one in found] == [one.on for one in found]


@given(rule=rules(), start_on=st.dates(date(2025, 1, 1), date(2027, 6, 30)), after=DATES, limit=st.integers(1, 40))
@settings(max_examples=200)
def test_what_is_held_is_sorted_unique_open_and_accounted_for(
    rule: Rule, start_on: date, after: date, limit: int
) -> None:
    plain = replace(rule, exdates=(), holidays=Holidays.KEEP, closed_on=(), closed_yearly=())
    yielded = {one.on for one in occurrences(plain, start_on, limit=5000)} - set(rule.exdates)
    held = occurrences(rule, start_on, limit=5000)
    days, weeks = [one.on for one in held], {(one.on - one.recurrence_id).days / 7 for one in held}
    assert days == sorted(set(days))
    assert {one.recurrence_id for one in held} <= yielded
    assert weeks <= (set(range(9)) if rule.holidays is Holidays.WEEK_LATER else {0})
    for day in set(days) - set(rule.dates):
        assert day not in rule.closed_on
        assert not any(closed.covers(day) for closed in rule.closed_yearly)
    if rule.holidays is Holidays.KEEP:
        lost = yielded - {one.recurrence_id for one in held}
        assert all(on in rule.closed_on or any(one.covers(on) for one in rule.closed_yearly) for on in lost)
    later = [one for one in held if one.on > after][:limit]
    assert occurrences(rule, start_on, after=after, limit=limit)[: len(later)] == later


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Asia/Tokyo", "2026-12-10 07:00", "2026-12-09 22:00"),
        ("America/New_York", "2027-03-14 02:30", "2027-03-14 07:30"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:30"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45"),
        ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-03 14:45"),
        ("Pacific/Apia", "2011-12-30 07:00", "2011-12-30 17:00"),
        ("Pacific/Apia", "2011-12-29 07:00", "2011-12-29 17:00"),
    ],
)
def test_a_leap_of_the_clocks_shifts_forward_and_a_repeated_hour_is_its_first(
    zone: str, wall: str, instant: str
) -> None:
    at = datetime.strptime(wall, "%Y-%m-%d %H:%M")  # noqa: DTZ007
    assert localise(at.date(), at.time(), zone) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"]
)
def test_seven_o_clock_stays_seven_o_clock_all_year(zone: str) -> None:
    weekly = occurrences(Rule(freq=Freq.WEEKLY), date(2026, 1, 1), limit=60)
    walls = [localise(one.on, time(7), zone).astimezone(ZoneInfo(zone)) for one in weekly]
    assert [wall.time() for wall in walls] == [time(7)] * 60
    assert [wall.date() for wall in walls] == [one.on for one in weekly]
