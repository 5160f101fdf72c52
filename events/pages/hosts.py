"""Who hosts a series, and whom one could ask: names as the reader may see them, never an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Subquery

from events.models import Membership, Series
from events.models.roles import Role
from members.models import Member

# The roles in the order they are shown.
SHOWN = (Role.OWNER, Role.HOST, Role.DOOR)
FOUND_AT_MOST = 12


@dataclass(frozen=True)
class Tasked:
    """Somebody with a task in the series."""

    member: Member
    role: Role
    is_offered: bool

    @property
    def is_door(self) -> bool:
        return self.role == Role.DOOR

    @property
    def is_host(self) -> bool:
        return self.role == Role.HOST


@dataclass(frozen=True)
class HostsPage:
    """What templates/events/hosts.html shows."""

    people: Sequence[Tasked]
    found: Sequence[Member]
    asked: str
    owns: bool
    mine: str
    may_step_down: bool


def page(series: Series, viewer: Member, *, asked: str, now: datetime) -> HostsPage:
    """Everybody with a task and, where an owner looks for somebody, members of the series: four queries."""
    active = Membership.objects.active().filter(series=series)
    seen = Member.objects.seen_by(viewer).annotate(task=Subquery(active.filter(member=OuterRef("pk")).values("role")))
    offered = set(Membership.objects.offered(now).filter(series=series).values_list("member_id", flat=True))
    tasked = [
        Tasked(one, Role(vars(one)["task"]), one.pk in offered)
        for one in seen.filter(task__in=SHOWN).order_by(F("reading").asc(), "name", "pk")
    ]
    tasked.sort(key=lambda one: SHOWN.index(one.role))
    owns = Series.objects.owned_by(viewer).filter(pk=series.pk).exists()
    found = list(seen.filter(task=Role.MEMBER).saying(asked).by_reading()[:FOUND_AT_MOST]) if owns and asked else []
    mine = series.role_of(viewer)
    alone = mine == Role.OWNER and sum(one.role == Role.OWNER for one in tasked) < 2
    return HostsPage(tasked, found, asked, owns, mine, may_step_down=mine != Role.MEMBER and bool(mine) and not alone)
