"""LINE's Messaging API (https://developers.line.biz/en/reference/messaging-api/): push to one person, and the quota.

Nobody waits longer than some seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from config import outside
from outbox.kinds import NotNow, Unwanted
from outbox.models import Delivery

TIMEOUT_SECONDS = 5
ANSWER_AT_MOST = 20_000
# LINE says "too many" also of what comes too fast; then it is asked again after this.
TOO_FAST_AGAIN = timedelta(minutes=1)
QUOTA_USED_UP = "monthly limit"
TEXT_AT_MOST = 5000


class Refused(Exception):  # noqa: N818
    """LINE will not take this message, however often it is asked."""


class Trouble(Exception):  # noqa: N818
    """LINE has trouble of its own, or does not know our token: worth another try."""


@dataclass(frozen=True)
class Quota:
    """Messages a month, counted by recipient; `limit` is None where there is none."""

    limit: int | None
    used: int

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(self.limit - self.used, 0)


def push(delivery: Delivery) -> None:
    """Send the stored text to one person; a repeat of what LINE has taken already is no second message.

    Raises `Unwanted` when the month's quota is used up, `NotNow` when it comes too fast, `Refused`, or `Trouble`.
    """
    text = (delivery.rendered or {})["text"][:TEXT_AT_MOST]
    body = {"to": delivery.to, "messages": [{"type": "text", "text": text}]}
    status, answer = _call("POST", "/v2/bot/message/push", body, {"X-Line-Retry-Key": retry_key(delivery)})
    # 409: this retry key has been accepted before; the message is on its way.
    if status in {200, 409}:
        return
    said = str(answer.get("message", ""))[:200]
    if status == 429:
        if QUOTA_USED_UP in said:
            raise Unwanted("LINE's monthly quota is used up")
        raise NotNow(timezone.now() + TOO_FAST_AGAIN)
    if status in {401, 403} or status >= 500:
        raise Trouble(f"{status} {said}")
    raise Refused(f"{status} {said}")


def quota() -> Quota:
    """How many messages this month has, and how many of them are used. Raises `Trouble` or OSError."""
    status, limit = _call("GET", "/v2/bot/message/quota")
    if status == 200:
        status, used = _call("GET", "/v2/bot/message/quota/consumption")
    if status != 200:
        raise Trouble(str(status))
    limited = limit.get("type") == "limited"
    return Quota(int(limit["value"]) if limited else None, int(used["totalUsage"]))


def retry_key(delivery: Delivery) -> str:
    """The same UUID at every attempt of this row, and of no other."""
    digest = hmac.new(settings.LINK_KEYS[0].encode(), f"line-retry:{delivery.key}".encode(), hashlib.sha256).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _call(
    method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one request; an answer that is no JSON is an empty one."""
    content = json.dumps(body).encode() if body is not None else None
    given = {"Authorization": f"Bearer {settings.LINE_TOKEN}", "Content-Type": "application/json"} | (headers or {})
    status, raw = outside.ask(
        settings.LINE_API.rstrip("/") + path, method=method, body=content, headers=given,
        seconds=TIMEOUT_SECONDS, at_most=ANSWER_AT_MOST,
    )  # fmt: skip
    try:
        answer = json.loads(raw)
    except ValueError:
        answer = {}
    return status, answer if isinstance(answer, dict) else {}
