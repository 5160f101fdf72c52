"""The guest's own dates (C9): a week before, all of the morning in one mail; the evening before, with a phone.

They go by themselves, but only to somebody who has accepted this date. Each is owed once for a date: a morning that
moves tells its guest anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from events import dates, nights, reminder_words
from events.links import meeting_link
from events.models import Session
from events.pages.session import schedule
from invitations import link
from invitations.mails import from_host, invitation_of, on
from invitations.models import Invitation
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic

AHEAD = timedelta(days=8)
# Of the facts of the morning, those that are read once more on the evening before.
ON_THE_EVE = (0, 1, 2, 3, 4, 10)


@dataclass(frozen=True)
class Own:
    """A mail of the guest's own: so many days before at this hour by the clock there; worth sending for a while."""

    kind: str
    days_before: int
    at: time
    # On which day before the morning, and at which hour, it has become useless.
    last_day: int
    until: time


# Who accepts late hears of the morning at once, until the evening mail takes over.
OWN = (
    Own("guest.details", days_before=7, at=time(12, 10), last_day=1, until=time(12)),
    Own("guest.evening", days_before=1, at=time(18), last_day=1, until=time(21)),
)


def register_kinds() -> None:
    """The two mails of the guest's own."""
    register(Kind("guest.details", letter=details, topic=Topic.GUEST))
    register(Kind("guest.evening", letter=evening, topic=Topic.GUEST))


def tick(*, now: datetime) -> int:
    """Owe what is due; returns how many mails are due now, owed before or not."""
    near = Invitation.objects.accepted().exclude(state=Invitation.State.THANKED).whole()
    near = near.filter(session__cancelled_at=None, session__starts_at__gt=now, session__starts_at__lt=now + AHEAD)
    rows = [row for one in near if comes(one) and one.addressee for row in _due(one, now=now)]
    known = set(Delivery.objects.filter(key__in=[row.key for row in rows]).values_list("key", flat=True))
    Delivery.objects.owe_many([row for row in rows if row.key not in known])
    return len(rows)


def comes(invitation: Invitation) -> bool:
    """Whether the guest has accepted this morning: its date, or before it moved and was told so."""
    return invitation.has_accepted and not invitation.wants_other_date


def facts(invitation: Invitation) -> list[tuple[str, str]]:
    """What there is to know of the morning, in the active language; a pair without text is not known yet."""
    session, venue = invitation.session, invitation.session.venue
    end = dates.clock(session.local_end)
    phone = invitation.phone or (venue.phone if venue else "")
    return [
        (_("When"), _("%(when)s, doors open %(doors)s") % _times(session)),
        (_("Where"), venue.whereabouts if venue else ""),
        (_("Way in"), venue.way_in if venue else ""),
        (_("Who meets you"), invitation.meets or _met_by(invitation)),
        (pgettext("letter", "Talk"), invitation.speaks or invitation.length),
        (_("Meal"), invitation.eats or invitation.meal),
        (_("Equipment"), invitation.equipment),
        (_("With you"), _with_you(invitation)),
        (_("Book sales"), invitation.book_sales),
        (_("It ends"), _("at %(end)s sharp, so that everybody gets to work") % {"end": end}),
        (_("Phone that morning"), phone),
    ]


def usual(invitation: Invitation) -> dict[str, str]:
    """What a host need not type: who meets the guest, the hour from the running order, the phone of the last time."""
    session = invitation.session
    with translation.override(session.language):
        row = next((row for row in schedule(session.programme) if row.what == _("the guest speaks")), None)
    last = Invitation.objects.filter(host=invitation.host_id).exclude(phone="").order_by("-session__starts_at")
    phone = "" if invitation.host_id is None else last.values_list("phone", flat=True).first() or ""
    between = "、" if invitation.language == "ja" else ", "
    with translation.override(invitation.language):
        meets = _met_by(invitation)
    return {
        "meets": meets,
        "speaks": between.join(part for part in (row.time if row else "", invitation.length) if part),
        "phone": phone,
    }


def lacks(invitation: Invitation, session: Session) -> bool:
    """Whether the host has something to fill in before the guest is told."""
    phone = invitation.phone or (session.venue.phone if session.venue else "")
    return not (invitation.meets and invitation.speaks and phone)


def details(delivery: Delivery) -> Letter:
    """A week before: all of the morning. Raises `Unwanted` when it moved, is off, or the guest no longer comes."""
    return _letter(delivery, of=OWN[0])


def evening(delivery: Delivery) -> Letter:
    """The evening before: the way, who meets you, and a phone."""
    return _letter(delivery, of=OWN[1])


def _due(invitation: Invitation, *, now: datetime) -> Iterator[Delivery]:
    session = invitation.session
    if nights.is_night(now.astimezone(session.zone).time()):
        return
    day = session.local_start.date().isoformat()
    for own in OWN:
        begins, ends = _window(own, session)
        if begins <= now < ends:
            yield Delivery(
                kind=own.kind,
                key=f"{own.kind}:{invitation.code}:{day}",
                to=invitation.addressee,
                language=invitation.language,
                context={"invitation": invitation.pk, "day": day},
                useful_until=ends,
            )


def _window(own: Own, session: Session) -> tuple[datetime, datetime]:
    morning, zone = session.local_start.date(), session.zone
    begins = datetime.combine(morning - timedelta(days=own.days_before), own.at, tzinfo=zone)
    return begins, datetime.combine(morning - timedelta(days=own.last_day), own.until, tzinfo=zone)


def _letter(delivery: Delivery, *, of: Own) -> Letter:
    invitation = invitation_of(delivery)
    session, now = invitation.session, timezone.now()
    if session.is_cancelled or session.local_start.date().isoformat() != delivery.context["day"]:
        raise Unwanted("moved or called off")
    if not comes(invitation):
        raise Unwanted("does not come")
    by_day = nights.by_day(now, session.zone)
    if by_day != now:
        raise NotNow(by_day)
    known = facts(invitation)
    shown = known if of is OWN[0] else [known[n] for n in ON_THE_EVE]
    context: dict[str, Any] = {
        "name": invitation.speaker.display_name,
        "start": session.local_start,
        "when": on(session.local_start),
        "in_the_morning": reminder_words.is_in_the_morning(session),
        "facts": shown,
        "phone": known[-1][1],
        "programme": session.programme if of is OWN[0] else "",
        "meeting_url": meeting_link(session),
        "letter_url": link.address(invitation) if invitation.link_revoked_at is None else "",
        "host": invitation.host,
    }
    return from_host(invitation, context)


def _times(session: Session) -> dict[str, str]:
    return {"when": on(session.local_start), "doors": dates.clock(session.doors_at)}


def _with_you(invitation: Invitation) -> str:
    """How many seats there are for who comes along; before anybody is named, what the letter said."""
    if not invitation.brings:
        return invitation.companions
    seats = ngettext("a seat for one person with you", "seats for %(n)d people with you", invitation.brings)
    return seats % {"n": invitation.brings}


def _met_by(invitation: Invitation) -> str:
    if invitation.host is None:
        return ""
    name = invitation.host.display_name
    return _("%(host)s is at the door") % {"host": name.replace(" ", "") if get_language() == "ja" else name}
