"""What became of it: two rounds of introductions, one of long ago and one being answered these days."""

from collections.abc import Iterator
from datetime import time, timedelta
from itertools import combinations, permutations
from typing import Any

from archive.sample.data import people, read
from archive.sample.days import Days
from archive.sample.dice import Dice
from archive.sample.mornings import Morning, introduced_after
from archive.sample.series import Groups
from events.models import Session
from introductions.acquaintance import Exchange
from introductions.followups import FollowUp
from introductions.matching import Pair, Person, candidates, topics
from introductions.models import Introduction, Round
from introductions.threes import Three
from members.models import Member

# How much longer the round of these days may be answered.
DAYS_LEFT = 4


def make(remembered: list[tuple[Session, Morning]], members: dict[str, Member], groups: Groups, days: Days) -> None:
    """The rounds as introductions.toml tells them, each pair with the worth it really has."""
    dice, told = Dice("introductions"), read("introductions")
    session_of = {id(morning): session for session, morning in remembered}
    for words in told["round"]:
        morning = introduced_after(words, [morning for _, morning in remembered], groups)
        round_ = _round(session_of[id(morning)], words, members, days, dice)
        _join(round_, {members[name].pk for name in told["threes"]})


def _round(session: Session, words: dict[str, Any], members: dict[str, Member], days: Days, dice: Dice) -> Round:
    asked_at = days.after(session, days=1, at=time(12, 10))
    is_over = "morning" in words
    round_ = Round.objects.create(
        session=session,
        seed=session.code,
        computed_at=session.ends_at,
        released_at=asked_at,
        covered=len({pair[side] for pair in words["pairs"] for side in ("first", "second")}),
    )
    asked = {
        "round": round_,
        "asked_at": asked_at,
        "answer_until": asked_at + timedelta(days=7) if is_over else days.ago(-DAYS_LEFT, time(12, 10)),
    }
    rows = [_introduction(asked, pair, members, days, dice) for pair in words["pairs"]]
    Introduction.objects.bulk_create(rows)
    words_of = zip(rows, words["pairs"], strict=True)
    FollowUp.objects.bulk_create(said for row, pair in words_of for said in _afterwards(row, pair, days))
    round_.value = sum(row.value for row in rows)
    round_.save(update_fields=["value"])
    return round_


def _join(round_: Round, likes: set[int]) -> None:
    """Two accepted pairs of people who like threes, with one of them in both; the other two have each other's card."""
    made = [
        row for row in round_.introductions.order_by("pk") if row.made_at and {row.first_id, row.second_id} <= likes
    ]
    for one, other in combinations(made, 2):
        low, middle, high = sorted({one.first_id, one.second_id, other.first_id, other.second_id})
        at = max(row.made_at for row in (one, other) if row.made_at)
        Three.objects.create(round=round_, first_id=low, second_id=middle, third_id=high, made_at=at)
        apart = {low, middle, high} - {one.first_id, one.second_id} & {other.first_id, other.second_id}
        for member, whom in permutations(Member.objects.filter(pk__in=apart).order_by("pk"), 2):
            Exchange.say(member, whom, session=None, now=at)


def _introduction(
    asked: dict[str, Any], pair: dict[str, Any], members: dict[str, Member], days: Days, dice: Dice
) -> Introduction:
    """The row of one pair; `first` is the one with the smaller id, as in people.csv."""
    first, second = members[pair["first"]], members[pair["second"]]
    worth = _worth(first, second)
    row = Introduction(
        code=dice.code(), first=first, second=second, value=worth.value, terms=dict(worth.terms), **asked
    )
    row.first_answer, row.second_answer = pair["answers"]
    answered_at = days.after(asked["round"].session, days=1, at=time(18, dice.randrange(60)))
    row.first_answered_at = answered_at if row.first_answer else None
    row.second_answered_at = answered_at if row.second_answer else None
    if row.first_answer == row.second_answer == Introduction.Answer.YES:
        row.made_at = answered_at
    return row


def _afterwards(introduction: Introduction, pair: dict[str, Any], days: Days) -> Iterator[FollowUp]:
    """What each of the two said four weeks later, and what one of them tells."""
    for place, in_touch in enumerate(pair.get("in_touch", ())):
        asked_at = days.after(introduction.round.session, days=29, at=time(12, 10))
        story = pair.get("story", "") if place == 0 else ""
        yield FollowUp(
            introduction=introduction,
            member=introduction.second if place else introduction.first,
            asked_at=asked_at,
            in_touch=in_touch,
            useful=pair["useful"][place],
            answered_at=asked_at if in_touch else None,
            story=story,
            story_for=FollowUp.Seen.WALL if story else FollowUp.Seen.PRIVATE,
            story_at=asked_at if story else None,
        )


def _worth(one: Member, other: Member) -> Pair:
    """What the matching says of these two; keys of equal length keep them in the order of their ids."""
    new = {person.name for person in people() if person.is_newcomer}
    both = [
        Person(
            key=f"{member.pk:012}",
            industry=member.industry,
            newcomer=member.name in new,
            teaches=topics(member.ask_me),
            learns=topics(member.want_to_learn),
        )
        for member in (one, other)
    ]
    return candidates(both)[0]
