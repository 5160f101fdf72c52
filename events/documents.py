"""What sessions are found by: themselves, their talks, the guests and the books.

A guest or a book is found under the latest session it was part of. Where that depends on the reader (series of their
own), there is one document for each closed series, so that nobody finds a guest by a session they may not see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from events.models import Series, Session, Talk, TalkSpeaker
from search import sources
from search.models import Document
from speakers.models import Book, Speaker

Kind = Document.Kind
# The widest first.
OPEN = (Series.Audience.PUBLIC, Series.Audience.MEMBERS)


def audience(series: Series) -> str:
    """Who may find what is told of a series' sessions; by its id, for an address may pass to another series."""
    return f"series:{series.pk}" if series.audience == Series.Audience.SERIES else series.audience


def of(codes: Collection[str]) -> Iterator[Document]:
    """The documents of these sessions; of drafts and cancelled ones none. Eight queries."""
    sessions = Session.objects.on().filter(code__in=codes).select_related("series")
    talks = Talk.objects.filter(session__code__in=codes).select_related("member", "book")
    programmes: dict[int, list[Talk]] = defaultdict(list)
    for talk in talks.prefetch_related("talkspeaker_set__speaker").order_by("position", "pk"):
        programmes[talk.session_id].append(talk)
    for session in sessions:
        yield from _of_session(session, programmes[session.pk])
    yield from _of_guests([talk for of_session in programmes.values() for talk in of_session], codes)


def refresh_guest(speaker: Speaker) -> None:
    """A name, a line or a book has changed: every session it is part of is found by something else now."""
    sources.refresh(list(Session.objects.filter(talks__speakers=speaker).values_list("code", flat=True).distinct()))


def document(session: Session, **fields: Any) -> Document:
    """A document found under this session, with what follows from it."""
    values = {
        "session_code": session.code,
        "series_slug": session.series.slug,
        "on": session.local_start.date(),
        "url": session.get_absolute_url(),
        "language": session.language,
        "audience": audience(session.series),
    }
    return Document(**values | fields)


def _of_session(session: Session, talks: list[Talk]) -> Iterator[Document]:
    if session.title or session.summary:
        yield document(session, kind=Kind.SESSION, key=session.code, title=session.title, body=session.summary)
    is_public = session.series.audience == Series.Audience.PUBLIC
    for talk in talks:
        yield document(
            session,
            kind=Kind.TALK,
            key=str(talk.pk),
            title=talk.title,
            who=_who(talk, with_member=not is_public),
            body="\n".join(filter(None, [talk.abstract, " ".join(talk.tags)])),
            url=f"{session.get_absolute_url()}#talk-{talk.pk}",
            language=talk.language,
        )
        if talk.member and is_public:
            yield document(
                session,
                kind=Kind.TALK,
                key=f"{talk.pk}:member",
                who=_names(talk.member),
                url=f"{session.get_absolute_url()}#talk-{talk.pk}",
                audience=Series.Audience.MEMBERS,
            )


def _who(talk: Talk, *, with_member: bool) -> str:
    """Everybody who speaks, by all their names. Which member it was is not told to strangers."""
    speakers = [row.speaker for row in talk.talkspeaker_set.all()]
    return "\n".join(_names(person) for person in (*speakers, talk.member if with_member else None) if person)


def _names(person: Any) -> str:
    return " ".join(filter(None, [person.name, person.yomi, person.romaji]))


@dataclass(frozen=True)
class Place:
    """A session at which a guest was, or a book was on the table."""

    session: Session

    @property
    def at(self) -> datetime:
        return self.session.starts_at

    @property
    def audience(self) -> str:
        return audience(self.session.series)


def _of_guests(talks: list[Talk], codes: Collection[str]) -> Iterator[Document]:
    """Guests and books of these talks, and those found under these sessions so far: they may have to move on."""
    shown = Document.objects.filter(session_code__in=codes, kind__in=[Kind.SPEAKER, Kind.BOOK])
    known = {key.partition(":")[0] for key in shown.values_list("key", flat=True)}
    present = {row.speaker_id for talk in talks for row in talk.talkspeaker_set.all()}
    on_table = {talk.book_id for talk in talks if talk.book_id}
    speakers = Speaker.objects.filter(pk__in=present) | Speaker.objects.filter(code__in=known)
    guests = {speaker.pk: speaker for speaker in speakers}
    books = Book.objects.filter(pk__in=on_table) | Book.objects.filter(code__in=known)
    of_books = list((books | Book.objects.filter(speaker__in=guests)).select_related("speaker"))
    were = _places(TalkSpeaker.objects.filter(speaker__in=guests).values_list("speaker", "talk__session"))
    lay = _places(Talk.objects.filter(book__in=of_books).values_list("book", "session"))
    for speaker in guests.values():
        for place in _shown(were[speaker.pk]):
            yield _of_guest(speaker, place)
    for book in of_books:
        for place in _shown(lay[book.pk] or were[book.speaker_id]):
            yield _of_book(book, place)


def _places(pairs: QuerySet[Any, tuple[int, int]]) -> dict[int, list[Place]]:
    """Where each of them was, of sessions that are on."""
    found = list(pairs)
    sessions = Session.objects.on().select_related("series").in_bulk({session for _, session in found})
    places: dict[int, list[Place]] = defaultdict(list)
    for one, session in found:
        if session in sessions:
            places[one].append(Place(sessions[session]))
    return places


def _shown(places: Iterable[Place]) -> list[Place]:
    """The latest place of the widest audience; of closed series the latest of each."""
    latest = {place.audience: place for place in sorted(places, key=attrgetter("at"))}
    for widest in OPEN:
        if widest in latest:
            return [latest[widest]]
    return list(latest.values())


def _key(code: str, place: Place) -> str:
    return code if place.audience in OPEN else f"{code}:{place.session.series_id}"


def _of_guest(speaker: Speaker, place: Place) -> Document:
    return document(
        place.session,
        kind=Kind.SPEAKER,
        key=_key(speaker.code, place),
        title=speaker.name,
        who=" ".join(filter(None, [speaker.yomi, speaker.romaji])),
        body="\n".join(filter(None, [speaker.title, speaker.bio])),
        url=reverse("speaker", args=[speaker.code]),
        language=speaker.language,
    )


def _of_book(book: Book, place: Place) -> Document:
    return document(
        place.session,
        kind=Kind.BOOK,
        key=_key(book.code, place),
        title=book.title,
        who=_names(book.speaker),
        body="\n".join(filter(None, [book.subtitle, book.publisher])),
        url=reverse("speaker", args=[book.speaker.code]),
        language=book.speaker.language,
    )
