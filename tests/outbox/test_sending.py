"""What is owed is sent: claimed before it is tried, tried again when that helps, given up when not, said once."""

import email
import re
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import Message
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from config import env
from outbox import kinds, sending
from outbox.models import Delivery, Lane, MailboxMessage, Suppression, claim
from outbox.topics import Topic

NOTICE = {"notice": "unknown"}


class Server:
    """A mail server on loopback that answers what it is told to."""

    def __init__(self) -> None:
        self.data: list[str] = []
        self.rcpt: dict[str, str] = {}
        self.seen: list[bytes] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.seen.append(envelope.content)
        return self.data.pop(0) if self.data else "250 OK"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    told = Server()
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    controller = Controller(told, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "outbox.smtp.Backend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield told
    controller.stop()


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A kind of mail that says what a test puts into it."""
    said = SimpleNamespace(
        subject="朝会", text="七時です。", more="", button="見る", why="なぜ", off="", asked=lambda delivery: None
    )

    def letter(delivery: Delivery) -> kinds.Letter:
        said.asked(delivery)
        if said.off:
            raise kinds.Unwanted(said.off)
        return kinds.Letter({"notice": said, "url": "http://localhost:8000/"})

    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind("test", letter, Topic.ACCOUNT, template="account_notice"))
    return said


def owe(key: str = "1", *, kind: str = "test", to: str = "hana@example.com", **more: Any) -> Delivery:
    values: dict[str, Any] = {"language": "ja", "context": {}} | more
    Delivery.objects.owe(kind, key, to=to, **values)
    return Delivery.objects.get(key=f"{kind}:{key}")


def again(owed: Delivery) -> Delivery:
    return Delivery.objects.get(pk=owed.pk)


def due_now(owed: Delivery) -> None:
    Delivery.objects.filter(pk=owed.pk).update(next_attempt_at=timezone.now())


def subject(mail: bytes) -> str:
    return str(email.header.make_header(email.header.decode_header(email.message_from_bytes(mail)["Subject"])))


def test_what_is_owed_arrives_once(db: None, server: Server, kind: SimpleNamespace) -> None:
    owed = owe()
    assert (sending.send_due(), sending.send_due()) == (1, 0)
    mail = email.message_from_bytes(server.seen[0])
    assert (len(server.seen), mail["To"], subject(server.seen[0])) == (1, "hana@example.com", "朝会")
    assert (mail["Message-ID"], again(owed).sent_at is not None, again(owed).attempts) == (owed.message_id, True, 1)


def test_the_same_key_is_no_second_mail(db: None, kind: SimpleNamespace) -> None:
    owe("hana"), owe("hana")
    assert Delivery.objects.count() == 1


def test_what_was_not_committed_is_not_owed(db: None, kind: SimpleNamespace) -> None:
    with transaction.atomic():
        owe()
        transaction.set_rollback(True)
    assert Delivery.objects.count() == 0


def test_the_attempt_is_counted_before_it_is_made(db: None, server: Server, kind: SimpleNamespace) -> None:
    seen: list[tuple[int, bool]] = []
    kind.asked = lambda delivery: seen.append((again(delivery).attempts, again(delivery).sent_at is None))
    owe()
    sending.send_due()
    assert seen == [(1, True)]


def test_a_worker_holds_its_mail_for_the_lease_and_no_longer(
    db: None, kind: SimpleNamespace, settings: Any, now: datetime
) -> None:
    owed = owe(not_before=now)
    lease = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    assert [[d.pk for d in claim(now=now + later, limit=9)] for later in (timedelta(0), lease / 2, lease)] == [
        [owed.pk], [], [owed.pk],
    ]  # fmt: skip


def test_a_worker_that_was_thought_dead_does_not_send_what_another_has_taken_over(
    db: None, kind: SimpleNamespace, settings: Any, now: datetime
) -> None:
    owe(not_before=now)
    later = now + timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    (slow,), (next_one,) = claim(now=now, limit=9), claim(now=later, limit=9)
    assert (slow.begin(now=later), next_one.begin(now=later), again(slow).attempts) == (False, True, 1)


def test_a_mail_that_kills_its_worker_is_given_up(db: None, kind: SimpleNamespace, settings: Any) -> None:
    owed = owe()
    Delivery.objects.update(attempts=settings.MAIL_ATTEMPTS)
    assert (sending.send_due(), again(owed).last_error) == (0, "the worker died at every attempt")
    assert again(owed).failed_at is not None


def test_a_code_goes_before_a_thousand_reminders(db: None, kind: SimpleNamespace, now: datetime) -> None:
    waiting = [Lane.BULK, Lane.BULK, Lane.ANSWER, Lane.CODE]
    for minutes, lane in enumerate(waiting):
        owe(str(minutes), lane=lane, not_before=now - timedelta(minutes=9 - minutes))
    taken = [claim(now=now, limit=1)[0] for _ in waiting]
    assert [owed.key for owed in taken] == ["test:3", "test:2", "test:0", "test:1"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_take_different_mails(kind: SimpleNamespace, now: datetime) -> None:
    """The second neither waits for the first nor takes what it holds."""
    for number in range(4):
        owe(str(number), not_before=now)
    taken: list[list[str]] = []

    def second() -> None:
        with transaction.atomic():
            taken.append([owed.key for owed in claim(now=now, limit=4)])
        connection.close()

    with transaction.atomic():
        taken.append([owed.key for owed in claim(now=now, limit=2)])
        worker = Thread(target=second)
        worker.start()
        worker.join(5)
    assert taken == [["test:0", "test:1"], ["test:2", "test:3"]]


def test_a_busy_server_is_asked_again_later(db: None, server: Server, kind: SimpleNamespace) -> None:
    server.data = ["451 busy"]
    owed, start = owe(), timezone.now()
    assert sending.send_due() == 0
    waiting = again(owed)
    assert (waiting.attempts, waiting.sent_at, waiting.failed_at, waiting.dropped_at) == (1, None, None, None)
    assert "451" in waiting.last_error
    assert timedelta(seconds=7.5) <= waiting.next_attempt_at - start <= timedelta(seconds=14)
    due_now(owed)
    assert (sending.send_due(), again(owed).last_error) == (1, "")


def test_a_server_that_is_away_costs_no_mail_an_attempt(db: None, kind: SimpleNamespace, settings: Any) -> None:
    settings.EMAIL_BACKEND = "outbox.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    owed = owe()
    for _ in range(20):
        assert sending.send_due() == 0
        due_now(owed)
    assert (again(owed).failed_at, again(owed).attempts) == (None, 0)
    assert again(owed).last_error.startswith("ConnectionRefusedError")


def test_a_server_that_stays_away_is_given_up_in_the_end(db: None, kind: SimpleNamespace, settings: Any) -> None:
    settings.EMAIL_BACKEND = "outbox.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAIL_ATTEMPTS = "127.0.0.1", 1, 1
    owed = owe()
    Delivery.objects.filter(pk=owed.pk).update(created_at=timezone.now() - sending.UNREACHABLE_FOR)
    sending.send_due()
    assert again(owed).failed_at is not None


def test_the_waits_grow_and_are_spread() -> None:
    for attempt, seconds in enumerate([10, 60, 300, 900, 1800, 3600, 7200, 7200, 7200], start=1):
        waits = [sending.back_off(attempt).total_seconds() for _ in range(200)]
        assert (min(waits) >= 0.75 * seconds, max(waits) <= 1.25 * seconds) == (True, True)
        assert (min(waits) < 0.85 * seconds, max(waits) > 1.15 * seconds) == (True, True)


def test_the_last_attempt_ends_it(db: None, server: Server, kind: SimpleNamespace, settings: Any) -> None:
    settings.MAIL_ATTEMPTS = 2
    server.data = ["451 busy"] * 9
    owed = owe()
    for _ in range(3):
        sending.send_due()
        due_now(owed)
    assert (len(server.seen), again(owed).failed_at is not None) == (2, True)


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_what_the_server_refuses_for_good_is_given_up(
    db: None, server: Server, kind: SimpleNamespace, where: str
) -> None:
    if where == "rcpt":
        server.rcpt = {"hana@example.com": "550 no such user"}
    else:
        server.data = ["554 no"]
    owed = owe()
    sending.send_due()
    due_now(owed)
    sending.send_due()
    assert (again(owed).attempts, again(owed).failed_at is not None) == (1, True)
    assert "55" in again(owed).last_error


def test_one_mail_s_trouble_is_not_another_s(db: None, server: Server, kind: SimpleNamespace) -> None:
    server.rcpt = {"gone@example.com": "550 no such user"}
    (
        owe("1", to="gone@example.com"),
        owe("2", to="hana@example.com"),
        owe("3", kind="nobody.knows", to="ken@example.com"),
    )
    assert sending.send_due() == 1
    ends = dict(Delivery.objects.values_list("to", "sent_at"))
    assert {to: at is not None for to, at in ends.items()} == {
        "gone@example.com": False, "hana@example.com": True, "ken@example.com": False,
    }  # fmt: skip


def test_what_has_become_useless_is_dropped_with_its_reason(
    db: None, server: Server, kind: SimpleNamespace, now: datetime
) -> None:
    late = owe("late", useful_until=now - timedelta(seconds=1))
    sending.send_due()
    kind.off = "the session was moved"
    moved = owe("moved")
    sending.send_due()
    assert [again(owed).drop_reason for owed in (late, moved)] == ["expired", "the session was moved"]
    assert (server.seen, [again(owed).dropped_at is None for owed in (late, moved)]) == ([], [False, False])


def test_what_became_useless_between_two_attempts_is_dropped_too(
    db: None, server: Server, kind: SimpleNamespace
) -> None:
    server.data = ["451 busy"]
    owed = owe()
    sending.send_due()
    kind.off = "left"
    due_now(owed)
    sending.send_due()
    assert (len(server.seen), again(owed).drop_reason) == (1, "left")


def without_date(mail: bytes) -> bytes:
    return b"\n".join(line for line in mail.splitlines() if not line.startswith(b"Date: "))


def test_every_attempt_sends_the_same_bytes(db: None, server: Server, kind: SimpleNamespace) -> None:
    server.data = ["451 busy"]
    owed = owe()
    sending.send_due()
    kind.subject = "朝会、変更"
    due_now(owed)
    sending.send_due()
    first, second = server.seen
    assert without_date(first) == without_date(second)
    assert email.message_from_bytes(first)["Message-ID"] == owed.message_id
    assert email.message_from_bytes(first).get_boundary() is not None


def test_two_mails_share_no_message_id_and_no_boundary(db: None, server: Server, kind: SimpleNamespace) -> None:
    owe("1"), owe("2")
    sending.send_due()
    mails: list[Message] = [email.message_from_bytes(mail) for mail in server.seen]
    assert len({mail["Message-ID"] for mail in mails} | {mail.get_boundary() for mail in mails}) == 4


@pytest.mark.parametrize("end", ["sent", "refused", "expired"])
def test_a_code_is_wiped_however_it_ends(db: None, server: Server, end: str, now: datetime) -> None:
    server.data = ["554 no"] if end == "refused" else []
    until = now - timedelta(seconds=1) if end == "expired" else None
    code = {"for": "sign-in", "code": "KQT482", "minutes": 15}
    owed = owe(kind="account.code", context=code, lane=Lane.CODE, useful_until=until)
    sending.send_due()
    left = Delivery.objects.filter(pk=owed.pk).values().get()
    assert ("KQT482" in str(left), left["context"], left["rendered"]) == (False, {}, None)
    assert len([name for name in ("sent_at", "failed_at", "dropped_at") if left[name]]) == 1


def test_a_code_is_kept_while_it_still_has_to_be_sent(db: None, server: Server) -> None:
    server.data = ["451 busy"]
    owed = owe(kind="account.code", context={"for": "sign-in", "code": "KQT482", "minutes": 15}, lane=Lane.CODE)
    sending.send_due()
    assert again(owed).context["code"] == "KQT482"


@pytest.mark.parametrize("evil", ["\x0b", "\r\n", "\n", "\x00", "\x85", "\u2028", "\u2029", "\x1f"])
def test_no_control_character_in_a_title_breaks_the_headers(
    db: None, server: Server, kind: SimpleNamespace, evil: str
) -> None:
    kind.subject = f"朝会{evil}Bcc: mallory@example.com{evil}{evil}第二"
    owe()
    sending.send_due()
    mail = email.message_from_bytes(server.seen[0])
    assert subject(server.seen[0]) == "朝会 Bcc: mallory@example.com 第二"
    assert (mail["Bcc"], mail["To"], mail.defects) == (None, "hana@example.com", [])


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_does_not_hurt_whoever_owes(
    kind: SimpleNamespace, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS = env.redis("redis://127.0.0.1:1")
    with transaction.atomic():
        owe("1"), owe("2")
    said = [line.message for line in caplog.records if line.name == "outbox.wake"]
    assert said == ["The broker did not take the wake-up; the next sweep sends the mail."]
    assert Delivery.objects.open().count() == 2


def test_an_address_the_server_refuses_twice_is_given_no_more(db: None, server: Server, kind: SimpleNamespace) -> None:
    server.rcpt["gone@example.com"] = "550 no such user"
    first, second = (owe(key, to="gone@example.com") for key in "12")
    sending.send_due()
    third = owe("3", to="gone@example.com")
    sending.send_due()
    assert [again(one).attempts for one in (first, second, third)] == [1, 1, 0]
    assert [again(one).failed_at is not None for one in (first, second, third)] == [True, True, False]
    assert again(third).drop_reason == "address gives mails back"


def test_a_server_that_asks_for_patience_marks_no_address(db: None, server: Server, kind: SimpleNamespace) -> None:
    server.rcpt["hana@example.com"] = "451 later"
    owe()
    sending.send_due()
    assert Suppression.objects.count() == 0


def test_451_three_times_and_then_it_arrives_and_no_address_is_to_blame(
    db: None, server: Server, kind: SimpleNamespace
) -> None:
    """Reliability M7: two mails, so that it is seen that they do not come back in the same second."""
    server.data = ["451 busy"] * 6
    both = [owe("1"), owe("2", to="ken@example.com")]
    waits = []
    for _time in range(4):
        before = timezone.now()
        sending.send_due()
        waits.append([(again(one).next_attempt_at - before).total_seconds() for one in both])
        Delivery.objects.open().update(next_attempt_at=timezone.now())
    assert [(again(one).attempts, again(one).sent_at is not None) for one in both] == [(4, True), (4, True)]
    assert (len(server.seen), Suppression.objects.count()) == (8, 0)
    assert [first < later for first, later in zip(waits[0] + waits[1], waits[1] + waits[2], strict=True)] == [True] * 4
    assert [first != second for first, second in waits[:3]] == [True] * 3


def test_of_a_hundred_one_is_refused_for_good_and_ninety_nine_arrive(
    db: None, server: Server, kind: SimpleNamespace
) -> None:
    """Reliability M8: 554 after the text of one."""
    server.data = ["250 OK"] * 41 + ["554 no"]
    for number in range(100):
        owe(f"{number:02}", to=f"m{number}@example.com")
    assert sending.send_due() == 99
    (refused,) = Delivery.objects.exclude(failed_at=None)
    assert (refused.attempts, "554" in refused.last_error, len(server.seen)) == (1, True, 100)
    assert Delivery.objects.open().count() == 0


def test_five_attempts_are_the_same_bytes_and_name_nobody(db: None, server: Server, kind: SimpleNamespace) -> None:
    """Reliability M10."""
    server.data = ["451 busy"] * 4
    owed = owe(to="hana.kawaguchi@example.com")
    for _time in range(5):
        sending.send_due()
        due_now(owed)
    assert (len(server.seen), {without_date(mail) for mail in server.seen}) == (5, {without_date(server.seen[0])})
    assert re.fullmatch(r"<[0-9a-f]{40}@localhost>", email.message_from_bytes(server.seen[4])["Message-ID"])


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_looks_all_the_time_never_sees_a_mail_before_what_it_is_about(
    kind: SimpleNamespace, settings: Any
) -> None:
    """Reliability M6: five hundred are written while a worker polls; every tenth is taken back. Nothing is missing."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    kind.asked = lambda delivery: MailboxMessage.objects.get(pk=delivery.context["about"])
    done = Event()

    def poll() -> None:
        while not done.wait(0.001):
            sending.send_due()
        sending.send_due()
        connection.close()

    worker = Thread(target=poll)
    worker.start()
    for number in range(500):
        with transaction.atomic():
            owed = owe(str(number))
            about = MailboxMessage.objects.create(recipients=[], subject=str(number), raw=b"")
            Delivery.objects.filter(pk=owed.pk).update(context={"about": about.pk})
            transaction.set_rollback(number % 10 == 9)
    done.set()
    worker.join(60)
    ends = Delivery.objects.aggregate(sent=Count("sent_at"), all=Count("pk"))
    assert (ends, len(mail.outbox)) == ({"sent": 450, "all": 450}, 450)
