"""How far a line of a profile may be seen: the steps from nobody to everybody, and which line may go how far. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _


class Level(IntegerChoices):
    """A ladder: whoever may see a step may see all that is wider. A reader's nearness is their narrowest step."""

    NOBODY = 0, _("Only myself")
    HOSTS = 1, _("Only the hosts")
    CARDS = 2, _("Those I exchanged cards with")
    MORNING = 3, _("Those who shared a morning with me")
    SERIES = 4, _("Members of my series")
    MEMBERS = 5, _("Every member")
    PUBLIC = 6, _("Everybody, also outside the club")


# Who stands on each step, for the preview of one's own page.
WHO = {
    Level.HOSTS: _("Hosts"),
    Level.CARDS: _("Exchanged cards"),
    Level.MORNING: _("Same morning"),
    Level.SERIES: _("Same series"),
    Level.MEMBERS: _("Every member"),
    Level.PUBLIC: _("Outside the club"),
}


@dataclass(frozen=True)
class Line:
    """Something a profile says: the columns it stands in, and how narrow and how wide it can be."""

    name: str
    columns: tuple[str, ...]
    default: Level = Level.HOSTS
    narrowest: Level = Level.NOBODY
    widest: Level = Level.MEMBERS

    @property
    def level(self) -> str:
        """The column that holds its level."""
        return f"{self.name}_level"

    @property
    def choices(self) -> list[Level]:
        return [level for level in Level if self.narrowest <= level <= self.widest]


def _contact(name: str, column: str = "") -> Line:
    return Line(name, (column or name,), default=Level.NOBODY, widest=Level.CARDS)


# A host who checks the list needs the name; only name and one line can leave the club, by a consent of their own.
LINES = (
    Line("name", ("name", "yomi", "romaji", "reading", "sounds"), narrowest=Level.HOSTS, widest=Level.PUBLIC),
    Line("photo", ("photo", "photo_small")),
    Line("one_line", ("one_line",), widest=Level.PUBLIC),
    Line("industry", ("industry",)),
    Line("occupation", ("occupation",)),
    Line("role", ("role",)),
    Line("organisation", ("organisation",)),
    Line("ask_me", ("ask_me",)),
    Line("want_to_learn", ("want_to_learn",)),
    Line("working_towards", ("working_towards",)),
    Line("links", ("links",)),
    _contact("mail", "email"),
    _contact("phone"),
    _contact("line_id"),
    _contact("hours"),
)
OF = {line.name: line for line in LINES}
CONTACT = tuple(line for line in LINES if line.widest == Level.CARDS)


def all_at(level: Level) -> dict[str, Level]:
    """Every line at this level, or as near to it as that line can be."""
    return {line.level: Level(min(max(level, line.narrowest), line.widest)) for line in LINES}


def hidden(row: Mapping[str, Any], nearness: int) -> set[str]:
    """The columns somebody so near may not see, from a row's levels."""
    return {column for line in LINES if row[line.level] < nearness for column in line.columns}
