"""The one mail to somebody whom a list names: what the list says, who brought it, and where to say yes or no."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from archive.people import KIND, ListedPerson
from events import dates
from members import links
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic

PURPOSE = "listed"


def register_kinds() -> None:
    register(Kind(KIND, letter=asked, topic=Topic.FRIEND))


def link(person: ListedPerson) -> str:
    """Where this person reads what the list says, and answers; whoever opens it has read the mail."""
    payload = {"p": person.pk, "e": links.derive(PURPOSE, person.email)}
    return links.absolute("listed_person", links.sign(PURPOSE, payload, until=person.answer_until))


def of(token: str, *, now: datetime) -> ListedPerson | None:
    """Whose link it is: waiting at that address, or answered. Nobody for a link that is not ours or too old."""
    try:
        ids = links.read(PURPOSE, token, now=now)
    except links.BadLink:
        return None
    person = ListedPerson.objects.select_related("series", "intake__member").filter(pk=ids["p"]).first()
    if person is None or (person.email and not links.is_derived(PURPOSE, person.email, ids["e"])):
        return None
    return person


def asked(delivery: Delivery) -> Letter:
    """May we? Unwanted once it is answered, or the list was taken back."""
    waiting = ListedPerson.objects.waiting().select_related("series", "intake__member")
    person = waiting.filter(pk=delivery.context["person"], email=delivery.to).first()
    if person is None:
        raise Unwanted("answered, or taken back")
    context = told(person) | {"person_url": link(person)}
    return Letter(context, sender_name=person.series.display_name)


def told(person: ListedPerson) -> dict[str, Any]:
    """What the list says of this person, for the mail and for the page, in the language of the reader."""
    host = person.intake.member
    return {
        "person": person,
        "series": person.series,
        "host": host.display_name if host else "",
        "facts": [
            (_("Name"), person.name),
            (_("Reading"), person.yomi),
            (_("With us since"), _day(person.since) if person.since else ""),
            (_("Mornings attended"), _mornings(person)),
        ],
        "until": _day(person.answer_until.astimezone(person.series.zone).date()),
    }


def _mornings(person: ListedPerson) -> str:
    """How many, and from when to when."""
    days = sorted(one.session.local_start.date() for one in person.attendances.select_related("session"))
    if not days:
        return ""
    if len(days) == 1:
        return _day(days[0])
    return _("%(n)d, from %(first)s to %(last)s") % {"n": len(days), "first": _day(days[0]), "last": _day(days[-1])}


def _day(on: date) -> str:
    return dates.day(on, dates.language(), year=True)
