"""What comes back is believed only where we signed for it, and after two no more is sent to an address."""

import email
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from outbox import bounces, sending
from outbox.bounces import Taken
from outbox.health import TEST
from outbox.models import Delivery, Lane, Suppression

GONE = "gone@example.com"


@pytest.fixture(autouse=True)
def _mailbox(settings: Any) -> None:
    settings.BOUNCE_ADDRESS = "bounces@club.example"


def sent(key: str = "1", **fields: Any) -> Delivery:
    values: dict[str, Any] = {"kind": TEST, "to": GONE, "language": "ja"}
    return Delivery.objects.create(key=key, **(values | fields))


def report(to: str, *, status: str = "5.1.1", action: str = "failed", recipient: str = GONE) -> bytes:
    """As a mail server writes it (RFC 3464, appendix E)."""
    return f"""From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user
--b--
""".encode()


def test_every_mail_leaves_under_an_envelope_of_its_own_and_shows_the_club(
    db: None, mailoutbox: list[EmailMessage], now: datetime, settings: Any
) -> None:
    one = sent()
    sending.send_due()
    (mail,) = mailoutbox
    assert mail.from_email == bounces.envelope(one, now=now)
    assert str(email.message_from_bytes(mail.message().as_bytes())["From"]) == settings.DEFAULT_FROM_EMAIL
    assert len(mail.from_email.partition("@")[0]) <= 64


def test_without_a_mailbox_the_club_s_own_address_is_the_envelope(
    db: None, mailoutbox: list[EmailMessage], settings: Any
) -> None:
    settings.BOUNCE_ADDRESS = ""
    sent()
    sending.send_due()
    assert [mail.from_email for mail in mailoutbox] == [settings.DEFAULT_FROM_EMAIL]


def test_after_two_hard_bounces_an_address_is_given_no_more(
    db: None, mailoutbox: list[EmailMessage], now: datetime
) -> None:
    first, second = sent("1", sent_at=now), sent("2", sent_at=now)
    assert bounces.take(report(bounces.envelope(first, now=now)), now=now) is Taken.HARD
    sent("after one")
    assert sending.send_due() == 1
    assert bounces.take(report(bounces.envelope(second, now=now)), now=now) is Taken.HARD
    third, code = sent("after two"), sent("code", lane=Lane.CODE)
    assert sending.send_due() == 1
    third.refresh_from_db(), code.refresh_from_db()
    assert (third.drop_reason, third.sent_at, code.sent_at is not None) == ("address gives mails back", None, True)


def test_the_same_report_twice_counts_once(db: None, now: datetime) -> None:
    raw = report(bounces.envelope(sent(sent_at=now), now=now))
    assert [bounces.take(raw, now=now), bounces.take(raw, now=now)] == [Taken.HARD, Taken.HARD]
    assert Suppression.objects.get().hard_bounces == 1


@pytest.mark.parametrize(("status", "action"), [("4.2.2", "delayed"), ("4.7.1", "failed"), ("2.0.0", "delivered")])
def test_what_may_arrive_later_marks_nobody(db: None, now: datetime, status: str, action: str) -> None:
    raw = report(bounces.envelope(sent(sent_at=now), now=now), status=status, action=action)
    assert (bounces.take(raw, now=now), Suppression.objects.count()) == (Taken.SOFT, 0)


def test_a_report_of_the_copy_marks_who_had_the_copy(db: None, now: datetime) -> None:
    letter = sent(sent_at=now, rendered={"cc": ["Editor@example.com"]})
    bounces.take(report(bounces.envelope(letter, now=now), recipient="editor@example.com"), now=now)
    assert [one.address for one in Suppression.objects.all()] == ["editor@example.com"]


@pytest.mark.parametrize("forgery", ["other mail", "other day", "no key of ours", "plain address", "too old", "future"])
def test_a_report_that_we_did_not_sign_for_is_ignored(db: None, now: datetime, settings: Any, forgery: str) -> None:
    one, other = sent("1", sent_at=now), sent("2", sent_at=now)
    to, at = bounces.envelope(one, now=now), now
    local, _at, domain = to.partition("@")
    pk, day, signature = local.partition("+")[2].split("-")
    match forgery:
        case "other mail":
            to = f"bounces+{other.pk}-{day}-{signature}@{domain}"
        case "other day":
            to = f"bounces+{pk}-{int(day) - 1}-{signature}@{domain}"
        case "no key of ours":
            settings.LINK_KEYS = ["another"]
        case "plain address":
            to = "bounces@club.example"
        case "too old":
            at = now + timedelta(days=8)
        case "future":
            at = now - timedelta(days=1)
    assert (bounces.take(report(to), now=at), Suppression.objects.count()) == (Taken.FORGED, 0)


def test_an_old_key_still_vouches_for_what_left_under_it(db: None, now: datetime, settings: Any) -> None:
    raw = report(bounces.envelope(sent(sent_at=now), now=now))
    settings.LINK_KEYS = ["new", *settings.LINK_KEYS]
    assert bounces.take(raw, now=now) is Taken.HARD


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 500,
        b"Subject: I am away\nAuto-Submitted: auto-replied\n\nBack on Monday.",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\n--b--",
        b"Content-Type: multipart/report\n\nnothing",
    ],
)
def test_what_is_no_report_is_ignored(db: None, now: datetime, raw: bytes) -> None:
    assert (bounces.take(raw, now=now), Suppression.objects.count()) == (Taken.OTHER, 0)


def test_the_command_takes_a_mail_from_standard_input() -> None:
    command = [sys.executable, "manage.py", "inbound"]
    done = subprocess.run(command, input=b"Subject: hello\n\nhello", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.decode().strip()) == (0, "no report and no answer: ignored")


def test_the_operator_releases_an_address_and_it_is_given_mails_again(
    client: Client, club: Any, person: Any, mailoutbox: list[EmailMessage], now: datetime
) -> None:
    for _time in range(2):
        Suppression.note(GONE, "5.1.1", now=now)
    client.force_login(person("operator", is_staff=True, language="ja"))
    assert GONE in client.get(reverse("mail_health")).content.decode()
    client.post(reverse("mail_release", args=[Suppression.objects.get().pk]))
    sent("again")
    assert (sending.send_due(), Suppression.objects.count()) == (1, 0)
