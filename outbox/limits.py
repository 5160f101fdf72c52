"""How much goes: at most so many mails a month to one reader, and no more a minute than the mail server likes.

Seat matters and what always comes are not counted. What is over the month's number waits for the next one, or is
dropped where it would be useless by then (docs/decisions/0014).
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outbox import kinds
from outbox.by_line import Channel
from outbox.topics import Topic

if TYPE_CHECKING:
    from outbox.models import Delivery

# When in a new month those go that waited for it: by day, as the others do.
FROM = time(12, 10)
ENOUGH = "enough mails this month"
# Told of a morning one has a seat at: never held back. Asked for by oneself: neither.
NOT_COUNTED = {Topic.REMIND, Topic.MEMORY}
LOCK = 4_207_137  # in a namespace of its own, beside every other advisory lock


class Limits(models.Model):
    """What the operator set. Always row 1; 0 is no limit."""

    monthly = models.PositiveSmallIntegerField(
        _("Mails a month to one member, at most"), default=6, validators=[MaxValueValidator(100)]
    )
    # The mail server's minute: how many may go at once, and since when that is so.
    tokens = models.FloatField(default=0, editable=False)
    tokens_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(name="limits_are_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.monthly}"

    @classmethod
    def current(cls) -> Limits:
        return cls.objects.filter(pk=1).first() or cls(pk=1)


def counts(delivery: Delivery) -> bool:
    """Whether it takes one of the month's places: neither a seat matter nor what always comes.

    Where a kind goes to those who come as well as to others, whoever owes it says so (`context["seat"]`).
    """
    topic = kinds.get(delivery.kind).topic
    stops = topic.can_stop and topic not in NOT_COUNTED
    return stops and not delivery.context.get("seat") and delivery.channel == Channel.MAIL


def take_place(delivery: Delivery, *, now: datetime) -> None:
    """Take one of its reader's places of this month; it is given back if the mail does not go after all.

    Raises `kinds.NotNow` until the next month, or `kinds.Unwanted` where the mail is useless by then.
    """
    if delivery.counted_at is not None or not counts(delivery):
        return
    most = Limits.current().monthly
    with transaction.atomic():
        _one_at_a_time(delivery.to)
        mails = type(delivery).objects
        if not most or mails.filter(to=delivery.to, counted_at__gte=_month(now)).count() < most:
            mails.filter(pk=delivery.pk).update(counted_at=now)
            delivery.counted_at = now
            return
    later = next_month(now)
    if delivery.useful_until is not None and delivery.useful_until <= later:
        raise kinds.Unwanted(ENOUGH)
    raise kinds.NotNow(later)


def _month(now: datetime) -> datetime:
    """When the club's month began."""
    return timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(now: datetime) -> datetime:
    """When those go that waited for another month."""
    local = timezone.localtime(now)
    year, month = divmod(local.year * 12 + local.month, 12)
    return datetime.combine(local.date().replace(year=year, month=month + 1, day=1), FROM, tzinfo=local.tzinfo)


def _one_at_a_time(address: str) -> None:
    """Two workers that hold mails to one reader count one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, address])


def allowance(wanted: int, *, now: datetime) -> int:
    """How many of these may go to the server now, in the caller's transaction, which holds the count until it ends.

    A bucket that holds a quarter of MAIL_PER_MINUTE and fills by the rest of it: full at first, it gives no minute more
    than that. Off where that is 0.
    """
    rate = settings.MAIL_PER_MINUTE
    if not rate:
        return wanted
    holds = max(rate / 4, 1)
    fills = max(rate - holds, rate / 2)
    Limits.objects.bulk_create([Limits(pk=1)], ignore_conflicts=True)
    found = Limits.objects.select_for_update().get(pk=1)
    since = (now - found.tokens_at).total_seconds() if found.tokens_at else 120.0
    found.tokens, found.tokens_at = min(found.tokens + max(since, 0) * fills / 60, holds), now
    found.save(update_fields=["tokens", "tokens_at"])
    return max(0, min(wanted, int(found.tokens)))


def spend(mails: int) -> None:
    """So many were taken for sending, in the transaction of `allowance`."""
    if settings.MAIL_PER_MINUTE and mails:
        Limits.objects.filter(pk=1).update(tokens=models.F("tokens") - mails)


def give_back(mails: int, *, channel: str) -> None:
    """So many of them did not go: useless by now, not wanted, or refused."""
    if channel == Channel.MAIL:
        spend(-mails)
