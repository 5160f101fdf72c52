"""Talks put together: those of one group on one day are a session, those of one group a series."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from hashlib import blake2b
from itertools import chain

from django.utils.translation import gettext as _t

from archive.importing.names import folded
from archive.importing.rows import Refused, Row, moment, parse

NOON = time(12, 0)
MINUTES_OF_A_TALK = 30
LONGEST_DAY = 600
TITLES_JOINED = 3
TITLE_LENGTH = 200
UNDETERMINED = "und"  # BCP 47, for a text whose language nobody wrote down


def talk_source(row: Row) -> str:
    """By what a talk is known again: its group and its id there, else its day and its title."""
    text = "\n".join([row.group, f"id {row.id}"] if row.id else [row.group, row.on.isoformat(), folded(row.title)])
    return blake2b(text.encode(), digest_size=24).hexdigest()


def guest_source(group: str, name: str) -> str:
    """By what a guest is known again: within one group one name is one person, across groups it is not."""
    return f"{group}/{folded(name)}"[:300]


@dataclass(frozen=True)
class Day:
    """A session: the talks of a group on one day, in their order."""

    on: date
    talks: tuple[Row, ...]

    @property
    def starts(self) -> datetime:
        """The earliest time anybody wrote down, else noon: on the wall clock, wherever that was."""
        timed = [row for row in self.talks if row.at]
        return min(moment(row, NOON) for row in timed or self.talks)

    @property
    def minutes(self) -> int:
        return min(MINUTES_OF_A_TALK * (len(self.talks) + 1), LONGEST_DAY)

    def title(self, name: str) -> str:
        """What was on, as long as that can be said in a line; then the name of the group."""
        joined = " / ".join(row.title for row in self.talks)
        return joined if len(self.talks) <= TITLES_JOINED and len(joined) <= TITLE_LENGTH else name


@dataclass(frozen=True)
class Group:
    """A series, its days in order."""

    source: str
    days: tuple[Day, ...]

    @property
    def name(self) -> str:
        """montreal-python → Montreal Python; a name that is written with spaces or capitals stays as it is."""
        plain = self.source.replace("-", " ").replace("_", " ")
        return (plain.title() if self.source == self.source.lower() and " " not in self.source else self.source)[:80]

    @cached_property
    def language(self) -> str:
        """The commonest language of its talks."""
        return commonest(row.language for day in self.days for row in day.talks)


@dataclass
class Plan:
    """What a file holds: the groups, and a line for everything that is not taken."""

    groups: list[Group] = field(default_factory=list)
    read: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)

    @property
    def rows(self) -> Iterable[Row]:
        return chain.from_iterable(day.talks for group in self.groups for day in group.days)


def commonest(languages: Iterable[str]) -> str:
    """The language most of them have; a text that says none does not vote."""
    counted = Counter(language for language in languages if language)
    return counted.most_common(1)[0][0] if counted else UNDETERMINED


def make(lines: Iterable[tuple[int, bytes]], *, today: date) -> Plan:
    """Read numbered lines; blank ones are none."""
    plan = Plan()
    rows: dict[str, Row] = {}
    for number, line in lines:
        if line.strip():
            plan.read += 1
            _take(number, line, rows, plan, today=today)
    plan.groups = _groups(rows.values())
    return plan


def _take(number: int, line: bytes, rows: dict[str, Row], plan: Plan, *, today: date) -> None:
    try:
        row = parse(number, line, today=today)
    except Refused as reason:
        plan.refused.append((number, str(reason)))
        return
    first = rows.setdefault(talk_source(row), row)
    if first is not row:
        plan.refused.append((number, _t("the same talk as line %(line)d") % {"line": first.line}))
    else:
        plan.left_out += [(number, what) for what in row.left_out]


def _groups(rows: Iterable[Row]) -> list[Group]:
    held: dict[str, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        held[row.group][row.on].append(row)
    return [
        Group(source, tuple(Day(on, _in_order(talks)) for on, talks in sorted(days.items())))
        for source, days in sorted(held.items())
    ]


def _in_order(talks: list[Row]) -> tuple[Row, ...]:
    """By the clock; without one as they stand in the file, after those with one."""
    return tuple(sorted(talks, key=lambda row: (row.at is None, row.at or NOON, row.line)))
