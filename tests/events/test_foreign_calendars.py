"""Calendars of other programs: what is repeated, left out, moved, and what no rule of ours can count out."""

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import foreign_calendars
from events.foreign_calendars import NotACalendar

BEFORE = date(2026, 12, 1)
TOKYO = "Asia/Tokyo"


def calendar(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Other//Other//EN"]
    for event in events:
        lines += ["BEGIN:VEVENT", *(line.strip() for line in event.strip().splitlines()), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def times(*events: str, zone: str = TOKYO) -> list[tuple[str, str]]:
    found = foreign_calendars.read(calendar(*events), zone, before=BEFORE)
    return [(f"{one.on} {one.at:%H:%M}" if one.at else str(one.on), one.title) for one in found]


MONTHLY = """UID:a@other
    SUMMARY:朝食会
    DTSTART;TZID=Asia/Tokyo:20260108T070000
    DTEND;TZID=Asia/Tokyo:20260108T082000
    RRULE:FREQ=MONTHLY;BYDAY=2TH;COUNT=4"""


def test_a_rule_becomes_its_times_on_the_local_clock() -> None:
    assert times(MONTHLY) == [
        ("2026-01-08 07:00", "朝食会"),
        ("2026-02-12 07:00", "朝食会"),
        ("2026-03-12 07:00", "朝食会"),
        ("2026-04-09 07:00", "朝食会"),
    ]


@pytest.mark.parametrize(
    "left_out",
    ["EXDATE;TZID=Asia/Tokyo:20260212T070000", "EXDATE:20260211T220000Z", "EXDATE;VALUE=DATE:20260212"],
)
def test_what_was_left_out_is_left_out_however_it_is_written(left_out: str) -> None:
    assert [at for at, _ in times(f"{MONTHLY}\n{left_out}")] == [
        "2026-01-08 07:00",
        "2026-03-12 07:00",
        "2026-04-09 07:00",
    ]


def test_a_moved_time_is_where_it_was_moved_to_under_the_same_name() -> None:
    moved = """UID:a@other
        RECURRENCE-ID:20260211T220000Z
        SUMMARY:朝食会（日を改めて）
        DTSTART;TZID=Asia/Tokyo:20260219T073000"""
    found = list(foreign_calendars.read(calendar(MONTHLY, moved), TOKYO, before=BEFORE))
    still = list(foreign_calendars.read(calendar(MONTHLY), TOKYO, before=BEFORE))
    assert [(one.on.day, one.at, one.title) for one in found][1] == (19, time(7, 30), "朝食会（日を改めて）")
    assert [one.id for one in found] == [one.id for one in still]


def test_a_time_called_off_by_itself_is_known_as_such() -> None:
    at = ";TZID=Asia/Tokyo:20260212T070000"
    off = f"UID:a@other\nRECURRENCE-ID{at}\nSTATUS:CANCELLED\nDTSTART{at}"
    found = foreign_calendars.read(calendar(MONTHLY, off), TOKYO, before=BEFORE)
    assert [one.is_cancelled for one in found] == [False, True, False, False]


def test_the_clocks_change_and_seven_stays_seven() -> None:
    weekly = """UID:b@other
        SUMMARY:Breakfast
        DTSTART;TZID=Europe/Berlin:20260319T070000
        RRULE:FREQ=WEEKLY;UNTIL=20260409T050000Z"""
    assert [at for at, _ in times(weekly, zone="Europe/Berlin")] == [
        "2026-03-19 07:00",
        "2026-03-26 07:00",
        "2026-04-02 07:00",
        "2026-04-09 07:00",
    ]


def test_added_times_whole_days_floating_times_and_utc() -> None:
    assert times(
        "UID:1\nSUMMARY:ふたつ\nDTSTART:20260501T070000\nRDATE:20260503T080000,20260501T070000",
        "UID:2\nSUMMARY:終日\nDTSTART;VALUE=DATE:20260505",
        "UID:3\nSUMMARY:UTC\nDTSTART:20260505T220000Z",
    ) == [
        ("2026-05-01 07:00", "ふたつ"),
        ("2026-05-03 08:00", "ふたつ"),
        ("2026-05-05", "終日"),
        ("2026-05-06 07:00", "UTC"),
    ]


def test_a_rule_without_end_ends_before_the_day_given() -> None:
    endless = "UID:c\nSUMMARY:x\nDTSTART;VALUE=DATE:20260901\nRRULE:FREQ=MONTHLY"
    assert [at for at, _ in times(endless)] == ["2026-09-01", "2026-10-01", "2026-11-01"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3,4,5,6,7",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=NEVER",
        "RSCALE=CHINESE;FREQ=YEARLY",
    ],
)
def test_a_rule_that_nobody_meets_by_is_told_and_costs_nothing(rule: str) -> None:
    found = list(
        foreign_calendars.read(
            calendar(f"UID:d\nSUMMARY:x\nDTSTART:20260101T070000\nRRULE:{rule}"), TOKYO, before=BEFORE
        )
    )
    assert [one.trouble for one in found] in (["rule"], [""])
    assert len(found) == 1


def test_a_rule_that_never_comes_and_one_that_comes_too_often_end() -> None:
    never = "UID:e\nSUMMARY:x\nDTSTART:20260101T070000\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"
    often = "UID:f\nSUMMARY:y\nDTSTART:19000101T070000\nRRULE:FREQ=DAILY"
    assert times(never) == [("2026-01-01 07:00", "x")]
    assert len(times(often)) == foreign_calendars.MOST_TIMES


@pytest.mark.parametrize("data", [b"", b"x", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", b"\xff\xfe\x00"])
def test_what_is_no_calendar_says_so(data: bytes) -> None:
    with pytest.raises(NotACalendar):
        list(foreign_calendars.read(data, TOKYO, before=BEFORE))


LINES = st.sampled_from(
    [
        *MONTHLY.split("\n"), "DTSTART:x", "DTSTART;TZID=Nowhere/Land:20260101T070000", "RRULE:x", "EXDATE:x",
        "RDATE:", "DURATION:x", "RDATE;VALUE=PERIOD:20260101T070000Z/PT1H", "RECURRENCE-ID:20260108T070000",
        "SEQUENCE:x", "STATUS:CANCELLED", "UID:", "CATEGORIES:a,b", "DTEND:20250101", "BEGIN:VALARM", "END:VALARM",
    ]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(LINES, max_size=8))
def test_a_broken_calendar_is_read_as_far_as_it_can_be_or_refused(lines: list[str]) -> None:
    try:
        found = list(foreign_calendars.read(calendar("\n".join(lines)), TOKYO, before=BEFORE))
    except NotACalendar:
        return
    assert len(found) <= foreign_calendars.MOST_TIMES
