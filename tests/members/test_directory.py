"""The directory: open from the second morning, in the order of the fifty sounds, at a price that stays the same."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Attendance
from members.concerns import Concern
from members.levels import Level, all_at
from members.models import Block, Member
from tests.events.pages import statements

URL = "/members/"


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def regular(hana: Member, make_session) -> Member:
    """hana has come twice."""
    come(hana, make_session, 2)
    return hana


def come(member: Member, make_session, times: int) -> None:
    for day in range(times):
        start = timezone.now() - timedelta(days=day + 1)
        session = make_session(starts_at=start, roster_closed_at=start, number=None)
        Attendance.objects.create(session=session, member=member)


def names(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/members/\w+/">([^<]+)さん</a>', page)


def looked_up(member: Member, **asked: str) -> list[str]:
    return names(of(member).get(URL, asked).content.decode())


def test_it_opens_with_the_second_morning(hana, make_session) -> None:
    come(hana, make_session, 1)
    first = of(hana).get(URL)
    assert (first.status_code, "二度目の朝から" in first.content.decode()) == (403, True)
    come(hana, make_session, 1)
    assert of(hana).get(URL).status_code == 200


def test_people_stand_in_the_order_of_the_fifty_sounds(regular, person) -> None:
    for name, yomi in (("a", "Abe"), ("c", "かとう"), ("b", "がとう"), ("d", "アオキ"), ("x", "")):
        person(name, yomi=yomi, name_level=Level.MEMBERS)
    assert looked_up(regular) == ["d", "c", "b", "a", "x"]


def test_who_hides_the_name_or_is_kept_apart_is_neither_listed_nor_counted(regular, person) -> None:
    person("narrow", name_level=Level.SERIES)
    kept = person("kept", name_level=Level.MEMBERS)
    person("shown", name_level=Level.MEMBERS)
    Block.objects.create(member=kept, other=regular)
    page = of(regular).get(URL).content.decode()
    assert (names(page), "1人" in page, "3人" in page) == (["shown"], True, False)


def test_of_whom_the_hosts_were_told_is_not_listed_until_one_has_looked(regular, person, kosuke) -> None:
    shown = person("shown", name_level=Level.MEMBERS)
    assert looked_up(regular) == ["shown"]
    concern = Concern.objects.tell(regular, shown, "誘われた", kind="canvassing", named=False, now=timezone.now())
    assert (looked_up(regular), looked_up(regular, q="shown")) == ([], [])
    concern.look("nothing", note="", now=timezone.now(), actor=kosuke)
    assert looked_up(regular) == ["shown"]


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "藍"},
        {"q": "Aoki"},
        {"q": "ｱｵｷ"},
        {"q": "工房"},
        {"industry": "E"},
        {"occupation": "make"},
        {"q": "藍 青木"},
    ],
    ids=str,
)
def test_one_finds_by_what_people_show_and_never_by_what_they_hide(regular, person, asked) -> None:
    told = {
        "yomi": "あおき", "ask_me": "藍の育て方", "organisation": "工房", "industry": "E", "occupation": "make",
    }  # fmt: skip
    person("青木", **told | all_at(Level.MEMBERS))
    person("青木 蓮", **told | all_at(Level.HOSTS) | {"name_level": Level.MEMBERS})
    found = looked_up(regular, **asked)
    by_name = {"Aoki", "ｱｵｷ"} & {asked.get("q", "")}
    assert found == (["青木", "青木 蓮"] if by_name else ["青木"])


def test_a_word_that_is_none_finds_nobody_and_a_trade_that_is_none_is_left_out(regular, person) -> None:
    person("shown", name_level=Level.MEMBERS)
    assert (looked_up(regular, q="%"), looked_up(regular, industry="ZZ")) == ([], ["shown"])


def crowd(number: int) -> None:
    now = timezone.now()
    rows = [
        Member(
            email=f"d{n}@example.com", name=f"会員{n}", yomi="かいいん", joined_at=now, ask_me="お米の話", industry="A",
            **all_at(Level.MEMBERS),
        )
        for n in range(number)
    ]  # fmt: skip
    for row in rows:
        row.complete()
    Member.objects.bulk_create(rows)


@pytest.mark.parametrize("number", [1, 30, 3000])
def test_it_costs_the_same_for_one_for_thirty_and_for_three_thousand(regular, club, number: int) -> None:
    crowd(number)
    client = of(regular)
    client.get(URL)
    assert statements(lambda: client.get(URL, {"q": "お米"})) == (200, 6)


def test_there_is_no_way_to_carry_it_away(regular) -> None:
    for end in ("export/", "members.csv", "?format=csv", "?page=1&per_page=9999"):
        response = of(regular).get(URL + end)
        assert (response.status_code in {302, 404}) or "text/html" in response["Content-Type"]
