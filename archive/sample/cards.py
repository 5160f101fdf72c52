"""Cards that were exchanged, one that only one side speaks of, and what the host notes for himself."""

from datetime import time, timedelta

from archive.sample.data import read
from archive.sample.days import Days
from introductions.acquaintance import Exchange, Memory
from members.levels import CONTACT, Level
from members.models import Member


def make(members: dict[str, Member], days: Days) -> None:
    """As cards.toml tells it; whoever exchanged cards shows them."""
    words = read("cards")
    said_at = days.ago(30, time(12, 30))
    for pair in words["pair"]:
        first, second = members[pair["first"]], members[pair["second"]]
        for member, other, line in ((first, second, "first_line"), (second, first, "second_line")):
            if line in pair:
                Exchange.objects.create(member=member, other=other, line=pair[line], said_at=said_at)
    shown = {name for pair in words["pair"] for name in (pair["first"], pair["second"])}
    levels = {line.level: Level.CARDS for line in CONTACT}
    Member.objects.filter(pk__in=[members[name].pk for name in shown]).update(hours="平日の18時以降", **levels)
    for one in words["memory"]:
        Memory.objects.create(
            owner=members[one["owner"]],
            other=members[one["other"]],
            note=one["note"],
            next_step=one.get("next_step", ""),
            next_on=days.today + timedelta(days=one["days"]) if "days" in one else None,
        )
