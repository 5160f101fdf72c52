"""How rows look as JSON. What other members are is in none of them: not even the name of one who gives a talk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from events import programme
from events.models import Attendance, Rsvp, Series, Session
from events.programme import Guest, TalkCard
from speakers.models import Speaker

Shape = dict[str, Any]


def series(rows: Iterable[Series]) -> Iterator[Shape]:
    for row in rows:
        yield {
            "slug": row.slug,
            "name": row.name,
            "name_en": row.name_en,
            "summary": row.summary,
            "about": row.about,
            "language": row.language,
            "audience": row.audience,
            "timezone": row.timezone,
            "url": address(row),
        }


def sessions(rows: list[Session]) -> Iterator[Shape]:
    """Sessions with their programmes; the rows come with `series` and `venue`. One query more."""
    told = programme.programmes(rows, whole=True)
    for row in rows:
        yield _session(row, told.get(row.pk, programme.NOTHING).talks)


def hosted(rows: list[Session]) -> Iterator[Shape]:
    """Sessions as their hosts see them; the rows come from `for_hosts`."""
    for row, shape in zip(rows, sessions(rows), strict=True):
        counted = vars(row)
        told = {"published_at": iso(row.published_at), "waiting": counted["waiting"], "came": counted["came"]}
        yield shape | told | {"roster_closed_at": iso(row.roster_closed_at)}


def for_hosts(rows: QuerySet[Session]) -> QuerySet[Session]:
    """With how many wait and how many came."""
    waiting = Count("rsvps", filter=Q(rsvps__seated_at=None, rsvps__queue_no__isnull=False), distinct=True)
    came = Count("attendances", filter=Q(attendances__status=Attendance.Status.CAME), distinct=True)
    return rows.annotate(waiting=waiting, came=came)


def answers(rows: Iterable[Rsvp]) -> Iterator[Shape]:
    """What one said oneself; the rows come with `session`."""
    for row in rows:
        yield {
            "session": row.session.code,
            "starts_at": iso(row.session.starts_at),
            "partstat": row.partstat,
            "has_seat": row.seated_at is not None,
            "is_waiting": row.seated_at is None and row.queue_no is not None,
            "answered_at": iso(row.answered_at),
        }


def attendances(rows: Iterable[Attendance]) -> Iterator[Shape]:
    """Where one was oneself; the rows come with `session`."""
    for row in rows:
        yield {"session": row.session.code, "starts_at": iso(row.session.starts_at), "status": row.status}


def guest(row: Speaker) -> Shape:
    """A guest with all books; the address for hosts is not in it."""
    books = [{"title": one.title, "publisher": one.publisher, "isbn": one.isbn} for one in row.books.all()]
    named = {"code": row.code, "name": row.name, "yomi": row.yomi, "romaji": row.romaji, "title": row.title}
    return named | {"bio": row.bio, "language": row.language, "books": books, "url": address(row)}


def address(row: Series | Session | Speaker) -> str:
    return f"{settings.SITE_URL}{row.get_absolute_url()}"


def iso(at: Any) -> str | None:
    """RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def _session(row: Session, talks: Iterable[TalkCard]) -> Shape:
    place = row.venue
    return {
        "code": row.code,
        "series": row.series.slug,
        "number": row.number,
        "title": row.title,
        "summary": row.summary,
        "language": row.language,
        "starts_at": iso(row.starts_at),
        "ends_at": iso(row.ends_at),
        "is_day_only": row.is_day_only,
        "timezone": row.timezone,
        "place": {"name": place.name, "address": place.address, "map_url": place.map_url} if place else None,
        "capacity": row.capacity,
        "seats_taken": row.seats_taken,
        "fee": {"amount": row.fee_amount, "currency": row.fee_currency},
        "is_cancelled": row.is_cancelled,
        "cancel_reason": row.cancel_reason,
        "talks": [_talk(talk) for talk in talks],
        "url": address(row),
    }


def _talk(talk: TalkCard) -> Shape:
    book = (
        {"title": talk.book.title, "publisher": talk.book.publisher, "author": talk.book.author} if talk.book else None
    )
    return {
        "title": talk.title,
        "abstract": talk.abstract,
        "language": talk.language,
        "guests": [_guest(guest) for guest in talk.guests],
        "is_members": talk.member is not None,
        "book": book,
        "recordings": list(talk.recordings),
    }


def _guest(guest: Guest) -> Shape:
    named = {"code": guest.code, "name": guest.name, "yomi": guest.yomi, "romaji": guest.romaji}
    return named | {"url": f"{settings.SITE_URL}{guest.url}"}
