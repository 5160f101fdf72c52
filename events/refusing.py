"""お断り of somebody who belongs here: the account is closed and the seats ahead go to others; nobody is told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from events.models import Partstat, Session
from members.devices import Device
from members.models import Activity, Member
from members.refusals import Refusal


def refuse(address: str, why: str, *, now: datetime, actor: Member) -> Refusal:
    """No code goes to this address any more; whoever has it is signed out, and gives back what seats they hold."""
    with transaction.atomic():
        refusal = Refusal.objects.add(address, why, now=now)
        Activity.record(actor, "refusal.add", f"refusal:{refusal.pk}", now=now)
        member = Member.objects.get_queryset().select_for_update().filter(email__iexact=address.strip()).first()
        if member is None:
            return refusal
        Member.objects.filter(pk=member.pk).update(is_active=False, link_version=F("link_version") + 1)
        Device.objects.filter(member=member).delete()
    for session in Session.objects.on().filter(starts_at__gt=now, rsvps__member=member, rsvps__partstat="ACCEPTED"):
        session.rsvp(member, Partstat.DECLINED, now=now)
    return refusal


@transaction.atomic
def take_back(refusal: Refusal, *, now: datetime, actor: Member) -> None:
    """Welcome again: codes go to the address, and an account that was closed opens."""
    Activity.record(actor, "refusal.remove", f"refusal:{refusal.pk}", now=now)
    if refusal.address:
        Member.objects.filter(email=refusal.address).update(is_active=True)
    refusal.delete()
