"""Questions to the guest, as those who come wrote them: with or without a name, in the host's order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from events.models import Rsvp, Session


@dataclass(frozen=True)
class Asked:
    """One question; `who` is there only where the one who asks wanted it."""

    text: str
    who: str = ""


def ordered(session: Session) -> QuerySet[Rsvp]:
    """Answers with a question, of those who have a seat: those the host placed first, then as they came."""
    asked = Rsvp.objects.seated().filter(session=session).exclude(question="").select_related("member")
    return asked.order_by(F("question_place").asc(nulls_last=True), "pk")


def for_guest(session: Session) -> list[Asked]:
    """What the guest reads: without those the host left out, and names only where they may stand. One query."""
    asked = ordered(session).filter(question_hidden_at=None)
    return [Asked(rsvp.question, _name(rsvp) if rsvp.question_named else "") for rsvp in asked]


def sign(rsvp: Rsvp, *, named: bool) -> None:
    """With one's name or without; without a question there is nothing to sign."""
    named = named and bool(rsvp.question)
    if rsvp.question_named != named:
        Rsvp.objects.filter(pk=rsvp.pk).update(question_named=named)


@transaction.atomic
def up(session: Session, rsvp: int) -> None:
    """One place earlier; the first stays the first, an unknown one moves nothing."""
    Session.objects.select_for_update().get(pk=session.pk)
    keys = list(ordered(session).values_list("pk", flat=True))
    if rsvp in keys and (place := keys.index(rsvp)) > 0:
        keys[place - 1], keys[place] = keys[place], keys[place - 1]
    for place, key in enumerate(keys, start=1):
        Rsvp.objects.filter(pk=key).exclude(question_place=place).update(question_place=place)


def leave_out(session: Session, rsvp: int, *, hidden: bool, now: datetime) -> None:
    """The guest does not read it, or reads it again. Who asked is not told."""
    asked = Rsvp.objects.filter(session=session, pk=rsvp)
    if hidden:
        asked.filter(question_hidden_at=None).update(question_hidden_at=now)
    else:
        asked.update(question_hidden_at=None)


def _name(rsvp: Rsvp) -> str:
    return rsvp.member.display_name if rsvp.member else rsvp.name
