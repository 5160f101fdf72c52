"""The answers to what is ahead, given one after the other through the seat verbs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import chain
from typing import Any

from archive.sample.days import Days
from archive.sample.dice import Dice
from events.models import Partstat, Session
from members.models import Member

# Of each session's answers the last so many were given yesterday.
FRESH = 2


@dataclass(frozen=True)
class Answer:
    """Somebody's answer to a session, with a friend or without."""

    at: datetime
    is_fresh: bool
    session: Session
    member: Member
    partstat: str = Partstat.ACCEPTED
    question: str | None = None
    friend: dict[str, str] | None = None


def of(
    session: Session, words: dict[str, Any], members: dict[str, Member], days: Days, *, since: int, dice: Dice
) -> list[Answer]:
    """Who answers: first those who are named, then others by chance, then those who will have to wait."""
    if "seated" not in words:
        return []
    coming = _coming(words, members, dice)
    absent = dice.sample([name for name in members if name not in coming], words.get("declined", 0))
    waits = "waiting" in words
    fresh = 0 if waits or "cancelled" in words else FRESH
    at = chain(_instants(len(coming) - fresh, since, days, dice), _instants(fresh, 1, days, dice))
    friends = {friend["of"]: friend for friend in words.get("friends", [])}
    if waits:
        friends[coming[-3]] = words["friend_who_waits"]
    questions = {question["by"]: question["text"] for question in words.get("questions", [])}
    given = [
        Answer(
            at=next(at),
            is_fresh=place >= len(coming) - fresh,
            session=session,
            member=members[name],
            question=questions.get(name),
            friend=friends.get(name),
        )
        for place, name in enumerate(coming)
    ]
    given += [
        Answer(when, False, session, members[name], Partstat.DECLINED)
        for name, when in zip(absent, _instants(len(absent), since, days, dice), strict=True)
    ]
    if waits:
        gives, takes = (members[coming[words["seated"] + place]] for place in (-2, 0))
        given += _passed_on(session, gives, takes, days)
    return given


def _coming(words: dict[str, Any], members: dict[str, Member], dice: Dice) -> list[str]:
    """Names in the order of their answers; one more waits than stays waiting, for one seat is given back."""
    first, last = words.get("first", [words["by"]] if "by" in words else []), words.get("last_in_queue", [])
    others = [name for name in members if name not in first and name not in last]
    number = words["seated"] + (words["waiting"] + 1 if "waiting" in words else 0)
    return [*first, *dice.sample(others, number - len(first) - len(last)), *last]


def _passed_on(session: Session, gives: Member, takes: Member, days: Days) -> list[Answer]:
    """Yesterday somebody gave a seat back, and the first in the queue has it, near the start after being asked."""
    at = ((gives, time(19, 20), Partstat.DECLINED), (takes, time(19, 50), Partstat.ACCEPTED))
    return [Answer(days.ago(1, when), True, session, member, partstat) for member, when, partstat in at]


def _instants(number: int, since: int, days: Days, dice: Dice) -> Iterator[datetime]:
    """So many instants in the waking hours of the days since the announcement, in order, none of them yesterday."""
    ago = [dice.randrange(2, since) if since > 2 else since for _ in range(number)]
    return iter(sorted(days.ago(day, time(dice.randrange(7, 19), dice.randrange(60))) for day in ago))


def take(given: Iterable[Answer]) -> None:
    """Let the seat verbs decide, in the order in which the answers came."""
    for answer in given:
        answer.session.rsvp(answer.member, answer.partstat, now=answer.at, question=answer.question)
        if answer.friend:
            friend = answer.friend
            answer.session.add_friend(answer.member, friend["name"], yomi=friend["yomi"], now=answer.at)
