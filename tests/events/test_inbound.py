"""What comes to the club's mailbox: answers given in a calendar, and what a mail service posts."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import calendar_replies, ics, inbound
from events.calendar_replies import Said
from events.models import Session
from members.models import Member
from outbox import bounces, providers, rendering
from outbox.bounces import Taken
from outbox.models import Delivery, Suppression
from tests.outbox.test_bounces import report

NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
SECRET = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(autouse=True)
def _mailbox(settings: Any) -> None:
    settings.BOUNCE_ADDRESS, settings.INBOUND_SECRET = "bounces@club.example", SECRET


@pytest.fixture
def morning(make_session: Callable[..., Session], hana: Member) -> Session:
    """Hana has a seat."""
    session = make_session(starts_at=NOW + timedelta(days=9), published_at=NOW)
    session.rsvp(hana, "ACCEPTED", now=NOW)
    return session


def calendar(session: Session, member: Member, **other: Any) -> str:
    """As a calendar writes it."""
    said = {
        "method": "REPLY", "uid": session.uid, "sequence": session.sequence, "partstat": "DECLINED",
        "attendee": member.email, "stamp": "20261201T040000Z",
    } | other  # fmt: skip
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
        "SEQUENCE:{sequence}\r\nDTSTAMP:{stamp}\r\nATTENDEE;PARTSTAT={partstat}:mailto:{attendee}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).format(**said)


def mail(session: Session, member: Member, *, to: str = "", sender: str = "", text: str = "", **other: Any) -> bytes:
    to, sender = to or calendar_replies.address(session, member), sender or f"Hana <{member.email}>"
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: Declined\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nno\r\n--b\r\n'
        f"Content-Type: text/calendar; charset=UTF-8; method=REPLY\r\n\r\n{text or calendar(session, member, **other)}"
        "\r\n--b--\r\n"
    ).encode()


def take(raw: bytes) -> str:
    return inbound.take(raw, now=NOW + timedelta(hours=2))


def test_declined_in_a_calendar_the_seat_is_given_back_and_taken_again(morning: Session, hana: Member) -> None:
    assert take(mail(morning, hana)) == Said.ANSWER
    assert [row.partstat for row in morning.rsvps.all()] == ["DECLINED"]
    assert Delivery.objects.filter(kind="rsvp.left").count() == 1
    assert take(mail(morning, hana, partstat="ACCEPTED", stamp="20261201T060000Z")) == Said.ANSWER
    assert morning.rsvps.get().is_seated


def test_the_same_answer_twice_changes_nothing(morning: Session, hana: Member) -> None:
    raw = mail(morning, hana, stamp="20261201T060000Z")
    assert [take(raw), take(raw), Delivery.objects.filter(kind="rsvp.left").count()] == [Said.ANSWER, Said.ANSWER, 1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sender": "mallory@example.com"}, Said.FORGED),
        ({"sender": "hana@example.com, mallory@example.com"}, Said.FORGED),
        ({"attendee": "mallory@example.com"}, Said.FORGED),
        ({"to": "bounces+r1-1-000000000000000000000000@club.example"}, Said.OTHER),
        ({"to": "bounces@club.example"}, Said.OTHER),
        ({"uid": "another@club.example"}, Said.OTHER),
        ({"partstat": "TENTATIVE"}, Said.OTHER),
        ({"method": "REQUEST"}, Said.OTHER),
        ({"sequence": 7}, Said.STALE),
        ({"stamp": "20261130T000000Z"}, Said.STALE),
        ({"stamp": "20261201T040000"}, Said.OTHER),
        ({"text": "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR"}, Said.OTHER),
    ],
)
def test_only_that_persons_own_answer_to_the_morning_as_it_stands_counts(
    morning: Session, hana: Member, change: dict[str, Any], said: Said
) -> None:
    assert (take(mail(morning, hana, **change)), morning.rsvps.get().is_seated) == (said, True)


def test_the_address_of_one_morning_answers_no_other(
    morning: Session, hana: Member, ken: Member, make_session: Callable[..., Session]
) -> None:
    other = make_session(starts_at=NOW + timedelta(days=12), published_at=NOW)
    other.rsvp(hana, "ACCEPTED", now=NOW)
    assert take(mail(other, hana, to=calendar_replies.address(morning, hana))) == Said.OTHER
    assert take(mail(morning, hana, to=calendar_replies.address(morning, ken))) == Said.FORGED
    assert [row.is_seated for row in (*morning.rsvps.all(), *other.rsvps.all())] == [True, True]


def test_after_the_morning_has_begun_no_answer_is_taken(morning: Session, hana: Member) -> None:
    late = morning.starts_at + timedelta(minutes=1)
    assert inbound.take(mail(morning, hana), now=late) == Said.LATE


def test_an_answer_to_a_morning_that_was_moved_since_is_not_taken(morning: Session, hana: Member) -> None:
    raw = mail(morning, hana)
    morning.move(morning.starts_at + timedelta(days=1), now=NOW)
    assert take(raw) == Said.STALE


def test_the_organizer_is_that_address_and_stays_the_same(morning: Session, hana: Member, settings: Any) -> None:
    def organizer() -> str:
        delivery = Delivery.objects.latest("pk")
        text = rendering.letter(delivery).calendar[1].decode().replace("\r\n ", "")
        return next(line.rpartition(":")[2] for line in text.splitlines() if line.startswith("ORGANIZER"))

    first = organizer()
    morning.move(morning.starts_at + timedelta(days=1), now=NOW)
    assert (first, organizer()) == (calendar_replies.address(morning, hana),) * 2
    assert len(first.partition("@")[0]) <= 64
    settings.BOUNCE_ADDRESS = ""
    assert organizer() == parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


HOSTILE = [
    "BEGIN:VCALENDAR\r\n" * 20_000,
    "BEGIN:VEVENT\r\n" * 190 + "END:VEVENT\r\n" * 190,
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\nEND:VCALENDAR",
    "X" * 49_000,
    "A;" * 20_000,
    'ATTENDEE;X="' + ";=" * 20_000,
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" + "X-A:" + "\\n" * 15_000 + "\r\nEND:VCALENDAR",
    "SEQUENCE:" + "9" * 40_000,
    "\x00\x0b\u2028" * 5_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_calendar_is_refused_quickly(morning: Session, hana: Member, text: str) -> None:
    begun = time.process_time()
    assert ics.reply(text.encode()) is None
    assert take(mail(morning, hana, text=text)) == Said.OTHER
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: message/rfc822\r\n\r\n" * 3000,
        b"To: " + b"<" * 50_000,
        b"\r\n".join(b"To: a%d@example.com" % n for n in range(5000)),
        b"From: =?utf-8?q?" + b"=00" * 20_000 + b"?=\r\n\r\n",
    ],
    ids=["deep", "brackets", "many", "encoded"],
)
def test_a_hostile_mail_is_ignored_quickly(db: None, raw: bytes) -> None:
    begun = time.process_time()
    assert take(raw) == Said.OTHER
    assert time.process_time() - begun < 5


PIECES = st.sampled_from([
    b"From: a@b.c\r\n", b"To: bounces+r1-1-aaaaaaaaaaaaaaaaaaaaaaaa@club.example\r\n", b"\r\n", b"--b\r\n", b"--b--",
    b'Content-Type: multipart/report; boundary="b"\r\n', b"Content-Type: text/calendar; method=REPLY\r\n",
    b"Content-Type: message/delivery-status\r\n", b"Action: failed\r\nStatus: 5.1.1\r\n", b"BEGIN:VCALENDAR\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"METHOD:REPLY\r\nBEGIN:VEVENT\r\n", b"ATTENDEE;PARTSTAT=DECLINED:x\r\n",
])  # fmt: skip


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=400) | st.lists(PIECES | st.binary(max_size=20), max_size=20).map(b"".join))
def test_no_mail_breaks_the_inlet_or_changes_anything(db: None, raw: bytes) -> None:
    said = take(raw)
    assert said in {one.value for one in (*Said, *Taken)}
    assert (Suppression.objects.count(), ics.reply(raw)) == (0, None)
    assert providers.take(raw, now=NOW) is Taken.OTHER


# What a service posts


def posted(body: Any, content_type: str = "application/json", secret: str = SECRET) -> tuple[int, str]:
    client = Client(enforce_csrf_checks=True)
    content = body if isinstance(body, bytes) else json.dumps(body)
    answer = client.post(f"/inbound/{secret}/", content, content_type=content_type)
    return answer.status_code, answer.content.decode() if answer.status_code == 200 else ""


@pytest.fixture
def two(db: None, now: datetime) -> list[Delivery]:
    """Two that were sent to one address."""
    values: dict[str, Any] = {"kind": "x", "to": "gone@example.com", "language": "ja"}
    return [Delivery.objects.create(key=str(n), sent_at=now - timedelta(hours=n), **values) for n in (1, 2)]


def services(delivery: Delivery, *, hard: bool = True) -> dict[str, Any]:
    """The bounce of one mail as each service tells it."""
    ses = {
        "notificationType": "Bounce",
        "mail": {"commonHeaders": {"messageId": delivery.message_id}},
        "bounce": {
            "bounceType": "Permanent" if hard else "Transient",
            "bouncedRecipients": [{"emailAddress": "Gone@example.com", "diagnosticCode": "smtp; 550"}],
        },
    }
    return {
        "postmark": {"RecordType": "Bounce", "Type": "HardBounce" if hard else "Transient", "Email": delivery.to},
        "sendgrid": [
            {"event": "delivered", "email": delivery.to},
            {"event": "bounce", "type": "bounce" if hard else "blocked", "email": delivery.to,
             "smtp-id": delivery.message_id, "reason": "550"},
        ],
        "ses": {"Type": "Notification", "Message": json.dumps(ses)},
    }  # fmt: skip


@pytest.mark.parametrize("service", ["postmark", "sendgrid", "ses"])
def test_a_service_tells_of_a_mail_that_came_back_for_good(two: list[Delivery], service: str) -> None:
    for _time in range(2):
        assert posted(services(two[0])[service]) == (200, Taken.HARD.value)
    assert list(Suppression.objects.values_list("address", "hard_bounces")) == [("gone@example.com", 1)]
    assert [Delivery.objects.get(pk=one.pk).bounced_at is not None for one in two] == [True, False]


@pytest.mark.parametrize("service", ["postmark", "sendgrid", "ses"])
def test_what_may_still_arrive_marks_no_address(two: list[Delivery], service: str) -> None:
    assert posted(services(two[0], hard=False)[service]) == (200, Taken.SOFT.value)
    assert Suppression.objects.count() == 0


def test_a_service_that_knows_our_message_id_means_that_mail(two: list[Delivery]) -> None:
    posted(services(two[1])["ses"], "text/plain; charset=UTF-8")
    assert [Delivery.objects.get(pk=one.pk).bounced_at is not None for one in two] == [False, True]


@pytest.mark.parametrize(
    "body",
    [{}, [], [1], {"RecordType": []}, {"Type": "Notification"}, {"Type": "Notification", "Message": "x"}, "x", None, 7,
     b"[" * 100_000, {"RecordType": "Bounce", "Type": "HardBounce", "Email": {"a": 1}}],
)  # fmt: skip
def test_what_is_not_understood_is_ignored(db: None, body: Any) -> None:
    status, _said = posted(body)
    assert (status, Suppression.objects.count()) == (200, 0)


def test_a_whole_mail_may_be_posted_as_it_came_or_in_a_form(two: list[Delivery], now: datetime) -> None:
    raw = report(bounces.envelope(two[0], now=now))
    assert posted(raw, "message/rfc822") == (200, Taken.HARD.value)
    answer = Client().post(f"/inbound/{SECRET}/", {"email": report(bounces.envelope(two[1], now=now)).decode()})
    assert (answer.content.decode(), Suppression.objects.get().since is not None) == (Taken.HARD.value, True)


def test_too_large_is_refused(db: None) -> None:
    assert posted(b"x" * 1_100_000, "message/rfc822") == (413, "")


@pytest.mark.parametrize("secret", ["wrong", SECRET.upper(), SECRET[:-1]])
def test_without_the_secret_there_is_no_such_address(db: None, secret: str) -> None:
    assert posted({}, secret=secret) == (404, "")


def test_without_a_secret_set_there_is_no_such_address(db: None, settings: Any) -> None:
    settings.INBOUND_SECRET = ""
    assert posted({}, secret="x") == (404, "")
