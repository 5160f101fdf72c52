"""What each role of a series may do, in one table. Every view asks through it: `hosted_by`, `owned_by`, `door_of`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is in one series."""

    MEMBER = "member", _("member")
    DOOR = "door", _("door")
    HOST = "host", _("host")
    OWNER = "owner", _("owner")


class Right(StrEnum):
    """What is done with a series, in three parts."""

    # The list at the door and nothing else: names, food, who came. No address, no draft, no letter.
    DOOR = "door"
    # All that is done with series, sessions, guests, money and mails.
    HOST = "host"
    # Who hosts, and handing the series on.
    OWN = "own"


MAY: Mapping[str, frozenset[Right]] = {
    Role.MEMBER: frozenset(),
    Role.DOOR: frozenset({Right.DOOR}),
    Role.HOST: frozenset({Right.DOOR, Right.HOST}),
    Role.OWNER: frozenset({Right.DOOR, Right.HOST, Right.OWN}),
}


def who_may(right: Right) -> list[str]:
    """The roles that have this right."""
    return [role for role, rights in MAY.items() if right in rights]
