"""Who reads, as far as it decides how a statement looks that is built once (config.prepared)."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from config.prepared import number
from members.models import Member


class Reader(NamedTuple):
    """A kind of reader: each needs a statement of its own. Which reader of the kind, is a blank named `reader`."""

    is_known: bool
    is_staff: bool
    has_joined: bool

    @classmethod
    def of(cls, viewer: Member | AnonymousUser) -> Reader:
        """The kind of somebody who looks at a page."""
        if not isinstance(viewer, Member):
            return cls(is_known=False, is_staff=False, has_joined=False)
        return cls(is_known=True, is_staff=viewer.is_staff, has_joined=viewer.joined_at is not None)

    @property
    def stand_in(self) -> Member | AnonymousUser:
        """Somebody of this kind, for the queryset."""
        return self.member if self.is_known else AnonymousUser()

    @property
    def member(self) -> Member:
        """The same of a kind that is known: its number is the blank. Who has joined has a name."""
        joined, name = (timezone.now(), "somebody") if self.has_joined else (None, "")
        return Member(pk=number("reader"), is_staff=self.is_staff, joined_at=joined, name=name)
