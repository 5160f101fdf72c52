"""What those who come told beside their answer, for hosts and the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from events.erasure import DIET_FOR
from events.models import Rsvp, Session


@dataclass(frozen=True)
class Told:
    """What one person told for this morning."""

    name: str
    diet: str = ""
    phone: str = ""
    no_pictures: bool = False


def by_place(session: Session, *, now: datetime) -> dict[str, Told]:
    """By the key of the place on the list: who told something. Food as remembered where nothing else was said."""
    seated = Rsvp.objects.filter(session=session).seated().order_by("pk")
    rows = seated.values_list(
        "member", "member__name", "name", "details__pk", "details__diet", "details__phone", "details__no_pictures",
        "member__remembered__diet",
    )  # fmt: skip
    is_fresh = session.ends_at > now - DIET_FOR
    found = {}
    for member, name, visitor, was_told, diet, phone, no_pictures, remembered in rows:
        eaten = diet if was_told else (remembered if is_fresh else "")
        one = Told(name or visitor, eaten or "", phone or "", bool(no_pictures))
        if one.diet or one.phone or one.no_pictures:
            found[f"m{member}" if member else f"v{visitor}"] = one
    return found
