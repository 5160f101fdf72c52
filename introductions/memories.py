"""The people of my mornings one by one: what we share, what I keep for myself, and whose cards I have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias, TypedDict, cast

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django_stubs_ext import WithAnnotations

from events.models import Attendance, Session
from introductions import favours, nearness
from introductions.acquaintance import Exchange, Memory
from introductions.favours import Favour
from introductions.models import Introduction
from introductions.pages import LONG_AGO
from introductions.table_seats import TableSeat
from members.models import Member


class Seen(TypedDict):
    """What the query adds to a person: the line they left for me."""

    line: str


SeenMember: TypeAlias = "WithAnnotations[Member, Seen]"  # at run time this needs Python 3.12


@dataclass(frozen=True)
class Card:
    """One person as I remember them. `mine` is what I said, `theirs` what the other said, known once both did."""

    other: Member
    sessions: Sequence[Session]
    introduction: Introduction | None
    mine: Exchange | None
    theirs: Exchange | None
    memory: Memory
    is_long_ago: bool
    # By whom, where somebody we both know brought us together; and whether this person may be asked to introduce.
    through: Favour | None = None
    connects: bool = False
    # The morning to which one of us came as the other's friend.
    brought: Attendance | None = None

    @property
    def has_cards(self) -> bool:
        """Whether each has the other's card: both said so, or both said yes to an introduction."""
        return self.theirs is not None or self.introduction is not None

    @property
    def first(self) -> Session | None:
        return self.sessions[-1] if self.sessions else None


def of(me: Member, code: str, *, now: datetime) -> Card | None:
    """The card of somebody I sat with or have the card of; nothing for anybody else. Ten queries."""
    other = Member.objects.seen_by(me).exclude(pk=me.pk).filter(code=code).first()
    if other is None:
        return None
    sessions = list(shared(me, other))
    made = Introduction.objects.of(me).of(other).filter(made_at__isnull=False).select_related("round__session").first()
    mine = Exchange.objects.filter(member=me, other=other).select_related("session").first()
    theirs = Exchange.objects.filter(member=other, other=me).first() if mine else None
    memory = Memory.objects.filter(owner=me, other=other).first()
    if not (sessions or made or mine or memory):
        return None
    one_way, other_way = Q(member=me, introduced_by=other), Q(member=other, introduced_by=me)
    brought = Attendance.objects.came().filter(one_way | other_way).select_related("session")
    is_long_ago = bool(sessions) and now - sessions[0].starts_at >= LONG_AGO
    return Card(
        other=other,
        sessions=sessions,
        introduction=made,
        mine=mine,
        theirs=theirs,
        memory=memory or Memory(owner=me, other=other),
        is_long_ago=is_long_ago,
        through=favours.through(me, other),
        brought=brought.order_by("session__starts_at", "pk").first(),
        connects=favours.may_connect(me, now=now).filter(pk=other.pk).exists(),
    )


def shared(me: Member, other: Member) -> QuerySet[Session]:
    """The mornings to which both came, by closed lists, the newest first."""
    closed = Attendance.objects.came().filter(session__roster_closed_at__isnull=False)
    both = Q(pk__in=closed.filter(member=me).values("session")) & Q(
        pk__in=closed.filter(member=other).values("session")
    )
    return Session.objects.filter(both).select_related("series").order_by("-starts_at", "-pk")


def with_cards(me: Member) -> list[SeenMember]:
    """Everybody whose card I have and who has mine, by reading, with the line they left. One query."""
    line = Exchange.objects.filter(member=OuterRef("pk"), other=me).values("line")
    people = Member.objects.seen_by(me).filter(nearness.exchanged(me)).exclude(pk=me.pk)
    return list(cast("QuerySet[SeenMember]", people.annotate(line=Coalesce(Subquery(line), Value(""))).by_reading()))


def room(session: Session, me: Member) -> list[tuple[Member, bool, bool]]:
    """Who was there with me and lets me see the name: whether at my table, and whether I said that we exchanged cards.

    My own table comes first. What the others said is not in it. Three queries.
    """
    tables = TableSeat.objects.filter(session=session).exclude(rsvp__member=None)
    table_of = dict(tables.values_list("rsvp__member", "table_no"))
    said = set(Exchange.objects.filter(member=me).values_list("other", flat=True))
    came = Attendance.objects.came().filter(session=session).values("member")
    people = Member.objects.seen_by(me).filter(pk__in=came).exclude(pk=me.pk).by_reading()
    mine = table_of.get(me.pk)
    found = [(one, mine is not None and table_of.get(one.pk) == mine, one.pk in said) for one in people]
    return sorted(found, key=lambda row: not row[1])


def known(me: Member, other: Member) -> Member | None:
    """Somebody I remember as I see them now; nothing for who is gone, hides the name, or keeps away from me."""
    return Member.objects.seen_by(me).filter(pk=other.pk).first()


def due(today: date) -> QuerySet[Memory]:
    """Next steps whose day has come and of which their owner was not reminded yet."""
    waiting = Memory.objects.filter(next_on__lte=today, owner__is_active=True).exclude(next_step="")
    reminded = Q(reminded_for__isnull=False, reminded_for=F("next_on"))
    return waiting.exclude(reminded).select_related("owner").order_by("next_on", "pk")
