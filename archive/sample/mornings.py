"""The mornings of the past before they are rows: when they were, what was on, and who was there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from archive.sample.data import Person, people, read
from archive.sample.dice import Dice
from archive.sample.series import Groups
from events.models import Series

# How far a room's chance to be chosen strays from how empty it is.
CHANCE = 0.45
# The breakfast is what people get up for.
BREAKFAST_FIRST = 0.15
NEWCOMERS_SINCE_DAYS = 100


@dataclass
class Morning:
    """One meeting of the past. `people` are members' names, those first who are told of elsewhere."""

    series: Series
    on: date
    number: int | None
    words: dict[str, Any]
    people: list[str] = field(default_factory=list)

    @property
    def is_on(self) -> bool:
        return "cancelled" not in self.words

    @property
    def room_left(self) -> int:
        """Seats for members; one is left to somebody's friend."""
        return self.series.capacity - 1 - len(self.people) if self.is_on else 0

    @property
    def fullness(self) -> float:
        """What keeps somebody from choosing this morning."""
        full = len(self.people) / self.series.capacity
        return full - BREAKFAST_FIRST if self.series.slug == "breakfast" else full


def past(groups: Groups) -> list[Morning]:
    """All mornings the sample remembers, the oldest first, with the people who were there."""
    mornings = sorted([*_breakfasts(groups), *_studies(groups)], key=lambda morning: (morning.on, morning.series.slug))
    _name_the_introduced(mornings, groups)
    dice = Dice("attendances")
    for person in sorted(people(), key=lambda person: (not person.is_newcomer, -person.times)):
        _come(person, mornings, dice)
    return mornings


def _breakfasts(groups: Groups) -> Iterator[Morning]:
    for on, words in zip(reversed(groups.breakfasts), read("mornings")["morning"], strict=True):
        told = [words.get("talks", []), words.get("taken_home", [])]
        names = [*words.get("brought", {}), *words.get("brought", {}).values()]
        names += [one["by"] for lists in told for one in lists]
        yield Morning(groups.breakfast, on, words.get("number"), words, list(dict.fromkeys(names)))


def _studies(groups: Groups) -> Iterator[Morning]:
    """Each who has a talk of their own gave it once; the host opened."""
    speakers = [person for person in people() if person.own_talk]
    order = [speakers[0], *Dice("studies").sample(speakers[1:], len(speakers) - 1)]
    for number, (on, speaker) in enumerate(zip(groups.studies, order, strict=True), start=1):
        talk = {"title": speaker.own_talk, "by": speaker.name}
        yield Morning(groups.study, on, number, {"title": speaker.own_talk, "talks": [talk]}, [speaker.name])


def _name_the_introduced(mornings: list[Morning], groups: Groups) -> None:
    """Who was introduced after a morning was there."""
    for words in read("introductions")["round"]:
        morning = introduced_after(words, mornings, groups)
        names = [name for pair in words["pairs"] for name in (pair["first"], pair["second"])]
        morning.people = list(dict.fromkeys([*morning.people, *names]))


def introduced_after(words: dict[str, Any], mornings: list[Morning], groups: Groups) -> Morning:
    """The morning a round belongs to: the breakfast of that number, or the study group of some days ago."""
    number = words.get("morning")
    if number:
        return next(one for one in mornings if one.series == groups.breakfast and one.number == number)
    study = [one for one in mornings if one.series == groups.study]
    return next(one for one in reversed(study) if one.on <= groups.today - timedelta(days=2))


def _come(person: Person, mornings: list[Morning], dice: Dice) -> None:
    """Let this person come as often as told, where there was room."""
    told = [morning for morning in mornings if person.name in morning.people]
    since = min([_since(person, mornings), *(morning.on for morning in told)])
    open_ = [m for m in mornings if m not in told and m.on >= since and m.room_left > 0]
    open_.sort(key=lambda m: m.fullness + CHANCE * dice.random())
    for morning in open_[: max(person.times - len(told), 0)]:
        morning.people.append(person.name)


def _since(person: Person, mornings: list[Morning]) -> date:
    last = mornings[-1].on
    if person.is_newcomer:
        return last - timedelta(days=NEWCOMERS_SINCE_DAYS)
    return mornings[0].on if person.is_old_hand else last - timedelta(days=30 * person.times)


def first_day(mornings: list[Morning], name: str) -> date | None:
    """When somebody came for the first time that the sample remembers."""
    return next((morning.on for morning in mornings if name in morning.people), None)
