"""Whom members would like to hear: who may wish, what is counted where, and how a wish becomes an invitation."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from events.models import Session
from invitations.models import Invitation, Wish
from members.models import Member
from speakers.models import Speaker

NOW = timezone.now
TOLD = {"name": "雨貝 一樹", "book_title": "三割引きの夕方", "why": "売り場の話を聞きたい", "way": "出版社に知り合い"}


def client_of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def page(member: Member) -> str:
    return client_of(member).get("/wishes/").content.decode()


@pytest.fixture
def wish(hana: Member, series, club) -> Wish:
    return Wish.propose(hana, **TOLD, now=NOW())


def test_a_wish_is_proposed_with_its_reason(hana: Member, club) -> None:
    assert client_of(hana).post("/wishes/", TOLD).status_code == 302
    wish = Wish.objects.get()
    assert (wish.name, wish.why, wish.member, wish.supports.count()) == ("雨貝 一樹", "売り場の話を聞きたい", hana, 1)


def test_the_same_name_once_more_is_support(wish: Wish, ken: Member) -> None:
    Wish.propose(ken, **TOLD | {"why": "別の理由"}, now=NOW())
    assert (Wish.objects.count(), wish.supports.count()) == (1, 2)


def test_five_open_wishes_are_enough_and_what_was_typed_stays(hana: Member, club) -> None:
    for n in range(5):
        Wish.propose(hana, **TOLD | {"name": f"著者{n}"}, now=NOW())
    with pytest.raises(ValidationError):
        Wish.propose(hana, **TOLD, now=NOW())
    response = client_of(hana).post("/wishes/", TOLD)
    assert (response.status_code, 'value="雨貝 一樹"' in response.content.decode()) == (422, True)
    assert Wish.objects.count() == 5


def test_a_count_is_shown_from_three(wish: Wish, ken: Member, person) -> None:
    shown = []
    for member in (ken, person("mori")):
        shown.append("人が聞きたい" in page(ken))
        client_of(member).post(f"/wishes/{wish.code}/support/", {"support": "yes"})
    assert (shown, "3人が聞きたいと言っています" in page(ken)) == ([False, False], True)


def test_support_twice_is_once_and_can_be_taken_back(wish: Wish, ken: Member) -> None:
    client, url = client_of(ken), f"/wishes/{wish.code}/support/"
    counts = []
    for said in ("yes", "yes", "no", "no"):
        client.post(url, {"support": said})
        counts.append(wish.supports.count())
    assert counts == [2, 2, 1, 1]


def test_who_proposed_and_the_way_are_for_hosts_alone(wish: Wish, hana: Member, ken: Member, kosuke: Member) -> None:
    seen = [
        [text in page(who) for text in ("出版社に知り合い", f"{hana.name}さんが挙げました")] for who in (ken, kosuke)
    ]
    assert seen == [[False, False], [True, True]]


def test_a_wish_becomes_an_invitation_of_a_session(wish: Wish, kosuke: Member, session: Session) -> None:
    client, url = client_of(kosuke), f"/sessions/{session.code}/invitations/new/?wish={wish.code}"
    shown = client.get(url).content.decode()
    assert [text in shown for text in ('value="雨貝 一樹"', "売り場の話を聞きたい", "出版社に知り合い")] == [True] * 3
    sent = {"name": "雨貝 一樹", "honorific": "san", "email": "a@example.com", "letter_language": "ja"}
    client.post(url, sent | {"book_title": "三割引きの夕方"})
    wish.refresh_from_db()
    assert wish.invitation == Invitation.objects.get()


def test_a_morning_for_which_a_letter_is_out_is_offered_no_more(wish: Wish, kosuke: Member, session: Session) -> None:
    at = f"/sessions/{session.code}/invitations/new/?wish={wish.code}"
    before = at in page(kosuke)
    asked = Invitation.objects.create(session=session, speaker=Speaker.objects.create(name="雨貝 一樹"), host=kosuke)
    states = {}
    for state in ("idea", "asked", "talking", "silent", "declined"):
        Invitation.objects.filter(pk=asked.pk).update(state=state)
        states[state] = at in page(kosuke)
    assert (before, states) == (
        True,
        {"idea": True, "asked": False, "talking": False, "silent": True, "declined": True},
    )


def test_members_do_not_learn_that_an_author_was_asked_before_the_yes(
    wish: Wish, sent: Invitation, ken: Member, kosuke: Member
) -> None:
    wish.become(sent, now=NOW(), actor=kosuke)
    assert ("雨貝 一樹" in page(ken), "お願い中" in page(ken), "お願い中" in page(kosuke)) == (True, False, True)
    sent.accept(how="link", now=NOW())
    assert ("雨貝 一樹" in page(ken), Wish.objects.open().count()) == (False, 0)


def test_who_proposed_takes_it_back_a_host_closes_and_others_may_not(
    wish: Wish, hana: Member, ken: Member, kosuke: Member
) -> None:
    url = f"/wishes/{wish.code}/removal/"
    assert client_of(ken).post(url).status_code == 404
    assert (client_of(kosuke).post(url).status_code, Wish.objects.get().closed_at is not None) == (302, True)
    Wish.objects.update(closed_at=None)
    assert (client_of(hana).post(url).status_code, Wish.objects.count()) == (302, 0)


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_costs_the_same_for_one_wish_and_for_thirty(
    hana: Member, ken: Member, series, club, number: int, django_assert_num_queries
) -> None:
    for n in range(number):
        Wish.objects.create(member=hana, name=f"著者{n}", why="聞きたい")
    client = client_of(ken)
    client.get("/wishes/")
    with django_assert_num_queries(5):
        client.get("/wishes/")
