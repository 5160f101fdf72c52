"""What the host has done beside the mornings: let people in, told the restaurant, asked about food."""

from datetime import datetime, time, timedelta
from typing import Any

from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.dice import Dice
from archive.sample.series import Groups
from events import joining, restaurant
from events.models import Details, Gathering, Idea, JoinLink, Membership, RestaurantCall, Session
from members.models import Member

# How many came by the link that goes round, and how many had said they come when the restaurant was told.
BY_LINK, FEWER = 4, 3
MONDAY_NOON = time(12, 5)
TRIP_IN_DAYS = 17


def make(groups: Groups, members: dict[str, Member], days: Days) -> None:
    """A link and a wish to join, talks and a trip proposed; a call to the restaurant, which is no longer what holds."""
    told = read("club")["hosting"]
    host = members[read("club")["roles"]["breakfast"]["owner"]]
    dice = Dice("hosting")
    link = JoinLink.objects.create(
        series=groups.breakfast, key="".join(dice.code() for _part in range(3)), made_at=days.ago(200, time(21))
    )
    newest = groups.breakfast.memberships.filter(role=Membership.Role.MEMBER).order_by("-joined_at", "-pk")
    Membership.objects.filter(pk__in=list(newest.values_list("pk", flat=True)[:BY_LINK])).update(link=link)
    wish = told["wish"]
    joining.ask(groups.study, members[wish["by"]], wish["words"], now=days.ago(1, time(20, 15)))
    for words in told["idea"]:
        _idea(words, members, days)
    trip = {name: value for name, value in told["gathering"].items() if name != "by"}
    noon = datetime.combine(days.today + timedelta(days=TRIP_IN_DAYS), time(11), tzinfo=groups.breakfast.zone)
    proposal = Gathering(code=dice.code(), series=groups.breakfast, member=members[told["gathering"]["by"]], **trip)
    proposal.starts_at, proposal.duration_minutes, proposal.capacity = noon, 150, 8
    proposal.propose(now=days.ago(1, time(12, 20)))
    _call(
        Session.objects.on().upcoming(days.now).filter(series=groups.breakfast, number__isnull=False)[0],
        told["food"],
        host,
        days,
    )


def _idea(words: dict[str, Any], members: dict[str, Member], days: Days) -> None:
    """A talk or a theme, those who want to hear it, and what they ask."""
    offers = words.get("offers", False)
    said = {"title": words["title"], "about": words["about"], "offers": offers}
    idea = Idea.propose(members[words["by"]], **said, now=days.ago(12, time(21, 15)))
    Idea.objects.filter(pk=idea.pk).update(code=Dice(words["title"]).code())
    for name in words["heard_by"]:
        idea.hear(members[name], yes=True, now=days.ago(10, time(12, 30)))
    for text in words.get("questions", ()):
        idea.ask(members[words["heard_by"][0]], text, now=days.ago(9, time(8, 40)))


def _call(session: Session, food: list[str], host: Member, days: Days) -> None:
    """Told on the day when a first number was due; since then some more have said they come."""
    seated = session.rsvps.seated().filter(member__isnull=False).order_by("pk")
    for rsvp, diet in zip(seated, food, strict=False):
        Details.objects.update_or_create(rsvp=rsvp, defaults={"diet": diet, "told_at": days.ago(2, time(19))})
    order = restaurant.standings([session])[session.pk].order
    diets = dict(list(order.diets.items())[1:])
    RestaurantCall.note(
        session,
        number=order.number - FEWER,
        others=order.others,
        diets=diets,
        to="店長の水尾さん",
        now=days.ago(2, MONDAY_NOON),
        actor=host,
    )
