"""The parts of the sample club, in the order they stand on each other."""

from datetime import datetime

from django.db import transaction

from archive.sample import (
    asked,
    bulletins,
    cards,
    coming,
    history,
    hosting,
    introduced,
    invited,
    mornings,
    people,
    purse,
    series,
    told,
    wished,
)
from archive.sample.days import Days
from events.models import Session
from search import sources


@transaction.atomic
def build(now: datetime) -> None:
    """Make the whole club in a database without members, as it stands at `now`."""
    days = Days(now)
    groups = series.make(days)
    past = mornings.past(groups)
    members = people.make(days, groups, past)
    series.appoint(groups, members, {name for one in past if one.series == groups.study for name in one.people})
    guests = people.make_guests(days)
    remembered = history.make(past, members, guests, days)
    introduced.make(remembered, members, groups, days)
    cards.make(members, days)
    asked.make(members, days)
    wished.make(members, days)
    told.make(members, days)
    purse.make(remembered, members, days)
    invited.past(remembered, guests, next(iter(members.values())))
    bulletins.make(remembered, next(iter(members.values())), days)
    bulletins.make_news(members, days)
    coming.make(groups, members, guests, days)
    hosting.make(groups, members, days)
    series.note_reminders(groups, days)
    sources.refresh(list(Session.objects.values_list("code", flat=True)))
