"""What a guest tells readers: a text in the first person, the picture of the morning, and its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from events import words
from events.models import Series
from events.templatetags.sessions import session_when
from invitations.details import comes
from invitations.models import Invitation
from members import links


@dataclass(frozen=True)
class ForReaders:
    """To copy, and to save."""

    text: str
    url: str
    picture_url: str


def of(invitation: Invitation, *, now: datetime) -> ForReaders | None:
    """Only where a stranger may see the morning: published, of an open series, and still to come."""
    session = invitation.session
    is_open = session.series.audience == Series.Audience.PUBLIC
    is_ahead = not session.is_draft and not session.is_cancelled and now < session.starts_at
    if not (is_open and is_ahead and comes(invitation)):
        return None
    url = words.shared_link(session)
    where = session.venue.display_name if session.venue else ""
    when = session_when(session)
    lines = [
        _("I am speaking at %(series)s.") % {"series": session.series.display_name},
        _("“%(title)s”") % {"title": session.title or (invitation.book.title if invitation.book else "")},
        _("%(when)s, %(place)s") % {"when": when, "place": where} if where else when,
        _("Breakfast together, in a small circle. You are welcome:"),
        url,
    ]
    told = [line for line in lines if line != _("“%(title)s”") % {"title": ""}]
    return ForReaders("\n".join(told), url, links.absolute("session_picture", session.code))
