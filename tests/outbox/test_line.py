"""LINE as a second channel: a row of its own, said once, never in the way of the mail."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from members.line import LINKED, LineAccount
from members.models import Member
from outbox import by_line, line, tasks
from outbox.by_line import Channel
from outbox.models import Delivery
from outbox.sending import send_due
from tests.outbox.line_api import Line, running


@pytest.fixture
def api(settings: Any) -> Iterator[Line]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with running(settings) as told:
        yield told


@pytest.fixture
def owed(api: Line, hana: Member) -> Delivery:
    """A word owed by LINE."""
    LineAccount.objects.create(member=hana, account="Uhana")
    return Delivery.objects.create(
        kind=LINKED, key="line:1", channel=Channel.LINE, to="Uhana", language="en", context={"member": hana.pk}
    )


def send(owed: Delivery, *, later: timedelta = timedelta()) -> Delivery:
    Delivery.objects.filter(pk=owed.pk).update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    send_due(now=timezone.now() + later, channel=Channel.LINE)
    return Delivery.objects.get(pk=owed.pk)


def test_a_row_of_line_goes_to_line_and_a_mail_by_mail(api: Line, owed: Delivery, hana: Member) -> None:
    notice = {"notice": "unknown"}
    Delivery.objects.owe("account.notice", "1", to=hana.email, language="en", context=notice)
    send_due()
    assert ([letter.to for letter in mail.outbox], api.heard) == ([[hana.email]], [])
    tasks.line()
    ((account, text),) = api.texts
    assert account == "Uhana"
    assert text == (
        "Dear hana, from now on the evening before a morning you come to, and what changes at the last moment, is told "
        "here as well as by mail.\n\nWrite “stop” to end it."
    )
    assert Delivery.objects.get(pk=owed.pk).sent_at is not None
    assert len(mail.outbox) == 1


def test_where_line_is_off_nothing_is_sent(api: Line, owed: Delivery, settings: Any) -> None:
    settings.LINE_SECRET = ""
    tasks.line()
    assert (api.paths, Delivery.objects.get().attempts) == ([], 0)


def test_what_was_accepted_when_the_line_broke_is_not_said_twice(api: Line, owed: Delivery) -> None:
    api.answers = ["accept and die"]
    assert send(owed).sent_at is None
    assert send(owed).sent_at is not None
    assert (len(api.keys), len(set(api.keys)), len(api.heard)) == (2, 1, 1)


def test_each_row_has_a_retry_key_of_its_own_and_keeps_it() -> None:
    one, other = Delivery(key="line:1"), Delivery(key="line:2")
    assert line.retry_key(one) == line.retry_key(Delivery(key="line:1")) != line.retry_key(other)


def test_when_the_quota_is_used_up_the_row_is_dropped_and_says_why(api: Line, owed: Delivery) -> None:
    api.limit = 0
    found = send(owed)
    assert (found.drop_reason, found.failed_at, api.heard) == ("LINE's monthly quota is used up", None, [])


def test_too_fast_waits_a_minute_and_costs_no_attempt(api: Line, owed: Delivery) -> None:
    api.answers = [429]
    before = timezone.now()
    found = send(owed)
    assert (found.attempts, found.sent_at, found.dropped_at) == (0, None, None)
    assert timedelta(seconds=55) < found.next_attempt_at - before < timedelta(seconds=90)


@pytest.mark.parametrize(
    ("answer", "failed", "error"),
    [(400, True, "Refused: 400 as told"), (401, False, "Trouble: 401 as told"), (500, False, "Trouble: 500 as told")],
)
def test_a_refusal_is_final_and_trouble_is_tried_again(
    api: Line, owed: Delivery, answer: int, failed: bool, error: str
) -> None:
    api.answers = [answer]
    found = send(owed)
    assert (found.failed_at is not None, found.last_error) == (failed, error)
    assert (send(owed).sent_at is None) == failed


def test_no_redirect_is_followed(api: Line, owed: Delivery) -> None:
    api.answers = ["redirect"]
    assert send(owed).last_error == "Refused: 302 "
    assert api.paths == ["/v2/bot/message/push"]


def test_a_server_that_says_nothing_is_given_up_after_some_seconds(
    api: Line, owed: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "TIMEOUT_SECONDS", 0.2)
    api.answers = ["stall"]
    found = send(owed)
    assert (found.last_error, found.attempts) == ("Unanswered: timed out", 0)


def test_the_quota_is_known(api: Line, owed: Delivery) -> None:
    send(owed)
    assert line.quota() == line.Quota(limit=200, used=1)
    assert line.quota().left == 199
    api.limit = None
    assert (line.quota(), line.quota().left) == (line.Quota(limit=None, used=1), None)
    api.answers = [500]
    with pytest.raises(line.Trouble):
        line.quota()


def test_what_is_picked_is_owed_once_beside_the_mail_in_its_transaction(
    api: Line, hana: Member, ken: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    LineAccount.objects.create(member=hana, account="Uhana")
    picked = lambda rows: [Delivery(kind=LINKED, key=r.key, to=r.to, language="ja", context=r.context) for r in rows]  # noqa: E731
    monkeypatch.setattr(by_line, "_picks", [picked])
    now = timezone.now()

    def owe() -> None:
        rows = [
            Delivery(kind="account.notice", key=f"n:{one.pk}", to=one.email, language="ja", context={"member": one.pk})
            for one in (hana, ken)
        ]
        Delivery.objects.owe_many(rows)

    with transaction.atomic():
        owe()
        transaction.set_rollback(True)
    assert Delivery.objects.count() == 0
    owe()
    owe()
    assert sorted(Delivery.objects.values_list("channel", "key", "to")) == [
        ("line", f"line:n:{hana.pk}", "Uhana"),
        ("mail", f"n:{hana.pk}", hana.email),
        ("mail", f"n:{ken.pk}", ken.email),
    ]
    end = Delivery.objects.get(channel="line").useful_until
    assert now < end < timezone.now() + by_line.USEFUL_FOR + timedelta(seconds=1)


def test_where_line_is_off_owing_a_mail_takes_no_more_statements(
    hana: Member, django_assert_num_queries: Any, settings: Any
) -> None:
    LineAccount.objects.create(member=hana, account="Uhana")
    row = Delivery(kind="reminder.tomorrow", key="n", to=hana.email, language="ja", context={})
    with django_assert_num_queries(1):
        Delivery.objects.owe_many([row])
    assert Delivery.objects.count() == 1
