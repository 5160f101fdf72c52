"""Reading a file of past talks: pure, without a database."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from archive.importing import days, names, plan, prose, rows
from archive.importing.rows import Refused, Row
from tests.archive.talks import BAD, sixty, talk

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override(None):
        yield


BOLD = "Why\n\nBold and this (http://a.example) cat"
CODE = "2 * 3 * 4, __init__, snake_case_name, List<int>, a < b"
WRAPPED = "A line that was wrapped by hand at some fixed width,\nand the next one."
# Between Japanese lines a space would be wrong.
UNSPACED = f"{'日本語の行は幅で折られることがあります。' * 3}\n次の行。"


def read(**fields: Any) -> Row:
    return rows.parse(1, json.dumps(talk(**fields)).encode(), today=TODAY)


@pytest.mark.parametrize(
    ("typed", "people"),
    [
        (["Nora Quill", "Ivo Marrow"], ["Nora Quill", "Ivo Marrow"]),
        (["Nora Quill, Ivo Marrow and Théa Lindqvist"], ["Nora Quill", "Ivo Marrow", "Théa Lindqvist"]),
        (["Nora & Ivo; Théa / Pavel"], ["Nora", "Ivo", "Théa", "Pavel"]),
        (["Nora-Anne + Ivo"], ["Nora-Anne", "Ivo"]),
        (["Quill, Nora"], ["Quill, Nora"]),
        (["Nora Quill, Jr."], ["Nora Quill, Jr"]),
        (["Ana Prado y Vega"], ["Ana Prado y Vega"]),
        (["Anders Sandberg"], ["Anders Sandberg"]),
        (["Павел Ольхин и Анна Ива"], ["Павел Ольхин", "Анна Ива"]),
        (["葉月 澪、桐野 周"], ["葉月 澪", "桐野 周"]),
        (["ノーラ・クイル"], ["ノーラ・クイル"]),
        (["Nora Quill <nora@example.com>", "ivo@example.com"], ["Nora Quill"]),
        (["NORA QUILL", "Nora  Quill", "Ｎｏｒａ Quill"], ["NORA QUILL"]),
        (["Various speakers", "VARIOUS  Speakers", "TBA", "?", "", "  ", "不明"], []),
        (['Nora "Inky" Quill', "Ivo Marrow (Marrow)"], ['Nora "Inky" Quill', "Ivo Marrow (Marrow)"]),
    ],
)
def test_names_are_parted_where_they_are_several_and_nowhere_else(typed: list[str], people: list[str]) -> None:
    assert names.people(typed) == people


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Title\n=====\n\nWords", "Title\n\nWords"),
        ("See `notes <https://a.example/n>`__.", "See notes (https://a.example/n)."),
        ("`https://a.example <https://a.example>`_", "https://a.example"),
        ("Use ``print()`` of :class:`list` and `x`_.", "Use print() of list and x."),
        ("Example::\n\n    a = 1", "Example:\n\n    a = 1"),
        (".. note:: Bring tea.\n\n.. image:: a.png\n   :alt: b\n\n.. _n: https://a.example", "Bring tea."),
        ("# Why\n\n**Bold** *and* [this](http://a.example) ![cat](c.png)", BOLD),
        ("```python\nx = 1\n```", "x = 1"),
        ("<https://a.example>", "https://a.example"),
        (CODE, CODE),
        ("* one\n* two", "* one\n* two"),
        ("<p>One &amp; two<br>three</p><p>four</p>", "One & two\nthree\n\nfour"),
        ('<a href="https://a.example">words</a> of List<int>', "words (https://a.example) of List<int>"),
        ('<a href="javascript:x()">words</a>', "words"),
        ("<p>a</p><script>alert(1)</script><style>p {}</style>b", "a\n\nb"),
        ("It&apos;s &lt;script&gt;", "It's <script>"),
        ("a\r\nb\x00\x0b\u200b\n\n\n\n\nc   ", "a\nb\u200b\n\nc"),
        (WRAPPED, WRAPPED.replace("\n", " ")),
        (UNSPACED, UNSPACED),
    ],
)  # fmt: skip
def test_marks_go_and_words_stay(typed: str, text: str) -> None:
    assert prose.plain(typed) == text


@given(st.text(alphabet=st.sampled_from("ab <>/&;*_`:.=-#[]()!\\\n\t漢'\"p"), max_size=200))
def test_any_text_becomes_plain_text(typed: str) -> None:
    text = prose.plain(typed)
    assert text == text.strip()
    assert "\n\n\n" not in text
    assert "<script" not in text


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_what_cannot_be_taken_is_refused_with_the_reason(line: Any, reason: str) -> None:
    typed = line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
    with pytest.raises(Refused, match=f"^{reason}"):
        rows.parse(1, typed, today=TODAY)


@pytest.mark.parametrize(
    ("held_on", "on", "at"),
    [
        ("2014-05-08", date(2014, 5, 8), None),
        (" 2014/5/8 ", date(2014, 5, 8), None),
        ("2014年5月8日", date(2014, 5, 8), None),
        ("2014-05-08T19:30:59", date(2014, 5, 8), time(19, 30)),
        ("2014-05-08T09:15:00+10:00", date(2014, 5, 8), time(9, 15)),
        ("2014-05-08 09:15Z", date(2014, 5, 8), time(9, 15)),
    ],
)
def test_the_day_is_the_one_that_was_written(held_on: str, on: date, at: time | None) -> None:
    row = read(held_on=held_on)
    assert (row.on, row.at) == (on, at)


def test_what_can_be_taken_of_a_row_is_and_the_rest_is_told() -> None:
    row = read(
        title="T" * 301,
        description="d" * 20_001,
        speakers="Nora Quill and " + "n" * 121,
        tags=["boats", "boats", "t" * 61, " "],
        recording=["https://a.example/v", "javascript:alert(1)", "ftp://a.example", "https://a.example/" + "v" * 500],
        language="tlh",
    )
    assert (len(row.title), row.title[-1], len(row.abstract)) == (300, "…", 20_000)
    assert (row.speakers, row.tags, row.recordings) == (("Nora Quill",), ("boats",), ("https://a.example/v",))
    assert row.language == "tlh"
    assert sorted(what.split(":")[0] for what in row.left_out) == [
        "a name is longer than 120",
        "a recording is no web address",
        "a recording is no web address",
        "a tag is longer than 60",
        "an address is longer than 500",
        "the description is cut at 20000 of 20001 characters",
        "the title is cut at 300 of 301 characters",
    ]  # fmt: skip


def test_half_a_character_is_none() -> None:
    assert read(title="a\ud800b").title == "ab"


def made(*talks: dict[str, Any]) -> plan.Plan:
    return plan.make(enumerate((json.dumps(one).encode() for one in talks), start=1), today=TODAY)


def test_talks_of_one_day_are_one_session_in_the_order_of_the_clock() -> None:
    (group,) = made(
        talk(title="last"),
        talk(title="second", held_on="2014-05-08T19:00"),
        talk(title="first", held_on="2014-05-08T18:30"),
    ).groups
    (day,) = group.days
    assert [row.title for row in day.talks] == ["first", "second", "last"]
    assert (day.starts, day.minutes, day.title("Group")) == (datetime(2014, 5, 8, 18, 30), 120, "first / second / last")


def test_a_day_without_a_clock_begins_at_noon_and_one_with_many_talks_has_the_name_of_the_group() -> None:
    (group,) = made(*(talk(title=f"{n}") for n in range(40))).groups
    assert (group.days[0].starts.time(), group.days[0].minutes) == (time(12, 0), 600)
    assert group.days[0].title(group.name) == "Harbour Python"


def test_the_same_talk_twice_is_taken_once() -> None:
    found = made(
        talk(title="Small Boats"), talk(title="ＳＭＡＬＬ  boats"), talk(title="Small Boats", held_on="2014-05-09")
    )
    assert (len(list(found.rows)), found.refused) == (2, [(2, "the same talk as line 1")])


def test_sixty_talks_of_four_groups() -> None:
    found = made(*sixty())
    assert (found.read, found.refused, [len(group.days) for group in found.groups]) == (60, [], [15, 15, 15, 15])
    assert {group.source: (group.name, group.language) for group in found.groups} == {
        "harbour-python": ("Harbour Python", "en"),
        "kamome-study-2014": ("Kamome Study 2014", "ja"),
        "python_tea": ("Python Tea", "fr"),
        "夜の勉強会": ("夜の勉強会", "ru"),
    }


def test_a_file_that_cannot_be_read_says_so(tmp_path) -> None:
    broken = tmp_path / "talks.jsonl.gz"
    broken.write_bytes(b"\x1f\x8bnot gzip")
    for path in (broken, tmp_path / "nowhere"):
        with pytest.raises(rows.Unreadable, match="cannot be read"):
            rows.lines(path)


# Days as people write them


@pytest.mark.parametrize(
    ("typed", "on", "at"),
    [
        ("2024-05-09", "2024-05-09", None),
        ("2024/5/9 7:00", "2024-05-09", "07:00"),
        ("2024-05-09T07:00:00+09:00", "2024-05-09", "07:00"),
        ("2024年5月9日", "2024-05-09", None),
        ("２０２４年５月９日（木）　７：００～８：２０", "2024-05-09", "07:00"),
        ("2024年5月9日(木・祝) 午前7時", "2024-05-09", "07:00"),
        ("2024年5月9日 木曜日 午後7時30分", "2024-05-09", "19:30"),
        ("2024年5月9日 7時半から", "2024-05-09", "07:30"),
        ("令和6年5月9日", "2024-05-09", None),
        ("令和元年5月9日", "2019-05-09", None),
        ("R6.5.9", "2024-05-09", None),
        ("平成31年4月30日", "2019-04-30", None),
        ("昭和64年1月7日", "1989-01-07", None),
        ("2024.05.09", "2024-05-09", None),
        ("20240509", "2024-05-09", None),
        ("2024/05/09 (Thu) 7:30 PM", "2024-05-09", "19:30"),
        ("2024-05-09 12:00 AM", "2024-05-09", "00:00"),
    ],
)
def test_a_day_is_understood_as_people_write_it(typed: str, on: str, at: str | None) -> None:
    assert days.when(typed) == (date.fromisoformat(on), time.fromisoformat(at) if at else None)


@pytest.mark.parametrize(
    "typed", ["", "5/9", "05/09/2024", "2024-13-01", "2024-02-30", "2024-05-09 25:00", "x" * 99, "木曜", "20240530T"]
)
def test_what_is_no_day_or_could_be_two_is_none(typed: str) -> None:
    """05/09/2024 is May in one country and September in another."""
    with pytest.raises(ValueError):
        days.when(typed)


def test_a_typed_zone_is_turned_into_the_clocks_of_the_club() -> None:
    assert days.when("2024-05-08T22:00:00Z", "Asia/Tokyo") == (date(2024, 5, 9), time(7, 0))
    assert days.when("2024-05-09T07:00:00+0900", "Asia/Tokyo") == (date(2024, 5, 9), time(7, 0))
    assert days.when("2024-05-08T22:00:00Z") == (date(2024, 5, 8), time(22, 0))


@pytest.mark.parametrize(
    ("typed", "at"), [("7:00", "07:00"), ("７時", "07:00"), ("午後７：１５", "19:15"), ("7:00 - 8:20", "07:00")]
)
def test_a_time_of_day_of_its_own(typed: str, at: str) -> None:
    assert days.clock(typed) == time.fromisoformat(at)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_day_or_a_value_error(typed: str) -> None:
    try:
        on, _at = days.when(typed)
    except ValueError:
        return
    assert isinstance(on, date)
