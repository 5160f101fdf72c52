"""Files as other programs write them, and files that somebody made to hurt."""

import tracemalloc
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from archive.importing import sources, tables
from archive.importing.rows import Refused, Row, Unreadable
from archive.importing.sources import Kind

CALENDARS = Path(__file__).parent / "calendars"
BEFORE = date(2027, 1, 1)


def held(name: str) -> list[Any]:
    """What a calendar becomes: refused as its reason, else day, time, minutes, title and place."""
    with (CALENDARS / f"{name}.ics").open("rb") as file:
        assert sources.kind_of(file) == Kind.CALENDAR
        found = sources.read(Kind.CALENDAR, file, {}, group="g", zone="Asia/Tokyo", before=BEFORE)
        return [
            str(row)
            if isinstance(row, Refused)
            else f"{row.on} {row.at:%H:%M} {row.minutes} {row.title} {row.place}".strip()
            if row.at
            else f"{row.on} {row.title}"
            for _n, row in found
        ]


def test_google_calendar_with_a_moved_a_left_out_and_a_cancelled_day() -> None:
    assert held("google") == [
        "2019-05-09 07:00 80 朝食会 喫茶みなと, 東京都かもめ区1-2-3",
        "2019-06-20 07:30 80 朝食会 魚の目利き（一週あと） 市場食堂",
        "2019-07-11 07:00 80 朝食会 喫茶みなと, 東京都かもめ区1-2-3",
        "2019-09-12 07:00 80 朝食会 喫茶みなと, 東京都かもめ区1-2-3",
        "中止になった回です",
        "2019-12-12 07:00 80 忘年の朝",
    ]


def test_of_google_calendars_html_the_words_are_left_without_the_way_into_a_meeting() -> None:
    with (CALENDARS / "google.ics").open("rb") as file:
        row = next(sources.read(Kind.CALENDAR, file, {}, group="g", zone="Asia/Tokyo", before=BEFORE))[1]
    assert isinstance(row, Row)
    assert row.abstract == (
        "毎月第2木曜日の朝に集まります。\n\n会費は実費のみ\n\n"
        "くわしくははじめての方へ (https://shiomi.example/first?a=1&b=2)"
    )


def test_outlook_names_its_zones_as_windows_does_with_and_without_their_rules() -> None:
    assert held("outlook") == [
        "2019-05-09 07:00 80 値札のない朝 第三会議室",
        "2019-06-07 07:00 80 値札のない朝（金曜へ）",
        "2019-06-20 07:00 80 値札のない朝 第三会議室",
        "2019-07-04 14:00 60 ベルリンの朝",
        "2019-08-01 08:00 60 上海の朝",
    ]


def test_apples_calendar_with_floating_times_and_whole_days() -> None:
    assert held("apple") == [
        "2019-04-06 07:00 60 庭の朝 喫茶みなと 東京都かもめ区1-2-3",
        "2019-06-01 07:00 60 庭の朝 喫茶みなと 東京都かもめ区1-2-3",
        "2019-07-13 07:00 80 どこでも七時",
        "2019-08-10 07:00 80 どこでも七時",
        "2019-09-14 07:30 80 どこでも七時",
        "2019-09-01 まる一日の市場見学",
    ]


def titles(data: bytes) -> list[str]:
    head = tables.head(BytesIO(data)).guess()
    return [str(typed["title"]) for _n, typed in tables.entries(BytesIO(data), head)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("between", [",", "\t"])
def test_a_table_of_a_japanese_spreadsheet_program(encoding: str, end: str, between: str) -> None:
    rows = [["開催日", "題名"], ["2019-05-09", "値札のない朝"], ["2019-06-13", "～表示～と①"]]
    assert titles(end.join(between.join(row) for row in rows).encode(encoding)) == ["値札のない朝", "～表示～と①"]


@pytest.mark.parametrize(
    "data",
    [
        b"date,title\n2019-05-09," + b"x" * 10_000_000,
        b"date,title\n" + b"," * 9_000_000,
        b'date,title\n2019-05-09,"' + b"a\n" * 4_000_000,
        b"date,title\n2019-05-09,a\0b\n",
        "date,title\n2019-05-09,値札\n".encode("utf-16-le"),
        b"\xff\xfe\xff",
        b"PK\x03\x04" + bytes(range(256)) * 10,
    ],
    ids=["a long cell", "many cells", "a quotation without end", "NUL", "UTF-16 without its mark", "half", "xlsx"],
)
def test_what_would_hurt_is_no_table_and_costs_little(data: bytes) -> None:
    file = BytesIO(data)
    tracemalloc.start()
    with pytest.raises(Unreadable):
        list(tables.entries(file, {"held_on": 0, "title": 1}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_a_workbook_is_told_what_to_do_with_it() -> None:
    with pytest.raises(Unreadable, match="CSV"):
        sources.kind_of(BytesIO(b"PK\x03\x04" + bytes(100)))


def test_headings_twice_and_headings_that_are_formulas_are_only_names() -> None:
    data = "題名,題名,=1+1,開催日\n一つ目,二つ目,x,2019-05-09\n".encode()
    head = tables.head(BytesIO(data))
    assert (head.guess(), head.names[2]) == ({"held_on": 3, "title": 0}, "=1+1")
    assert titles(data) == ["一つ目"]
