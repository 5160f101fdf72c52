"""No more mails a month than people like, no more a minute than the server likes; and none is lost by either."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from outbox import kinds, limits, sending
from outbox.limits import ENOUGH, Limits
from outbox.models import Delivery, Lane
from outbox.stops import Stop
from outbox.topics import Topic

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2027, 1, 10, 12, 10, tzinfo=TOKYO)
HANA = "hana@example.com"
NEXT = datetime(2027, 2, 1, 12, 10, tzinfo=TOKYO)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    def letter(delivery: Delivery) -> kinds.Letter:
        if delivery.context.get("off"):
            raise kinds.Unwanted("off")
        notice = {"subject": delivery.key, "text": "", "more": "", "button": "", "why": ""}
        return kinds.Letter({"notice": notice}, about="series:1")

    for topic in Topic:
        monkeypatch.setitem(kinds._kinds, topic, kinds.Kind(topic, letter, topic, template="account_notice"))


def owe(key: object, topic: Topic = Topic.LETTER, **fields: Any) -> Delivery:
    values = {"to": HANA, "language": "en", "lane": Lane.BULK, "created_at": NOON, "next_attempt_at": NOON} | fields
    return Delivery.objects.create(kind=topic, key=f"{topic}:{key}", **values)


def at(moment: datetime) -> list[str]:
    """What goes out at this moment."""
    before = len(mail.outbox)
    with time_machine.travel(moment, tick=False):
        sending.send_due()
    return [str(one.subject) for one in mail.outbox[before:]]


def test_the_seventh_waits_for_the_next_month(db: None) -> None:
    for number in range(7):
        owe(number)
    assert (len(at(NOON)), at(NOON)) == (6, [])
    (waiting,) = Delivery.objects.open()
    assert (waiting.next_attempt_at, waiting.attempts, waiting.drop_reason) == (NEXT, 0, "")
    assert at(NEXT) == ["letter:6"]


@pytest.mark.parametrize("before", [timedelta(days=1), timedelta()])
def test_what_would_be_useless_by_then_is_dropped_and_says_why(db: None, before: timedelta) -> None:
    """Thanks of the last day but one of a month are useless at the very hour the next month's mails go."""
    for number in range(7):
        owe(number, useful_until=NEXT - before if number == 6 else None)
    at(NOON)
    assert Delivery.objects.get(key="letter:6").drop_reason == ENOUGH


@pytest.mark.parametrize("topic", Topic)
def test_what_is_counted_and_what_is_not(db: None, topic: Topic) -> None:
    counted = {Topic.INVITE, Topic.THANKS, Topic.HOST, Topic.LETTER, Topic.INTRO, Topic.FOLLOWUP, Topic.ASK}
    Limits.objects.create(pk=1, monthly=1)
    owe("first")
    at(NOON)
    owe("next", topic)
    assert len(at(NOON)) == (0 if topic in counted else 1)


def test_who_has_a_seat_is_told_whatever_the_number(db: None) -> None:
    Limits.objects.create(pk=1, monthly=1)
    owe("first")
    owe("seat", Topic.HOST, context={"seat": True})
    assert sorted(at(NOON)) == ["host:seat", "letter:first"]


def test_no_limit_is_no_limit(db: None) -> None:
    Limits.objects.create(pk=1, monthly=0)
    for number in range(9):
        owe(number)
    assert len(at(NOON)) == 9


def test_what_does_not_go_takes_no_place(db: None) -> None:
    Limits.objects.create(pk=1, monthly=1)
    owe("off", context={"off": True})
    owe("stopped", Topic.INVITE)
    Stop.objects.stop(HANA, [("invite", "series:1")], now=NOON)
    owe("on")
    assert at(NOON) == ["letter:on"]
    assert set(Delivery.objects.filter(counted_at__isnull=False).values_list("key", flat=True)) == {"letter:on"}


def test_an_attempt_that_failed_keeps_its_place_and_takes_no_second(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Limits.objects.create(pk=1, monthly=1)
    owe("first")
    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMultiAlternatives, "send", fail)
        at(NOON)
    owe("second")
    assert (at(NOON), at(NOON + timedelta(minutes=1))) == ([], ["letter:first"])


def fail(_mail: mail.EmailMultiAlternatives) -> int:
    raise ValueError("busy")


def test_months_are_those_of_the_clubs_clock(db: None) -> None:
    """Seven in the morning of the first in Tokyo is still the month before in UTC."""
    Limits.objects.create(pk=1, monthly=1)
    owe("january", next_attempt_at=NEXT - timedelta(days=1))
    assert at(NEXT - timedelta(days=1)) == ["letter:january"]
    owe("february", next_attempt_at=NEXT.replace(hour=7, minute=0))
    assert at(NEXT.replace(hour=7, minute=1)) == ["letter:february"]


@pytest.mark.parametrize(("month", "after"), [(1, (2027, 2)), (11, (2027, 12)), (12, (2028, 1))])
def test_the_month_after(month: int, after: tuple[int, int]) -> None:
    found = limits.next_month(datetime(2027, month, 28, 23, 59, tzinfo=TOKYO))
    assert (found.year, found.month, found.day, found.hour, found.minute) == (*after, 1, 12, 10)


def take(delivery: Delivery, taken: list[str]) -> None:
    """Another worker, on a connection of its own."""
    try:
        limits.take_place(delivery, now=NOON)
        taken.append(delivery.key)
    except kinds.NotNow:
        taken.append("later")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_lock", [True, False])
def test_two_workers_do_not_take_the_same_last_place(monkeypatch: pytest.MonkeyPatch, has_lock: bool) -> None:
    """Without the lock the second counts before the first has committed: the control."""
    if not has_lock:
        monkeypatch.setattr(limits, "_one_at_a_time", lambda _address: None)
    Limits.objects.create(pk=1, monthly=1)
    first, second, taken = owe("1"), owe("2"), list[str]()
    other = threading.Thread(target=take, args=(second, taken))
    with transaction.atomic():
        limits.take_place(first, now=NOON)
        other.start()
        other.join(0.5)
    other.join(10)
    assert taken == (["later"] if has_lock else ["letter:2"])


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, Topic, int | None]]:
    """Mails as they fall due: (day, topic, days they are useful for)."""
    topics = st.sampled_from([Topic.LETTER, Topic.INVITE, Topic.THANKS, Topic.REMIND, Topic.SEAT])
    one = st.tuples(st.integers(0, 89), topics, st.none() | st.integers(1, 40))
    return sorted(draw(st.lists(one, min_size=1, max_size=40)), key=lambda mail: mail[0])


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@example(history=[*[(0, Topic.LETTER, None)] * 3, (50, Topic.LETTER, 40)], most=1)  # useful to the minute of its place
@given(history=histories(), most=st.integers(1, 6))
def test_whatever_is_owed_no_month_has_more_and_nothing_is_held_back_without_need(
    db: None, history: list[tuple[int, Topic, int | None]], most: int
) -> None:
    Delivery.objects.all().delete()
    Limits.objects.update_or_create(pk=1, defaults={"monthly": most})
    start = datetime(2027, 1, 1, 12, 10, tzinfo=TOKYO)
    for number, (day, topic, days) in enumerate(history):
        due = start + timedelta(days=day)
        until = due + timedelta(days=days) if days else None
        owe(number, topic, created_at=due, next_attempt_at=due, useful_until=until)
    for day in range(600):
        if not Delivery.objects.open().exists():
            break
        at(start + timedelta(days=day))
    assert Delivery.objects.open().count() == 0
    ended = list(Delivery.objects.all())
    sent = [one for one in ended if one.sent_at]
    counted = Counter(timezone.localtime(one.sent_at).strftime("%Y-%m") for one in sent if limits.counts(one))
    assert max(counted.values(), default=0) <= most
    for one in ended:
        due = timezone.localtime(one.created_at)
        if not limits.counts(one):
            assert timezone.localtime(one.sent_at) == due
        elif one.dropped_at:
            was_full = counted[f"{due:%Y-%m}"] == most
            assert (one.drop_reason, one.useful_until <= limits.next_month(one.dropped_at), was_full) == (
                ENOUGH, True, True,
            )  # fmt: skip
        elif timezone.localtime(one.sent_at) != due:
            assert counted[f"{due:%Y-%m}"] == most


@pytest.fixture
def slow(settings: Any, db: None) -> None:
    """A server that wants no more than ten a minute."""
    settings.MAIL_PER_MINUTE = 10
    Limits.objects.update_or_create(pk=1, defaults={"monthly": 0})


@pytest.mark.parametrize(
    ("rate", "first"), [(10, [2, 1, 2, 1, 1, 1, 2]), (4, [1, 0, 1, 0, 1, 0, 1]), (1, [1, 0, 0, 0, 0, 0, 0])]
)
def test_the_server_is_given_no_more_a_minute_than_it_likes_and_the_oldest_first(
    slow: None, settings: Any, rate: int, first: list[int]
) -> None:
    settings.MAIL_PER_MINUTE = rate
    for number in range(25):
        owe(f"{number:02}", next_attempt_at=NOON - timedelta(minutes=60 - number))
    went = [at(NOON + timedelta(seconds=10 * tick)) for tick in range(24)]
    assert [len(one) for one in went[:7]] == first
    together = [key for one in went for key in one]
    assert together == [f"letter:{number:02}" for number in range(len(together))]
    assert len(together) >= rate * 2
    for begin in range(len(went) - 6):
        assert sum(len(one) for one in went[begin : begin + 6]) <= rate


def test_a_code_waits_for_nobody(slow: None) -> None:
    for number in range(12):
        owe(number)
    at(NOON)
    owe("code", Topic.ACCOUNT, lane=Lane.CODE)
    assert at(NOON) == ["account:code"]


def test_what_does_not_go_costs_the_server_nothing(slow: None) -> None:
    for number in range(30):
        owe(number, useful_until=NOON - timedelta(hours=1), next_attempt_at=NOON - timedelta(hours=2))
    owe("fresh")
    assert at(NOON) == ["letter:fresh"]


def test_the_operator_sets_the_number(client: Client, person: Any) -> None:
    client.force_login(person("operator", is_staff=True))
    assert client.post("/operator/mail/limits/", {"monthly": "101"}).status_code == 422
    assert client.post("/operator/mail/limits/", {"monthly": "4"}).status_code == 302
    assert Limits.current().monthly == 4
