"""The letter before anybody has touched it: everything in, and a greeting to change."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from archive.bulletins.parts import Offer, offer
from archive.models import Bulletin
from events.models import Session
from events.templatetags.sessions import session_date
from members.models import Member


def of(session: Session, host: Member, *, now: datetime) -> tuple[Bulletin, Offer]:
    """The letter as the host left it, or a first draft that is in no table yet; and what there is to choose from."""
    offered = offer(session, now=now)
    known = Bulletin.objects.select_related("series", "session").filter(session=session).first()
    if known is not None:
        return known, offered
    language = session.language if session.language in dict(settings.LANGUAGES) else "en"
    draft = Bulletin(session=session, series=session.series, language=language, chosen=list(offered.chosen))
    draft.greeting = greeting(session, host, language)
    return draft, offered


def greeting(session: Session, host: Member, language: str) -> str:
    """A few words to begin with, in the session's language, signed by the host."""
    with override(language):
        thanks = _("Thank you for the morning of %(day)s. Here is what there is to tell since.")
        return "\n".join([thanks % {"day": session_date(session)}, host.display_name])
