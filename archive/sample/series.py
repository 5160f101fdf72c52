"""The club, its rooms, its two series and who does what in them."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.dice import Dice
from events.models import Membership, ReminderRule, ReminderRun, Series, Session, Venue
from events.models.reminder import MONTHLY, WEEKLY, Defaults, begin_with, due_at
from members.models import Club, Member

# How often each has met, and how much of it the sample remembers. One breakfast was called off and has no number.
BREAKFASTS, REMEMBERED, CALLED_OFF, STUDIES = 36, 18, 1, 40


@dataclass(frozen=True)
class Groups:
    """The two series, the rooms, and the dates of the past that the sample remembers, the oldest first."""

    today: date
    breakfast: Series
    study: Series
    rooms: dict[str, Venue]
    breakfasts: list[date]
    studies: list[date]


def make(days: Days) -> Groups:
    """The club and its series, each as old as its numbers say."""
    club = read("club")
    Club(pk=1, **club["club"]).save()
    dice = Dice("rooms")
    rooms = {key: Venue.objects.create(code=dice.code(), **room) for key, room in club["rooms"].items()}
    monthly, weekly = club["series"]["breakfast"], club["series"]["study"]
    breakfasts = _met(monthly, days)[-BREAKFASTS - CALLED_OFF :]
    studies = _met(weekly, days)[-STUDIES:]
    return Groups(
        today=days.today,
        breakfast=_series(monthly, breakfasts[0], rooms["cafe"], MONTHLY, days),
        study=_series(weekly, studies[0], rooms["cafe"], WEEKLY, days),
        rooms=rooms,
        breakfasts=breakfasts[-REMEMBERED - CALLED_OFF :],
        studies=studies,
    )


def _met(words: dict[str, Any], days: Days) -> list[date]:
    return days.past(words["rule"], time.fromisoformat(words["at"]), words["duration_minutes"])


def _series(words: dict[str, Any], starts_on: date, room: Venue, reminders: Defaults, days: Days) -> Series:
    fields = {name: value for name, value in words.items() if name not in {"at", "own_words"}}
    age = days.today - starts_on + timedelta(days=60)
    series = Series.objects.create(
        **fields,
        at=time.fromisoformat(words["at"]),
        starts_on=starts_on,
        venue=room,
        created_at=days.ago(age.days, time(20)),
    )
    begin_with(series, reminders)
    for own in words.get("own_words", []):
        ReminderRule.objects.create(series=series, template=ReminderRule.Template.WORDS, **own)
    return series


def appoint(groups: Groups, members: dict[str, Member], came_to_study: set[str]) -> None:
    """Everybody belongs to the breakfast, and to the study group who came to it; some have a task."""
    roles = read("club")["roles"]
    for series, names in ((groups.breakfast, set(members)), (groups.study, came_to_study)):
        role_of = {name: role for role, name in roles[series.slug].items()}
        Membership.objects.bulk_create(
            Membership(
                series=series,
                member=member,
                role=role_of.get(name, Membership.Role.MEMBER),
                joined_at=max(member.created_at, series.created_at),
            )
            for name, member in members.items()
            if name in names
        )


def note_reminders(groups: Groups, days: Days) -> None:
    """The reminders of the past have gone out: none of them is sent now."""
    for series in (groups.breakfast, groups.study):
        sessions, rules = Session.objects.on().filter(series=series).order_by("pk"), list(series.reminder_rules.all())
        due = [(rule, session, due_at(rule, session)) for session in sessions for rule in rules]
        ReminderRun.objects.bulk_create(
            ReminderRun(rule=rule, session=session, at=at) for rule, session, at in due if at <= days.now
        )
