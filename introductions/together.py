"""What earlier mornings have left: who sat with whom, who came how often. Three queries for everybody at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations

from events.models import Attendance, Session
from introductions.table_seats import TableSeat
from introductions.tables.costs import USUAL

Pair = frozenset[int]


@dataclass(frozen=True)
class Past:
    """`met`: how often two have sat together; `shared`: mornings both came to; `often`: part of the series' mornings
    each came to; `knows`: part of all these people each has sat with.
    """

    met: Mapping[Pair, int]
    shared: Mapping[Pair, int]
    often: Mapping[int, float]
    knows: Mapping[int, float]


def past(members: Collection[int], session: Session) -> Past:
    """Of these members, before this session, from closed rosters.

    Where both had a table they have met if it was the same. Of mornings without tables one in five counts: that often
    two sit together by the way.
    """
    earlier = {"session__starts_at__lt": session.starts_at, "session__roster_closed_at__isnull": False}
    came = Attendance.objects.came().filter(member__in=members, **earlier).order_by()
    seats = TableSeat.objects.filter(rsvp__member__in=members, **earlier).order_by()
    table_of = {(at, one): table for at, one, table in seats.values_list("session", "rsvp__member", "table_no")}
    there: dict[int, list[int]] = defaultdict(list)
    for at, one in came.values_list("session", "member"):
        there[at].append(one)
    met: Counter[Pair] = Counter()
    untold: Counter[Pair] = Counter()
    shared: Counter[Pair] = Counter()
    for at, people in there.items():
        for pair in map(frozenset, combinations(people, 2)):
            tables = [table_of[at, one] for one in pair if (at, one) in table_of]
            shared[pair] += 1
            if len(tables) < 2:
                untold[pair] += 1
            elif tables[0] == tables[1]:
                met[pair] += 1
    met.update({pair: times // USUAL for pair, times in untold.items() if times >= USUAL})
    return Past(met, shared, _often(members, there, session), _known(met, len(members)))


def _often(members: Collection[int], there: Mapping[int, Collection[int]], session: Session) -> dict[int, float]:
    """Counting this morning, to which they all come: who is here for the first time is no rarer than others were."""
    closed = Session.objects.filter(series=session.series_id, starts_at__lt=session.starts_at)
    of_series = set(closed.filter(roster_closed_at__isnull=False).values_list("pk", flat=True))
    came = Counter(one for at, people in there.items() if at in of_series for one in people)
    return {one: (came[one] + 1) / (len(of_series) + 1) for one in members}


def _known(met: Mapping[Pair, int], people: int) -> dict[int, float]:
    knows = Counter(one for pair in met for one in pair)
    return {one: number / max(people - 1, 1) for one, number in knows.items()}
