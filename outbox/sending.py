"""Send what is owed: claim, ask once more whether it is wanted, render once, send outside any transaction, record.

A process may die at any of these points. Before the claim: nothing happened. After it: the lease runs out and another
worker takes the mail; the one whose turn it was is an attempt poorer. Between the server's 250 and our record: the mail
goes a second time with the same Message-ID and the same bytes (RFC 1047 says why this gap cannot be closed).
"""

import logging
import secrets
import smtplib
import time
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from outbox import bounces, kinds, limits, line, rendering
from outbox.by_line import Channel
from outbox.models import Delivery, Lane, claim, release
from outbox.stops import Stop
from outbox.topics import Subject

log = logging.getLogger(__name__)

# A batch is about a second's work; a worker that dies holds it up for the time of a lease.
BATCH, BATCH_AT_MOST, BATCH_SECONDS = 20, 100, 1.0
# Well below the hard time limit of a task and the lease of a batch.
TIME_SECONDS = 45
BACK_OFF = [10, 60, 300, 900, 1800, 3600, 7200]
# A server that is away costs no mail an attempt: it is asked again after this, for as long as that.
UNREACHABLE_AGAIN = 240
UNREACHABLE_FOR = timedelta(days=3)


def send_due(*, now: datetime | None = None, channel: str = Channel.MAIL) -> int:
    """Send due mails of a channel until none is left or this task has had its time; returns how many were sent."""
    stop_at = time.monotonic() + TIME_SECONDS
    sent, size = 0, BATCH
    while (began := time.monotonic()) < stop_at:
        batch = _taken(size, now=now or timezone.now(), channel=channel)
        if not batch:
            break
        went = _send_batch(batch, stop_at)
        limits.give_back(len(batch) - went, channel=channel)
        sent += went
        size = _next_size(len(batch), time.monotonic() - began)
    return sent


def _next_size(mails: int, seconds: float) -> int:
    """As many as go in a second, when these took so long: what a batch costs once is then paid for many."""
    return max(BATCH, min(int(mails * BATCH_SECONDS / max(seconds, 0.001)), BATCH_AT_MOST))


@transaction.atomic
def _taken(size: int, *, now: datetime, channel: str) -> list[Delivery]:
    """The next mails, no more than the server may be given now. Codes wait for nobody, and are counted all the same."""
    if channel != Channel.MAIL:
        return claim(now=now, limit=size, channel=channel)
    allowed = limits.allowance(size, now=now)
    batch = claim(now=now, limit=allowed) if allowed else claim(now=now, limit=size, lane=Lane.CODE)
    limits.spend(len(batch))
    return batch


def _send_batch(batch: list[Delivery], stop_at: float) -> int:
    """One SMTP connection for the batch; one mail's trouble is not another's."""
    connection: BaseEmailBackend = get_connection()
    sent, unwelcome, gone = 0, bounces.suppressed(batch), Gone()
    stopped, letters = Stop.objects.of_all(delivery.to for delivery in batch), rendering.Letters(batch)
    try:
        for place, delivery in enumerate(batch):
            if time.monotonic() >= stop_at:
                gone.on_record()
                release(batch[place:], now=timezone.now())
                break
            if delivery.to.lower() in unwelcome and delivery.lane != Lane.CODE:
                gone.on_record()
                delivery.drop("address gives mails back", now=timezone.now())
                continue
            sent += _send(delivery, connection, letters, stopped.get(delivery.to.lower(), set()), gone)
    finally:
        gone.on_record()
        connection.close()
    return sent


class Gone:
    """The mail that has gone a moment ago and is not on record yet: that is written with the next one's beginning.

    Nothing may come in between that takes time, or sends it again should the worker die: where the next is not at hand,
    `on_record` writes it alone.
    """

    def __init__(self) -> None:
        self.last: Delivery | None = None

    def on_record(self) -> None:
        """Write it now, if it is not written."""
        if self.last is not None:
            self.last.succeed(now=timezone.now())
            self.last = None


def _send(
    delivery: Delivery,
    connection: BaseEmailBackend,
    letters: rendering.Letters,
    stopped: Collection[Subject],
    gone: Gone,
) -> bool:
    now, begun = timezone.now(), False
    try:
        if not _ready(delivery, letters, stopped, gone, now=now):
            return False
        begun = _reach(delivery, connection)
        _hand_over(delivery, connection)
    except kinds.Unwanted as reason:
        delivery.drop(str(reason), now=now)
    except kinds.NotNow as later:
        delivery.postpone(later.until)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this mail's trouble alone
        _failed(delivery, error, is_away=not begun and is_unreachable(error), now=timezone.now())
        _hang_up(connection, politely=isinstance(error, smtplib.SMTPException))
    else:
        gone.last = delivery
        if delivery.lane != Lane.BULK:
            gone.on_record()
        return True
    return False


def _reach(delivery: Delivery, connection: BaseEmailBackend) -> bool:
    """Whether a mail server listens now: from here on, a line that breaks may break after it has taken the mail.

    That is an attempt. A server that always takes a mail and never says so would send it for days otherwise.
    """
    if delivery.channel == Channel.LINE:
        return False
    connection.open()
    server: smtplib.SMTP | None = getattr(connection, "connection", None)
    if server:
        server.ehlo_or_helo_if_needed()
    return True


def _hand_over(delivery: Delivery, connection: BaseEmailBackend) -> None:
    """Out of the house, by the way it goes."""
    if delivery.channel == Channel.LINE:
        line.push(delivery)
    else:
        rendering.message(delivery, connection).send()


def _hang_up(connection: BaseEmailBackend, *, politely: bool) -> None:
    """A connection that had trouble is not trusted with the next mail.

    Where the server did not answer we say no QUIT: it might let us wait for that another EMAIL_TIMEOUT, and the task
    would be killed before it has given the rest of the batch back.
    """
    line: smtplib.SMTP | None = getattr(connection, "connection", None)
    if line and not politely:
        line.close()
    connection.close()


def _ready(
    delivery: Delivery, letters: rendering.Letters, stopped: Collection[Subject], gone: Gone, *, now: datetime
) -> bool:
    """Still useful, still wanted, and rendered: the text is stored before the first byte goes out."""
    text, expired = letters.at_hand(delivery), delivery.useful_until is not None and delivery.useful_until < now
    if text is None or expired or delivery.attempts >= settings.MAIL_ATTEMPTS:
        gone.on_record()
    if expired:
        delivery.drop("expired", now=now)
        return False
    if delivery.attempts >= settings.MAIL_ATTEMPTS:
        delivery.fail(delivery.last_error or "the worker died at every attempt", now=now, retry_at=None)
        return False
    is_ours = delivery.begin(now=now, text=text, gone=gone.last)
    gone.last = None
    if not is_ours:
        return False
    letter = letters.of(delivery)
    subjects = kinds.get(delivery.kind).subjects(letter)
    if subjects and all(subject in stopped for subject in subjects):
        raise kinds.Unwanted("unsubscribed")
    limits.take_place(delivery, now=now)
    # Rendered anew only where what it is about has changed since: the text would tell the wrong hour.
    if delivery.rendered is None or delivery.rendered["version"] != letter.version:
        delivery.rendered = letters.rendered(delivery, letter)
        delivery.keep_rendered()
    return True


def _failed(delivery: Delivery, error: Exception, *, is_away: bool, now: datetime) -> None:
    if is_away and now - delivery.created_at < UNREACHABLE_FOR:
        log.warning("The mail server cannot be reached (%s); mail %s waits", type(error).__name__, delivery.pk)
        delivery.postpone(now + spread(UNREACHABLE_AGAIN), error=f"{type(error).__name__}: {error}")
        return
    last = is_permanent(error) or delivery.attempts >= settings.MAIL_ATTEMPTS
    retry_at = None if last else now + back_off(delivery.attempts)
    log.warning("Mail %s was not sent (%s); %s", delivery.pk, type(error).__name__, retry_at or "given up")
    delivery.fail(f"{type(error).__name__}: {error}", now=now, retry_at=retry_at)
    if isinstance(error, smtplib.SMTPRecipientsRefused) and is_permanent(error):
        bounces.come_back(delivery, str(error), now=now)


def is_permanent(error: Exception) -> bool:
    """Whether the server said a 5xx about this recipient or this mail (RFC 5321 section 4.2.1)."""
    if isinstance(error, line.Refused):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and error.smtp_code >= 500


def is_unreachable(error: Exception) -> bool:
    """Whether no mail server talked to us about this mail: away, refusing the connection or our password."""
    if isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError | smtplib.SMTPAuthenticationError):
        return True
    return isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th attempt: growing, and spread by ±25 % so that they do not come back together."""
    return spread(BACK_OFF[min(attempts, len(BACK_OFF)) - 1])


def spread(seconds: int) -> timedelta:
    """About so long, ±25 %."""
    return timedelta(seconds=seconds * (0.75 + secrets.randbelow(5001) / 10_000))
