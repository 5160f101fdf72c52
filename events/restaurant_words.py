"""What is said to a restaurant, fit to be read out on the telephone; and what has changed since. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from events import dates
from events.models import RestaurantCall, Session

if TYPE_CHECKING:
    from events.restaurant import Order


def sentences(session: Session, order: Order, last: RestaurantCall | None, *, caller: str) -> list[str]:
    """Sentence by sentence, in the active language: who calls, when, how many, what is not eaten, doors, payment."""
    day = dates.day(session.local_start.date(), dates.language(), year=False)
    when = {"series": session.series.display_name, "caller": caller, "day": day, "time": spoken(session.local_start)}
    pays = session.venue.payment if session.venue else ""
    said = [
        _("Hello, this is %(caller)s of %(series)s.") % when,
        _("It is about our breakfast on %(day)s at %(time)s.") % when,
        _number(order, last),
        *_diets(order),
        _("We come in at %(doors)s and are done by %(end)s.")
        % {"doors": spoken(session.doors_at), "end": spoken(session.local_end)},
        _("About paying: %(pays)s.") % {"pays": pays.rstrip("。.")} if pays else "",
        _("Thank you for having us."),
    ]
    return [sentence for sentence in said if sentence]


def text(said: list[str]) -> str:
    """The sentences in one go."""
    return ("" if dates.language() == "ja" else " ").join(said)


def spoken(local: datetime) -> str:
    """7時15分, as it is said; 7:15 in English."""
    if dates.language() == "en":
        return dates.clock(local)
    if local.minute == 30:
        return f"{local.hour}時半"
    return f"{local.hour}時{local.minute}分" if local.minute else f"{local.hour}時"


def since(last: RestaurantCall | None, order: Order) -> str:
    """For the desk: what was said so far, and what holds now."""
    if last is None:
        return ngettext("It would be %(n)d at the moment.", "It would be %(n)d at the moment.", order.number) % {
            "n": order.number
        }
    return difference(last, order)


def difference(last: RestaurantCall, order: Order) -> str:
    """For the desk: "On Mon 7 Dec you said 18; now it is 21. 1 more allergy."."""
    day = dates.day(last.told_at.astimezone(last.session.zone).date(), dates.language(), year=False)
    numbers = {"day": day, "told": last.number, "now": order.number}
    if last.number == order.number:
        said = _("On %(day)s you said %(told)d, and so it is.") % numbers
    else:
        said = _("On %(day)s you said %(told)d; now it is %(now)d.") % numbers
    more = order.special - sum(last.diets.values())
    if more > 0:
        food = ngettext("%(n)d more allergy.", "%(n)d more allergies.", more) % {"n": more}
    elif more < 0:
        food = ngettext("%(n)d fewer allergy.", "%(n)d fewer allergies.", -more) % {"n": -more}
    else:
        food = "" if dict(last.diets) == dict(order.diets) else _("What is not eaten has changed.")
    return f"{said}{'' if get_language() == 'ja' else ' '}{food}".strip()


def what_is_not_eaten(diets: dict[str, int]) -> str:
    """卵が1名、そばが2名."""
    parts = [
        ngettext("%(what)s for %(n)d", "%(what)s for %(n)d", number) % {"what": what, "n": number}
        for what, number in diets.items()
    ]
    return _(", ").join(parts)


def _number(order: Order, last: RestaurantCall | None) -> str:
    numbers = {"n": order.number, "told": last.number if last else 0}
    if last is None:
        return ngettext("We shall be %(n)d.", "We shall be %(n)d.", order.number) % numbers
    if last.number == order.number:
        return _("It stays at %(n)d, as we told you.") % numbers
    return _("We told you %(told)d; it is %(n)d now.") % numbers


def _diets(order: Order) -> list[str]:
    if not order.special:
        return [_("Nobody has told us of an allergy.")]
    how_many = ngettext(
        "%(n)d of us does not eat everything:", "%(n)d of us do not eat everything:", order.special
    ) % {"n": order.special}  # fmt: skip
    gap = "" if dates.language() == "ja" else " "
    return [
        _("%(how_many)s%(gap)s%(diets)s.")
        % {"how_many": how_many, "gap": gap, "diets": what_is_not_eaten(dict(order.diets))}
    ]
