"""What members told the hosts, looked at or not yet; and an address that is refused."""

from datetime import time, timedelta

from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.dice import Dice
from members.concerns import Concern
from members.models import Member
from members.refusals import Refusal


def make(members: dict[str, Member], days: Days) -> None:
    """As told.toml has it; the host has looked at what has an outcome, the day after."""
    words, dice, host = read("told"), Dice("told"), next(iter(members.values()))
    for one in words["concern"]:
        at = days.ago(one["days"], time(20, 15))
        row = Concern(
            code=dice.code(),
            teller=members[one["teller"]],
            about=members.get(one.get("about", "")),
            told_on=at.date(),
            **{name: one.get(name, "") for name in ("who", "kind", "text", "outcome", "note")},
        )
        if row.outcome:
            row.looked_at, row.looked_by = at + timedelta(days=1), host
        row.save()
    for one in words["refusal"]:
        Refusal.objects.add(one["address"], one["why"], now=days.ago(one["days"], time(9)))
