"""Whom members would like to hear."""

from datetime import time

from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.dice import Dice
from invitations.models import Support, Wish
from members.models import Member


def make(members: dict[str, Member], days: Days) -> None:
    """As wishes.toml tells it; who proposes supports it too."""
    dice = Dice("wishes")
    for one in read("wishes")["wish"]:
        at = days.ago(one["days_ago"], time(20, 15))
        told = {name: one.get(name, "") for name in ("name", "book_title", "why", "way")}
        wish = Wish.objects.create(code=dice.code(), member=members[one["by"]], created_at=at, **told)
        Support.objects.bulk_create(
            Support(wish=wish, member=members[name], since=at) for name in (one["by"], *one["supporters"])
        )
