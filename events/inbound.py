"""The club's mailbox, read by a machine: reports of mails that did not arrive, and answers given in a calendar.

Two ways lead here, `manage.py inbound` and a webhook; both know one function. Everything else is ignored: nobody's
letter is read by a program.
"""

from __future__ import annotations

from datetime import datetime

from events import calendar_replies
from outbox import bounces
from outbox.bounces import Taken


def take(raw: bytes, *, now: datetime) -> str:
    """Take in one mail as it stands on the wire (RFC 5322); says what it turned out to be. Twice changes nothing."""
    try:
        taken = bounces.take(raw, now=now)
        return taken.value if taken is not Taken.OTHER else calendar_replies.take(raw, now=now).value
    except RecursionError:
        return Taken.OTHER.value
