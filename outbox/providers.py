"""What mail services post about mails that came back: Postmark, SendGrid, and Amazon SES by way of SNS.

Whoever posts has shown the secret of the address (events/views/inbound.py). Of all they say only this is read: which
address gave a mail back for good, and if they know it our Message-ID.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outbox.bounces import REPORTS_FOR, Taken, come_back
from outbox.models import Delivery

EVENTS_AT_MOST, CANDIDATES = 1000, 50


@dataclass(frozen=True)
class Returned:
    """One address that gave one mail back."""

    address: str
    is_hard: bool
    message_id: str
    reason: str


def take(raw: bytes, *, now: datetime) -> Taken:
    """Take in what a service posted. Saying the same twice changes nothing; what is not understood is ignored."""
    try:
        told = list(_told(json.loads(raw)))[:EVENTS_AT_MOST]
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        return Taken.OTHER
    hard = [one for one in told if one.is_hard]
    for one in hard:
        delivery = _delivery(one, now=now)
        if delivery is not None:
            come_back(delivery, one.reason, now=now)
    return Taken.HARD if hard else Taken.SOFT if told else Taken.OTHER


def _told(posted: Any) -> Iterator[Returned]:
    """By the shape of what was posted."""
    if isinstance(posted, list):
        yield from (one for event in posted for one in _sendgrid(event))
    elif "RecordType" in posted:
        yield from _postmark(posted)
    elif posted.get("Type") == "Notification":
        yield from _ses(json.loads(posted["Message"]))


def _postmark(posted: dict[str, Any]) -> Iterator[Returned]:
    """https://postmarkapp.com/developer/webhooks/bounce-webhook"""
    if posted["RecordType"] == "Bounce":
        hard = posted["Type"] in {"HardBounce", "BadEmailAddress"}
        yield Returned(str(posted["Email"]), hard, "", str(posted.get("Details") or posted["Type"]))


def _sendgrid(event: dict[str, Any]) -> Iterator[Returned]:
    """https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event; `blocked` is not for good."""
    if event["event"] == "bounce":
        hard = event.get("type", "bounce") == "bounce"
        yield Returned(str(event["email"]), hard, str(event.get("smtp-id", "")), str(event.get("reason", "bounce")))


def _ses(posted: dict[str, Any]) -> Iterator[Returned]:
    """https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html"""
    if posted.get("notificationType", posted.get("eventType")) != "Bounce":
        return
    hard = posted["bounce"]["bounceType"] == "Permanent"
    known = str(posted.get("mail", {}).get("commonHeaders", {}).get("messageId", ""))
    for one in posted["bounce"]["bouncedRecipients"]:
        yield Returned(str(one["emailAddress"]), hard, known, str(one.get("diagnosticCode", "Permanent")))


def _delivery(one: Returned, *, now: datetime) -> Delivery | None:
    """The mail it is about, among those sent to the address of late: by our Message-ID, else the newest."""
    sent = Delivery.objects.filter(to=one.address.lower().strip(), sent_at__gt=now - REPORTS_FOR)
    candidates = list(sent.order_by("-sent_at", "-pk")[:CANDIDATES])
    named = [delivery for delivery in candidates if one.message_id.strip("<>") == delivery.message_id.strip("<>")]
    return next(iter(named or candidates), None)
