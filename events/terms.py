"""What an answer means, said before the tap: what it costs, until when it can change, which place one gets. Pure."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from events import dates
from events.fees import fee
from events.models import NearStart, Session
from events.standing import State
from events.templatetags.sessions import session_when

# An answer is taken, or was and can be taken back.
TAKEN = {State.OPEN, State.FULL, State.OFFERED, State.SEATED, State.WAITING}


def open_until(session: Session) -> datetime:
    """Until when answers are taken, on the wall clock."""
    return (session.rsvp_closes_at or session.starts_at).astimezone(session.zone)


def terms(session: Session, state: State, *, now: datetime) -> str:
    """2,000円（部屋と食事の実費）。12月8日(火) 18:00 まで受付、変更もできます。"""
    said = []
    if session.fee_amount:
        price = fee(session.fee_amount, session.fee_currency)
        said.append(_("%(fee)s, the cost of the room and the meal.") % {"fee": price})
    if until := _until(session, state):
        said.append(until)
    if state in TAKEN and (late := late_terms(session, now=now)):
        said.append(late)
    return sentences(*said)


def late_terms(session: Session, *, now: datetime) -> str:
    """Until when a seat can be given back at no cost, and what it costs afterwards; nothing where it never costs."""
    told = session.headcount_at
    if not session.late_amount or told is None:
        return ""
    when = {"when": dates.instant(told.astimezone(session.zone)), "price": late_fee(session)}
    if now >= told:
        return _("The restaurant has its number: cancelling now costs %(price)s a seat.") % when
    return _("You can cancel at no cost until %(when)s; afterwards the restaurant’s price of %(price)s is due.") % when


def window(session: Session, *, now: datetime) -> str:
    """When answers are taken, where the host set hours: from then on, until then; nothing where any time does."""
    opens, closes = session.rsvp_opens_at, session.rsvp_closes_at
    hours = {
        "opens": dates.instant(opens.astimezone(session.zone)) if opens else "",
        "closes": dates.instant(closes.astimezone(session.zone)) if closes else "",
    }
    if opens and now < opens:
        return (_("from %(opens)s until %(closes)s") if closes else _("from %(opens)s on")) % hours
    return _("until %(closes)s") % hours if closes else ""


def leaving_terms(session: Session, price: int, *, now: datetime) -> str:
    """What giving the seat back costs, said beside the button that does it."""
    if price:
        asked = {"price": fee(price, session.fee_currency)}
        return _("The restaurant has its number: giving the seat back now costs %(price)s, its price.") % asked
    if session.late_amount and session.headcount_at and now >= session.headcount_at:
        return _("It costs you nothing: the seat came to you after the restaurant had its number.")
    return late_terms(session, now=now)


def late_fee(session: Session) -> str:
    """The restaurant's price of a seat given back late."""
    return fee(session.late_amount, session.fee_currency)


def queue_place(waiting: int) -> str:
    """Which place somebody gets who asks now."""
    numbers = {"waiting": waiting, "place": waiting + 1}
    place = ngettext(
        "%(waiting)s person is waiting; you would be number %(place)s.",
        "%(waiting)s people are waiting; you would be number %(place)s.",
        waiting,
    )
    if not waiting:
        place = _("Nobody is waiting; you would be the first.")
    return place % numbers


def queue_terms(session: Session, *, now: datetime) -> str:
    """How seats go to those who wait, and what holds once one has it."""
    return sentences(passing_on(session), terms(session, State.FULL, now=now))


def waiting_terms(session: Session) -> str:
    """What somebody who waits may expect."""
    late = _("After 21:00 the evening before no mail goes: this page shows a free seat.")
    return sentences(passing_on(session), late)


def passing_on(session: Session) -> str:
    """How a seat that becomes free goes to somebody who waits, as the host chose."""
    by_turn = _("When a seat becomes free, it goes by turn and a mail tells you.")
    late = {
        NearStart.AT_ONCE: "",
        NearStart.OFFER: _("In the last three days you are asked first, and have about twelve hours to answer."),
        NearStart.FIRST_TAP: _("In the last three days everyone in the queue is told, and the first to tap gets it."),
    }[NearStart(session.near_start or session.series.near_start)]
    return sentences(by_turn, *([late] if late else []))


def sentences(*said: str) -> str:
    """One after the other, with a space where the language has one."""
    return ("" if get_language() == "ja" else " ").join(said)


def _until(session: Session, state: State) -> str:
    if state is State.NOT_OPEN and session.rsvp_opens_at:
        when = session_when(session.rsvp_opens_at.astimezone(session.zone))
        return _("Answers are taken from %(when)s.") % {"when": when}
    if state is State.CLOSED:
        closed = {"when": session_when(open_until(session))}
        return _("Answers were taken until %(when)s. Please write to the host if you would like to come.") % closed
    if state is State.BEGUN:
        return _("This morning has begun; answers are no longer taken.")
    return _("Open until %(when)s; you can change your answer.") % {"when": session_when(open_until(session))}
