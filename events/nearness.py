"""How near people are to each other through the mornings: what members.audiences asks."""

from django.db.models import Q

from events.models import Attendance, Membership, Rsvp, Series
from members.models import Member


def hosted(viewer: Member) -> Q:
    """Whose host this person is: they belong to a series of theirs, answered for one of its mornings, or came."""
    if viewer.is_staff:
        return Q(is_active=True)
    hosted = Series.objects.hosted_by(viewer)
    answered = Rsvp.objects.filter(session__series__in=hosted, member__isnull=False)
    came = Attendance.objects.came().filter(session__series__in=hosted, member__isnull=False)
    belong = Membership.objects.active().filter(series__in=hosted)
    return Q(pk__in=belong.values("member")) | Q(pk__in=answered.values("member")) | Q(pk__in=came.values("member"))


def same_morning(viewer: Member) -> Q:
    """With whom this person sat at breakfast: both on one closed list. An answer alone makes nobody near."""
    closed = Attendance.objects.came().filter(session__roster_closed_at__isnull=False)
    mine = closed.filter(member=viewer).values("session")
    return Q(pk__in=closed.filter(session__in=mine, member__isnull=False).values("member"))


def same_series(viewer: Member) -> Q:
    """With whom this person belongs to a series."""
    mine = Membership.objects.active().filter(member=viewer).values("series")
    return Q(pk__in=Membership.objects.active().filter(series__in=mine).values("member"))


def attended(member: Member) -> int:
    """How many mornings this member came to, counted once the list was closed."""
    return Attendance.objects.came().filter(member=member, session__roster_closed_at__isnull=False).count()
