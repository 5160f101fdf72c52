"""What a host takes along: who belongs to a series, who came when, and every session, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count, Max, Min, Q

from events import programme
from events.models import Attendance, Membership, Series, Session
from members.levels import Level

Row = Sequence[object]
MEMBERS = ("name", "reading", "romaji", "mail", "industry", "role", "organisation", "belongs_since", "as",
           "mornings", "first", "last")  # fmt: skip
ATTENDANCE = ("date", "number", "title", "name", "reading", "member", "status", "first_time", "introduced_by")
SESSIONS = ("date", "begins", "minutes", "number", "title", "guests", "book", "place", "seats", "came", "fee",
            "currency", "cancelled", "address")  # fmt: skip


def members(series: Series) -> Iterator[Row]:
    """Those who belong to it, as far as each lets hosts see them; the address only of who shows it. One query."""
    came = Q(member__attendances__session__series=series, member__attendances__status=Attendance.Status.CAME)
    rows = Membership.objects.active().filter(series=series).select_related("member")
    day = "member__attendances__session__starts_at"
    counted = rows.annotate(
        mornings=Count("member__attendances", filter=came), first=Min(day, filter=came), last=Max(day, filter=came)
    )
    for row in counted.order_by("member__reading", "pk"):
        seen = row.member.as_seen_at(Level.HOSTS)
        known = vars(row)
        ends = (known["first"], known["last"])
        days = [at.astimezone(series.zone).date().isoformat() if at else "" for at in ends]
        yield (
            seen.name, seen.yomi, seen.romaji, seen.email, seen.get_industry_display(), seen.role, seen.organisation,
            row.joined_at.date().isoformat(), row.get_role_display(), known["mornings"],
            *days,
        )  # fmt: skip


def attendance(series: Series) -> Iterator[Row]:
    """Everybody the door marked, by day. One query."""
    rows = Attendance.objects.filter(session__series=series).select_related("session", "member", "introduced_by")
    for row in rows.order_by("session__starts_at", "session_id", "pk").iterator(500):
        who = row.member or row
        yield (
            row.session.local_start.date().isoformat(), row.session.number, row.session.title, who.name, who.yomi,
            row.member_id is not None, row.status, row.first_time, row.introduced_by.name if row.introduced_by else "",
        )  # fmt: skip


def sessions(series: Series) -> Iterator[Row]:
    """Every published session. Two queries."""
    came = Count("attendances", filter=Q(attendances__status=Attendance.Status.CAME))
    found = list(
        Session.objects.published().filter(series=series).select_related("venue", "series").annotate(came=came)
        .order_by("starts_at", "pk")
    )  # fmt: skip
    programmes = programme.programmes(found)
    for session in found:
        on = programmes.get(session.pk, programme.NOTHING)
        start = session.local_start
        yield (
            start.date().isoformat(), "" if session.is_day_only else f"{start:%H:%M}",
            session.duration_minutes, session.number,
            programme.title(session, on), on.who, on.book.title if on.book else "",
            session.venue.name if session.venue else "", session.capacity, vars(session)["came"],
            session.fee_amount, session.fee_currency, session.is_cancelled, session.code,
        )  # fmt: skip


TABLES = {"members": (MEMBERS, members), "attendance": (ATTENDANCE, attendance), "sessions": (SESSIONS, sessions)}
