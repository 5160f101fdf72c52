"""Who really came: "all of them but …", closed in one tap, opened again until something was built upon it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from events.models import Attendance, Rsvp, Session
from events.models.rsvp import RsvpQuerySet
from events.told import Told
from members import collation
from members.levels import Level
from members.models import Activity, Member

# Name and reading of somebody without a seat.
WalkIn = tuple[str, str]


class RosterError(ValidationError):
    """The list cannot be closed or opened as things stand. Says so to the person."""


@dataclass(frozen=True)
class Place:
    """Somebody on the list. `key` names the place in a form; `row` is the attendance as it stands or would be.

    `late` is how many minutes late this person said to be, `missed` how often within a year they did not come and had
    not said so: hosts alone are told. `told` is what they told beside their answer.
    """

    key: str
    row: Attendance
    late: int = 0
    missed: int = 0
    told: Told | None = None

    @property
    def name(self) -> str:
        return self.row.member.name if self.row.member else self.row.name

    @property
    def yomi(self) -> str:
        return self.row.member.yomi if self.row.member else self.row.yomi

    @property
    def romaji(self) -> str:
        return self.row.member.romaji if self.row.member else ""

    @property
    def trade(self) -> str:
        return self.row.member.as_seen_at(Level.HOSTS).trade if self.row.member else ""

    @property
    def is_absent(self) -> bool:
        return self.row.status != Attendance.Status.CAME

    @property
    def is_excused(self) -> bool:
        return self.row.status == Attendance.Status.EXCUSED


def places(session: Session) -> list[Place]:
    """Everybody on the list, by reading: as the door marked them, or, as long as it did not, all who have a seat.

    Four queries at most, however many there are.
    """
    marked = list(Attendance.objects.filter(session=session).select_related("member", "introduced_by"))
    if session.roster_closed_at is not None:
        return _by_reading(Place(_key(row), row) for row in marked)
    seated = _seated(session)
    absent = {_key(row): row.status for row in marked if row.status != Attendance.Status.CAME}
    known = _known(session, [place.row for place in seated])
    for place in seated:
        place.row.first_time = _who(place.row) not in known
        place.row.status = absent.get(place.key, place.row.status)
    return _by_reading(seated)


def with_missed(found: Sequence[Place], session: Session, *, now: datetime) -> list[Place]:
    """The same places, each with the absences without a word of other mornings: for hosts. One query."""
    members = [place.row.member_id for place in found if place.row.member_id]
    missed = Attendance.objects.without_word(now=now).filter(member__in=members).exclude(session=session)
    counts = dict(missed.order_by().values_list("member").annotate(n=Count("pk")))
    return [replace(place, missed=counts.get(place.row.member_id, 0)) for place in found]


def walk_ins(session: Session) -> list[WalkIn]:
    """Who came without a seat, when the list had been closed before: name and reading."""
    rows = Attendance.objects.filter(session=session, member=None, companion=None, introduced_by=None)
    named = rows.exclude(name__in=_visitors(session).values("name")).order_by("pk")
    return list(named.values_list("name", "yomi"))


@transaction.atomic
def close(
    session: Session,
    *,
    absent: Collection[str] = (),
    excused: Collection[str] = (),
    walk_ins: Sequence[WalkIn] = (),
    now: datetime,
    actor: Member | None,
) -> None:
    """Everybody who has a seat came, but those named by the keys of their places; and these came without one.

    Of the absent, those `excused` had a reason (trains, illness): their absence is not counted.

    Closing a closed list the same way changes nothing. Raises `RosterError` before the session has begun, where it is
    not on, and where somebody else closed it with other marks: nobody is told "saved" for what was thrown away.
    """
    _take(session)
    if session.roster_closed_at is not None:
        _refuse_other_marks(session, absent, excused, walk_ins)
        return
    if session.is_draft or session.is_cancelled:
        raise RosterError(_("This morning is not on."), code="off")
    if now < session.starts_at:
        raise RosterError(_("The list can be closed once the morning has begun."), code="early")
    rows = _rows(session, absent, excused, walk_ins, now=now)
    Attendance.objects.filter(session=session).delete()
    Attendance.objects.bulk_create(rows)
    _set(session, closed_at=now, now=now)
    came = sum(row.status == Attendance.Status.CAME for row in rows)
    Activity.record(actor, "roster.close", f"session:{session.code}", now=now, came=came, absent=len(rows) - came)


@transaction.atomic
def excuse(session: Session, key: str, *, excused: bool, now: datetime, actor: Member | None) -> None:
    """Somebody who did not come had a reason after all (or had none): on a closed list, settled or not.

    Who came, or is not on the list, is left as it is.
    """
    _take(session)
    was, becomes = Attendance.Status.ABSENT, Attendance.Status.EXCUSED
    if not excused:
        was, becomes = becomes, was
    missing = Attendance.objects.filter(session=session, status=was)
    found = [row.pk for row in missing if _key(row) == key] if session.roster_closed_at is not None else []
    if Attendance.objects.filter(pk__in=found).update(status=becomes, marked_at=now):
        Activity.record(actor, "roster.excuse", f"session:{session.code}", now=now, excused=excused)


@transaction.atomic
def reopen(session: Session, *, now: datetime, actor: Member | None) -> None:
    """Undo the closing; the marks stay for the next one. Raises `RosterError` once it is settled."""
    _take(session)
    if session.roster_closed_at is None:
        return
    if session.roster_final_at is not None:
        raise RosterError(_("The introductions of this morning are on their way; the list stays closed."), code="final")
    _set(session, closed_at=None, now=now)
    Activity.record(actor, "roster.reopen", f"session:{session.code}", now=now)


def settle(session: Session, *, now: datetime) -> None:
    """From here on the list stays closed: mails that cannot be called back stand upon it. In the caller's transaction.

    Raises `RosterError` when it is open.
    """
    _take(session)
    if session.roster_closed_at is None:
        raise RosterError(_("The list of this morning is open again."), code="open")
    session.roster_final_at = session.roster_final_at or now
    session.save(update_fields=["roster_final_at"])


def _take(session: Session) -> None:
    """Lock the row and read it anew."""
    session.refresh_from_db(from_queryset=Session.objects.select_for_update())


def _refuse_other_marks(
    session: Session, absent: Collection[str], excused: Collection[str], walk_ins: Sequence[WalkIn]
) -> None:
    marked = Attendance.objects.filter(session=session)
    missing = {_key(row): row.status for row in marked if row.status != Attendance.Status.CAME}
    said = {key: Attendance.Status.EXCUSED if key in excused else Attendance.Status.ABSENT for key in absent}
    unknown = set(walk_ins) - set(marked.filter(member=None).values_list("name", "yomi"))
    if unknown or (absent and said != missing):
        raise RosterError(
            _("Somebody has closed the list already, so your marks were not saved. Open it again to change it."),
            code="closed",
        )


def _set(session: Session, *, closed_at: datetime | None, now: datetime) -> None:
    session.roster_closed_at, session.changed_at = closed_at, now
    session.save(update_fields=["roster_closed_at", "changed_at"])


def _rows(
    session: Session,
    absent: Collection[str],
    excused: Collection[str],
    walk_ins: Sequence[WalkIn],
    *,
    now: datetime,
) -> list[Attendance]:
    seated = _seated(session)
    for place in seated:
        if place.key in absent:
            status = Attendance.Status
            place.row.status = status.EXCUSED if place.key in excused else status.ABSENT
    others = [Attendance(session=session, name=name, yomi=yomi) for name, yomi in walk_ins]
    rows = [place.row for place in seated] + others
    known = _known(session, rows)
    for row in rows:
        row.marked_at = now
        row.first_time = row.status == Attendance.Status.CAME and _who(row) not in known
    return rows


def _seated(session: Session) -> list[Place]:
    """A row for everybody with a seat, not saved: members, visitors, and the friends of both. Two queries."""
    answers = Rsvp.objects.filter(session=session).seated().select_related("member").prefetch_related("companions")
    found: list[Place] = []
    for rsvp in answers.order_by("pk"):
        named = {} if rsvp.member else {"name": rsvp.name}
        key = f"m{rsvp.member_id}" if rsvp.member_id else f"v{rsvp.name}"
        found.append(Place(key, Attendance(session=session, member=rsvp.member, **named), late=rsvp.late_minutes or 0))
        for friend in rsvp.companions.all():
            row = Attendance(session=session, name=friend.name, yomi=friend.yomi, introduced_by=rsvp.member)
            row.companion = friend
            found.append(Place(f"f{friend.pk}", row))
    return found


def _visitors(session: Session) -> RsvpQuerySet:
    return Rsvp.objects.filter(session=session, member=None).seated()


def _key(row: Attendance) -> str:
    if row.member_id:
        return f"m{row.member_id}"
    return f"f{row.companion_id}" if row.companion_id else f"v{row.name}"


def _who(row: Attendance) -> tuple[int | None, str]:
    """Who it is, as far as a list can tell: the member, or the name of somebody who is none."""
    return row.member_id, "" if row.member_id else row.name


def _known(session: Session, rows: Iterable[Attendance]) -> set[tuple[int | None, str]]:
    """Which of these people came to an earlier session: one query."""
    people = {_who(row) for row in rows}
    same = Q(member__in=[member for member, _name in people if member])
    same |= Q(member=None, name__in=[name for _member, name in people if name])
    earlier = Attendance.objects.came().filter(same, session__starts_at__lt=session.starts_at)
    return {(member, "" if member else name) for member, name in earlier.values_list("member_id", "name").distinct()}


def _by_reading(found: Iterable[Place]) -> list[Place]:
    return sorted(found, key=lambda place: (collation.key(place.yomi or place.name), place.key))
