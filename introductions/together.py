"""How often people have sat together: counted from closed rosters, two queries for everybody at once."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from itertools import combinations

from events.models import Attendance
from introductions.table_seats import TableSeat

Pair = frozenset[int]


def met(members: Collection[int], *, before: datetime) -> Counter[Pair]:
    """Of each two members: the earlier mornings both came to; where both had a table, only those at the same one."""
    earlier = {"session__starts_at__lt": before, "session__roster_closed_at__isnull": False}
    came = Attendance.objects.came().filter(member__in=members, **earlier).order_by()
    seats = TableSeat.objects.filter(rsvp__member__in=members, **earlier).order_by()
    table_of = {
        (session, one): table for session, one, table in seats.values_list("session", "rsvp__member", "table_no")
    }
    there: dict[int, list[int]] = defaultdict(list)
    for session, one in came.values_list("session", "member"):
        there[session].append(one)
    return Counter(
        frozenset(pair)
        for session, people in there.items()
        for pair in combinations(people, 2)
        if len({table_of.get((session, one)) for one in pair} - {None}) < 2
    )
