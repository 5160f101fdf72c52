"""Words to pass on: a short text about a morning as it stands, to copy into a chat or share. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from events.fees import fee
from events.links import session_link
from events.models import Session
from events.programme import Programme
from events.standing import NONE, State, state
from events.templatetags.sessions import session_date, session_when
from events.terms import sentences

# The last seats are spoken of when a quarter of them is left, or when the morning is this near.
LAST_SHARE = 4
NEAR = timedelta(days=7)


class Moment(StrEnum):
    """What there is to tell of a morning."""

    ANNOUNCED = "announced"
    SEATS_LEFT = "seats_left"
    FULL = "full"
    TOMORROW = "tomorrow"
    CANCELLED = "cancelled"
    REPORT = "report"


@dataclass(frozen=True)
class Told:
    """What a text is made of. `title` is empty where only the guest is known, or nothing yet."""

    session: Session
    programme: Programme
    moment: Moment
    takes_answers: bool = True

    @property
    def title(self) -> str:
        return self.session.title or self.programme.first_title


def moment(session: Session, *, has_report: bool, now: datetime) -> Moment | None:
    """The one thing to tell now; nothing of a draft, nor between the start and the report."""
    standing = state(session, NONE, now=now)
    if standing in {State.DRAFT, State.BEGUN, State.OVER}:
        return Moment.REPORT if standing is State.OVER and has_report else None
    if standing is State.CANCELLED:
        return Moment.CANCELLED if session.starts_at > now else None
    if session.local_start.date() - now.astimezone(session.zone).date() <= timedelta(days=1):
        return Moment.TOMORROW
    if standing is State.FULL:
        return Moment.FULL
    few = session.seats_left * LAST_SHARE <= session.capacity or session.starts_at - now < NEAR
    return Moment.SEATS_LEFT if standing is State.OPEN and few else Moment.ANNOUNCED


def told(session: Session, programme: Programme, *, has_report: bool, now: datetime) -> Told | None:
    """What to tell of this session now, if anything."""
    found = moment(session, has_report=has_report, now=now)
    taken = state(session, NONE, now=now) in {State.OPEN, State.FULL}
    return Told(session, programme, found, takes_answers=taken) if found else None


def text(of: Told) -> str:
    """The lines, in the active language: what is new, what is on, who comes, when and where, seats, the link."""
    lines = {
        Moment.CANCELLED: (_called(of), _title(of), of.session.off_because),
        Moment.REPORT: (_called(of), _title(of), _guest(of)),
    }.get(of.moment, (_called(of), _title(of), _guest(of), _when(of), _price(of), _seats(of)))
    return "\n".join([*(line for line in lines if line), shared_link(of.session)])


def shared_link(session: Session) -> str:
    """The session's page, opened outside a chat program's own browser (LINE reads this parameter)."""
    return f"{session_link(session)}?openExternalBrowser=1"


def line_share(words: str) -> str:
    """Where LINE takes a text and asks to whom it goes."""
    return f"https://line.me/R/share?text={quote(words, safe='')}"


def facebook_share(session: Session) -> str:
    """Where Facebook takes a link; it does not take words."""
    return f"https://www.facebook.com/sharer/sharer.php?u={quote(shared_link(session), safe='')}"


def _called(of: Told) -> str:
    """The first line: which morning, and what is new about it."""
    session = of.session
    series = session.series.display_name
    names = {"series": series, "number": session.number, "day": session_date(session)}
    which = _("%(series)s No. %(number)s") % names if session.number else series
    if of.moment is Moment.CANCELLED:
        return _("%(series)s on %(day)s is called off.") % names
    if of.moment is Moment.REPORT:
        return _("%(which)s: the report is up.") % {"which": which}
    if of.moment is Moment.TOMORROW:
        return _("%(which)s is nearly here.") % {"which": which}
    return which


def _title(of: Told) -> str:
    return _("“%(title)s”") % {"title": of.title} if of.title else ""


def _guest(of: Told) -> str:
    """The guest with the book, or the member who speaks."""
    talks, who = of.programme.talks, of.programme.who
    if not who:
        speaker = talks[0].member if talks else None
        name = ((speaker.romaji if get_language() == "en" else "") or speaker.name) if speaker else ""
        return _("Speaking: %(who)s") % {"who": name} if name else ""
    book = of.programme.book
    if book is None:
        return _("Guest: %(who)s") % {"who": who}
    return _("Guest: %(who)s, author of “%(book)s”") % {"who": who, "book": book.title}


def _when(of: Told) -> str:
    venue = of.session.venue
    when = session_when(of.session)
    return _("%(when)s, %(place)s") % {"when": when, "place": venue.display_name} if venue else when


def _price(of: Told) -> str:
    if not of.session.fee_amount:
        return ""
    return _("Fee: %(fee)s") % {"fee": fee(of.session.fee_amount, of.session.fee_currency)}


def _seats(of: Told) -> str:
    """How many seats there are, or are left; nothing where no answer is taken any more."""
    session = of.session
    if not of.takes_answers:
        if session.rsvp_opens_at and of.moment is Moment.ANNOUNCED:
            opens = session_when(session.rsvp_opens_at.astimezone(session.zone))
            return _("Answers are taken from %(when)s.") % {"when": opens}
        return ""
    if session.is_full:
        return sentences(_("All seats are taken."), _("You can join the waiting list."))
    if of.moment is Moment.ANNOUNCED:
        seats = ngettext(
            "%(n)s seat, first come, first served.", "%(n)s seats, first come, first served.", session.capacity
        )
        return seats % {"n": session.capacity}
    left = session.seats_left
    return ngettext("%(n)s seat is left.", "%(n)s seats are left.", left) % {"n": left}
