"""A code mailed to an address and typed on a page of the same browser: what it opens, until when, how many tries."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language

from members import codes, links
from outbox.models import Delivery, Lane

GOOD_FOR, TRIES = timedelta(minutes=30), 5
# In the session, for each purpose: what can be made from the code, until when it is good, how many tries are left.
KEPT = "mailed-codes"


def ask(request: HttpRequest, what_for: str, address: str, subject: object, *, now: datetime) -> None:
    """Owe the mail, in the caller's transaction. `what_for` is a case of templates/emails/account_code_*;

    `subject` is whatever the code must not open anything else for, a member and an address.
    """
    code = codes.new()
    kept = {"digest": _digest(what_for, subject, code), "until": (now + GOOD_FOR).timestamp(), "tries": TRIES}
    request.session[KEPT] = request.session.get(KEPT, {}) | {what_for: kept}
    Delivery.objects.owe(
        "account.code",
        links.derive("account.code", f"{what_for}:{address}:{code}:{now:%Y-%m-%d}"),
        to=address,
        language=get_language() or "ja",
        context={"for": what_for, "code": code, "minutes": int(GOOD_FOR.total_seconds()) // 60},
        lane=Lane.CODE,
        useful_until=now + GOOD_FOR,
    )


def pretend(request: HttpRequest, what_for: str, *, now: datetime) -> None:
    """As if a code had been mailed: for an address about which the asker must learn nothing. None opens it."""
    kept = {"digest": "", "until": (now + GOOD_FOR).timestamp(), "tries": TRIES}
    request.session[KEPT] = request.session.get(KEPT, {}) | {what_for: kept}


def is_asked(request: HttpRequest, what_for: str, *, now: datetime) -> bool:
    """Whether a code for this is on its way and not too old."""
    kept: dict[str, Any] = request.session.get(KEPT, {}).get(what_for) or {}
    return bool(kept) and kept["until"] > now.timestamp()


def opens(request: HttpRequest, what_for: str, subject: object, typed: str, *, now: datetime) -> bool:
    """Whether it is the code; each try costs one of five, and the last takes the code away."""
    kept: dict[str, dict[str, Any]] = request.session.get(KEPT, {})
    mine = kept.get(what_for)
    if not mine:
        return False
    is_fresh = mine["until"] > now.timestamp() and mine["tries"] > 0
    if is_fresh and constant_time_compare(mine["digest"], _digest(what_for, subject, codes.tidy(typed))):
        request.session[KEPT] = {name: value for name, value in kept.items() if name != what_for}
        return True
    request.session[KEPT] = kept | {what_for: mine | {"tries": max(mine["tries"] - 1, 0)}}
    return False


def _digest(what_for: str, subject: object, code: str) -> str:
    return links.derive("mailed-code", f"{what_for}:{subject}:{code}")
