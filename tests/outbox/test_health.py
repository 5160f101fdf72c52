"""The operator's page: what is owed, what was given up, who is at work; nothing is called sent before it is."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Club, Member
from outbox import health, sending, tasks
from outbox.models import Delivery, Heartbeat, Lane

NUMBER_OF_QUERIES = 9  # session, operator, the page's six, the limits


@pytest.fixture
def operator(person: Any) -> Member:
    member: Member = person("operator", is_staff=True, language="ja")
    return member


@pytest.fixture
def desk(client: Client, club: Club, operator: Member) -> Client:
    client.force_login(operator)
    return client


def owed(key: str, *, at: datetime, **fields: Any) -> Delivery:
    values: dict[str, Any] = {"kind": "x", "to": "hana@example.com", "language": "ja", "created_at": at}
    return Delivery.objects.create(key=key, **(values | {"next_attempt_at": at} | fields))


def test_what_is_owed_is_counted_by_lane_and_the_oldest_told(db: None, now: datetime) -> None:
    hour = timedelta(hours=1)
    owed("code", at=now, lane=Lane.CODE)
    owed("due", at=now - hour, lane=Lane.BULK)
    owed("later", at=now + hour, lane=Lane.BULK)
    owed("sent", at=now - 2 * hour, lane=Lane.BULK, sent_at=now)
    owed("line", at=now - 9 * hour, lane=Lane.BULK, channel="line")
    seen = health.of(now)
    assert [(queue.due, queue.later) for queue in seen.queues] == [(1, 0), (0, 0), (1, 1)]
    assert seen.oldest == now - hour


def test_how_mails_ended_is_counted_for_a_day(db: None, now: datetime) -> None:
    owed("sent", at=now, sent_at=now)
    owed("dropped", at=now, dropped_at=now)
    owed("failed", at=now, failed_at=now)
    owed("long ago", at=now, sent_at=now - timedelta(days=1, seconds=1))
    seen = health.of(now)
    assert (seen.sent, seen.dropped, seen.failed, [one.key for one in seen.failures]) == (1, 1, 1, ["failed"])


def test_the_mailer_shows_itself_by_sending_and_the_worker_by_the_tick(db: None, now: datetime) -> None:
    assert [part.is_well for part in health.of(now).parts] == [False, False, False]
    tasks.sweep()
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"mailer"}
    tasks.tick()
    assert set(Heartbeat.objects.values_list("name", flat=True)) == set(health.PARTS)


def test_one_that_stands_still_is_told(db: None, now: datetime) -> None:
    for name in health.PARTS:
        Heartbeat.beat(name, now=now)
    Heartbeat.beat("mailer", now=now - health.SILENT_AFTER - timedelta(seconds=1))
    assert [part.is_well for part in health.of(now).parts] == [True, False, True]


def test_a_test_is_called_sent_only_once_the_server_has_it(desk: Client, mailoutbox: list[EmailMessage]) -> None:
    desk.post(reverse("mail_test"))
    before = desk.get(reverse("mail_health")).content.decode()
    assert ("送信を待っています" in before, "メールサーバーが受け取りました" in before) == (True, False)
    sending.send_due()
    after = desk.get(reverse("mail_health")).content.decode()
    assert ("送信を待っています" in after, "メールサーバーが受け取りました" in after) == (False, True)
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [
        ("試し送り：メールは届いています", ["operator@example.com"])
    ]


def test_one_that_was_given_up_goes_again_from_the_beginning(desk: Client, now: datetime) -> None:
    failed = owed("failed", at=now, kind=health.TEST, failed_at=now, attempts=8, last_error="550 no")
    desk.post(reverse("mail_retry", args=[failed.pk]))
    failed.refresh_from_db()
    assert (failed.failed_at, failed.attempts) == (None, 0)
    sending.send_due()
    failed.refresh_from_db()
    assert (failed.sent_at is not None, failed.attempts) == (True, 1)


@pytest.mark.parametrize("fields", [{"useful_until": timedelta(seconds=-1)}, {"lane": Lane.CODE}])
def test_what_would_be_useless_by_now_does_not_go_again(db: None, now: datetime, fields: dict[str, Any]) -> None:
    if "useful_until" in fields:
        fields = {"useful_until": now + fields["useful_until"]}
    failed = owed("failed", at=now, failed_at=now, **fields)
    assert (failed.can_retry, failed.retry(now=now)) == (False, False)


def test_what_was_sent_is_never_sent_again(db: None, now: datetime) -> None:
    sent = owed("sent", at=now, sent_at=now)
    assert (sent.can_retry, sent.retry(now=now)) == (False, False)


@pytest.mark.parametrize("number", [1, 60])
def test_the_page_costs_the_same_for_many_mails(desk: Client, now: datetime, number: int) -> None:
    for each in range(number):
        owed(f"failed {each}", at=now, failed_at=now)
        owed(f"owed {each}", at=now)
    desk.get(reverse("mail_health"))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert desk.get(reverse("mail_health")).status_code == 200
    assert len(seen) == NUMBER_OF_QUERIES
