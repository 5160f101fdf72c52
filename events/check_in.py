"""The door while it is open: one tap a person, by several hands, also over a line that breaks.

Each tap writes one row, under the session's lock, and says when it was made; of two about the same person the later
holds, in whatever order they arrive. A tap carries a key of its own: sent twice, it counts once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _

from events import dates
from events.models import Attendance, Companion, Rsvp, Session
from events.models.session import SessionQuerySet
from events.roster import Place, RosterError, Status, close, key_of, places, take
from members.names import clean_line

if TYPE_CHECKING:
    from members.models import Member

# So long before the start people are checked in.
FROM = timedelta(hours=2)
# A list that was left open closes itself at this hour of the clock where people met.
CLOSES_AT = time(12)
# Older ones are left to their hosts: what nobody closed within two weeks was not meant to be.
CLOSES_WITHIN = timedelta(days=14)
# A phone that was without a line longer than this is not believed about the minute.
LATE_AT_MOST = timedelta(hours=12)
log = logging.getLogger(__name__)


def open_at(now: datetime) -> SessionQuerySet:
    """Sessions whose door is open: from two hours before the start until the list is closed, the same day."""
    on = Session.objects.on().filter(roster_closed_at=None, starts_at__lte=now + FROM)
    return on.filter(ends_at__gt=now - LATE_AT_MOST).order_by("starts_at", "pk")


@transaction.atomic
def mark(
    session: Session,
    key: str,
    *,
    here: bool,
    tap: UUID | None = None,
    at: datetime | None = None,
    now: datetime,
    actor: Member | None,
) -> None:
    """Somebody on the list is here, or is not after all; a walk-in who is not is struck out.

    Raises `RosterError` where the list is closed or not yet open, and for whoever is not on it.
    """
    _take_open(session, now=now)
    row = _row(session, key)
    at = _when(at, now=now)
    if row.pk is not None and ((tap is not None and row.tap == tap) or row.marked_at > at):
        return
    if not here and (row.pk is None or key.startswith("w")):
        if row.pk is not None:
            row.delete()
        return
    row.status, row.marked_at, row.marked_by, row.tap = Status.CAME if here else Status.ABSENT, at, actor, tap
    row.save()


@transaction.atomic
def mark_without_seat(session: Session, member: Member, *, now: datetime, actor: Member | None) -> None:
    """A member who has no seat is here all the same: for who has shown their square."""
    _take_open(session, now=now)
    row = Attendance.objects.filter(session=session, member=member).first()
    row = row or Attendance(session=session, member=member)
    row.status, row.marked_at, row.marked_by = Status.CAME, now, actor
    row.save()


@transaction.atomic
def walk_in(
    session: Session,
    name: str,
    *,
    yomi: str = "",
    email: str = "",
    tap: UUID | None = None,
    now: datetime,
    actor: Member | None,
) -> Attendance:
    """Somebody without a seat is here: a name is enough. With an address they are asked once to become a member.

    The same tap twice is one person. Raises `RosterError` where the list is closed or not yet open.
    """
    take(session)
    known = Attendance.objects.filter(session=session, tap=tap).first() if tap else None
    if known is not None:
        return known
    _refuse(session, now=now)
    row = Attendance(session=session, name=clean_line(name), yomi=yomi, tap=tap, marked_at=now, marked_by=actor)
    row.save()
    if email:
        row.ask_to_join(email, now=now)
    return row


def state(session: Session) -> dict[str, Any]:
    """What the page shows of itself anew, for the other phone at the door: who is here since when, by place."""
    rows = Attendance.objects.came().filter(session=session)
    here = {key_of(row): dates.clock(row.marked_at.astimezone(session.zone)) for row in rows}
    return {"closed": session.roster_closed_at is not None, "here": here}


def closes_itself_at(session: Session, marked_at: datetime) -> datetime:
    """The first noon after it ended, after it was opened again, and after the last mark: never under a host's hands."""
    since = max(session.ends_at, session.roster_reopened_at or session.ends_at, marked_at).astimezone(session.zone)
    noon = datetime.combine(since.date(), CLOSES_AT, tzinfo=session.zone)
    return noon if since <= noon else datetime.combine(since.date() + timedelta(days=1), CLOSES_AT, session.zone)


def closes_when_left(session: Session, places: Sequence[Place], *, now: datetime) -> datetime | None:
    """When this list would close itself if whoever looks at it did no more; None where it is left to its hosts."""
    if session.ends_at <= now - CLOSES_WITHIN:
        return None
    marks = [place.row.marked_at for place in places if place.row.pk]
    return closes_itself_at(session, max(marks) if any(place.is_here for place in places) else now)


def close_left_open(*, now: datetime) -> int:
    """Close what was left open, with what was marked; where nothing was, the host is asked. Returns how many."""
    somebody = Exists(Attendance.objects.came().filter(session=OuterRef("pk")))
    left = Session.objects.on().filter(somebody, roster_closed_at=None, ends_at__lte=now)
    left = left.annotate(marked_at=Max("attendances__marked_at"))
    closed = 0
    for session in left.filter(ends_at__gt=now - CLOSES_WITHIN).order_by("pk"):
        if now < closes_itself_at(session, vars(session)["marked_at"]):
            continue
        try:
            _close_as_marked(session, now=now)
            closed += 1
        except Exception:
            log.exception("The list of %s did not close itself", session.code)
    return closed


@transaction.atomic
def _close_as_marked(session: Session, *, now: datetime) -> None:
    take(session)
    found = places(session)
    absent = {place.key for place in found if not place.is_here}
    close(session, absent=absent, excused={p.key for p in found if p.is_excused}, now=now, actor=None)


def _take_open(session: Session, *, now: datetime) -> None:
    take(session)
    _refuse(session, now=now)


def _refuse(session: Session, *, now: datetime) -> None:
    if session.is_draft or session.is_cancelled:
        raise RosterError(_("This morning is not on."), code="off")
    if session.roster_closed_at is not None:
        raise RosterError(_("The list is closed already. Open it again to change it."), code="closed")
    if now < session.starts_at - FROM:
        raise RosterError(_("People are checked in from two hours before it begins."), code="early")


def _row(session: Session, key: str) -> Attendance:
    """The row of that place, as it stands or would be. Raises `RosterError` for whoever is not on the list."""
    kind, number = key[:1], key[1:]
    found = None
    if number.isdecimal() and len(number) < 18:
        found = {"m": _of_member, "f": _of_friend, "w": _of_walk_in}.get(kind, _nobody)(session, int(number))
    if found is None:
        raise RosterError(_("This person is not on the list any more."), code="gone")
    return found


def _of_member(session: Session, pk: int) -> Attendance | None:
    row = Attendance.objects.filter(session=session, member=pk).first()
    if row is None and Rsvp.objects.seated().filter(session=session, member=pk).exists():
        row = Attendance(session=session, member_id=pk)
    return row


def _of_friend(session: Session, pk: int) -> Attendance | None:
    row = Attendance.objects.filter(session=session, companion=pk).first()
    if row is not None:
        return row
    seated = Companion.objects.filter(rsvp__session=session, rsvp__seated_at__isnull=False)
    friend = seated.select_related("rsvp").filter(pk=pk).first()
    if friend is None:
        return None
    names = {"name": friend.name, "yomi": friend.yomi}
    return Attendance(session=session, companion=friend, introduced_by_id=friend.rsvp.member_id, **names)


def _of_walk_in(session: Session, pk: int) -> Attendance | None:
    return Attendance.objects.filter(session=session, companion=None, pk=pk).exclude(name="").first()


def _nobody(_session: Session, _pk: int) -> None:
    return None


def _when(at: datetime | None, *, now: datetime) -> datetime:
    """When the tap was made, as far as a phone is believed."""
    return min(max(at or now, now - LATE_AT_MOST), now)
