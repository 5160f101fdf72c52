"""Who hosts a series: giving and taking roles, handing the series on, and whose morning one is.

Every step locks the series, stands in the record, and is told to the one it concerns by one mail.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from events.models import Membership, Series, Session
from events.models.roles import Role
from members.models import Activity, Member
from outbox.models import Delivery

# What an owner gives by a tap; owning itself is offered and accepted.
GIVEN = (Role.DOOR, Role.HOST, Role.MEMBER)


@transaction.atomic
def appoint(series: Series, member: Member, role: str, *, now: datetime, actor: Member) -> None:
    """Let a member stand at the door or host too, or no longer. The same again changes nothing.

    Raises ValidationError for somebody who owns the series, and for who does not belong to it.
    """
    mine = _membership(_locked(series), member)
    if role not in GIVEN or mine.role == Role.OWNER:
        raise ValidationError(_("An owner hands the series on; that cannot be taken away."))
    if mine.role == role:
        return
    before = mine.role
    mine.become(role, now=now)
    verb = "role.give" if role != Role.MEMBER else "role.take"
    _note(actor, verb, series, member, now=now, role=role if role != Role.MEMBER else before)
    if role != Role.MEMBER:
        _tell(mine, role, now=now, by=actor)


@transaction.atomic
def step_down(series: Series, member: Member, *, now: datetime) -> None:
    """Give one's own role back and stay a member. Raises ValidationError for the last owner."""
    mine = _membership(_locked(series), member)
    if mine.role == Role.MEMBER:
        return
    before = mine.role
    mine.become(Role.MEMBER, now=now)
    _note(member, "role.step_down", series, member, now=now, role=before)


@transaction.atomic
def offer(series: Series, member: Member, *, now: datetime, actor: Member) -> None:
    """Ask a host whether the series shall be theirs; nothing changes before they say yes. One offer at a time.

    Raises ValidationError for somebody who does not host it.
    """
    mine = _membership(_locked(series), member)
    if mine.role != Role.HOST:
        raise ValidationError(_("Only somebody who hosts it already can take it over."))
    if Membership.objects.offered(now).filter(pk=mine.pk).exists():
        return
    series.memberships.filter(offered_at__isnull=False).update(offered_at=None, offered_by=None)
    mine.offered_at, mine.offered_by = now, actor
    mine.save(update_fields=["offered_at", "offered_by"])
    _note(actor, "role.offer", series, member, now=now)
    _tell(mine, "offer", now=now, by=actor)


@transaction.atomic
def withdraw(series: Series, *, now: datetime, actor: Member) -> None:
    """The offer is off, before it was answered."""
    offered = _locked(series).memberships.filter(offered_at__isnull=False).select_related("member").first()
    if offered is None:
        return
    offered.offered_at = offered.offered_by = None
    offered.save(update_fields=["offered_at", "offered_by"])
    _note(actor, "role.withdraw", series, offered.member, now=now)


@transaction.atomic
def answer(series: Series, member: Member, *, yes: bool, now: datetime) -> None:
    """Take the series over, or not. With a yes it is theirs, and whoever offered it hosts it still.

    Raises ValidationError where nothing is offered any more.
    """
    _locked(series)
    mine = series.memberships.filter(member=member).offered(now).select_related("offered_by").first()
    if mine is None or mine.offered_by is None:
        raise ValidationError(_("It is not offered to you any more."))
    giver = mine.offered_by
    if yes:
        mine.become(Role.OWNER, now=now)
        theirs = series.memberships.filter(member=giver, role=Role.OWNER, left_at=None).first()
        if theirs is not None:
            theirs.become(Role.HOST, now=now)
    else:
        mine.offered_at = mine.offered_by = None
        mine.save(update_fields=["offered_at", "offered_by"])
    _note(member, "role.accept" if yes else "role.refuse", series, giver, now=now)
    back = series.memberships.filter(member=giver, left_at=None).first()
    if back is not None:
        _tell(back, "accepted" if yes else "refused", now=now, by=member)


@transaction.atomic
def lead(session: Session, member: Member, *, now: datetime) -> list[Member]:
    """This morning is this host's: their name stands on the card. Whose it was is told; returns those people.

    Raises ValidationError for somebody who does not host the series, and for a morning that is over.
    """
    series = _locked(session.series)
    found = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    if not series.memberships.filter(member=member).hosts().exists():
        raise ValidationError(_("Only somebody who hosts the series can take a morning over."))
    if found.ends_at <= now:
        raise ValidationError(_("This morning is over."))
    before = leaders(found)
    if [one.pk for one in before] == [member.pk]:
        return []
    Session.objects.filter(pk=found.pk).update(led_by=member)
    session.led_by = member
    Activity.record(member, "session.lead", f"session:{session.code}", now=now)
    told = [one for one in before if one.pk != member.pk]
    for one in told:
        _tell(_membership(series, one), "lead", now=now, by=member, session=session.pk)
    return told


def leaders(session: Session) -> list[Member]:
    """Whose morning it is: of whoever took it over, else the first owner's."""
    if session.led_by is not None:
        return [session.led_by]
    owners = Membership.objects.owners().filter(series=session.series_id).select_related("member").order_by("pk")
    return [one.member for one in owners[:1]]


def _locked(series: Series) -> Series:
    """Roles are the series': whoever changes one comes one after the other. Without touching its key."""
    return Series.objects.select_for_update(no_key=True).get(pk=series.pk)


def _membership(series: Series, member: Member) -> Membership:
    found = series.memberships.filter(member=member).active().first()
    if found is None:
        raise ValidationError(_("Only somebody who belongs to the series can have a task in it."))
    return found


def _note(actor: Member, verb: str, series: Series, about: Member, *, now: datetime, **detail: Any) -> None:
    """In the record, without a name: the row says who, and the page whether the reader may see them."""
    Activity.record(actor, verb, f"series:{series.slug}", now=now, member=about.pk, **detail)


def _tell(mine: Membership, what: str, *, now: datetime, by: Member, **more: Any) -> None:
    """One mail to the one it concerns."""
    member = mine.member
    context = {"membership": mine.pk, "member": member.pk, "what": what, "by": by.pk, **more}
    key = f"{mine.pk}:{what}:{now.isoformat()}"
    Delivery.objects.owe("series.role", key, to=member.email, language=member.language, context=context)
