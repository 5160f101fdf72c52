"""What a worker that dies, or comes back from the dead, does to the mails it held: as little as can be."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from outbox import kinds, rendering, sending
from outbox.models import Delivery, claim, release
from outbox.topics import Topic

# What happens while the letter of a mail is written, by the mail's key.
Happenings = dict[str, Callable[[], None]]


class Died(BaseException):
    """The worker is no more: not an Exception, so that nothing on the way takes it for a mail's trouble."""


@pytest.fixture
def happens(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Happenings:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    happenings: Happenings = {}

    def letter(delivery: Delivery) -> kinds.Letter:
        happenings.get(delivery.key, lambda: None)()
        notice = {"subject": delivery.key, "text": "", "more": "", "button": "", "why": ""}
        return kinds.Letter({"notice": notice})

    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind("test", letter, Topic.REMIND, template="account_notice"))
    return happenings


def owe(number: int) -> list[Delivery]:
    for n in range(number):
        Delivery.objects.owe("test", str(n), to="hana@example.com", language="en", context={})
    return list(Delivery.objects.order_by("pk"))


def die() -> None:
    raise Died


def work() -> None:
    """A worker until it has nothing to do or dies; then its leases run out."""
    try:
        sending.send_due()
    except Died:
        Delivery.objects.open().update(next_attempt_at=timezone.now())


def arrived() -> dict[str, int]:
    return dict(Counter(str(one.subject) for one in mail.outbox))


def test_a_mail_that_kills_its_worker_costs_no_other_an_attempt(happens: Happenings) -> None:
    happens["test:0"] = die
    owe(5)
    work()
    assert dict(Delivery.objects.values_list("key", "attempts")) == {
        "test:0": 1, "test:1": 0, "test:2": 0, "test:3": 0, "test:4": 0,
    }  # fmt: skip


def test_a_mail_that_kills_its_worker_holds_up_no_other(happens: Happenings) -> None:
    happens["test:0"] = die
    owe(5)
    work()
    work()
    assert arrived() == {"test:1": 1, "test:2": 1, "test:3": 1, "test:4": 1}


def test_a_mail_that_kills_its_worker_is_given_up_and_the_others_have_arrived(
    happens: Happenings, settings: Any
) -> None:
    settings.MAIL_ATTEMPTS = 3
    happens["test:0"] = die
    killer, *_others = owe(30)
    for _ in range(4):
        work()
    killer.refresh_from_db()
    assert (killer.attempts, killer.last_error) == (3, "the worker died at every attempt")
    assert (killer.failed_at is not None, len(arrived()), Delivery.objects.open().count()) == (True, 29, 0)


def test_a_worker_that_slept_through_its_lease_sends_nothing_a_second_time(happens: Happenings) -> None:
    first, *_others = owe(5)

    def sleep_while_another_works() -> None:
        happens.clear()
        Delivery.objects.exclude(pk=first.pk).update(next_attempt_at=timezone.now())
        sending.send_due()

    happens["test:0"] = sleep_while_another_works
    sending.send_due()
    assert arrived() == {f"test:{n}": 1 for n in range(5)}


def test_a_worker_that_slept_through_its_lease_gives_back_nothing_that_another_holds(happens: Happenings) -> None:
    owe(2)
    now = timezone.now()
    asleep = claim(now=now, limit=9)
    later = now + timedelta(hours=1)
    awake = claim(now=later, limit=9)
    release(asleep, now=later)
    assert (claim(now=later, limit=9), len(awake)) == ([], 2)


def test_what_had_no_turn_is_given_back_uncounted(happens: Happenings) -> None:
    owe(2)
    now = timezone.now()
    release(claim(now=now, limit=9), now=now)
    assert [one.attempts for one in claim(now=now, limit=9)] == [0, 0]


def test_a_mail_that_lay_in_the_database_is_the_same_bytes_as_at_the_first_attempt(happens: Happenings) -> None:
    (owed,) = owe(1)
    sending.send_due()
    owed.refresh_from_db()
    first, again = mail.outbox[0].message(), rendering.message(owed).message()
    del first["Date"], again["Date"]
    assert first.as_bytes() == again.as_bytes()
    assert "List-Unsubscribe" in again


def test_what_has_ended_stays_as_it_ended(happens: Happenings) -> None:
    (owed,) = owe(1)
    (held,) = claim(now=timezone.now(), limit=1)
    owed.succeed(now=timezone.now())
    held.fail("late", now=timezone.now(), retry_at=None)
    held.drop("late", now=timezone.now())
    stored = Delivery.objects.get()
    assert (stored.sent_at == owed.sent_at, stored.failed_at, stored.dropped_at) == (True, None, None)


def test_what_a_dead_worker_has_left_goes_before_what_came_later(happens: Happenings) -> None:
    owe(2)
    now = timezone.now()
    assert [row.key for row in claim(now=now, limit=1)] == ["test:0"]
    lease_over = now + timedelta(hours=1)
    assert [row.key for row in claim(now=lease_over, limit=1)] == ["test:0"]


@pytest.mark.parametrize(("fresh_seconds", "sent"), [(-1, ["test:0"]), (60, ["test:0", "test:1"])])
def test_what_was_asked_for_many_is_asked_anew_when_it_is_old(
    happens: Happenings, monkeypatch: pytest.MonkeyPatch, fresh_seconds: float, sent: list[str]
) -> None:
    """The second is called off after the first time all were asked about: only an answer that is still fresh counts."""
    off: set[str] = set()
    say = kinds._kinds["test"].letter

    def letters(deliveries: Sequence[Delivery]) -> dict[int, kinds.Said]:
        told = {one.pk: kinds.Unwanted("off") if one.key in off else say(one) for one in deliveries}
        off.add("test:1")
        return told

    monkeypatch.setitem(kinds._kinds, "test", replace(kinds._kinds["test"], letters=letters))
    monkeypatch.setattr(rendering.Letters, "FRESH_SECONDS", fresh_seconds)
    owe(2)
    work()
    assert sorted(arrived()) == sent
