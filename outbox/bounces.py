"""Mails that come back (RFC 3464), and addresses that are given no more of them.

Each mail leaves under an envelope address of its own (VERP) where the club has a mailbox for what comes back:
`bounces+<mail>-<day>-<signature>@club.example`. Whoever reports a mail must know that address, so a report cannot be
forged, and it is worth nothing after a week: mail servers give up after five days (RFC 5321, 4.5.4.1).
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import getaddresses
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from outbox.models import Delivery, Suppression

REPORTS_FOR = timedelta(days=7)
DAY_SECONDS = 86_400
LARGEST = 1_000_000  # bytes
TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
TOKEN = re.compile(r"(\d{1,18})-(\d{1,6})-([0-9a-f]{24})")
PERMANENT = re.compile(r"\s*5\.\d{1,3}\.\d{1,3}")


class Taken(StrEnum):
    """What a mail that came in turned out to be."""

    HARD = "hard bounce"
    SOFT = "soft bounce"
    FORGED = "not signed by us, or too old: ignored"
    OTHER = "no report: ignored"


def envelope(delivery: Delivery, *, now: datetime) -> str:
    """The sender a mail server reports to; empty where the club has no mailbox for that."""
    if not settings.BOUNCE_ADDRESS:
        return ""
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    day = int(now.timestamp()) // DAY_SECONDS
    return f"{local}+{delivery.pk}-{day}-{_signature(settings.LINK_KEYS[0], delivery.pk, day)}@{domain}"


def take(raw: bytes, *, now: datetime) -> Taken:
    """Take in one mail that came to the mailbox for reports. Saying the same twice changes nothing."""
    message = email.message_from_bytes(raw[:LARGEST], policy=email.policy.default)
    told = list(_told(message))
    if not told:
        return Taken.OTHER
    delivery = _reported(message, now=now)
    if delivery is None:
        return Taken.FORGED
    for status, recipient in told:
        if PERMANENT.match(status):
            come_back(delivery, status, recipient=recipient, now=now)
            return Taken.HARD
    return Taken.SOFT


def come_back(delivery: Delivery, reason: str, *, now: datetime, recipient: str = "") -> None:
    """There is no such address, says a mail server: counted once a mail, for whom it was to or who had a copy."""
    copies = {address.lower() for address in (delivery.rendered or {}).get("cc", [])}
    address = recipient if recipient in copies else delivery.to
    with transaction.atomic():
        first = Delivery.objects.filter(pk=delivery.pk, bounced_at=None).update(bounced_at=now)
        if first:
            Suppression.note(address, reason, now=now)


def suppressed(deliveries: Iterable[Delivery]) -> set[str]:
    """Which of these mails' addresses are given none any more: one query."""
    addresses = {delivery.to.lower() for delivery in deliveries}
    return set(Suppression.objects.in_force().filter(address__in=addresses).values_list("address", flat=True))


def _told(message: EmailMessage) -> Iterator[tuple[str, str]]:
    """Status and address of each recipient of a delivery report, failed or delayed."""
    if message.get_content_type() != "multipart/report":
        return
    parts = (part for part in message.walk() if part.get_content_type() == "message/delivery-status")
    for fields in (fields for part in parts for fields in part.walk()):
        if fields["Action"] and fields["Status"]:
            final = str(fields["Final-Recipient"] or "").rpartition(";")[2]
            yield str(fields["Status"]), final.strip().lower()


def _reported(message: EmailMessage, *, now: datetime) -> Delivery | None:
    """The mail a report is about, if it came to an address of ours that is not too old."""
    received = [str(value) for name in TO for value in message.get_all(name, [])]
    for _name, address in getaddresses(received):
        found = TOKEN.fullmatch(address.rpartition("@")[0].rpartition("+")[2])
        if found and _is_ours(int(found[1]), int(found[2]), found[3], now=now):
            return Delivery.objects.filter(pk=int(found[1])).first()
    return None


def _is_ours(pk: int, day: int, signature: str, *, now: datetime) -> bool:
    is_fresh = 0 <= int(now.timestamp()) // DAY_SECONDS - day <= REPORTS_FOR.days
    signed = any(hmac.compare_digest(_signature(key, pk, day), signature) for key in settings.LINK_KEYS)
    return is_fresh and signed


def _signature(key: str, pk: int, day: int) -> str:
    return hmac.new(key.encode(), f"asakai.bounce.v1:{pk}:{day}".encode(), hashlib.sha256).hexdigest()[:24]
