"""What members ask each other: introductions through somebody, questions to the club, and what each may be asked."""

from datetime import datetime, time, timedelta
from typing import Any

from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.dice import Dice
from introductions import consent, openness
from introductions.acquaintance import Exchange
from introductions.asks import OPEN_FOR, Ask, Reply
from introductions.favours import ANSWER_WITHIN, ENDS_AFTER, Favour
from introductions.openness import Openness
from members.models import Member

# How likely somebody who takes introductions may be asked for one, gets questions, likes threes.
OPEN_TO = {"connects": 0.5, "answers": 0.6, "threes": 0.4}


def make(members: dict[str, Member], days: Days) -> None:
    """As asks.toml tells it; whom it names lets himself be asked."""
    dice, words = Dice("asks"), read("asks")
    named = {
        "connects": {one["connector"] for one in words["favour"]},
        "answers": {row["member"] for one in words["ask"] for row in one["replies"]},
        "threes": set(read("introductions").get("threes", [])),
    }
    _open(members, named, days, dice)
    for one in words["favour"]:
        _favour(one, members, days, dice)
    for one in words["ask"]:
        _ask(one, members, days, dice)


def _open(members: dict[str, Member], named: dict[str, set[str]], days: Days, dice: Dice) -> None:
    willing = set(consent.in_force().values_list("member", flat=True))
    at = days.ago(60, time(21))
    rows = []
    for name, member in members.items():
        said = {kind: dice.random() < OPEN_TO[kind] and member.pk in willing for kind in openness.KINDS}
        on = {f"{kind}_at": at if said[kind] or name in named[kind] else None for kind in openness.KINDS}
        rows.append(Openness(member=member, **on))
    Openness.objects.bulk_create(rows)


def _favour(words: dict[str, Any], members: dict[str, Member], days: Days, dice: Dice) -> None:
    asked_at = days.ago(words["days"], time(12, 30))
    connector_said, other_said = words["answers"]
    answered_at = asked_at + timedelta(days=1, hours=8)
    row = Favour(
        code=dice.code(),
        **{side: members[words[side]] for side in ("asker", "connector", "other")},
        **{name: words.get(name, "") for name in ("why", "forward", "word", "thanks")},
        asked_at=asked_at,
        until=_end_of_day(asked_at + ANSWER_WITHIN),
        ends_at=_end_of_day(asked_at + ENDS_AFTER),
        connector_said=connector_said,
        other_said=other_said,
    )
    if connector_said:
        row.connector_said_at, row.other_until = answered_at, _end_of_day(answered_at + ANSWER_WITHIN)
    if other_said == "yes":
        row.other_said_at = row.made_at = answered_at + timedelta(days=1)
        row.thanked_at = row.made_at + timedelta(days=4) if row.thanks else None
        _exchange(row.asker, members[words["other"]], row.made_at)
    row.save()


def _ask(words: dict[str, Any], members: dict[str, Member], days: Days, dice: Dice) -> None:
    asked_at = days.ago(words["days"], time(20, 30))
    ask = Ask.objects.create(
        code=dice.code(),
        asker=members[words["asker"]],
        **{name: words.get(name, "") for name in ("question", "more", "thanks")},
        in_letter_at=asked_at if words.get("in_letter") else None,
        asked_at=asked_at,
        until=_end_of_day(asked_at + OPEN_FOR),
        closed_at=asked_at + timedelta(days=9) if "thanks" in words else None,
    )
    for nth, one in enumerate(words["replies"], start=1):
        said_at = asked_at + timedelta(hours=14 * nth) if one.get("said") else None
        row = Reply.objects.create(
            ask=ask,
            member=members[one["member"]],
            asked_at=asked_at,
            said_at=said_at,
            **{name: one.get(name, "") for name in ("said", "line")},
            words=one["words"],
            released_at=said_at if one.get("may_show") else None,
            shown_at=ask.closed_at if one.get("shown") else None,
            touch_at=said_at + timedelta(days=1) if said_at and one.get("touch") else None,
        )
        if row.touch_at:
            _exchange(ask.asker, row.member, row.touch_at)


def _exchange(one: Member, other: Member, at: datetime) -> None:
    """Two yeses: each has the other's card."""
    for member, whom in ((one, other), (other, one)):
        Exchange.say(member, whom, session=None, now=at)


def _end_of_day(when: datetime) -> datetime:
    return when.replace(hour=23, minute=59)
