"""What one member took home from their mornings: the line others may read, and the one for themselves alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from events.models import Session
from members.models import Member
from records.models import Intention, Takeaway


@dataclass(frozen=True)
class TakenHome:
    """Of one morning. Each of the two may be missing."""

    line: Takeaway | None
    intention: Intention | None


def of(member: Member) -> dict[int, TakenHome]:
    """By the session's id: two queries."""
    lines = {one.session_id: one for one in Takeaway.objects.filter(member=member)}
    meant = {one.session_id: one for one in Intention.objects.filter(member=member).select_related("session")}
    return {pk: TakenHome(lines.get(pk), meant.get(pk)) for pk in lines.keys() | meant.keys()}


@transaction.atomic
def keep(
    session: Session, member: Member, *, text: str, will_do: str, language: str, now: datetime, **shown: Any
) -> Takeaway | None:
    """Both lines as they were written; an empty one takes back what was there."""
    Intention.objects.mean(session, member, will_do, language=language, now=now)
    if text:
        return Takeaway.objects.say(session, member, text, language=language, now=now, **shown)
    if line := Takeaway.objects.filter(session=session, member=member).first():
        line.take_back(now=now)
    return None
