"""What remains of a session, for the pages of apps that do not know reports and takeaways."""

from django import template
from django.utils import timezone

from events.models import Session
from events.models.series import Viewer
from members.models import Member
from records import intentions, remains, taken_home
from records.models import Intention
from records.taken_home import TakenHome

register = template.Library()


@register.simple_tag
def remains_of(session: Session, viewer: Viewer, *, was_there: bool = False) -> remains.Remains:
    """`{% remains_of session user was_there=… as remains %}`: as many queries as `remains.of` says."""
    return remains.of(session, viewer, was_there=was_there)


@register.simple_tag
def latest_takeaway(viewer: Viewer) -> remains.Line | None:
    """`{% latest_takeaway user as line %}`: one query."""
    return remains.latest(viewer)


@register.simple_tag
def asked_before(session: Session, member: Member) -> list[Intention]:
    """`{% asked_before session user as asked %}`: what this member is asked about before that morning.

    One query from two days before on; none sooner, when nobody is asked yet.
    """
    is_near = session.starts_at - timezone.now() < intentions.AHEAD
    return list(Intention.objects.asked(session, [member])) if is_near else []


@register.simple_tag
def all_taken_home(member: Member) -> dict[int, TakenHome]:
    """`{% all_taken_home user as home %}`: by session, for `home|of_session:session`. Two queries."""
    return taken_home.of(member)


@register.filter
def of_session(home: dict[int, TakenHome], session: Session) -> TakenHome | None:
    """What was taken home from this one."""
    return home.get(session.pk)
