"""Wherever somebody is drawn, their photo stands: for who may see it, and nowhere for who may not."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from events.models import Attendance, Partstat, Session
from introductions import consent, links
from introductions.acquaintance import Exchange
from introductions.asks import Ask, Reply
from introductions.favours import Favour
from introductions.lookouts import Lookout
from introductions.models import Introduction, Round
from introductions.table_seats import TableSeat
from members.levels import Level
from members.models import Member
from records.models import Takeaway
from tests.events.pages import statements, text
from tests.records.photos import photo

pytestmark = pytest.mark.usefixtures("media")


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def past(make_session: Callable[..., Session]) -> Session:
    start = timezone.now() - timedelta(days=2)
    return make_session(starts_at=start, roster_closed_at=start + timedelta(hours=2), number=None)


@pytest.fixture
def pages(session: Session, past: Session, hana: Member, ken: Member, kosuke: Member) -> dict[str, tuple[Member, str]]:
    """Who reads which page on which hana is drawn. She and ken sat together and exchanged cards; kosuke hosts."""
    now = timezone.now()
    until = {"until": now + timedelta(days=7), "ends_at": now + timedelta(days=15)}
    for one in (hana, ken):
        consent.give(one, now=now)
        Attendance.objects.create(session=past, member=one)
        session.rsvp(one, Partstat.ACCEPTED, now=now)
        TableSeat.objects.create(session=session, rsvp=session.rsvps.get(member=one), table_no=1)
    for one, other in ((hana, ken), (ken, hana)):
        Exchange.objects.create(member=one, other=other)
    Takeaway.objects.create(session=past, member=hana, text="一行", audience="members", signed="name")
    round_ = Round.objects.create(session=past, seed="", released_at=now)
    first, second = sorted((hana, ken), key=lambda one: one.pk)
    asked = Introduction.objects.create(
        round=round_, first=first, second=second, value=1, terms={"other_trade": 1},
        asked_at=now, answer_until=now + timedelta(days=7),
    )  # fmt: skip
    favour = Favour.objects.create(asker=hana, connector=ken, subject="お米", why="知りたい", **until)
    ask = Ask.objects.create(asker=hana, question="お米のこと", until=until["until"])
    Reply.objects.create(ask=ask, member=ken, words=["お米"], asked_at=now)
    Member.objects.filter(pk=hana.pk).update(listed_at=now, name_level=Level.MEMBERS)
    Attendance.objects.create(session=past, member=kosuke)
    kosuke.is_staff = True
    kosuke.save()
    return {
        "her page": (ken, hana.get_absolute_url()),
        "the directory": (kosuke, "/members/"),
        "who comes": (ken, session.get_absolute_url()),
        "who was there, and a line of hers": (ken, past.get_absolute_url()),
        "introductions": (ken, "/introductions/"),
        "the question of a mail": (ken, urlsplit(links.answer_link(asked, ken)).path),
        "my circle": (ken, "/circle/"),
        "her card": (ken, f"/met/{hana.code}/"),
        "whose card": (ken, f"/sessions/{past.code}/cards/"),
        "a favour": (ken, f"/favours/{favour.code}/"),
        "favours": (ken, "/favours/"),
        "a question": (ken, f"/asks/{ask.code}/"),
        "questions": (ken, "/asks/"),
        "the pairs": (kosuke, f"/sessions/{past.code}/introductions/"),
        "the list at the door": (kosuke, f"/sessions/{session.code}/roster/"),
        "the list that is closed": (kosuke, f"/sessions/{past.code}/roster/"),
        "the till": (kosuke, f"/sessions/{past.code}/fees/"),
    }


def drawing(pages: dict[str, tuple[Member, str]], hana: Member) -> list[str]:
    """On which of the pages a browser is told to ask for her photo. Each answers."""
    answers = {name: of(reader).get(url) for name, (reader, url) in pages.items()}
    assert {name: one.status_code for name, one in answers.items() if one.status_code != 200} == {}
    asked = f'src="/members/{hana.code}/photo/'
    return [name for name, one in answers.items() if asked in one.content.decode()]


def test_her_photo_stands_on_every_page_she_is_drawn_on(pages, hana: Member) -> None:
    assert drawing(pages, hana) == []
    hana.put_photo(ContentFile(photo().read()))
    Member.objects.filter(pk=hana.pk).update(photo_level=Level.MEMBERS)
    assert drawing(pages, hana) == list(pages)
    Member.objects.filter(pk=hana.pk).update(photo_level=Level.NOBODY)
    assert drawing(pages, hana) == []


def test_a_level_between_draws_her_for_the_nearer_reader_alone(pages, hana: Member) -> None:
    """What ken agreed to be introduced to, or was asked, is no card exchanged: hosts alone see it."""
    hana.put_photo(ContentFile(photo().read()))
    Member.objects.filter(pk=hana.pk).update(photo_level=Level.HOSTS)
    kosukes = ["the directory", "the pairs", "the list at the door", "the list that is closed", "the till"]
    assert drawing(pages, hana) == kosukes


def test_this_morning_shows_the_faces_at_my_table_and_whom_to_look_for(
    pages, session: Session, hana: Member, ken: Member
) -> None:
    first, second = sorted((hana, ken), key=lambda one: one.pk)
    Exchange.objects.all().delete()
    Lookout.objects.create(session=session, first=first, second=second, value=1, terms={"other_trade": 1})
    hana.put_photo(ContentFile(photo().read()))
    Member.objects.filter(pk=hana.pk).update(photo_level=Level.MORNING)
    with time_machine.travel(session.starts_at - timedelta(minutes=20)):
        page = text(of(ken), f"/sessions/{session.code}/morning/")
    assert page.count(f'src="/members/{hana.code}/photo/small.jpg?') == 2


def test_without_being_signed_in_a_mails_page_lets_no_browser_ask(pages, hana: Member) -> None:
    """Whoever holds the link is not asked who they are; the photo would not be answered."""
    hana.put_photo(ContentFile(photo().read()))
    Member.objects.filter(pk=hana.pk).update(photo_level=Level.MEMBERS)
    _reader, url = pages["the question of a mail"]
    answer = Client().get(url)
    assert (answer.status_code, "/photo/" in answer.content.decode()) == (200, False)


def test_faces_of_who_comes_cost_no_query(session: Session, hana: Member, person: Callable[..., Member]) -> None:
    cost = {}
    session.capacity = 50
    session.save()
    for number in (0, 1, 10):
        while Member.objects.exclude(photo_small="").count() < number:
            one = person(f"guest{Member.objects.count()}", listed_at=timezone.now(), photo_small="photos/a.jpg")
            Member.objects.filter(pk=one.pk).update(name_level=Level.MEMBERS)
            session.rsvp(one, Partstat.ACCEPTED, now=timezone.now())
        session.rsvp(hana, Partstat.ACCEPTED, now=timezone.now())
        client = of(hana)
        client.get(session.get_absolute_url())
        status, cost[number] = statements(lambda client=client: client.get(session.get_absolute_url()))
        assert status == 200
    assert (cost[1] - cost[0], cost[10] - cost[1]) == (0, 0)
