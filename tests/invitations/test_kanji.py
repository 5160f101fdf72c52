from datetime import date, datetime

import pytest

from invitations import kanji


@pytest.mark.parametrize(
    ("n", "text"), [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (24, "二十四"), (59, "五十九")]
)
def test_numbers(n: int, text: str) -> None:
    assert kanji.number(n) == text


def test_the_first_year_of_an_era_has_a_name_of_its_own() -> None:
    assert (kanji.year(date(2019, 5, 1)), kanji.year(date(2026, 1, 1))) == ("令和元年", "令和八年")


def test_a_date_with_its_weekday() -> None:
    assert kanji.day_and_week(date(2026, 12, 24)) == "十二月二十四日(木)"


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ((7, 0), (8, 20), "朝七時から八時二十分"),
        ((7, 0), (8, 30), "朝七時から八時半"),
        ((11, 0), (12, 30), "午前十一時から昼十二時半"),
        ((13, 5), (14, 0), "午後一時五分から二時"),
        ((16, 0), (19, 0), "午後四時から夜七時"),
        ((0, 10), (5, 0), "深夜〇時十分から朝五時"),
    ],
)
def test_hours_name_the_part_of_the_day_once(start: tuple[int, int], end: tuple[int, int], text: str) -> None:
    assert kanji.hours(datetime(2026, 1, 1, *start), datetime(2026, 1, 1, *end)) == text
