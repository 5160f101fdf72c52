"""Schedules read back in both languages."""

from datetime import time

import pytest
from django.utils.translation import override
from hypothesis import given, settings

from events import recurrence
from events.recurrence import Day, Freq, Rule
from tests.events.schedules import TH, parse, rules


@pytest.mark.parametrize(
    ("text", "japanese", "english"),
    [
        ("FREQ=MONTHLY;BYDAY=2TH", "毎月第2木曜日 7:00", "every 2nd Thursday of the month, 7:00"),
        ("FREQ=MONTHLY;BYDAY=2TH,4TH", "毎月第2・第4木曜日 7:00", "every 2nd and 4th Thursday of the month, 7:00"),
        (
            "FREQ=MONTHLY;BYDAY=2TU,-1FR",
            "毎月第2火曜日・最終金曜日 7:00",
            "every 2nd Tuesday and last Friday of the month, 7:00",
        ),
        ("FREQ=MONTHLY;BYDAY=-1FR", "毎月最終金曜日 7:00", "every last Friday of the month, 7:00"),
        (
            "FREQ=MONTHLY;BYDAY=-1FR,2FR",
            "毎月第2・最終金曜日 7:00",
            "every 2nd and last Friday of the month, 7:00",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=10", "毎月10日 7:00", "every 10th of the month, 7:00"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1,1,12,22,3",
            "毎月1日・3日・12日・22日・末日 7:00",
            "every 1st, 3rd, 12th, 22nd and last day of the month, 7:00",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "毎月最終平日(月〜金) 7:00",
            "every last working day (Mon–Fri) of the month, 7:00",
        ),
        ("FREQ=MONTHLY", "毎月 7:00", "every month, 7:00"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2TH", "隔月第2木曜日 7:00", "every other month on the 2nd Thursday, 7:00"),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TH",
            "3か月ごとの第2木曜日 7:00",
            "every 3 months on the 2nd Thursday, 7:00",
        ),
        (
            "FREQ=MONTHLY;BYMONTH=4,9;BYDAY=2TH",
            "毎月第2木曜日(4月・9月のみ) 7:00",
            "every 2nd Thursday of the month (only in April and September), 7:00",
        ),
        ("FREQ=WEEKLY;BYDAY=WE", "毎週水曜日 7:00", "every Wednesday, 7:00"),
        (
            "FREQ=WEEKLY;BYDAY=TU,TH,SA",
            "毎週火曜日・木曜日・土曜日 7:00",
            "every Tuesday, Thursday and Saturday, 7:00",
        ),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "隔週木曜日 7:00", "every other Thursday, 7:00"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TH", "3週間ごとの木曜日 7:00", "every 3 weeks on Thursday, 7:00"),
        ("FREQ=WEEKLY", "毎週 7:00", "every week, 7:00"),
        ("FREQ=DAILY", "毎日 7:00", "every day, 7:00"),
        ("FREQ=DAILY;INTERVAL=2", "1日おき 7:00", "every other day, 7:00"),
        ("FREQ=DAILY;INTERVAL=10", "10日ごと 7:00", "every 10 days, 7:00"),
        ("FREQ=YEARLY", "毎年 7:00", "every year, 7:00"),
        ("FREQ=YEARLY;BYMONTH=6", "毎年6月 7:00", "every year in June, 7:00"),
        (
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=6,12;BYDAY=2TH",
            "隔年6月・12月の第2木曜日 7:00",
            "every other year on the 2nd Thursday of June and December, 7:00",
        ),
        (
            "FREQ=MONTHLY;BYDAY=2TH;UNTIL=20270331",
            "毎月第2木曜日 7:00、2027年3月31日(水)まで",
            "every 2nd Thursday of the month, 7:00, until Wed 31 Mar 2027",
        ),
        ("FREQ=WEEKLY;BYDAY=TH;COUNT=10", "毎週木曜日 7:00、全10回", "every Thursday, 7:00, 10 times"),
        (
            "FREQ=WEEKLY;BYDAY=TH\nRDATE;VALUE=DATE:20261221",
            "毎週木曜日 7:00、ほか1日",
            "every Thursday, 7:00, and 1 more day",
        ),
        (
            "RDATE;VALUE=DATE:20261210,20270114",
            "12月10日(木)、1月14日(木) 7:00",
            "Thu 10 Dec, Thu 14 Jan, 7:00",
        ),
        (
            "RDATE;VALUE=DATE:20270101,20270102,20270103,20270104,20270105,20270106,20270107,20270108",
            "1月1日(金)、1月2日(土)、1月3日(日)、1月4日(月)、1月5日(火)、1月6日(水)、ほか2日 7:00",
            "Fri 1 Jan, Sat 2 Jan, Sun 3 Jan, Mon 4 Jan, Tue 5 Jan, Wed 6 Jan, and 2 more days, 7:00",
        ),
    ],
)
def test_a_schedule_reads_as_a_host_would_say_it(text: str, japanese: str, english: str) -> None:
    with override("ja"):
        assert recurrence.sentence(parse(text), time(7)) == japanese
    with override("en"):
        assert recurrence.sentence(parse(text), time(7)) == english


def test_a_schedule_reads_without_a_time_too() -> None:
    with override("ja"):
        assert recurrence.sentence(Rule(freq=Freq.MONTHLY, weekdays=(Day(TH, 2),))) == "毎月第2木曜日"


@pytest.mark.parametrize(
    ("text", "japanese", "english"),
    [
        ("FREQ=WEEKLY", "", ""),
        ("FREQ=WEEKLY\nX-HOLIDAYS:skip", "祝日は休みです。", "Not on public holidays."),
        (
            "FREQ=WEEKLY\nX-HOLIDAYS:week_later",
            "祝日に当たるときは1週間後に開きます。",
            "A week later when it falls on a public holiday.",
        ),
        (
            "FREQ=WEEKLY\nX-HOLIDAYS:week_later\nX-CLOSED:12-29..01-03,08-15,2026-08-13",
            "祝日や休みの日に当たるときは1週間後に開きます。休みの日: 8月15日、12月29日〜1月3日、2026年8月13日(木)。",
            (
                "A week later when it falls on a public holiday or a closed day. "
                "Closed: 15 August, 29 December to 3 January, Thu 13 Aug 2026."
            ),
        ),
        ("FREQ=WEEKLY\nX-CLOSED:08-15", "休みの日: 8月15日。", "Closed: 15 August."),
    ],
)
def test_what_is_out_of_the_ordinary_reads_as_sentences(text: str, japanese: str, english: str) -> None:
    with override("ja"):
        assert recurrence.exceptions(parse(text)) == japanese
    with override("en"):
        assert recurrence.exceptions(parse(text)) == english


@given(rule=rules())
@settings(max_examples=200)
def test_every_schedule_reads_in_both_languages(rule: Rule) -> None:
    for language in ("ja", "en"):
        with override(language):
            words = recurrence.sentence(rule, time(7))
        assert "7:00" in words
        assert "%" not in words
