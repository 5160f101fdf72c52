"""What remains of a session, for the pages of apps that do not know reports and takeaways."""

from django import template

from events.models import Session
from events.models.series import Viewer
from records import remains

register = template.Library()


@register.simple_tag
def remains_of(session: Session, viewer: Viewer, *, was_there: bool = False) -> remains.Remains:
    """`{% remains_of session user was_there=… as remains %}`: two queries."""
    return remains.of(session, viewer, was_there=was_there)


@register.simple_tag
def latest_takeaway(viewer: Viewer) -> remains.Line | None:
    """`{% latest_takeaway user as line %}`: one query."""
    return remains.latest(viewer)
