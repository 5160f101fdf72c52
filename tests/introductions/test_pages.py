"""My page, an answer from a mail, the host's look: what each shows, takes and refuses."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from events import nights
from events.models import Attendance, Membership, Session
from introductions import consent, links, pages, rounds
from introductions.models import Introduction, Round
from introductions.pauses import Pause
from members.levels import Level
from members.links import sign
from members.models import Block, Consent, Member

NOW = timezone.now
PAGE = "/introductions/"


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def text(client: Client, url: str = PAGE) -> str:
    """What is read on a page, in one line."""
    main = client.get(url).content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main.split(">", 1)[1]).split())


def link(introduction: Introduction, member: Member) -> str:
    introduction.refresh_from_db()
    return links.answer_link(introduction, member).removeprefix("http://localhost:8000")


# Being asked whether one wants to be introduced


def test_one_is_asked_once_and_can_change_it_at_any_time(hana: Member) -> None:
    client = of(hana)
    question, again = "ご紹介してもよいですか", "ご紹介を受ける"
    assert [words in text(client) for words in (question, again)] == [True, False]
    client.post("/introductions/consent/", {"agree": "no"})
    assert [words in text(client) for words in (question, again)] == [False, True]
    client.post("/introductions/consent/", {"agree": "yes"})
    assert [words in text(client) for words in (question, again, "紹介を休む")] == [False, False, True]
    assert consent.in_force().get().member == hana
    client.post("/introductions/consent/", {"agree": "no"})
    assert (consent.in_force().count(), Consent.objects.count()) == (0, 2)


def test_a_rest_is_taken_and_ended(hana: Member, agree) -> None:
    agree(hana)
    client = of(hana)
    client.post("/introductions/pause/", {"length": "once"})
    assert ("次の回はお休みです" in text(client), Pause.objects.get().until) == (True, None)
    client.post("/introductions/pause/", {"length": "while"})
    assert (Pause.objects.get().until - NOW()).days == 90
    assert "までお休みです" in text(client)
    client.post("/introductions/pause/", {"length": "none"})
    assert (Pause.objects.count(), "紹介を休む" in text(client)) == (0, True)


@pytest.mark.parametrize("page", ["consent", "pause"])
def test_a_word_that_is_none_changes_nothing(hana: Member, page: str) -> None:
    response = of(hana).post(f"/introductions/{page}/", {"agree": "maybe", "length": "century"})
    assert (response.status_code, Consent.objects.count(), Pause.objects.count()) == (422, 0, 0)


# Proposals


def test_a_proposal_is_one_question_with_its_reasons(asked: Introduction, hana) -> None:
    client = of(hana)
    shown = text(client)
    assert "ご提案 " in shown
    assert "ken" in shown
    assert "「統計の読み方」を知りたい、とお書きでした。" in shown
    assert "example.com" not in shown
    html = client.get(PAGE).content.decode()
    assert (html.count("button--act"), html.count('name="answer"')) == (1, 2)


def test_of_two_proposals_the_first_is_asked(make_morning, person, agree, hana) -> None:
    ken, mallory = person("ken2", industry="A"), person("mallory2", industry="D")
    agree(hana, ken, mallory)
    session = make_morning(hana, ken, mallory)
    round_ = rounds.compute(session, now=NOW())
    assert round_
    round_.release(now=NOW(), actor=None)
    client = of(hana)
    assert "ご提案、2人のうち1人目" in text(client)
    assert client.get(PAGE).content.decode().count("button--act") == 1


def test_answers_lead_from_the_question_to_waiting_to_the_address(asked: Introduction, hana, ken) -> None:
    client = of(hana)
    response = client.post(f"/introductions/{asked.code}/answer/", {"answer": "yes"})
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert ("お相手の返事を待っています" in text(client), "ken@example.com" in text(client)) == (True, False)
    of(ken).post(f"/introductions/{asked.code}/answer/", {"answer": "yes"})
    assert 'href="mailto:ken@example.com"' in client.get(PAGE).content.decode()
    assert 'href="mailto:hana@example.com"' in of(ken).get(PAGE).content.decode()


def test_a_no_is_off_the_page(asked: Introduction, hana) -> None:
    client = of(hana)
    client.post(f"/introductions/{asked.code}/answer/", {"answer": "no"})
    assert "ken" not in text(client)


def test_what_is_waited_for_leaves_the_page_when_the_time_is_over(asked: Introduction, hana) -> None:
    asked.answer(hana, yes=True, now=NOW())
    Introduction.objects.update(answer_until=NOW())
    assert "ken" not in text(of(hana))


@pytest.mark.parametrize("what", ["block", "blocked", "consent", "account", "dropped", "not asked"])
def test_what_must_not_be_seen_is_not_there(asked: Introduction, hana, ken, what: str) -> None:
    assert "ken" in text(of(hana))
    hide(what, hana, ken)
    assert "ken" not in text(of(hana))
    assert of(hana).post(f"/introductions/{asked.code}/answer/", {"answer": "yes"}).status_code == 404
    assert Client().get(link(asked, hana)).status_code == 404
    assert Introduction.objects.get().first_answer == ""


def hide(what: str, hana: Member, ken: Member) -> None:
    if what in {"block", "blocked"}:
        one, other = (hana, ken) if what == "block" else (ken, hana)
        Block.objects.create(member=one, other=other)
    elif what == "consent":
        consent.refuse(ken, now=NOW())
    elif what == "account":
        Member.objects.filter(pk=ken.pk).update(is_active=False)
    elif what == "dropped":
        Introduction.objects.update(dropped_at=NOW())
    else:
        Introduction.objects.update(asked_at=None)


def test_others_see_and_answer_nothing_of_it(asked: Introduction, mallory) -> None:
    assert "ken" not in text(of(mallory))
    assert of(mallory).post(f"/introductions/{asked.code}/answer/", {"answer": "yes"}).status_code == 404


def test_an_answer_that_is_none_or_late_says_so(asked: Introduction, hana) -> None:
    client, url = of(hana), f"/introductions/{asked.code}/answer/"
    assert client.post(url, {"answer": ""}).status_code == 422
    Introduction.objects.update(answer_until=NOW())
    response = client.post(url, {"answer": "yes"})
    assert (response.status_code, "お返事の期限が過ぎました" in response.content.decode()) == (409, True)


# Answering from the mail


def test_the_link_shows_by_get_and_acts_by_post_without_signing_in(asked: Introduction, hana, ken) -> None:
    client, url = Client(), link(asked, hana)
    response = client.get(url)
    assert (response.status_code, response["Referrer-Policy"]) == (200, "strict-origin")
    assert Introduction.objects.get().first_answer == ""
    assert client.post(url, {"answer": "yes"})["Location"] == url
    assert (Introduction.objects.get().first_answer, "お相手の返事を待っています" in text(client, url)) == ("yes", True)
    client.post(url, {"answer": "no"})
    assert (Introduction.objects.get().first_answer, "相手には伝わりません" in text(client, url)) == ("no", True)
    client.post(url, {"answer": "yes"})
    asked.answer(ken, yes=True, now=NOW())
    assert ("お二人とも「はい」でした" in text(client, url), "example.com" in text(client, url)) == (True, False)


def test_the_link_says_when_the_time_is_over(asked: Introduction, hana) -> None:
    Introduction.objects.update(answer_until=NOW() - timedelta(minutes=1))
    client, url = Client(), link(asked, hana)
    assert "お返事の期限が過ぎました" in text(client, url)
    assert client.post(url, {"answer": "yes"}).status_code == 409
    assert client.post(url, {"answer": "?"}).status_code == 422


def test_a_link_of_another_kind_or_person_or_made_void_opens_nothing(asked: Introduction, hana, mallory) -> None:
    until = NOW() + timedelta(days=1)
    payload = {"i": asked.pk, "m": hana.pk, "v": hana.link_version}
    forged = [
        sign("rsvp", payload, until=until),
        sign("intro", {**payload, "m": mallory.pk}, until=until),
        sign("intro", {**payload, "v": 0}, until=until),
        sign("intro", payload, until=NOW() - timedelta(seconds=2)),
        "nonsense",
    ]
    assert [Client().get(f"/introductions/answer/{token}/").status_code for token in forged] == [404] * 5
    assert Client().get(f"/introductions/answer/{sign('intro', payload, until=until)}/").status_code == 200


# People I've met


@pytest.fixture
def listed(hana, ken, mallory) -> None:
    Member.objects.update(name_level=Level.MORNING)


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("ja", "3人 (同じ朝の多い順) 、 うち1人は一年お会いしていません"),
        ("en", "3 people (most mornings together first) , 1 of them not for a year"),
    ],
)
def test_whom_one_met_most_comes_first_and_the_heading_says_so(
    listed, make_morning, person, hana, ken, mallory, language: str, note: str
) -> None:
    make_morning(hana, mallory, days=3)
    make_morning(hana, person("abe", yomi="あべ", name_level=Level.MORNING), days=5)
    for days in (400, 500):
        make_morning(hana, ken, days=days)
    assert [(one.member.name, one.times) for one in pages.met(hana, now=NOW())] == [
        ("ken", 2), ("abe", 1), ("mallory", 1)
    ]  # fmt: skip
    client = of(hana)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert note.replace(" ", "") in text(client).replace(" ", "")


def test_the_same_morning_shows_who_lets_the_room_see(listed, make_morning, hana, ken, mallory, kosuke) -> None:
    Member.objects.filter(pk=kosuke.pk).update(name_level=Level.CARDS)
    make_morning(hana, ken, mallory, kosuke, days=40)
    make_morning(hana, ken, days=10)
    make_morning(ken, mallory, days=5)
    found = pages.met(hana, now=NOW())
    assert [(one.member.name, one.times, one.is_long_ago) for one in found] == [
        ("ken", 2, False),
        ("mallory", 1, False),
    ]
    shown = text(of(hana))
    assert ("2人" in shown, "2回おなじ朝に" in shown, "kosuke" in shown, "example.com" in shown) == (
        True, True, False, False
    )  # fmt: skip


def test_an_open_list_an_absence_and_a_block_show_nobody(listed, make_morning, hana, ken, mallory) -> None:
    # Names that every member may see: what is asked is whom one has met.
    Member.objects.update(name_level=Level.MEMBERS)
    make_morning(hana, ken, roster_closed_at=None)
    missed = make_morning(hana)
    Attendance.objects.create(session=missed, member=ken, status="absent")
    absent = make_morning(ken)
    Attendance.objects.create(session=absent, member=hana, status="absent")
    assert pages.met(hana, now=NOW()) == []
    make_morning(hana, ken, mallory)
    assert [one.member.name for one in pages.met(hana, now=NOW())] == ["ken", "mallory"]
    Block.objects.create(member=hana, other=ken)
    Block.objects.create(member=mallory, other=hana)
    assert [pages.met(one, now=NOW()) for one in (hana,)] == [[]]
    assert [one.member.name for one in pages.met(ken, now=NOW())] == ["mallory"]


def test_whom_one_has_not_seen_for_a_year_is_said(listed, make_morning, hana, ken) -> None:
    make_morning(hana, ken, days=366)
    shown = text(of(hana))
    assert ("うち1人は一年お会いしていません" in shown, "一年お会いしていません。" in shown) == (True, True)


@pytest.mark.parametrize(("language", "month"), [("ja", "2026年4月"), ("en", "Apr 2026")])
def test_a_month_is_that_of_the_place(language: str, month: str) -> None:
    with translation.override(language):
        assert pages.month(datetime.fromisoformat("2026-03-31T22:00:00+00:00")) == month


def test_the_people_come_in_pages(listed, make_morning, person, hana) -> None:
    make_morning(hana, *[person(f"member{number:02}", name_level=Level.MORNING) for number in range(50)])
    client = of(hana)
    assert [client.get(f"{PAGE}?page={n}").content.decode().count('class="memory"') for n in (1, 2, 3)] == [24, 24, 2]
    assert client.get(f"{PAGE}?page=x").status_code == 200


@pytest.mark.parametrize("number", [1, 30])
def test_my_page_costs_the_same_for_one_and_for_thirty(
    listed, make_morning, person, agree, hana, number: int, django_assert_num_queries
) -> None:
    agree(hana)
    for count in range(number):
        other = person(f"member{count}", name_level=Level.MORNING)
        agree(other)
        round_ = Round.objects.create(session=make_morning(hana, other, days=count), seed="")
        Introduction.objects.create(
            round=round_, first=hana, second=other, value=1, terms={"a_learns": 200}, asked_at=NOW(),
            answer_until=NOW() + timedelta(days=7), first_answer="yes" if count % 2 else "",
        )  # fmt: skip
    client = of(hana)
    with django_assert_num_queries(10):
        client.get(PAGE)


# The host's look


@pytest.fixture
def desk(morning: Session) -> str:
    return f"/sessions/{morning.code}/introductions/"


def test_the_host_sees_pairs_with_reasons_drops_one_and_sends(morning: Session, kosuke, desk: str) -> None:
    client = of(kosuke)
    assert "組み合わせを選んでいます" in text(client, desk)
    client.post(f"{desk}matching/")
    pair = Introduction.objects.get()
    shown = text(client, desk)
    assert ("hanaさんとkenさん" in shown, "hanaさんは「統計の読み方」を知りたい。" in shown, "1組" in shown) == (
        True, True, True
    )  # fmt: skip
    client.post(f"/introductions/{pair.code}/drop/")
    dropped = text(client, desk)
    assert ("1組" in dropped, "この組は外しました。お二人には伺いません。" in dropped) == (False, True)
    alone = [f"{name}さん · 組を外しました" for name in ("hana", "ken")]
    assert [words in dropped for words in alone] == [True, True]
    client.post(f"/introductions/{pair.code}/keeping/")
    assert "組を外しました" not in text(client, desk)
    assert client.post(f"{desk}release/")["Location"] == desk
    pair.refresh_from_db()
    assert (pair.asked_at is not None, "お返事はお二人だけのものです" in text(client, desk)) == (True, True)


@pytest.mark.parametrize(
    ("sent", "japanese", "english"),
    [
        ("2026-11-20T23:30", "明朝7:00にお送りします", "They go out tomorrow morning at 7:00."),
        ("2026-11-21T00:30", "今朝7:00にお送りします", "They go out this morning at 7:00."),
    ],
)
def test_by_night_the_host_reads_when_the_questions_go_and_in_the_morning_that_they_went(
    morning: Session, kosuke, desk: str, sent: str, japanese: str, english: str
) -> None:
    at = datetime.fromisoformat(f"{sent}:00+09:00")
    Session.objects.update(roster_closed_at=at - timedelta(minutes=2))
    with time_machine.travel(at, tick=False):
        rounds.compute(Session.objects.get(pk=morning.pk), now=NOW())
        client = of(kosuke)
        client.post(f"{desk}release/")
        flash, page = text(client, desk), text(client, desk)
        with translation.override("en"):
            assert nights.word(at, morning.zone, now=at) == english
    assert (flash.count(japanese), page.count(japanese), "お二人に伺いました" in page) == (2, 1, False)
    with time_machine.travel(datetime.fromisoformat("2026-11-21T07:00:00+09:00"), tick=False):
        later = text(of(kosuke), desk)
    assert (japanese in later, "どの組も、お二人に伺いました" in later) == (False, True)


def test_the_host_sees_no_answer(asked: Introduction, kosuke, hana, ken) -> None:
    client, url = of(kosuke), f"/sessions/{asked.round.session.code}/introductions/"
    before = text(client, url)
    asked.answer(hana, yes=True, now=NOW())
    asked.answer(ken, yes=False, now=NOW())
    assert text(client, url) == before


def test_the_host_hears_who_got_nobody_and_why(make_morning, agree, hana, ken, mallory, kosuke) -> None:
    agree(hana, ken)
    Block.objects.create(member=ken, other=hana)
    session = make_morning(hana, ken, mallory)
    rounds.compute(session, now=NOW())
    shown = text(of(kosuke), f"/sessions/{session.code}/introductions/")
    assert "hanaさん · ほかの方とはもうお知り合いか、ご紹介済みです" in shown
    assert "来た方のうち1人は、今回ご紹介を受けません" in shown
    assert "mallory" not in shown


def test_what_cannot_be_sent_says_why(morning: Session, kosuke, desk: str) -> None:
    client = of(kosuke)
    assert client.post(f"{desk}release/").status_code == 404
    round_ = rounds.compute(morning, now=NOW())
    assert round_
    Session.objects.filter(pk=morning.pk).update(roster_closed_at=None)
    assert client.post(f"{desk}release/").status_code == 409
    assert "どなたが来ましたか" in text(client, desk)
    Session.objects.filter(pk=morning.pk).update(roster_closed_at=morning.roster_closed_at)
    rounds.lapse(round_, now=NOW())
    assert client.post(f"{desk}release/").status_code == 409
    assert "このご提案は期限が過ぎました" in text(client, desk)


def test_only_hosts_of_the_series_come_here(asked: Introduction, hana, mallory, series) -> None:
    Membership.objects.create(series=series, member=mallory, role=Membership.Role.DOOR)
    url = f"/sessions/{asked.round.session.code}/introductions/"
    for one in (hana, mallory):
        client = of(one)
        said = [client.get(url), client.post(f"{url}release/"), client.post(f"{url}matching/")]
        said += [client.post(f"/introductions/{asked.code}/{noun}/") for noun in ("drop", "keeping")]
        assert [response.status_code for response in said] == [404] * 5


@pytest.mark.parametrize("number", [1, 30])
def test_the_hosts_page_costs_the_same_for_one_and_for_thirty(
    make_morning, person, kosuke, number: int, django_assert_num_queries
) -> None:
    session = make_morning()
    round_ = Round.objects.create(session=session, seed="", left_out={str(kosuke.pk): "odd"})
    for count in range(number):
        first, second = person(f"a{count}"), person(f"b{count}")
        Introduction.objects.create(round=round_, first=first, second=second, value=1, terms={"newcomer": 120})
    client = of(kosuke)
    with django_assert_num_queries(8):
        client.get(f"/sessions/{session.code}/introductions/")


def test_after_sending_the_door_cannot_open_the_list_again(asked: Introduction, kosuke) -> None:
    response = of(kosuke).post(f"/sessions/{asked.round.session.code}/roster/reopening/")
    assert (response.status_code, "名簿は締めたままです" in response.content.decode()) == (409, True)
