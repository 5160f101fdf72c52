"""A second channel: some mails go by LINE as well, to who has linked an account. Never instead of the mail.

Off unless token and secret are set; then what apps pick is owed in the transaction of the mail,
as a row of its own whose key is made from the mail's: it is said at most once, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from outbox.models import Delivery

# LINE remembers a retry key for a day; a later attempt could be heard twice.
USEFUL_FOR = timedelta(hours=23)


class Channel(models.TextChoices):
    """How a row leaves the house."""

    MAIL = "mail"
    LINE = "line"


# Of the mails owed in one go: what is to go by LINE too, as new rows still addressed to the mail address.
Pick = Callable[[Sequence["Delivery"]], Iterable["Delivery"]]
# LINE's name for each of these mail addresses that has one.
Accounts = Callable[[Collection[str]], Mapping[str, str]]
_picks: list[Pick] = []
_accounts: list[Accounts] = []


def register(pick: Pick) -> None:
    """Add what picks; it answers for a whole list in a fixed number of queries."""
    if pick not in _picks:
        _picks.append(pick)


def register_accounts(find: Accounts) -> None:
    """Say who knows the linked accounts; one query for a whole list."""
    if find not in _accounts:
        _accounts.append(find)


def is_on() -> bool:
    """Whether the club has a LINE official account."""
    return bool(settings.LINE_TOKEN and settings.LINE_SECRET)


def copies(rows: Sequence[Delivery]) -> list[Delivery]:
    """The rows that go by LINE beside these; none, and no query, where LINE is off."""
    if not is_on():
        return []
    picked = [row for pick in _picks for row in pick(rows)]
    if not picked:
        return []
    addresses = {row.to for row in picked}
    known = {mail: account for find in _accounts for mail, account in find(addresses).items()}
    return [_by_line(row, known[row.to]) for row in picked if row.to in known]


def _by_line(row: Delivery, account: str) -> Delivery:
    row.channel, row.to, row.key = Channel.LINE, account, f"line:{row.key}"
    end = row.created_at + USEFUL_FOR
    row.useful_until = min(row.useful_until, end) if row.useful_until else end
    return row
