"""Who is meant when a host, or a reminder, speaks to "those who come" of one session."""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q

from events.models import Attendance, Membership, Partstat, Rsvp, Segment, Session
from members.models import Member, MemberQuerySet


def people(segment: str, session: Session) -> MemberQuerySet:
    """The people of one segment as they stand at this moment, each once."""
    return _members().filter(_belongs(segment, session))


def sizes(session: Session, segments: Iterable[str] = Segment.values) -> dict[str, int]:
    """How many people are in each segment, in one query."""
    counts = {segment: Count("pk", filter=_belongs(segment, session)) for segment in segments}
    return _members().aggregate(**counts) if counts else {}


def _members() -> MemberQuerySet:
    return Member.objects.get_queryset().filter(is_active=True)


def _belongs(segment: str, session: Session) -> Q:
    answers = Rsvp.objects.filter(session=session, member=OuterRef("pk"))
    came = Attendance.objects.filter(session=session, member=OuterRef("pk"))
    match Segment(segment):
        case Segment.COMING:
            return Q(Exists(answers.seated()))
        case Segment.WAITING:
            return Q(Exists(answers.waiting().order_by()))
        case Segment.DECLINED:
            return Q(Exists(answers.declined()))
        case Segment.CAME | Segment.FIRST:
            there = came.came()
            return Q(Exists(there.filter(first_time=True) if segment == Segment.FIRST else there))
        case Segment.ABSENT:
            return Q(Exists(came.exclude(status=Attendance.Status.CAME)))
    belongs = Membership.objects.active().filter(series=session.series_id, member=OuterRef("pk"))
    return Q(Exists(belongs)) & ~Q(Exists(answers.exclude(partstat=Partstat.NEEDS_ACTION)))
