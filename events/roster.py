"""Who really came: marked one by one, or "all of them but …"; closed, and opened again until it is settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext as _

from events.models import Attendance, Companion, Rsvp, Session
from events.models.segment import AFTERWARDS
from events.told import Told
from members import collation, folding
from members.levels import Level
from members.models import Activity, Member

Status = Attendance.Status


class RosterError(ValidationError):
    """The list cannot be changed as things stand. Says so to the person."""


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
    def photo_url(self) -> str:
        """Of a member whom `portraits.show` found to show it to this reader."""
        return self.row.member.photo_url if self.row.member else ""

    @property
    def trade(self) -> str:
        return self.row.member.as_seen_at(Level.HOSTS).trade if self.row.member else ""

    @property
    def is_here(self) -> bool:
        """Marked as here, not only expected."""
        return self.row.pk is not None and self.row.status == Status.CAME

    @property
    def is_absent(self) -> bool:
        return self.row.status != Status.CAME

    @property
    def is_excused(self) -> bool:
        return self.row.status == Status.EXCUSED

    @property
    def is_walk_in(self) -> bool:
        """Came without a seat, and on nobody's word."""
        return self.key.startswith("w") and self.row.introduced_by_id is None

    @property
    def find(self) -> str:
        """What is looked through when somebody is searched: name and reading, however they are written."""
        return " ".join(folding.fold(part).replace(" ", "") for part in (self.name, self.yomi, self.romaji) if part)

    def is_found(self, query: str) -> bool:
        """Whether this is who is meant: さとう, サトウ, sato and 佐藤 alike."""
        wanted = folding.fold(query).replace(" ", "")
        return wanted in self.find or folding.sounds(query) in folding.sounds(self.yomi or self.name)


def places(session: Session) -> list[Place]:
    """Everybody on the list, by reading: as it was closed, or, while it is open, all who have a seat or were marked.

    Four queries at most, however many there are.
    """
    marked = {key_of(row): row for row in Attendance.objects.filter(session=session).select_related(*PEOPLE)}
    if session.roster_closed_at is not None:
        return _by_reading(Place(key, row) for key, row in marked.items())
    seated = [replace(place, row=marked.get(place.key, place.row)) for place in _seated(session)]
    keys = {place.key for place in seated}
    others = [Place(key, row) for key, row in marked.items() if key not in keys and row.status == Status.CAME]
    found = [*seated, *others]
    known = _known(session, [place.row for place in found])
    for place in found:
        place.row.first_time = _who(place.row) not in known
    return _by_reading(found)


PEOPLE = ("member", "introduced_by")


def with_missed(found: Sequence[Place], session: Session, *, now: datetime) -> list[Place]:
    """The same places, each with the absences without a word of other mornings: for hosts. One query."""
    members = [place.row.member_id for place in found if place.row.member_id]
    missed = Attendance.objects.without_word(now=now).filter(member__in=members).exclude(session=session)
    counts = dict(missed.order_by().values_list("member").annotate(n=Count("pk")))
    return [replace(place, missed=counts.get(place.row.member_id, 0)) for place in found]


@transaction.atomic
def close(
    session: Session,
    *,
    absent: Collection[str] = (),
    excused: Collection[str] = (),
    now: datetime,
    actor: Member | None,
) -> None:
    """Everybody who has a seat came, but those named by the keys of their places; whom the door has marked came anyhow.

    Of the absent, those `excused` had a reason (trains, illness): their absence is not counted.

    Closing a closed list the same way changes nothing. Raises `RosterError` before the session has begun, where it is
    not on, and where somebody else closed it with other marks: nobody is told "saved" for what was thrown away.
    """
    take(session)
    if session.roster_closed_at is not None:
        _refuse_other_marks(session, absent, excused)
        return
    if session.is_draft or session.is_cancelled:
        raise RosterError(_("This morning is not on."), code="off")
    if now < session.starts_at:
        raise RosterError(_("The list can be closed once the morning has begun."), code="early")
    rows = _rows(session, absent, excused, now=now)
    kept = [row for row in rows if row.pk is not None]
    Attendance.objects.filter(session=session).exclude(pk__in=[row.pk for row in kept]).delete()
    Attendance.objects.bulk_update(kept, ["member", "status", "first_time", "marked_at"])
    Attendance.objects.bulk_create([row for row in rows if row.pk is None])
    _set(session, closed_at=now, now=now)
    came = sum(row.status == Status.CAME for row in rows)
    Activity.record(actor, "roster.close", f"session:{session.code}", now=now, came=came, absent=len(rows) - came)


@transaction.atomic
def excuse(session: Session, key: str, *, excused: bool, now: datetime, actor: Member | None) -> None:
    """Somebody who did not come had a reason after all (or had none): on a closed list, settled or not.

    Who came, or is not on the list, is left as it is.
    """
    take(session)
    was, becomes = Status.ABSENT, Status.EXCUSED
    if not excused:
        was, becomes = becomes, was
    missing = Attendance.objects.filter(session=session, status=was)
    found = [row.pk for row in missing if key_of(row) == key] if session.roster_closed_at is not None else []
    if Attendance.objects.filter(pk__in=found).update(status=becomes, marked_at=now):
        Activity.record(actor, "roster.excuse", f"session:{session.code}", now=now, excused=excused)


@transaction.atomic
def reopen(session: Session, *, now: datetime, actor: Member | None) -> None:
    """Undo the closing; the marks stay for the next one. Raises `RosterError` once it is settled.

    What goes to those who came falls due anew: whoever had it does not get it again, whoever was put right does.
    """
    take(session)
    if session.roster_closed_at is None:
        return
    if session.roster_final_at is not None:
        raise RosterError(_("The introductions of this morning are on their way; the list stays closed."), code="final")
    session.roster_reopened_at = now
    session.reminder_runs.filter(rule__audience__in=AFTERWARDS).delete()
    _set(session, closed_at=None, now=now)
    Activity.record(actor, "roster.reopen", f"session:{session.code}", now=now)


def settle(session: Session, *, now: datetime) -> None:
    """From here on the list stays closed: mails that cannot be called back stand upon it. In the caller's transaction.

    Raises `RosterError` when it is open.
    """
    take(session)
    if session.roster_closed_at is None:
        raise RosterError(_("The list of this morning is open again."), code="open")
    session.roster_final_at = session.roster_final_at or now
    session.save(update_fields=["roster_final_at"])


def take(session: Session) -> None:
    """Lock the row and read it anew: who marks, closes and opens comes one after the other."""
    session.refresh_from_db(from_queryset=Session.objects.select_for_update())


def key_of(row: Attendance) -> str:
    """What names a place on the list: it stays when a friend or walk-in becomes a member."""
    if row.companion_id:
        return f"f{row.companion_id}"
    return f"w{row.pk}" if row.name else f"m{row.member_id}"


def _refuse_other_marks(session: Session, absent: Collection[str], excused: Collection[str]) -> None:
    marked = Attendance.objects.filter(session=session).exclude(status=Status.CAME)
    missing = {key_of(row): row.status for row in marked}
    said = {key: Status.EXCUSED if key in excused else Status.ABSENT for key in absent}
    if absent and said != missing:
        raise RosterError(
            _("Somebody has closed the list already, so your marks were not saved. Open it again to change it."),
            code="closed",
        )


def _set(session: Session, *, closed_at: datetime | None, now: datetime) -> None:
    session.roster_closed_at, session.changed_at = closed_at, now
    session.save(update_fields=["roster_closed_at", "roster_reopened_at", "changed_at"])


def _rows(session: Session, absent: Collection[str], excused: Collection[str], *, now: datetime) -> list[Attendance]:
    """As they are to be kept. Who was marked keeps the minute in which they came."""
    found = places(session)
    for place in found:
        if place.is_here:
            continue
        gone = Status.EXCUSED if place.key in excused else Status.ABSENT
        place.row.status = gone if place.key in absent else Status.CAME
        place.row.marked_at = now
    for place in found:
        place.row.first_time &= place.row.status == Status.CAME
    return [place.row for place in found]


def _seated(session: Session) -> list[Place]:
    """A row for everybody with a seat, not saved: members, and their friends. Two queries."""
    answers = Rsvp.objects.filter(session=session).seated().select_related("member").order_by("pk")
    friends = Companion.objects.select_related("member").order_by("pk")
    answers = answers.prefetch_related(Prefetch("companions", friends))
    own, found = {rsvp.member_id for rsvp in answers}, []
    for rsvp in answers:
        row = Attendance(session=session, member=rsvp.member)
        found.append(Place(f"m{rsvp.member_id}", row, late=rsvp.late_minutes or 0))
        for friend in rsvp.companions.all():
            row = Attendance(session=session, name=friend.name, yomi=friend.yomi, introduced_by=rsvp.member)
            row.companion = friend
            row.member = friend.member if friend.member_id not in own else None
            found.append(Place(f"f{friend.pk}", row))
    return found


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
