"""Badges, cards for the tables and the list of those who take part, as they come out of the printer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdfium2 import PdfDocument

from events.models import Session
from introductions import seating
from introductions.papers import badges, sheet, table_cards
from introductions.papers.people import Someone, people
from members.models import Member

HEAD = {"language": "ja", "heading": "第132回 朝食会 2026年12月10日(木) 7:00"}
TABLES = HEAD | {"title": "x", "table_word": "%(number)s番テーブル"}


def pages(pdf: bytes) -> list[list[str]]:
    """The lines of text on each page, as a reader of the file copies them."""
    return [page.get_textpage().get_text_range().splitlines() for page in PdfDocument(pdf)]


def test_names_of_every_writing_can_be_copied_from_the_paper() -> None:
    names = ["髙橋 齋", "𠮷野 花子", "Zoë Ó Briain", "김 민준", "Łukasz Żółkiewski", "Şule Öz", "Ωmega Ж", "Nguyễn Thị"]
    (page,) = pages(badges.pdf([Someone(name) for name in names], **TABLES))
    assert [line for line in page if line != HEAD["heading"]] == names


def test_ten_badges_stand_on_a_sheet() -> None:
    assert [len(page) for page in pages(badges.pdf([Someone(f"会員 {n}") for n in range(23)], **TABLES))] == [20, 20, 6]


def test_a_badge_says_name_reading_trade_and_table() -> None:
    hana = Someone("花岡 花", "はなおか はな", trade="食品の流通", table=3)
    assert pages(badges.pdf([hana], **TABLES)) == [
        [HEAD["heading"], "はなおか はな", "花岡 花", "食品の流通", "3番テーブル"]
    ]


def test_a_long_name_stands_in_two_lines_and_is_never_cut() -> None:
    name = "Maximilian Bartholomew Featherstonehaugh-Cholmondeley"
    (page,) = pages(badges.pdf([Someone(name)], **TABLES))
    assert page[1:] == ["Maximilian Bartholomew", "Featherstonehaugh-Cholmondeley"]


def test_a_long_name_in_katakana_is_broken_at_its_dots() -> None:
    (page,) = pages(badges.pdf([Someone("フランソワ・ド・ラ・ロシュフコー＝リアンクール")], **TABLES))
    assert page[1:] == ["フランソワ・ド・ラ・", "ロシュフコー＝リアンクール"]


def test_no_name_is_cut_on_the_list_and_on_the_card() -> None:
    names = ["フランソワ・ド・ラ・ロシュフコー＝リアンクール", "Maximilian Bartholomew Featherstonehaugh-Cholmondeley"]
    here = [Someone(name, table=1, is_listed=True) for name in names]
    for made in (sheet.pdf(here, title="参加者名簿", **HEAD), table_cards.pdf(here, **TABLES)):
        (page,) = pages(made)
        assert not [line for line in page if "…" in line]
        assert [
            part
            for part in ("ロシュフコー＝リアンクール", "Featherstonehaugh-Cholmondeley")
            if part not in " ".join(page)
        ] == []


def test_there_is_a_card_for_each_table_to_be_read_from_both_sides() -> None:
    placed = [Someone("甲", table=2), Someone("乙", table=1), Someone("丙", with_whom="甲", table=2), Someone("丁")]
    first, second = pages(table_cards.pdf(placed, **TABLES))
    assert [line for line in first if "乙" in line] == ["乙", "乙"]
    assert len([line for line in second if "甲" in line and "丙" not in line]) >= 2
    assert not [line for line in first + second if "丁" in line]
    assert sum("1番テーブル" in line for line in first) == 2


def test_the_list_names_those_who_agreed_and_counts_the_rest() -> None:
    here = [
        Someone("花岡 花", "はなおか はな", trade="食品の流通", one_line="棚まで運びます", table=1, is_listed=True),
        Someone("隠岐 静", "おき しずか", trade="統計", one_line="内緒です"),
    ]
    (page,) = pages(sheet.pdf(here, title="参加者名簿", **HEAD))
    assert page == [
        HEAD["heading"],
        "参加者名簿",
        "この会かぎりの名簿です。お持ち帰りのうえ、ほかの方にはお渡しにならないでください。",
        "はなおか はな",
        "花岡 花 食品の流通",
        "棚まで運びます 1",
        "ほかに1人が参加します。",
    ]


def test_the_list_of_a_full_hall_goes_on_on_the_next_sheet() -> None:
    many = [Someone(f"会員 {number}", is_listed=True) for number in range(40)]
    found = pages(sheet.pdf(many, title="参加者名簿", **HEAD))
    assert [page[1] for page in found] == ["参加者名簿"] * 3
    assert [line for page in found for line in page if line.startswith("会員")] == [one.name for one in many]


@pytest.fixture
def full(make_session: Callable[..., Session], hana: Member, ken: Member) -> Session:
    session = make_session(number=132)
    for member in (hana, ken):
        member.industry_level = member.role_level = 0
        member.save()
        session.rsvp(member, "ACCEPTED", now=timezone.now())
    session.add_friend(hana, "友田 一", yomi="ともだ はじめ", now=timezone.now())
    return session


def test_a_trade_that_is_not_for_the_room_is_on_no_paper(full: Session, hana: Member) -> None:
    assert [(one.name, one.line) for one in people(full)] == [
        ("ken", ""),
        ("hana", ""),
        ("友田 一", "hanaさんのお連れ"),
    ]
    hana.role_level = 3
    hana.save()
    assert {one.name: one.line for one in people(full)} == {
        hana.name: "食品の流通",
        "友田 一": f"{hana.name}さんのお連れ",
        "ken": "",
    }


def test_friends_stand_beside_those_they_come_with_and_at_their_table(full: Session, kosuke: Member) -> None:
    seating.plan(full, now=timezone.now(), actor=kosuke)
    found = people(full)
    assert {one.table for one in found} == {1}
    assert [one.scan != "" for one in found if one.with_whom] == [False]


def test_the_papers_cost_the_same_for_thirty(client: Client, make_session: Callable[..., Session],
    kosuke: Member, person: Callable[..., Member]) -> None:  # fmt: skip
    session = make_session(capacity=40)
    client.force_login(kosuke)
    client.get(f"/sessions/{session.code}/papers/")
    for number in range(30):
        session.rsvp(person(f"m{number}"), "ACCEPTED", now=timezone.now())
        if number in (0, 29):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(f"/sessions/{session.code}/papers/").status_code == 200
            assert len(asked) == 7
    assert len(pages(client.get(f"/sessions/{session.code}/papers/badges.pdf").content)) == 3


def test_papers_are_kept_by_nobody_and_named_by_their_day(
    client: Client, make_session: Callable[..., Session], kosuke: Member
) -> None:
    session = make_session(starts_at=timezone.now() + timedelta(days=3))
    client.force_login(kosuke)
    response = client.get(f"/sessions/{session.code}/papers/people.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"] == f'inline; filename="{session.local_start:%Y-%m-%d}-people.pdf"'
