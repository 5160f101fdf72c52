"""Many mails: a backlog makes no page and no batch dearer, and a worker keeps nothing of what it has sent."""

import gc
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Partstat, Session
from members.models import Member
from outbox import kinds, sending
from outbox.models import Delivery, Lane, claim
from outbox.topics import Topic

BACKLOG = 10_000


def backlog(number: int, now: datetime) -> None:
    """So many mails that are due."""
    rows = [
        Delivery(
            kind="test",
            key=f"test:{n}",
            to=f"m{n}@example.com",
            language="ja",
            lane=Lane.BULK,
            created_at=now,
            next_attempt_at=now,
        )
        for n in range(number)
    ]
    Delivery.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_delivery")


def read_by(queries: CaptureQueriesContext) -> int:
    """How many rows of the outbox PostgreSQL reads for what a block has asked, as it says itself."""
    asked = [
        query["sql"] for query in queries if query["sql"].startswith("SELECT") and "outbox_delivery" in query["sql"]
    ]
    read = 0
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
            read += _rows(cursor.fetchone()[0][0]["Plan"])
    return read


def _rows(plan: dict[str, Any]) -> int:
    return plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + sum(map(_rows, plan.get("Plans", [])))


@pytest.mark.parametrize("owed", [100, BACKLOG])
def test_a_batch_is_found_without_reading_the_backlog(db: None, now: datetime, owed: int) -> None:
    backlog(owed, now)
    with CaptureQueriesContext(connection) as asked:
        assert len(claim(now=now, limit=20)) == 20
    assert read_by(asked) <= 300


@pytest.mark.parametrize("owed", [0, BACKLOG])
def test_an_answer_costs_the_same_whatever_is_owed_to_others(
    make_session: Callable[..., Session], hana: Member, now: datetime, owed: int
) -> None:
    session = make_session()
    backlog(owed, now)
    with CaptureQueriesContext(connection) as asked:
        session.rsvp(hana, Partstat.ACCEPTED, now=now)
    assert (len([query for query in asked if "SAVEPOINT" not in query["sql"]]), read_by(asked)) == (6, 0)


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[object]:
    """A kind that says the same to many; what a test puts into the list is kept for ever."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    kept: list[object] = []

    def letters(deliveries: Sequence[Delivery]) -> dict[int, kinds.Said]:
        shared = {"notice": {"subject": "朝会", "text": "七時です。", "more": "", "button": "", "why": "なぜ"}}
        if kept:
            kept.extend([delivery] for delivery in deliveries)
        return {delivery.pk: kinds.Letter(shared, own={"name": delivery.to}) for delivery in deliveries}

    kind = kinds.Kind("test", lambda d: letters([d])[d.pk], Topic.ANSWER, template="account_notice", letters=letters)
    monkeypatch.setitem(kinds._kinds, "test", kind)
    return kept


def objects_after(mails: int, now: datetime) -> int:
    """How many objects there are in this process when so many mails have gone."""
    Delivery.objects.all().delete()
    backlog(mails, now)
    assert sending.send_due() == mails
    gc.collect()
    return len(gc.get_objects())


@pytest.mark.parametrize("leaks", [False, True])
def test_a_worker_keeps_nothing_of_the_mails_it_has_sent(
    db: None, alike: list[object], now: datetime, leaks: bool
) -> None:
    """Nothing grows with the number of mails; where one object is kept for each, the control sees it."""
    if leaks:
        alike.append("from here on")
    objects_after(100, now)
    few = objects_after(100, now)
    many = objects_after(600, now)
    # What the libraries remember of statements they have seen grows by some dozens, and has an end.
    assert (many - few >= 500) is leaks
