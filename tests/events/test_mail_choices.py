"""Which mails come: chosen from any mail without signing in, asked when a mail goes out and not before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import ReminderRule, Series, Session
from events.models.reminder import MONTHLY, begin_with, due_at
from events.pages import mails as page
from events.reminders import carry_out
from members import links
from members.models import Club, Member
from outbox import stops
from outbox.models import Delivery
from outbox.sending import send_due
from outbox.stops import Stop
from outbox.topics import ALWAYS, OF_THE_CLUB, PER_SERIES, WORDS, Topic

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)
ASKED = START - timedelta(days=3)


@pytest.fixture(autouse=True)
def _kept_in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def morning(club: Club, series: Series, make_session: Callable[..., Session]) -> Session:
    begin_with(series, MONTHLY)
    return make_session(starts_at=START)


def still_coming(session: Session, member: Member) -> mail.EmailMessage:
    """The mail of three days before."""
    session.rsvp(member, "ACCEPTED", now=START - timedelta(days=20))
    Delivery.objects.all().delete()
    moment = due_at(ReminderRule.objects.get(template="still_coming"), session)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        send_due()
    return mail.outbox[-1]


def path(letter: mail.EmailMessage) -> str:
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return urlsplit(letter.extra_headers["List-Unsubscribe"].strip("<>")).path


@pytest.fixture
def asked() -> Any:
    with time_machine.travel(ASKED + timedelta(hours=6), tick=False):
        yield


def test_one_click_of_a_mail_program_stops_mails_like_this_one_and_nothing_else(
    morning: Session, hana: Member, asked: None
) -> None:
    address, stranger = path(still_coming(morning, hana)), Client(enforce_csrf_checks=True)
    assert "これを止める" in stranger.get(address).content.decode()
    assert Stop.objects.count() == 0
    for _time in range(2):
        assert stranger.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert list(Stop.objects.values_list("address", "topic", "about")) == [
        ("hana@example.com", "remind", f"series:{morning.series_id}")
    ]
    assert (morning.series.role_of(hana), morning.rsvps.get().is_seated) == ("member", True)


def test_what_was_stopped_is_not_sent_though_it_was_owed_before(morning: Session, hana: Member) -> None:
    morning.rsvp(hana, "ACCEPTED", now=START - timedelta(days=20))
    Delivery.objects.all().delete()
    moment = due_at(ReminderRule.objects.get(template="still_coming"), morning)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        Stop.objects.stop("Hana@example.com", [("remind", f"series:{morning.series_id}")], now=moment)
        assert send_due() == 0
    assert [row.drop_reason for row in Delivery.objects.filter(to=hana.email)] == ["unsubscribed"]


def test_what_was_stopped_in_another_series_still_comes(morning: Session, hana: Member) -> None:
    Stop.objects.stop(hana.email, [("remind", "series:0"), ("invite", f"series:{morning.series_id}")], now=START)
    assert still_coming(morning, hana).to == [hana.email]


def test_what_always_comes_cannot_be_stopped(db: None) -> None:
    Stop.objects.stop("hana@example.com", [(topic.value, "") for topic in Topic], now=START)
    stopped = set(Stop.objects.values_list("topic", flat=True))
    assert stopped == {topic.value for topic in (*PER_SERIES, *OF_THE_CLUB)}


def test_every_topic_a_member_may_meet_stands_on_the_page_once() -> None:
    assert sorted([*ALWAYS, *PER_SERIES, *OF_THE_CLUB, Topic.GUEST, Topic.FRIEND]) == sorted(Topic)
    assert set(WORDS) == set(Topic) - {Topic.GUEST, Topic.FRIEND}


def test_the_page_keeps_what_is_ticked_and_stops_the_rest(morning: Session, hana: Member, asked: None) -> None:
    address, client = path(still_coming(morning, hana)).removesuffix("stop/"), Client()
    shown = [choice.value for group in page.of(hana).groups for choice in group.choices]
    wanted = [value for value in shown if value not in {f"letter series:{morning.series_id}", "memory"}]
    assert client.post(address, {"shown": shown, "wanted": wanted}).status_code == 200
    assert Stop.objects.of(hana.email) == {("letter", f"series:{morning.series_id}"), ("memory", "")}
    client.post(address, {"shown": shown, "wanted": shown})
    assert Stop.objects.of(hana.email) == set()
    client.post(address, {"shown": shown, "wanted": shown, "none": "1"})
    assert len(Stop.objects.of(hana.email)) == len(PER_SERIES) + len(OF_THE_CLUB)


def test_what_the_page_did_not_show_stays_as_it_is(hana: Member, series: Series) -> None:
    Stop.objects.stop(hana.email, [("intro", "")], now=START)
    page.keep(hana, ["memory"], ["intro", "memory"], now=START)
    assert Stop.objects.of(hana.email) == {("intro", "")}


@pytest.mark.parametrize(
    "value", ["seat", "account", "remind", "remind series:", "remind series:x", "intro series:1", "letter club:1", ""]
)
def test_a_box_that_is_on_no_page_does_nothing(hana: Member, value: str) -> None:
    page.keep(hana, [value], [], now=START)
    assert Stop.objects.count() == 0


def test_on_ones_own_page_the_same_is_chosen_signed_in(client: Client, series: Series, hana: Member) -> None:
    client.force_login(hana)
    shown = client.get("/profile/mails/").content.decode()
    for words in ("朝食会", "月のたより", "お席のことと、参加する回の変更", "hana@example.com に届くメール"):
        assert (words, words in shown) == (words, True)
    client.post("/profile/mails/", {"shown": ["memory"]})
    assert Stop.objects.of(hana.email) == {("memory", "")}


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_the_same_for_one_series_and_for_thirty(
    client: Client, series: Series, hana: Member, number: int
) -> None:
    for count in range(number - 1):
        Series.objects.create(slug=f"s{count}", name=f"{count}", starts_on=series.starts_on, at=series.at).join(
            hana, now=START
        )
    client.force_login(hana)
    with CaptureQueriesContext(connection) as seen:
        assert client.get("/profile/mails/").status_code == 200
    assert len(seen) == 7  # session, member, address, stops, series; in the frame: whether a host, the club


@pytest.mark.parametrize("change", ["gone", "changed", "old", "tampered", "another purpose", "no mail"])
def test_a_link_that_is_no_key_opens_nothing(morning: Session, hana: Member, change: str) -> None:
    address = path(still_coming(morning, hana))
    at = ASKED
    match change:
        case "gone":
            Member.objects.update(is_active=False)
        case "changed":
            Member.objects.filter(pk=hana.pk).update(email="new@example.com")
        case "old":
            at += stops.LINKS_FOR + timedelta(days=1)
        case "tampered":
            address = address.replace("/mails/e", "/mails/f")
        case "another purpose":
            payload = {"d": 1, "s": [], "u": 9e9}
            address = f"/mails/{links.sign('rsvp', payload, until=START)}/stop/"
        case "no mail":
            Delivery.objects.all().delete()
    with time_machine.travel(at, tick=False):
        for response in (Client().get(address), Client().post(address)):
            assert response.status_code == 404
    assert Stop.objects.count() == 0


def test_who_leaves_on_the_page_of_the_series_belongs_no_more_and_a_host_stays(
    client: Client, series: Series, hana: Member, kosuke: Member
) -> None:
    for member in (hana, kosuke):
        client.force_login(member)
        client.post("/series/breakfast/leaving/")
    assert (series.role_of(hana), series.role_of(kosuke)) == ("", "owner")
