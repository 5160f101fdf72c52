"""A host takes a morning over: the morning is theirs, and so is what was asked of its guests."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from events import hosts
from events.models import Session
from invitations.models import Invitation
from members.models import Member


@transaction.atomic
def take_over(session: Session, member: Member, *, now: datetime) -> None:
    """From now on this host is whom the card names and whom guests answer; whose it was is told by one mail.

    Raises ValidationError as `hosts.lead` does. Twice is once.
    """
    hosts.lead(session, member, now=now)
    Invitation.objects.filter(session=session).exclude(host=member).update(host=member)


def promised(session: Session) -> list[Invitation]:
    """What was agreed with each guest who was asked and has not declined: whole letters, the newest first."""
    asked = Invitation.objects.filter(session=session, asked_at__isnull=False)
    return list(asked.exclude(state=Invitation.State.DECLINED).whole())
