"""Jobs by turn: who may take one, whose turn it is, and giving one back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _t

from events.models import Attendance, Job, Membership, Rsvp, Session
from members.models import Activity, Member

# For each job nobody has, so many are asked.
ASKED = 2


@transaction.atomic
def take(session: Session, kind: str, member: Member, *, now: datetime) -> None:
    """This job is theirs for this morning. Twice is once.

    Raises ValidationError where the morning has no such job, it is over or off, somebody else has it, or it is not
    theirs to take: it is for those who have a seat, belong to the series and came before.
    """
    held = Session.objects.select_for_update(no_key=True).select_related("series").get(pk=session.pk)
    if kind not in held.series.jobs or held.is_cancelled or held.is_draft or held.is_over(now):
        raise ValidationError(_t("This morning has no such job any more."))
    taken = held.jobs.filter(kind=kind).first()
    if taken is not None and taken.member_id == member.pk:
        return
    if taken is not None:
        raise ValidationError(_t("Somebody has taken it just now. Thank you all the same."))
    if not may_take(held, member):
        raise ValidationError(_t("Jobs are for members who have a seat and came before. Thank you for offering."))
    Job.objects.create(session=held, kind=kind, member=member, taken_at=now)


@transaction.atomic
def free(session: Session, kind: str, *, now: datetime, actor: Member) -> None:
    """Nobody has it: its holder gives it back, or a host takes it away, which stands in the record."""
    job = Job.objects.select_for_update().filter(session=session, kind=kind).first()
    if job is None:
        return
    job.delete()
    if job.member_id != actor.pk:
        target = f"session:{session.code}"
        Activity.record(actor, "job.free", target, now=now, member=job.member_id, job=kind)


def may_take(session: Session, member: Member) -> bool:
    """Whether this member has a seat, belongs to the series and came to one of its mornings, or hosts it."""
    mine = Membership.objects.filter(series=session.series_id, member=member)
    if mine.hosts().exists():
        return True
    seated = Rsvp.objects.seated().filter(session=session, member=member).exists()
    came = Attendance.objects.came().filter(session__series=session.series_id, member=member).exists()
    return seated and came and mine.active().exists()


def missing(session: Session, taken: Iterable[str] | None = None) -> list[str]:
    """The kinds nobody has, in the order of the series."""
    held = set(session.jobs.values_list("kind", flat=True) if taken is None else taken)
    return [kind for kind in Job.Kind.values if kind in session.series.jobs and kind not in held]


def turn(session: Session) -> list[int]:
    """Whose turn it is: those who may take one and have none here, who did the fewest first. One query."""
    series = session.series_id
    seated = Rsvp.objects.seated().filter(session=session, member=OuterRef("member"))
    came = Attendance.objects.came().filter(session__series=series, member=OuterRef("member"))
    has_one = Job.objects.filter(session=session, member=OuterRef("member"))
    members = Membership.objects.active().filter(Exists(seated), Exists(came), ~Exists(has_one), series=series)
    held = Job.objects.filter(session__series=series, member=OuterRef("member")).order_by().values("member")
    before = Coalesce(Subquery(held.values(times=Count("pk"))), 0)  # asked of each, never of all jobs beside all people
    done = members.annotate(before=before).order_by("before", "joined_at", "pk")
    return [row.member_id for row in done]


def asked(session: Session) -> tuple[list[str], set[int]]:
    """The jobs nobody has, and the members asked in the mail for them: at most three queries."""
    if not session.series.jobs or not (free := missing(session)):
        return [], set()
    return free, set(turn(session)[: ASKED * len(free)])


def duties(session: Session) -> dict[int, list[str]]:
    """By member: what they do this morning, in words."""
    found: dict[int, list[str]] = {}
    for job in session.jobs.all() if session.series.jobs else ():
        found.setdefault(job.member_id, []).append(str(Job.Kind(job.kind).label))
    return found


def chairs(session: Session, member: Member) -> bool:
    """Whether this member leads through the morning."""
    return session.jobs.filter(kind=Job.Kind.CHAIR, member=member).exists()
