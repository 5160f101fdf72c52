"""The mails of a question to the club: to the few whom it fits, back to the asker, to both once in touch, thanks."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from events import dates
from introductions import reasons, trades
from introductions.ask_links import link
from introductions.asks import Reply
from introductions.favours import by_day
from members.levels import Level
from members.links import absolute
from members.models import Club, Member
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic


def register_kinds() -> None:
    """Each to one person; an address is in `ask.touch` alone."""
    register(Kind("ask.question", question, Topic.ASK))
    register(Kind("ask.answer", answer, Topic.ANSWER))
    register(Kind("ask.touch", touch, Topic.ANSWER))
    register(Kind("ask.thanks", thanks, Topic.ANSWER))


def question(delivery: Delivery) -> Letter:
    """Somebody asks what one may ask this member about."""
    row, member = _found(delivery)
    if row.said:
        raise Unwanted("answered")
    if not row.ask.is_open(timezone.now()):
        raise Unwanted("closed")
    until = timezone.localtime(row.ask.until).date()
    return _letter(row, member, answer_url=link(row), until=dates.day(until, dates.language(), year=False))


def answer(delivery: Delivery) -> Letter:
    """Somebody can help, or knows somebody."""
    row, member = _found(delivery)
    if not row.said:
        raise Unwanted("taken back")
    return _letter(row, member, ask_url=absolute("ask", row.ask.code))


def touch(delivery: Delivery) -> Letter:
    """Here is how to reach each other."""
    row, member = _found(delivery)
    if row.touch_at is None:
        raise Unwanted("not in touch")
    met = row.ask.asker if member.pk == row.member_id else row.member
    letter = _letter(row, member, met=reasons.called(met), address=met.email, is_asker=member.pk == row.ask.asker_id)
    return Letter(letter.context, reply_to=met.email, sender_name=letter.sender_name)


def thanks(delivery: Delivery) -> Letter:
    """The asker's thanks to whoever answered."""
    row, member = _found(delivery)
    return _letter(row, member, thanks=row.ask.thanks)


def _found(delivery: Delivery) -> tuple[Reply, Member]:
    """Read anew: a block or a closed account since then ends it. Raises `NotNow` in the quiet hours."""
    now = timezone.now()
    row = Reply.objects.with_people().filter(pk=delivery.context["reply"]).first()
    if row is None or not row.is_clear():
        raise Unwanted("apart")
    if (goes_at := by_day(now)) > now:
        raise NotNow(goes_at)
    return row, row.member if row.member_id == delivery.context["member"] else row.ask.asker


def _letter(row: Reply, member: Member, **more: Any) -> Letter:
    context = {
        "name": reasons.called(member),
        "asker": reasons.called(row.ask.asker),
        "asker_trade": trades.word(row.ask.asker.as_seen_at(Level.HOSTS)),
        "helper": reasons.called(row.member),
        "question": row.ask.question,
        "more": row.ask.more,
        "words": row.words,
        "said": row.said,
        "line": row.line,
        "page_url": absolute("introductions"),
        **more,
    }
    return Letter(context, sender_name=Club.current().display_name)
