"""Who reads, as far as it decides how a statement looks that is built once (config.prepared)."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from config.prepared import number
from members.models import Member


class Reader(NamedTuple):
    """A kind of reader: each needs a statement of its own. Which reader of the kind, is a blank named `reader`."""

    is_known: bool = False
    is_active: bool = False
    is_staff: bool = False
    has_joined: bool = False
    has_name: bool = False

    @classmethod
    def of(cls, viewer: Member | AnonymousUser) -> Reader:
        """The kind of somebody who looks at a page."""
        if not isinstance(viewer, Member):
            return cls()
        return cls(True, viewer.is_active, viewer.is_staff, viewer.joined_at is not None, bool(viewer.name))

    @property
    def stand_in(self) -> Member | AnonymousUser:
        """Somebody of this kind, for the queryset."""
        return self.member if self.is_known else AnonymousUser()

    @property
    def member(self) -> Member:
        """The same of a kind that is known. A rule that asks for anything else of the reader ends in an error."""
        known = {
            "id": number("reader"),
            "is_active": self.is_active,
            "is_staff": self.is_staff,
            "joined_at": timezone.now() if self.has_joined else None,
            "name": "somebody" if self.has_name else "",
        }
        columns = [field.attname for field in Member._meta.concrete_fields if field.attname in known]  # noqa: SLF001
        return Member.from_db(DEFAULT_DB_ALIAS, columns, [known[column] for column in columns])
