"""The two mails of an introduction: the question to each alone, and, after two yeses, the introduction itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from events import dates, nights
from introductions import links, reasons, trades
from introductions.models import Introduction
from introductions.openness import nothing_between
from introductions.pauses import Pause
from introductions.threes import Three
from members.levels import Level
from members.links import absolute
from members.models import Member
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic


def register_kinds() -> None:
    """The question, which waits behind what somebody asked for; the introduction."""
    register(Kind("intro.ask", letter=ask, topic=Topic.INTRO))
    register(Kind("intro.made", letter=made, topic=Topic.ANSWER))
    register(Kind("intro.three", letter=three, topic=Topic.ANSWER))


def ask(delivery: Delivery) -> Letter:
    """Would you like to meet? Of everybody proposed to this member after one morning, in one mail.

    Raises `Unwanted` when nobody is left who wants to be introduced and was not answered about.
    """
    pairs, now = _of_one_round(delivery), timezone.now()
    member = pairs[0][1]
    open_ones = [one for one, _member in pairs if one.is_open(now)]
    if not open_ones:
        raise Unwanted("too late")
    asked = [one for one in open_ones if not one.answer_of(member)]
    if not asked:
        raise Unwanted("answered")
    if Pause.objects.in_force(now).filter(member=member).exists():
        raise Unwanted("takes a rest")
    _not_at_night(asked[0], now=now)
    until = asked[0].answer_until
    assert until is not None  # noqa: S101 - an open one has an end
    session = asked[0].round.session
    people = [_context(one, member) | {"answer_url": links.answer_link(one, member)} for one in asked]
    return Letter(
        people[0]
        | {
            "people": people,
            "until": dates.day(until.astimezone(session.zone).date(), dates.language(), year=False),
        },
        sender_name=session.series.display_name,
    )


def made(delivery: Delivery) -> Letter:
    """Here is how to reach each other: the only mail with an address in it."""
    introduction, member = _found(delivery)
    if introduction.made_at is None:
        raise Unwanted("not made")
    if Three.objects.filter(round=introduction.round_id).of(introduction.first_id, introduction.second_id).exists():
        raise Unwanted("in a three")
    _not_at_night(introduction, now=timezone.now())
    other = introduction.other(member)
    context = _context(introduction, member) | {"address": other.email}
    return Letter(context, reply_to=other.email, sender_name=introduction.round.session.series.display_name)


def three(delivery: Delivery) -> Letter:
    """Three at once: each reads of the other two, and reaches both by replying to all. Read anew like the others."""
    found = Three.objects.with_people().filter(pk=delivery.context["three"]).first()
    if found is None or not nothing_between(*found.people):
        raise Unwanted("apart")
    pairs = Introduction.objects.asked().willing().with_people().filter(round=found.round_id, made_at__isnull=False)
    mine = {one.pk: one for one in found.people}
    made = [pair for pair in pairs if {pair.first_id, pair.second_id} <= set(mine)]
    member = mine[delivery.context["member"]]
    if len(made) < 2:
        raise Unwanted("apart")
    _not_at_night(made[0], now=timezone.now())
    others = [one for one in found.people if one.pk != member.pk]
    context = {
        "name": reasons.called(member),
        "day": dates.day(found.round.session.local_start.date(), dates.language(), year=False),
        "others": [_third(member, one, made) for one in others],
        "everybody": [reasons.called(one) for one in (member, *others)],
        "reply_to_all": ",".join(one.email for one in others),
    }
    sender = found.round.session.series.display_name
    return Letter(context, reply_to=", ".join(one.email for one in others), sender_name=sender)


def _third(member: Member, other: Member, made: list[Introduction]) -> dict[str, Any]:
    """What a member reads of one of the other two: the reasons of their pair, or through whom they meet."""
    pair = next((one for one in made if {one.first_id, one.second_id} == {member.pk, other.pk}), None)
    told: dict[str, Any] = {
        "called": reasons.called(other),
        "address": other.email,
        "trade": trades.word(other.as_seen_at(Level.CARDS)),
    }
    if pair:
        return told | {"reasons": reasons.for_one(pair, member), "opening": reasons.opening(pair, member)}
    # Only what the opening is made of: nobody was asked about these two.
    two = Introduction(first=member, second=other)
    return told | {"through": _between(member, other, made), "opening": reasons.opening(two, member)}


def _between(member: Member, other: Member, made: list[Introduction]) -> str:
    """Whom both of them were introduced to."""
    people = {one for pair in made for one in (pair.first, pair.second)}
    return next(reasons.called(one) for one in people if one.pk not in {member.pk, other.pk})


def _not_at_night(introduction: Introduction, *, now: datetime) -> None:
    """Raises `NotNow` in the quiet hours: the second yes may come at midnight, and so may another attempt."""
    goes_at = nights.by_day(now, introduction.round.session.zone)
    if goes_at > now:
        raise NotNow(goes_at)


def _found(delivery: Delivery) -> tuple[Introduction, Member]:
    """Read anew: a block, a withdrawn consent or a closed account since then ends it."""
    pairs = Introduction.objects.asked().willing().with_people()
    introduction = pairs.filter(pk=delivery.context["introduction"]).first()
    if introduction is None:
        raise Unwanted("apart")
    return introduction, _reader(introduction, delivery)


def _of_one_round(delivery: Delivery) -> list[tuple[Introduction, Member]]:
    """All that were proposed to the reader with the one the mail was owed for, read anew in the same way."""
    together = Introduction.objects.filter(pk=delivery.context["introduction"]).values("round")
    mine = Q(first=delivery.context["member"]) | Q(second=delivery.context["member"])
    pairs = Introduction.objects.asked().willing().with_people().filter(mine, round__in=together).order_by("pk")
    if found := [(one, _reader(one, delivery)) for one in pairs]:
        return found
    raise Unwanted("apart")


def _reader(introduction: Introduction, delivery: Delivery) -> Member:
    first, second = introduction.first, introduction.second
    return first if first.pk == delivery.context["member"] else second


def _context(introduction: Introduction, member: Member) -> dict[str, Any]:
    session, other = introduction.round.session, introduction.other(member)
    return {
        "name": reasons.called(member),
        "other": reasons.called(other),
        "standing": reasons.standing(introduction, member),
        "reasons": reasons.for_one(introduction, member),
        "opening": reasons.opening(introduction, member),
        "number": session.number,
        "day": dates.day(session.local_start.date(), dates.language(), year=False),
        "page_url": absolute("introductions"),
    }
