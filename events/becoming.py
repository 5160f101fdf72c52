"""Friends and walk-ins who become members: the morning they came to is theirs, and who brought them stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from events.models import Attendance, Companion, Session
from events.roster import Place
from members.models import Activity, Member
from members.names import clean_line


@transaction.atomic
def join(row: Attendance, member: Member, *, now: datetime, actor: Member | None) -> bool:
    """This friend or walk-in is this member. Twice changes nothing; false where it cannot be.

    It cannot be where the member was on that list anyhow, or somebody else is said to be this person.
    """
    Session.objects.select_for_update().get(pk=row.session_id)
    row.refresh_from_db()
    if row.member_id is not None:
        return row.member_id == member.pk
    if Attendance.objects.filter(session=row.session_id, member=member).exists():
        return False
    Attendance.objects.filter(pk=row.pk).update(member=member, email="")
    if row.companion_id:
        Companion.objects.filter(pk=row.companion_id).update(member=member, email="")
    row.refresh_from_db()
    Activity.record(actor, "attendance.join", f"session:{row.session.code}", now=now, member=member.code)
    return True


def join_known(*, now: datetime) -> int:
    """Those whose address has become a member's since. Returns how many."""
    friends = _since(Companion.objects.filter(member=None), "created_at").select_related("rsvp__session")
    for friend in friends:
        Companion.objects.filter(pk=friend.pk).update(member=vars(friend)["who"])
    rows = Attendance.objects.filter(member=None, companion__member__isnull=False).select_related("companion__member")
    walk_ins = _since(Attendance.objects.filter(member=None, companion=None), "marked_at")
    pairs = [(row, row.companion.member) for row in rows if row.companion and row.companion.member]
    people = Member.objects.in_bulk({vars(row)["who"] for row in walk_ins})
    pairs += [(row, people[vars(row)["who"]]) for row in walk_ins]
    return sum(join(row, member, now=now, actor=None) for row, member in pairs)


def _since(rows: QuerySet[Any], since: str) -> QuerySet[Any]:
    """Of these, whose address is that of somebody who joined afterwards: `who`."""
    joined = Member.objects.joined().filter(email__iexact=OuterRef("email"), joined_at__gte=OuterRef(since))
    found: QuerySet[Any] = rows.exclude(email="").annotate(who=Subquery(joined.values("pk")[:1]))
    return found.filter(who__isnull=False)


@transaction.atomic
def become(row: Attendance, *, now: datetime) -> tuple[Member, bool]:
    """The walk-in has read the mail: a member with that morning, and whether the account is new."""
    row.refresh_from_db()
    if row.member is not None:
        return row.member, False
    fresh = Member(name=clean_line(row.name), yomi=row.yomi, language=row.session.language)
    fresh.set_unusable_password()
    values = {name: getattr(fresh, name) for name in ("name", "yomi", "language", "password")}
    member, is_new = Member.objects.get_or_create(email=row.email, defaults=values)
    if member.is_active:
        join(row, member, now=now, actor=None)
    return member, is_new


def suggested(places: Iterable[Place], viewer: Member) -> dict[str, list[Member]]:
    """Members who may be these friends and walk-ins: of the same name or reading, as the host sees them."""
    strangers = {place.key: place for place in places if place.row.member_id is None}
    if not strangers:
        return {}
    there = Attendance.objects.filter(session=next(iter(strangers.values())).row.session_id, member=OuterRef("pk"))
    written = Q(name__in=[p.row.name for p in strangers.values()])
    written |= Q(yomi__in=[p.row.yomi for p in strangers.values() if p.row.yomi])
    found = Member.objects.seen_by(viewer).filter(written).exclude(Exists(there)).order_by("pk")[:50]
    by_place: dict[str, list[Member]] = {}
    for member in found:
        for key, place in strangers.items():
            if member.name == place.row.name or (member.yomi and member.yomi == place.row.yomi):
                by_place.setdefault(key, []).append(member)
    return by_place
