"""The tables of one session: who needs a chair, planning them, and moving somebody by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, count, product

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _

from events.models import Attendance, Companion, Membership, Rsvp, Session
from events.this_morning import Neighbour, Word
from introductions import tables, together, trades
from introductions.models import NEWCOMER_UP_TO
from introductions.table_seats import TableSeat
from members import collation, portraits
from members.levels import Level
from members.models import Activity, Block, Member


class TableError(ValidationError):
    """Somebody cannot be moved there. Says so to the host, and no more than that."""


@dataclass(frozen=True)
class Chair:
    """Somebody who needs a chair. `key` names them; who shares a `party` sits together; `table` 0 is none yet."""

    key: str
    party: str
    name: str
    yomi: str = ""
    romaji: str = ""
    trade: str = ""
    industry: str = ""
    member: int = 0
    friend_of: Member | None = None
    mornings: int = 0
    is_host: bool = False
    table: int = 0
    pinned_at: datetime | None = None
    near_door: bool = False
    with_known: bool = False

    @property
    def tone(self) -> int:
        return trades.tone(self.industry)

    @property
    def first_time(self) -> bool:
        """A friend's first time is told by whom they come with."""
        return not self.mornings and self.friend_of is None

    def person(self, past: together.Past) -> tables.Person:
        """The same for the planner."""
        return tables.Person(
            self.key,
            self.industry,
            newcomer=self.mornings <= NEWCOMER_UP_TO,
            party=self.party,
            host=self.is_host,
            often=past.often.get(self.member, 0),
            knows=past.knows.get(self.member, 0),
        )


def chairs(session: Session) -> list[Chair]:
    """Everybody with a seat, by reading, each party's friends after the one they come with. Four queries."""
    answers = Rsvp.objects.filter(session=session).seated().select_related("member", "table_seat", "details")
    answers = answers.prefetch_related(Prefetch("companions", Companion.objects.select_related("table_seat")))
    hosts = set(Membership.objects.hosts().filter(series=session.series_id).values_list("member", flat=True))
    came = Attendance.objects.came().filter(session__starts_at__lt=session.starts_at, member__rsvps__in=answers)
    mornings = dict(came.order_by().values_list("member").annotate(n=Count("pk")))
    found = [list(_party(rsvp, hosts, mornings)) for rsvp in answers.order_by("pk")]
    found.sort(key=lambda party: (collation.key(party[0].yomi or party[0].name), party[0].key))
    return [chair for party in found for chair in party]


def plan(session: Session, *, now: datetime, actor: Member | None, anew: bool = False) -> None:
    """Seat everybody. Who had a table mostly keeps it, unless all is planned `anew`; what a host pinned stays.

    Searches before it locks: answers are not kept waiting.
    """
    people = chairs(session)
    before = {} if anew else {chair.key: chair.table for chair in people if chair.table}
    past = past_of(session, people)
    persons = [chair.person(past) for chair in people]
    found = tables.plan(persons, rules(people, past, before), seed=session.code)
    pinned = {chair.key: chair.pinned_at for chair in people}
    rows = [_row(session, key, table, pinned[key]) for key, table in found.table_of.items()]
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=session.pk)
        TableSeat.objects.filter(session=session).delete()
        TableSeat.objects.bulk_create(_still_here(session, rows))
        count = max(found.table_of.values(), default=0)
        Activity.record(actor, "tables.plan", f"session:{session.code}", now=now, people=len(people), tables=count)


@transaction.atomic
def move(session: Session, key: str, table: int, *, now: datetime, actor: Member | None) -> None:
    """Put somebody, and who comes with them, at a table and keep them there; table 0 lets go of them again.

    Raises `TableError` for somebody who is not coming, and where the table does not do.
    """
    Session.objects.select_for_update().get(pk=session.pk)
    people = chairs(session)
    party = next((chair.party for chair in people if chair.key == key), None)
    if party is None:
        raise TableError(_("This person has no seat any more."), code="gone")
    moving = [chair for chair in people if chair.party == party]
    if not table:
        TableSeat.objects.filter(session=session, pk__in=_seats_of(moving)).update(pinned_at=None)
    else:
        _refuse(moving, [chair for chair in people if chair.table == table and chair.party != party])
        TableSeat.objects.filter(pk__in=_seats_of(moving)).delete()
        TableSeat.objects.bulk_create(_row(session, chair.key, table, now) for chair in moving)
    Activity.record(actor, "tables.move", f"session:{session.code}", now=now, who=key, table=table)


def part(member: Member, other: Member, now: datetime) -> None:
    """Who keeps another away has no table any more where both were given the same one for a morning to come.

    The desk asks to plan again, as for whoever comes late; nobody reads why.
    """
    beside = TableSeat.objects.of(other).filter(session=OuterRef("session"), table_no=OuterRef("table_no"))
    mine = TableSeat.objects.of(member).filter(Exists(beside), session__starts_at__gt=now)
    answers = list(mine.values_list("rsvp", flat=True))
    if answers:
        TableSeat.objects.filter(Q(rsvp__in=answers) | Q(companion__rsvp__in=answers)).delete()


def past_of(session: Session, people: Sequence[Chair]) -> together.Past:
    """What the mornings before have left between these people. Three queries."""
    return together.past([chair.member for chair in people if chair.member], session)


def rules(people: Sequence[Chair], past: together.Past, before: dict[str, int] | None = None) -> tables.Rules:
    """Who keeps whom away, who has met how often, who is pinned, who wants what. One query."""
    key_of = {chair.member: chair.key for chair in people if chair.member}

    def by_key(counted: Mapping[together.Pair, int]) -> dict[tables.Pair, int]:
        return {frozenset(key_of[one] for one in pair): times for pair, times in counted.items()}

    apart = frozenset(_apart(people))
    by_hand = {chair.key: chair.table for chair in people if chair.pinned_at and chair.table}
    pinned = _near_door(people, by_hand, apart) | by_hand
    return tables.Rules(
        apart=apart,
        beside=frozenset(_beside(people, past, apart, pinned)),
        met=by_key(past.met),
        shared=by_key(past.shared),
        pinned=pinned,
        before=before or {},
    )


def pairs(people: Iterable[Chair]) -> Iterator[tuple[Chair, Chair]]:
    """Each two at one table who did not come together."""
    for one, other in combinations(people, 2):
        if one.table and one.table == other.table and one.party != other.party:
            yield one, other


def word(session: Session, member: Member) -> Word:
    """My table this morning, and those at it who let the room see them. One query."""
    mine = TableSeat.objects.of(member).filter(session=session, rsvp__seated_at__isnull=False).values("table_no")
    near = Member.objects.joined().visible_to(member).shown_around(member)
    seen = near.filter(pk=OuterRef("rsvp__member"), listed_at__isnull=False)
    seats = TableSeat.objects.held().filter(session=session, table_no__in=mine).annotate(seen=Exists(seen))
    rows = list(seats.select_related("rsvp__member").order_by("rsvp__member__reading", "pk"))
    others = [row.rsvp.member for row in rows if row.rsvp and row.rsvp.member and vars(row)["seen"]]
    portraits.show(member, others)
    neighbours = tuple(
        Neighbour(one.name, one.yomi, one.romaji, trades.word(one.as_seen_at(Level.MORNING)), one.photo_url)
        for one in others
        if one.pk != member.pk
    )
    return Word(table=rows[0].table_no if rows else 0, people=len(rows), neighbours=neighbours)


def _party(rsvp: Rsvp, hosts: set[int], mornings: dict[int, int]) -> Iterator[Chair]:
    member, seat = rsvp.member, getattr(rsvp, "table_seat", None)
    name = Chair(key=f"r{rsvp.pk}", party=str(rsvp.pk), name=rsvp.name) if member is None else _of_member(rsvp, member)
    where = {"table": seat.table_no, "pinned_at": seat.pinned_at} if seat else {}
    known = {"mornings": mornings.get(name.member, 0), "is_host": name.member in hosts}
    if told := getattr(rsvp, "details", None):
        known |= {"near_door": told.near_door, "with_known": told.with_known}
    yield Chair(**{**vars(name), **known, **where})
    for friend in rsvp.companions.all():
        beside = getattr(friend, "table_seat", None)
        yield Chair(
            key=f"c{friend.pk}",
            party=str(rsvp.pk),
            name=friend.name,
            yomi=friend.yomi,
            friend_of=member,
            table=beside.table_no if beside else 0,
            pinned_at=beside.pinned_at if beside else None,
        )


def _of_member(rsvp: Rsvp, member: Member) -> Chair:
    member = member.as_seen_at(Level.HOSTS)
    return Chair(
        key=f"r{rsvp.pk}",
        party=str(rsvp.pk),
        name=member.name,
        yomi=member.yomi,
        romaji=member.romaji,
        trade=trades.word(member),
        industry=member.industry,
        member=member.pk,
    )


def _apart(people: Iterable[Chair]) -> Iterator[tables.Pair]:
    key_of = {chair.member: chair.key for chair in people if chair.member}
    for one, other in Block.objects.filter(member__in=key_of, other__in=key_of).values_list("member", "other"):
        yield frozenset((key_of[one], key_of[other]))


def _near_door(people: Sequence[Chair], by_hand: Mapping[str, int], apart: Collection[tables.Pair]) -> dict[str, int]:
    """Who leaves early sits at the first table, by the door, as they answered; where four do already, or somebody to
    keep away from, at the next.
    """
    there, found = defaultdict[int, set[str]](set), {}
    for key, table in by_hand.items():
        there[table].add(key)
    placed = {chair.party for chair in people if chair.key in by_hand}
    for chair in sorted(people, key=lambda chair: int(chair.party)):
        if chair.near_door and chair.party not in placed:
            party = {one.key for one in people if one.party == chair.party}
            found[chair.key] = table = next(t for t in count(1) if _has_room(there[t], party, apart))
            there[table] |= party
    return found


def _has_room(there: Collection[str], party: Collection[str], apart: Collection[tables.Pair]) -> bool:
    fits = not there or len(there) + len(party) <= tables.AT_LEAST
    return fits and not any(frozenset(two) in apart for two in product(there, party))


def _beside(
    people: Sequence[Chair], past: together.Past, apart: Collection[tables.Pair], pinned: Mapping[str, int]
) -> Iterator[tables.Pair]:
    """For everybody who wants one old acquaintance at the table: of those who can be there, whom they know best."""
    members = [chair for chair in people if chair.member]
    for chair in (one for one in members if one.with_known):
        mine = pinned.get(chair.key)
        known: dict[tables.Pair, tuple[int, int]] = {}
        for other in members:
            two, pair = frozenset((chair.member, other.member)), frozenset((chair.key, other.key))
            elsewhere = mine and pinned.get(other.key, mine) != mine
            if two in past.shared and pair not in apart and not elsewhere:
                known[pair] = past.met.get(two, 0), past.shared[two]
        if known:
            yield max(known, key=lambda pair: known[pair])


def _refuse(moving: Sequence[Chair], there: Sequence[Chair]) -> None:
    keys = {chair.key for chair in moving}
    if any(pair & keys for pair in _apart([*moving, *there])):
        raise TableError(_("This table does not do. Please choose another."), code="apart")


def _row(session: Session, key: str, table: int, pinned_at: datetime | None) -> TableSeat:
    kind, pk = key[0], int(key[1:])
    who = {"rsvp_id": pk} if kind == "r" else {"companion_id": pk}
    return TableSeat(session=session, table_no=table, pinned_at=pinned_at, **who)


def _still_here(session: Session, rows: Iterable[TableSeat]) -> Iterator[TableSeat]:
    """Without those who gave their seat back while the tables were planned."""
    answers = set(Rsvp.objects.filter(session=session).seated().values_list("pk", flat=True))
    friends = set(Companion.objects.filter(rsvp__in=answers).values_list("pk", flat=True))
    return (row for row in rows if row.rsvp_id in answers or row.companion_id in friends)


def _seats_of(people: Iterable[Chair]) -> list[int]:
    keys = [chair.key for chair in people]
    answers = [int(key[1:]) for key in keys if key.startswith("r")]
    friends = [int(key[1:]) for key in keys if key.startswith("c")]
    found = TableSeat.objects.filter(rsvp__in=answers) | TableSeat.objects.filter(companion__in=friends)
    return list(found.values_list("pk", flat=True))
