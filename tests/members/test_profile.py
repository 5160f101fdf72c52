"""The short profile: joining, what is refused and how, who may see it."""

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from members import collation
from members.levels import Level
from members.models import Block, Member

GIVEN = {
    "name": "有馬 花",
    "yomi": "ありま はな",
    "romaji": "Hana Arima",
    "industry": "I",
    "role": "食品の流通",
    "one_line": "魚を東京へ運んでいます。",
    "ask_me": "食品の流通",
    "want_to_learn": "統計の読み方",
    "listed": "on",
}


@pytest.fixture
def newcomer(db: None) -> Member:
    return Member.objects.create_user("new@example.com")


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_sending_the_profile_for_the_first_time_is_joining(newcomer: Member) -> None:
    with time_machine.travel(datetime.fromisoformat("2026-12-10T07:00:00+09:00"), tick=False):
        client = of(newcomer)
        response = client.post("/profile/", GIVEN)
        now = timezone.now()
    saved = Member.objects.get(pk=newcomer.pk)
    assert response["Location"] == "/"
    assert {name: getattr(saved, name) for name in GIVEN if name != "listed"} == {
        name: text for name, text in GIVEN.items() if name != "listed"
    }
    assert (saved.joined_at, saved.listed_at, saved.reading) == (now, now, collation.key("ありま はな"))


def test_whoever_joins_meets_a_few_lines_and_the_rest_once_there(newcomer: Member) -> None:
    client = of(newcomer)
    later = ('name="preset"', "/profile/mails/", "/calendar/")
    first = client.get("/profile/").content.decode()
    assert ([one in first for one in later], '<details class="details" id="photo">' in first) == ([False] * 3, True)
    client.post("/profile/", GIVEN)
    mine = client.get("/profile/").content.decode()
    assert ([one in mine for one in later], 'id="photo"' in mine) == ([True] * 3, False)


def test_changing_it_later_keeps_when_one_joined_and_agreed(newcomer: Member) -> None:
    client = of(newcomer)
    client.post("/profile/", GIVEN)
    first = Member.objects.get(pk=newcomer.pk)
    assert client.post("/profile/", GIVEN | {"role": "魚"})["Location"] == "/profile/"
    second = Member.objects.get(pk=newcomer.pk)
    assert (second.role, second.joined_at, second.listed_at) == ("魚", first.joined_at, first.listed_at)


def test_the_consent_can_be_taken_back(newcomer: Member) -> None:
    client = of(newcomer)
    client.post("/profile/", GIVEN)
    client.post("/profile/", {name: text for name, text in GIVEN.items() if name != "listed"})
    assert Member.objects.get(pk=newcomer.pk).listed_at is None


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "お名前をお書きください。"),
        ("name", "\u200e\u202e", "お名前をお書きください。"),
        ("name", "花" * 81, "80"),
        ("yomi", "有馬 花", "よみは、ひらがなかカタカナでお書きください。"),
        ("romaji", "はな", "Hana Arima のように、ローマ字でお書きください。"),
        ("industry", "", "いちばん近いものをお選びください。"),
        ("industry", "Z", "Z"),
        ("one_line", "あ" * 121, "120"),
    ],
)
def test_what_cannot_be_taken_is_explained_and_kept(newcomer: Member, field: str, typed: str, said: str) -> None:
    response = of(newcomer).post("/profile/", GIVEN | {field: typed})
    form, page = response.context["form"], response.content.decode()
    assert (list(form.errors), said in str(form.errors[field])) == ([field], True)
    kept = GIVEN | {field: typed}
    shown = {name: form[name].value() for name in kept if name != "listed"}
    assert shown == {name: text for name, text in kept.items() if name != "listed"}
    assert escape(GIVEN["want_to_learn"]) in page
    assert Member.objects.get(pk=newcomer.pk).joined_at is None


def test_control_characters_never_reach_the_books(newcomer: Member) -> None:
    of(newcomer).post("/profile/", GIVEN | {"role": "食品\x0bの\u202e流通"})
    assert Member.objects.get(pk=newcomer.pk).role == "食品 の 流通"


def test_only_what_the_page_asks_for_can_be_changed(newcomer: Member) -> None:
    hidden: dict[str, Any] = {"is_staff": "on", "email": "other@example.com", "code": "aaaaaaaaaa", "is_superuser": "1"}
    of(newcomer).post("/profile/", GIVEN | hidden)
    saved = Member.objects.get(pk=newcomer.pk)
    assert (saved.is_staff, saved.is_superuser, saved.email, saved.code) == (
        False, False, "new@example.com", newcomer.code,
    )  # fmt: skip


def test_after_joining_one_is_where_one_wanted_to_go(newcomer: Member) -> None:
    assert of(newcomer).post("/profile/", GIVEN | {"next": "/about/"})["Location"] == "/about/"


def test_joining_leads_to_no_other_site(newcomer: Member) -> None:
    assert of(newcomer).post("/profile/", GIVEN | {"next": "//evil.test/"})["Location"] == "/"


def test_members_see_each_other(hana: Member, ken: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(name_level=Level.MEMBERS)
    page = of(ken).get(hana.get_absolute_url()).content.decode()
    shown = ["食品の流通", "統計の読み方", "<ruby>hana<rt>はな</rt></ruby>"]
    assert [text for text in shown if text not in page] == []
    assert hana.email not in page


def test_who_has_not_joined_tells_first_who_they_are(newcomer: Member, hana: Member) -> None:
    response = of(newcomer).get(hana.get_absolute_url())
    assert response["Location"] == f"/profile/?next=%2Fmembers%2F{hana.code}%2F"


def test_who_has_not_joined_has_no_page(newcomer: Member, hana: Member) -> None:
    assert of(hana).get(newcomer.get_absolute_url()).status_code == 404


def test_a_block_hides_both_from_each_other(hana: Member, mallory: Member, ken: Member) -> None:
    Member.objects.update(name_level=Level.MEMBERS)
    Block.objects.create(member=hana, other=mallory)
    seen = {
        (viewer.name, shown.name): of(viewer).get(shown.get_absolute_url()).status_code
        for viewer, shown in [(mallory, hana), (hana, mallory), (ken, hana), (ken, mallory)]
    }
    assert seen == {
        ("mallory", "hana"): 404,
        ("hana", "mallory"): 404,
        ("ken", "hana"): 200,
        ("ken", "mallory"): 200,
    }


def test_the_language_is_kept_for_the_browser_and_for_the_member(hana: Member) -> None:
    client = of(hana)
    response = client.post("/language/", {"language": "en", "next": "/about/"})
    assert (response["Location"], client.cookies["lang"].value) == ("/about/", "en")
    assert Member.objects.get(pk=hana.pk).language == "en"
    assert 'lang="en"' in client.get("/about/").content.decode()


def test_a_language_there_is_not_changes_nothing(hana: Member) -> None:
    client = of(hana)
    client.post("/language/", {"language": "xx", "next": "https://evil.test/"})
    assert ("lang" in client.cookies, Member.objects.get(pk=hana.pk).language) == (False, "ja")


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"])
def test_choosing_a_language_leads_to_no_other_site(db: None, target: str) -> None:
    assert Client().post("/language/", {"language": "en", "next": target})["Location"] == "/"
