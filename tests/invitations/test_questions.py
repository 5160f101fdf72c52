"""Questions to a guest: whose name stands beside them, in which order, and what a guest never reads."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events import questions
from events.models import Partstat, Rsvp, Session
from events.questions import Asked
from invitations import link
from invitations.models import Invitation
from members.models import Member

NOW = timezone.now


@pytest.fixture
def asked(session: Session, hana: Member, ken: Member, person) -> Session:
    """hana asks with her name, ken without, a third waits for nothing and asks nothing."""
    for member, text in ((hana, "夜明け前に眠くなりませんか"), (ken, "帳場とは何ですか"), (person("mori"), "")):
        session.rsvp(member, Partstat.ACCEPTED, now=NOW(), question=text)
    questions.sign(Rsvp.objects.get(member=hana), named=True)
    return session


def host(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_a_name_stands_only_beside_the_question_of_who_wanted_it(asked: Session, hana: Member) -> None:
    assert questions.for_guest(asked) == [
        Asked("夜明け前に眠くなりませんか", hana.display_name),
        Asked("帳場とは何ですか"),
    ]


def test_the_guests_page_has_the_name_and_no_other(asked: Session, sent: Invitation, hana: Member, ken: Member) -> None:
    page = Client().get(link.address(sent).removeprefix("http://localhost:8000")).content.decode()
    assert [text in page for text in (hana.name, ken.name, "帳場とは何ですか")] == [True, False, True]


def test_who_asks_chooses_with_the_answer_and_can_choose_anew(session: Session, hana: Member, club) -> None:
    client, url = host(hana), f"/sessions/{session.code}/rsvp/"
    told = []
    for sent in (
        {"question": "眠いですか", "named": "on"},
        {"question": "眠いですか"},
        {"question": "", "named": "on"},
    ):
        assert client.post(url, {"partstat": "ACCEPTED"} | sent).status_code == 302
        told.append(Rsvp.objects.get().question_named)
    assert told == [True, False, False]


def test_an_answer_without_the_form_of_the_question_leaves_it_as_it_was(asked: Session, hana: Member, club) -> None:
    host(hana).post(f"/sessions/{asked.code}/rsvp/", {"partstat": "ACCEPTED"})
    assert Rsvp.objects.filter(member=hana).values_list("question", "question_named").get() == (
        "夜明け前に眠くなりませんか",
        True,
    )


def test_the_host_puts_them_into_order_and_leaves_one_out(asked: Session, kosuke: Member, ken: Member, club) -> None:
    client, mine = host(kosuke), Rsvp.objects.get(member=ken).pk
    for _tap in range(2):
        client.post(f"/sessions/{asked.code}/questions/{mine}/up/")
    assert [one.text for one in questions.for_guest(asked)] == ["帳場とは何ですか", "夜明け前に眠くなりませんか"]
    client.post(f"/sessions/{asked.code}/questions/{mine}/hiding/", {"hidden": "yes"})
    assert [one.text for one in questions.for_guest(asked)] == ["夜明け前に眠くなりませんか"]
    assert "外しました" in client.get(f"/sessions/{asked.code}/questions/").content.decode()
    client.post(f"/sessions/{asked.code}/questions/{mine}/hiding/", {"hidden": "no"})
    assert len(questions.for_guest(asked)) == 2


def test_a_question_of_another_morning_is_not_moved_nor_left_out(
    asked: Session, make_session, kosuke: Member, ken: Member, club
) -> None:
    other = make_session(starts_at=NOW() + timedelta(days=50))
    theirs = Rsvp.objects.get(member=ken).pk
    for verb, sent in (("up", {}), ("hiding", {"hidden": "yes"})):
        host(kosuke).post(f"/sessions/{other.code}/questions/{theirs}/{verb}/", sent)
    assert Rsvp.objects.filter(pk=theirs).values_list("question_place", "question_hidden_at").get() == (None, None)


def test_who_has_no_seat_asks_nobody(asked: Session, ken: Member) -> None:
    asked.rsvp(ken, Partstat.DECLINED, now=NOW())
    assert [one.text for one in questions.for_guest(asked)] == ["夜明け前に眠くなりませんか"]


def test_the_sheet_for_the_guest_has_the_morning_and_the_questions_and_no_list_of_people(
    asked: Session, sent: Invitation, kosuke: Member, hana: Member, ken: Member, club
) -> None:
    sent.accept(how="link", now=NOW())
    page = host(kosuke).get(f"/sessions/{asked.code}/brief/").content.decode()
    said = ("佐藤 朝子 様", "帳場とは何ですか", "夜明け前に眠くなりませんか", hana.name, ken.name, "mori", hana.role)
    assert [text in page for text in said] == [True, True, True, True, False, False, False]


@pytest.mark.parametrize("number", [1, 30])
def test_the_pages_cost_the_same_for_one_question_and_for_thirty(
    session: Session, person, kosuke: Member, club, number: int, django_assert_num_queries
) -> None:
    session.set_capacity(40, now=NOW())
    for n in range(number):
        session.rsvp(person(f"m{n}"), Partstat.ACCEPTED, now=NOW(), question=f"質問{n}")
    client = host(kosuke)
    client.get(f"/sessions/{session.code}/questions/")
    with django_assert_num_queries(5):
        client.get(f"/sessions/{session.code}/questions/")
    with django_assert_num_queries(8):
        client.get(f"/sessions/{session.code}/brief/")
