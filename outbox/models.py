"""One mail owed is one row. The row is the truth; the broker only wakes the worker."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from outbox import by_line, owing, statements, wake
from outbox.by_line import Channel
from outbox.limits import Limits  # noqa: F401 - Django looks for models here
from outbox.stops import Stop  # noqa: F401 - and here


class Lane(models.IntegerChoices):
    """Lanes go before age: a sign-in code never waits behind a thousand reminders."""

    CODE = 0
    ANSWER = 1
    BULK = 2


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def open(self) -> DeliveryQuerySet:
        return self.filter(sent_at=None, dropped_at=None, failed_at=None)

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Owed, and nobody holds a lease on it."""
        return self.open().filter(next_attempt_at__lte=now)

    def owe(
        self,
        kind: str,
        key: str,
        *,
        to: str,
        language: str,
        context: dict[str, Any],
        lane: Lane = Lane.ANSWER,
        not_before: datetime | None = None,
        useful_until: datetime | None = None,
    ) -> None:
        """Write a mail into the books, in the caller's transaction.

        `key` names the mail for ever (kind, object, its version, person): the same key a second time is no second mail.
        `context` holds ids and plain values; what the mail says is decided when it is claimed.
        """
        row = Delivery(kind=kind, key=f"{kind}:{key}", to=to, language=language, context=context, lane=lane)
        row.next_attempt_at = not_before or row.created_at
        row.useful_until = useful_until
        self.owe_many([row])

    def owe_many(self, rows: Sequence[Delivery]) -> None:
        """Many mails in one statement per 500; a row whose key is known is left as it is."""
        rows = [*rows, *by_line.copies(rows)]
        owing.note(row.key for row in rows)
        if len(rows) == 1:
            statements.owe(rows[0])
        else:
            self.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        if rows:
            wake.on_commit()


class Delivery(models.Model):
    """A mail owed to one address, from the moment a rule decides it until it is sent, dropped or given up."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=4, choices=Channel, default=Channel.MAIL)
    lane = models.SmallIntegerField(choices=Lane, default=Lane.ANSWER)
    # A mail address, or LINE's name for somebody.
    to = models.EmailField(max_length=254)
    language = models.CharField(max_length=8)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    useful_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    drop_reason = models.CharField(max_length=100, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    # A mail server said that there is no such address.
    bounced_at = models.DateTimeField(null=True, blank=True)
    # When it took one of its reader's places of a month (outbox/limits.py).
    counted_at = models.DateTimeField(null=True, blank=True)
    # The very bytes of the mail without Date, kept from the first attempt on: a retry sends the same.
    rendered = models.JSONField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["lane", "created_at", "id"],
                name="delivery_due",
                condition=Q(sent_at=None, dropped_at=None, failed_at=None),
            ),
            models.Index(fields=["to"], name="delivery_to"),
            models.Index(fields=["to", "counted_at"], name="delivery_counted", condition=Q(counted_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="delivery_one_ending",
                condition=(Q(sent_at=None) & Q(dropped_at=None))
                | (Q(sent_at=None) & Q(failed_at=None))
                | (Q(dropped_at=None) & Q(failed_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.to}"

    @property
    def message_id(self) -> str:
        """The same at every attempt, so that a mail which arrived twice is seen as one; nothing personal inside."""
        digest = hmac.new(settings.LINK_KEYS[0].encode(), f"message-id:{self.key}".encode(), hashlib.sha256)
        return f"<{digest.hexdigest()[:40]}@{urlsplit(settings.SITE_URL).hostname}>"

    def begin(self, *, now: datetime, text: dict[str, Any] | None = None, gone: Delivery | None = None) -> bool:
        """Count the attempt before it is made, and renew the lease; false when another worker holds it by now.

        The `text`, where it is at hand already and there is none from an earlier attempt, goes into the books with it;
        and that the mail before it has `gone`.
        """
        lease = now + timedelta(seconds=settings.MAIL_LEASE_SECONDS)
        fresh, held_until = None if self.rendered else text, self.next_attempt_at
        if gone is None:
            is_ours = statements.begin(self.pk, held_until=held_until, lease=lease, text=fresh)
        else:
            is_ours = statements.gone_and_begin(
                gone.pk, self.pk, now=now, held_until=held_until, lease=lease, text=fresh
            )
            gone.sent_at, gone.last_error = now, ""
        if not is_ours:
            return False
        self.rendered = self.rendered or text
        self.attempts, self.next_attempt_at = self.attempts + 1, lease
        return True

    def keep_rendered(self) -> None:
        """The bytes of the mail into the books, before the first of them goes out."""
        statements.keep_rendered(self.pk, self.rendered)

    def drop(self, reason: str, *, now: datetime) -> None:
        """Decide not to send it, and keep why."""
        self._end(dropped_at=now, drop_reason=reason[:100])

    def succeed(self, *, now: datetime) -> None:
        """Record that the server took it."""
        if self.lane == Lane.CODE:
            self._end(sent_at=now, last_error="")
            return
        statements.succeed(self.pk, now=now)
        self.sent_at, self.last_error = now, ""

    def fail(self, error: str, *, now: datetime, retry_at: datetime | None) -> None:
        """Record an attempt that did not succeed; without `retry_at` it was the last."""
        error = error.replace("\0", "")[:500]
        if retry_at is None:
            self._end(failed_at=now, last_error=error)
        else:
            self._set(next_attempt_at=retry_at, last_error=error)

    def postpone(self, until: datetime, *, error: str = "") -> None:
        """Not now, and not this mail's fault: the attempt and the place of the month are taken back."""
        error = error.replace("\0", "")[:500]
        attempts = max(self.attempts - 1, 0)
        self._set(attempts=attempts, next_attempt_at=until, last_error=error, counted_at=None)

    def retry(self, *, now: datetime) -> bool:
        """Try one that was given up from the beginning; false when it was not given up, or has become useless.

        A code has been wiped from the books when it was given up: it cannot go again.
        """
        given_up = type(self).objects.filter(pk=self.pk, failed_at__isnull=False)
        tried = given_up.exclude(useful_until__lt=now).exclude(lane=Lane.CODE)
        if not tried.update(failed_at=None, attempts=0, next_attempt_at=now):
            return False
        wake.on_commit()
        return True

    @property
    def can_retry(self) -> bool:
        """Whether `retry` would do anything now."""
        is_useful = self.useful_until is None or self.useful_until >= timezone.now()
        return self.failed_at is not None and self.lane != Lane.CODE and is_useful

    def _end(self, **fields: Any) -> None:
        """However it ends, a code has no business in the books any more; what did not go has no place in a month."""
        wiped: dict[str, Any] = {"rendered": None, "context": {}} if self.lane == Lane.CODE else {}
        if "sent_at" not in fields:
            wiped["counted_at"] = None
        self._set(**fields, **wiped)

    def _set(self, **fields: Any) -> None:
        """What has ended stays as it ended, should a worker that was thought dead come back."""
        type(self).objects.open().filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)


def claim(*, now: datetime, limit: int, channel: str = Channel.MAIL, lane: int | None = None) -> list[Delivery]:
    """Take up to `limit` due mails of a channel, or of one lane of it; the lease runs before anything is sent.

    The oldest first, whenever it fell due: what a worker that died has left goes before what came later. Each mail's
    attempt is counted when its turn comes: one that kills the worker costs no other an attempt, and stands behind those
    that have not had their turn.
    """
    lease = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    due = Delivery.objects.due(now).filter(channel=channel).order_by("lane", "created_at", "id")
    if lane is not None:
        due = due.filter(lane=lane)
    ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=ids).update(next_attempt_at=now + lease)
    return list(Delivery.objects.filter(pk__in=ids).order_by("attempts", "lane", "created_at", "id"))


def release(deliveries: list[Delivery], *, now: datetime) -> None:
    """Give mails of one claim back that had no turn, as far as the lease is still ours."""
    ours = Q(pk__in=[d.pk for d in deliveries], next_attempt_at__in={d.next_attempt_at for d in deliveries})
    Delivery.objects.open().filter(ours).update(next_attempt_at=now)


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def in_force(self) -> SuppressionQuerySet:
        return self.filter(since__isnull=False)

    def holds(self, address: str) -> bool:
        """Whether this address is given no mails at the moment."""
        return self.in_force().filter(address=address.lower()).exists()


class Suppression(models.Model):
    """An address from which mails came back for good. After two it is given no more, until an operator releases it."""

    AFTER = 2

    address = models.EmailField(max_length=254, unique=True)
    hard_bounces = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    since = models.DateTimeField(null=True, blank=True)

    objects = SuppressionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.address

    @classmethod
    def note(cls, address: str, reason: str, *, now: datetime) -> None:
        """One more mail to this address came back for good."""
        with transaction.atomic():
            values = {"last_at": now, "reason": reason[:500]}
            cls.objects.get_or_create(address=address.lower(), defaults=values)
            found = cls.objects.select_for_update().get(address=address.lower())
            found.hard_bounces, found.last_at, found.reason = found.hard_bounces + 1, now, reason[:500]
            if found.hard_bounces >= cls.AFTER:
                found.since = found.since or now
            found.save()

    def release(self) -> None:
        """Give it mails again: what is owed from now on goes, and counting begins anew."""
        self.delete()


class MailboxMessage(models.Model):
    """A mail as it would have gone out, kept for the mailbox page of local mode."""

    received_at = models.DateTimeField(default=timezone.now)
    recipients = models.JSONField()
    subject = models.CharField(max_length=998)
    raw = models.BinaryField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject


class Heartbeat(models.Model):
    """The last sign of life of a part that has no address of its own: worker, scheduler."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"

    @staticmethod
    def beat(name: str, *, now: datetime) -> None:
        """Say that this part is alive."""
        Heartbeat.objects.bulk_create(
            [Heartbeat(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
        )
