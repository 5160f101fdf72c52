"""The mails of an introduction through somebody: the request, the question passed on, the introduction, the thanks."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from events import dates
from introductions import consent, reasons, trades
from introductions.favour_links import link
from introductions.favours import Favour, Said, by_day
from members.levels import Level
from members.links import absolute
from members.models import Club, Member
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic


def register_kinds() -> None:
    """Each to one person; an address is in the introduction alone."""
    register(Kind("intro.favour", favour, Topic.INTRO))
    register(Kind("intro.forward", forward, Topic.INTRO))
    register(Kind("intro.through", through, Topic.ANSWER))
    register(Kind("intro.thanks", thanks, Topic.ANSWER))


def favour(delivery: Delivery) -> Letter:
    """Would you introduce me? To the connector."""
    found, member = _found(delivery)
    if found.connector_said:
        raise Unwanted("answered")
    if not found.awaits("connector", timezone.now()):
        raise Unwanted("too late")
    return _letter({**_context(found, member), "until": _day(found.until)})


def forward(delivery: Delivery) -> Letter:
    """Somebody asks to meet you, through somebody you know."""
    found, member = _found(delivery)
    if found.other_said:
        raise Unwanted("answered")
    if not found.awaits("other", timezone.now()):
        raise Unwanted("too late")
    assert found.other_until is not None  # noqa: S101 - what awaits an answer has an end
    return _letter({**_context(found, member), "until": _day(found.other_until)})


def through(delivery: Delivery) -> Letter:
    """Here is how to reach each other, with the words of the one who brought you together."""
    found, member = _found(delivery)
    if found.made_at is None or found.other is None:
        raise Unwanted("not made")
    met = found.other if member.pk == found.asker_id else found.asker
    context = {
        **_context(found, member),
        "is_asker": member.pk == found.asker_id,
        "met": reasons.called(met),
        "trade": trades.word(met.as_seen_at(Level.CARDS)),
        "address": met.email,
    }
    return _letter(context, reply_to=met.email)


def thanks(delivery: Delivery) -> Letter:
    """You brought two together: at once from us, later in the asker's own words."""
    found, member = _found(delivery)
    if found.made_at is None:
        raise Unwanted("not made")
    words = found.thanks if delivery.context["words"] else ""
    return _letter({**_context(found, member), "words": words})


def _found(delivery: Delivery) -> tuple[Favour, Member]:
    """Read anew: a block, a closed account or a withdrawn consent since then ends it."""
    now = timezone.now()
    found = Favour.objects.with_people().filter(pk=delivery.context["favour"]).first()
    if found is None or not found.is_clear(now):
        raise Unwanted("apart")
    goes_at = by_day(now)
    if goes_at > now:
        raise NotNow(goes_at)
    people = {one.pk: one for one in (found.asker, found.connector, found.other) if one}
    member = people.get(delivery.context["member"])
    if member is None or (member.pk == found.other_id and found.connector_said != Said.YES):
        raise Unwanted("apart")
    if consent.withdrawn_since(member, found.asked_at):
        raise Unwanted("consent withdrawn")
    return found, member


def _context(found: Favour, member: Member) -> dict[str, Any]:
    return {
        "name": reasons.called(member),
        "asker": reasons.called(found.asker),
        "asker_trade": trades.word(found.asker.as_seen_at(Level.HOSTS)),
        "connector": reasons.called(found.connector),
        "other": reasons.called(found.other) if found.other else "",
        "subject": found.subject,
        "why": found.why,
        "forward": found.forward,
        "word": found.word,
        "answer_url": link(found, member),
        "page_url": absolute("introductions"),
    }


def _letter(context: dict[str, Any], *, reply_to: str = "") -> Letter:
    return Letter(context, reply_to=reply_to, sender_name=Club.current().display_name)


def _day(when: Any) -> str:
    return dates.day(timezone.localtime(when).date(), dates.language(), year=False)
