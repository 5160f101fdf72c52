"""Following an author: an address begins only by its own mail, and hears once when the author is announced."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from events.models import Series, Session, Talk
from invitations import following
from invitations.models import Follower, follower
from outbox.kinds import NotNow, Unwanted
from outbox.models import Delivery
from outbox.rendering import letter as letter_of
from outbox.rendering import render
from speakers.models import Speaker
from tests.crawl import state_of_the_club

NOW = timezone.now
READER = "reader@example.com"


@pytest.fixture
def past(make_session, sato: Speaker, club) -> Session:
    """sato spoke once: there is a page on which to follow."""
    session = make_session(starts_at=NOW() - timedelta(days=30))
    Talk.objects.create(session=session, title="市場の朝").speakers.add(sato)
    return session


@pytest.fixture
def reader(past: Session, sato: Speaker) -> Follower:
    made = Follower.objects.create(speaker=sato, email=READER)
    made.confirm(now=NOW())
    return made


def announce(make_session, sato: Speaker, **fields: object) -> Session:
    session = make_session(starts_at=NOW() + timedelta(days=20), **fields)
    Talk.objects.create(session=session, title="夜明けの帳場").speakers.add(sato)
    return session


def link(of: Follower) -> str:
    return urlsplit(following.address(of, works=timedelta(days=1))).path


def kinds() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("kind", flat=True))


def test_an_address_begins_only_by_the_link_in_its_own_mail(past: Session, sato: Speaker) -> None:
    client = Client()
    assert client.post(f"/guests/{sato.code}/following/", {"email": READER.upper()}).status_code == 302
    made = Follower.objects.get()
    assert (made.email, made.confirmed_at, kinds()) == (READER, None, ["follow.confirm"])
    before = state_of_the_club()
    assert (client.get(link(made)).status_code, state_of_the_club()) == (200, before)
    Client(enforce_csrf_checks=True).post(link(made))
    made.refresh_from_db()
    assert made.confirmed_at is not None


def test_the_answer_is_the_same_for_who_follows_already_and_no_second_mail_goes(reader: Follower) -> None:
    sent = Client().post(f"/guests/{reader.speaker.code}/following/", {"email": READER})
    assert (sent.status_code, kinds(), Follower.objects.count()) == (302, [], 1)


def test_no_address_is_asked_more_than_three_times_a_day(past: Session, sato: Speaker) -> None:
    for n in range(5):
        Follower.objects.ask(Speaker.objects.create(name=f"著者{n}"), READER, language="ja", now=NOW())
    assert kinds() == ["follow.confirm"] * 3
    for _tap in range(3):
        Follower.objects.ask(Speaker.objects.get(name="著者0"), READER, language="ja", now=NOW())
    assert kinds() == ["follow.confirm"] * 3


def test_a_guest_nobody_may_know_of_cannot_be_followed(sato: Speaker, sent) -> None:
    assert Client().post(f"/guests/{sato.code}/following/", {"email": READER}).status_code == 404


def test_a_mistyped_address_is_refused_and_stays(past: Session, sato: Speaker) -> None:
    response = Client().post(f"/guests/{sato.code}/following/", {"email": "reader"})
    assert (response.status_code, 'value="reader"' in response.content.decode()) == (422, True)


def test_who_follows_hears_once_and_no_one_else(reader: Follower, make_session, sato: Speaker) -> None:
    Follower.objects.create(speaker=sato, email="unconfirmed@example.com")
    announce(make_session, sato)
    assert [follower.tell(now=NOW()) for _tick in range(2)] == [1, 0]
    assert list(Delivery.objects.values_list("kind", "to")) == [("follow.announced", READER)]


def test_what_was_announced_before_is_no_news(past: Session, make_session, sato: Speaker) -> None:
    announce(make_session, sato)
    Follower.objects.create(speaker=sato, email=READER).confirm(now=NOW())
    assert follower.tell(now=NOW()) == 0


@pytest.mark.parametrize("fields", [{"published_at": None}, {"cancelled_at": NOW(), "cancel_reason": "台風"}])
def test_a_morning_that_is_not_on_is_not_announced(reader: Follower, make_session, sato: Speaker, fields) -> None:
    announce(make_session, sato, **fields)
    assert follower.tell(now=NOW()) == 0


def test_a_morning_of_a_closed_series_is_not_announced(reader: Follower, make_session, sato: Speaker) -> None:
    announce(make_session, sato)
    Series.objects.update(audience=Series.Audience.MEMBERS)
    assert follower.tell(now=NOW()) == 0


def test_the_mail_names_the_morning_and_how_to_stop(reader: Follower, make_session, sato: Speaker) -> None:
    session = announce(make_session, sato)
    follower.tell(now=NOW())
    owed = Delivery.objects.get()
    noon = session.starts_at.astimezone(session.zone).replace(hour=12) - timedelta(days=10)
    with time_machine.travel(noon):
        mail = render(owed, letter_of(owed))
    assert mail["subject"].startswith("佐藤 朝子先生がいらっしゃいます ")
    said = ("佐藤 朝子先生が朝食会のゲストにいらっしゃいます。", f"/sessions/{session.code}/", "/following/")
    assert [text in mail["text"] for text in said] == [True, True, True]
    with time_machine.travel(noon.replace(hour=23)), pytest.raises(NotNow):
        letter_of(owed)


def test_stopping_deletes_the_address_and_what_was_owed_is_unwanted(
    reader: Follower, make_session, sato: Speaker
) -> None:
    announce(make_session, sato)
    follower.tell(now=NOW())
    url = link(reader)
    for _tap in range(2):
        assert Client(enforce_csrf_checks=True).post(url, {"stop": "1"}).status_code == 200
    assert Follower.objects.count() == 0
    with pytest.raises(Unwanted, match="stopped"):
        letter_of(Delivery.objects.get())


def test_an_address_nobody_confirmed_is_forgotten_after_a_week(sato: Speaker) -> None:
    for days in (6, 8):
        asked = NOW() - timedelta(days=days)
        Follower.objects.create(speaker=sato, email=f"r{days}@example.com", asked_at=asked)
    Follower.objects.stale(NOW()).delete()
    assert Follower.objects.values_list("email", flat=True).get() == "r6@example.com"


def test_a_wrong_link_opens_nothing(reader: Follower) -> None:
    for token in ("x", "None", link(reader).split("/")[-2][:-1]):
        assert (token, Client().get(f"/following/{token}/").status_code) == (token, 404)
