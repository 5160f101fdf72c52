"""Schedules written down: what is read, what is refused, and that it comes back as it was."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from events import recurrence
from events.recurrence import BadRule, Day, Freq, Holidays, Rule, Yearly
from tests.events.schedules import TH, TODAY, parse, rules

UNREADABLE = "This schedule cannot be read. Write it like FREQ=MONTHLY;BYDAY=2TH."
TOO_OFTEN = "Repeat by day, week, month or year."
INTERVAL = "Choose an interval from 1 to 52."
TIMES = "Choose from 1 to 200 times."
LATE = "The last day may be at most two years ahead."
CLOCK = "Choose the time of day beside the schedule, not in it."
NEVER = "None of the chosen months has such a day."
HOSTILE = [
    ("", "Choose at least one date."),
    ("FREQ=SECONDLY", TOO_OFTEN),
    ("FREQ=MINUTELY;INTERVAL=1", TOO_OFTEN),
    ("FREQ=HOURLY;COUNT=3", TOO_OFTEN),
    ("FREQ=WEEKLY;INTERVAL=0", INTERVAL),
    ("FREQ=WEEKLY;INTERVAL=-1", INTERVAL),
    ("FREQ=DAILY;INTERVAL=53", INTERVAL),
    ("FREQ=DAILY;INTERVAL=99999999999999999999", UNREADABLE),
    ("FREQ=DAILY;INTERVAL=１", UNREADABLE),
    ("FREQ=DAILY;INTERVAL=1_0", UNREADABLE),
    ("FREQ=DAILY;ıNTERVAL=2", UNREADABLE),
    ("FREQ=DAILY;COUNT=201", TIMES),
    ("FREQ=DAILY;COUNT=0", TIMES),
    ("FREQ=DAILY;UNTIL=20281121", LATE),
    ("FREQ=DAILY;UNTIL=99991231", UNREADABLE),
    ("FREQ=DAILY;UNTIL=99991231T235959Z", UNREADABLE),
    ("FREQ=DAILY;UNTIL=20270230", UNREADABLE),
    ("FREQ=DAILY;UNTIL=20270228T246060Z", UNREADABLE),
    ("FREQ=DAILY;COUNT=3;UNTIL=20270228", "End after a number of times or on a last day, not both."),
    ("FREQ=DAILY;BYHOUR=0,1,2,3,4,5", CLOCK),
    ("FREQ=WEEKLY;BYMINUTE=1", CLOCK),
    ("FREQ=YEARLY;BYSECOND=1", CLOCK),
    ("FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2", NEVER),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", NEVER),
    ("FREQ=YEARLY;BYMONTH=4,6,9,11;BYMONTHDAY=31", NEVER),
    ("FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=1", UNREADABLE),
    ("FREQ=YEARLY;BYEASTER=1", UNREADABLE),
    ("FREQ=MONTHLY;BYDAY=6TH", UNREADABLE),
    ("FREQ=MONTHLY;BYMONTHDAY=0", UNREADABLE),
    ("FREQ=MONTHLY;BYMONTHDAY=-2", UNREADABLE),
    ("FREQ=YEARLY;BYMONTH=13", UNREADABLE),
    ("FREQ=MONTHLY;BYDAY=TH", "Say which weekday of the month, such as the 2nd Thursday."),
    ("FREQ=MONTHLY;BYDAY=2TH;BYMONTHDAY=13", "Choose weekdays or days of the month, not both."),
    (
        "FREQ=MONTHLY;BYDAY=TU,TH;BYSETPOS=2",
        "Only one weekday, or Monday to Friday, can be counted within a month.",
    ),
    (
        "FREQ=WEEKLY;BYDAY=TH;BYSETPOS=-1",
        "“The 2nd Thursday” goes with a monthly schedule.",
    ),
    ("FREQ=MONTHLY;BYDAY=TH;BYSETPOS=366", UNREADABLE),
    ("FREQ=WEEKLY;BYDAY=2TH", "“The 2nd Thursday” goes with a monthly schedule."),
    ("FREQ=WEEKLY;BYMONTHDAY=13", "Days of the month go with a monthly or yearly schedule."),
    ("FREQ=DAILY;INTERVAL=7;BYDAY=TH", "Weekdays go with a weekly schedule."),
    ("FREQ=YEARLY;BYDAY=2TH", "Choose the month."),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO", UNREADABLE),
    ("FREQ=WEEKLY;FREQ=DAILY", UNREADABLE),
    ("FREQ=WEEKLY;;", UNREADABLE),
    ("FREQ=WEEKLY;BYDAY=", UNREADABLE),
    ("FREQ", UNREADABLE),
    ("INTERVAL=2", UNREADABLE),
    ("DTSTART:20261210T070000\nRRULE:FREQ=WEEKLY", UNREADABLE),
    ("RRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY", UNREADABLE),
    ("FREQ=WEEKLY\nEXRULE:FREQ=DAILY", UNREADABLE),
    ("FREQ=WEEKLY\nX-HOLIDAYS:SOMETIMES", UNREADABLE),
    ("FREQ=WEEKLY\nX-CLOSED:02-30", "Write closed days like 2026-08-13 or 12-29..01-03."),
    ("FREQ=WEEKLY\nX-CLOSED:soon", "Write closed days like 2026-08-13 or 12-29..01-03."),
    ("FREQ=WEEKLY\nRDATE;VALUE=DATE:00010101", UNREADABLE),
    ("FREQ=WEEKLY\x00", TOO_OFTEN),
    ("FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 20_000), UNREADABLE),
]


@pytest.mark.parametrize(("text", "why"), HOSTILE)
def test_a_hostile_rule_is_refused_with_a_sentence(text: str, why: str) -> None:
    with pytest.raises(BadRule) as refused:
        parse(text)
    with override("en"):
        assert refused.value.messages == [why]


def test_a_refusal_is_told_in_the_reader_s_language() -> None:
    with pytest.raises(BadRule) as refused:
        parse("FREQ=SECONDLY")
    with override("ja"):
        assert refused.value.messages == ["くり返しは、日・週・月・年のどれかの単位で選んでください。"]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("FREQ=MONTHLY;BYDAY=2TH", "FREQ=MONTHLY;BYDAY=2TH"),
        (" rrule:freq=monthly;byday=+2th;interval=1;wkst=su ", "FREQ=MONTHLY;BYDAY=2TH"),
        ("FREQ=MONTHLY;BYDAY=TH;BYSETPOS=2", "FREQ=MONTHLY;BYDAY=2TH"),
        ("FREQ=MONTHLY;BYDAY=4TH,2TH,2TH", "FREQ=MONTHLY;BYDAY=2TH,4TH"),
        ("FREQ=DAILY;BYDAY=TH", "FREQ=WEEKLY;BYDAY=TH"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=10", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=10"),
        ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU,WE,TH,FR", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("FREQ=WEEKLY;UNTIL=20270331T145959Z", "FREQ=WEEKLY;UNTIL=20270331"),
        ("FREQ=WEEKLY;UNTIL=20270330T210000Z", "FREQ=WEEKLY;UNTIL=20270331"),
        ("FREQ=WEEKLY;UNTIL=20270331T070000", "FREQ=WEEKLY;UNTIL=20270331"),
        ("RDATE;VALUE=DATE:20270114,20261210", "RDATE;VALUE=DATE:20261210,20270114"),
        (
            "FREQ=WEEKLY\nEXDATE;VALUE=DATE:20261231\nX-HOLIDAYS:week_later\nX-CLOSED:12-29..01-03,2026-08-13",
            "FREQ=WEEKLY\nEXDATE;VALUE=DATE:20261231\nX-HOLIDAYS:week_later\nX-CLOSED:2026-08-13,12-29..01-03",
        ),
    ],
)
def test_what_other_calendars_write_is_read_and_spelled_in_one_way(text: str, canonical: str) -> None:
    assert parse(text).text() == canonical


def test_what_is_kept_beside_a_rule_is_given_beside_it() -> None:
    rule = recurrence.parse(
        "FREQ=MONTHLY;BYDAY=2TH",
        dates=[date(2026, 12, 21)],
        exdates=[date(2027, 1, 14)],
        holidays="skip",
        closed="12-29..01-03、2026-08-13\n08-15",
        today=TODAY,
    )
    assert rule == Rule(
        freq=Freq.MONTHLY,
        weekdays=(Day(TH, 2),),
        dates=(date(2026, 12, 21),),
        exdates=(date(2027, 1, 14),),
        holidays=Holidays.SKIP,
        closed_on=(date(2026, 8, 13),),
        closed_yearly=(Yearly((8, 15), (8, 15)), Yearly((12, 29), (1, 3))),
    )


def test_four_hundred_days_can_be_listed_and_no_more() -> None:
    days = [TODAY + timedelta(days=number) for number in range(401)]
    assert len(Rule(dates=tuple(days[:400])).dates) == 400
    with pytest.raises(BadRule):
        Rule(dates=tuple(days))


def test_the_last_day_may_be_two_years_ahead_and_no_more() -> None:
    assert parse("FREQ=WEEKLY;UNTIL=20281120").until == date(2028, 11, 20)
    with pytest.raises(BadRule):
        parse("FREQ=WEEKLY;UNTIL=20281121")


@given(rule=rules())
@settings(max_examples=300)
def test_every_schedule_is_read_back_as_it_was_written(rule: Rule) -> None:
    assert parse(rule.text()) == rule
    assert len(rule.rrule()) <= 300


@given(text=st.text(max_size=60) | st.text(st.sampled_from("FREQ=DAILY;BYSETPOMNHU0123456789,-:\n"), max_size=60))
@settings(max_examples=300)
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    try:
        rule = parse(text)
    except BadRule:
        return
    assert parse(rule.text()) == rule
