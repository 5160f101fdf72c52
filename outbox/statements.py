"""What is written into the books for every mail that goes, in plain SQL: to build a statement anew costs five times it.

Of these, only the commit that a mail has gone waits for the disk, and brings everything before it there. Should the
machine lose its power in between, a mail on its way has one attempt less, or is rendered anew.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.prepared import execute

if TYPE_CHECKING:
    from outbox.models import Delivery

# As Delivery.objects.open().
BEGIN_IT = """
UPDATE outbox_delivery
SET attempts = attempts + 1, next_attempt_at = %s, rendered = coalesce(%s::jsonb, rendered)
WHERE id = %s AND next_attempt_at = %s AND sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL
"""
# With a commit that does not wait for the disk.
BEGIN = f"{BEGIN_IT} AND set_config('synchronous_commit', 'off', true) = 'off'"
KEEP_RENDERED = """
UPDATE outbox_delivery SET rendered = %s::jsonb
WHERE id = %s AND set_config('synchronous_commit', 'off', true) = 'off'
"""
OWE = """
INSERT INTO outbox_delivery (
  kind, key, channel, lane, "to", language, context, created_at, next_attempt_at, useful_until,
  attempts, last_error, dropped_at, drop_reason
)
VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, 0, '', %s, %s) ON CONFLICT DO NOTHING
"""
SUCCEED = """
UPDATE outbox_delivery SET sent_at = %s, last_error = ''
WHERE id = %s AND sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL
"""
GONE_AND_BEGIN = f"WITH gone AS ({SUCCEED}) {BEGIN_IT}"


def owe(row: Delivery) -> None:
    """One mail owed; a row whose key is known is left as it is."""
    context = json.dumps(row.context)
    what = (row.kind, row.key, row.channel, row.lane, row.to, row.language, context)
    _changed(OWE, *what, row.created_at, row.next_attempt_at, row.useful_until, row.dropped_at, row.drop_reason)


def begin(pk: int, *, held_until: datetime, lease: datetime, text: dict[str, Any] | None) -> bool:
    """Count an attempt and renew the lease, if it is still the one we hold; keep the text, if there is one by now."""
    return _changed(BEGIN, lease, json.dumps(text) if text else None, pk, held_until)


def gone_and_begin(
    gone: int, pk: int, *, now: datetime, held_until: datetime, lease: datetime, text: dict[str, Any] | None
) -> bool:
    """That one mail has gone, and the beginning of the next: one journey, and one wait for the disk."""
    return _changed(GONE_AND_BEGIN, now, gone, lease, json.dumps(text) if text else None, pk, held_until)


def keep_rendered(pk: int, text: dict[str, Any] | None) -> None:
    """The bytes of the mail, before the first of them goes out."""
    _changed(KEEP_RENDERED, json.dumps(text), pk)


def succeed(pk: int, *, now: datetime) -> None:
    """The server has taken it: what has ended otherwise stays as it is."""
    _changed(SUCCEED, now, pk)


def _changed(statement: str, *values: int | str | datetime | None) -> bool:
    return execute(statement, values) > 0
