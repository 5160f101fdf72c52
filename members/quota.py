"""How much one person may send: what they sent in the last thirty days and is still kept has an end together.

Each model says in its policy whose its files are (`sends` in members/personal_data.py); a form that takes in a file
(members/sending.py) asks `must_fit`. Not for ever, or a host of ten years could send no photo more
(docs/decisions/0040).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from members import personal_data
from members.models import Member

MEGABYTES_AT_MOST = 200
DAYS = 30

TOO_MUCH = _(
    "With this, what you sent in the last %(days)d days would be more than %(most)d MB. Please take something of it "
    "away first, or send it later."
)

# Left to what the club cannot do without: the database lies on the same disk.
MEGABYTES_SPARED = 100

NO_ROOM = _("There is no room left on the disk of this site, so no file can be kept. Please tell the hosts.")


def must_find_room(*sent: File[Any]) -> None:
    """Raises ValidationError where these files, whoever sends them, would fill the disk."""
    left = shutil.disk_usage(settings.DATA_DIR).free - MEGABYTES_SPARED * 1_000_000
    if sum(file.size or 0 for file in sent) > left:
        raise ValidationError(NO_ROOM, code="room")


def must_fit(sender: Member, *sent: File[Any], now: datetime) -> None:
    """Raises ValidationError where these files would be too much of one person."""
    most = MEGABYTES_AT_MOST * 1_000_000
    if kept_of(sender, since=now - timedelta(days=DAYS)) + sum(file.size or 0 for file in sent) > most:
        raise ValidationError(TOO_MUCH, code="quota", params={"days": DAYS, "most": MEGABYTES_AT_MOST})


def kept_of(sender: Member, *, since: datetime) -> int:
    """Bytes of all files this person has sent since then, as far as they are still there."""
    return sum(_size(name) for policy in personal_data.policies() for name in _names(policy, sender, since))


def _names(policy: personal_data.Policy, sender: Member, since: datetime) -> Iterator[str]:
    if policy.sends is None:
        return
    model = apps.get_model(policy.model)
    rows = model._default_manager.filter(policy.sends(sender, since))  # noqa: SLF001 - Django's name
    for row in rows.values_list(*personal_data.file_columns(model)):
        yield from filter(None, row)


def _size(name: str) -> int:
    try:
        return int(default_storage.size(name))
    except FileNotFoundError:
        return 0
