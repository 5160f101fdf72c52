"""My own circle, for me alone: the people of my mornings, the nearer the oftener we met. No ties of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from introductions import pages, trades
from introductions.models import Introduction
from members.models import Member

DRAWN_AT_MOST = 60
# From how many mornings together somebody belongs to a band, the innermost first.
BANDS = (10, 5, 2, 1)


@dataclass(frozen=True)
class Near:
    """Somebody of my mornings."""

    member: Member
    times: int
    introduced: bool

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def trade(self) -> str:
        return trades.word(self.member)

    @property
    def tone(self) -> int:
        return trades.tone(self.member.industry)


@dataclass(frozen=True)
class Band:
    """Those who stand equally near. `times` are the mornings together it begins with."""

    times: int
    people: Sequence[Near]

    @property
    def label(self) -> str:
        return {
            10: _("Ten mornings and more"),
            5: _("Five to nine mornings"),
            2: _("Two to four mornings"),
            1: _("One morning"),
        }[self.times]


@dataclass(frozen=True)
class Trade:
    """How many of a trade, for the legend."""

    label: str
    number: int


@dataclass(frozen=True)
class Circle:
    """Everybody near me by band, the innermost first; bands without anybody are left out."""

    bands: Sequence[Band]

    @property
    def people(self) -> list[Near]:
        return [near for band in self.bands for near in band.people]

    @property
    def drawn(self) -> list[Band]:
        """The nearest sixty: more could not be told apart on a phone."""
        left, found = DRAWN_AT_MOST, []
        for band in self.bands:
            if left:
                found.append(Band(band.times, band.people[:left]))
            left = max(left - len(band.people), 0)
        return found

    @property
    def dyes(self) -> dict[int, list[Trade]]:
        """The trades that are drawn by their dye, which several may share; the most frequent first."""
        counted = Counter(near.member.industry for band in self.drawn for near in band.people)
        found: dict[int, list[Trade]] = {}
        for industry, number in counted.most_common():
            found.setdefault(trades.tone(industry), []).append(Trade(trades.label(industry) or _("not told"), number))
        return found


def of(me: Member, *, now: datetime) -> Circle:
    """The circle of one member: whom `pages.met` shows, and with whom there were two yeses. Two queries."""
    made = Introduction.objects.of(me).filter(~Q(made_at=None)).values_list("first", "second")
    introduced = {one for pair in made for one in pair}
    people = [Near(one.member, one.times, one.member.pk in introduced) for one in pages.met(me, now=now)]
    return Circle(tuple(_bands(people)))


def _bands(people: Sequence[Near]) -> Iterator[Band]:
    below: float = float("inf")
    for times in BANDS:
        found = [near for near in people if times <= near.times < below]
        if found:
            yield Band(times, sorted(found, key=lambda near: (-near.times, near.member.reading, near.member.pk)))
        below = times
