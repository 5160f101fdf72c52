"""What is on and with whom: the talks of any number of sessions in one query, for pages, lists and mails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.prepared import Prepared, any_of
from events.models import Session, Talk
from speakers import covers
from speakers.models import Speaker, photo_url

LINE = ("session_id", "pk", "title", "language", "recordings", "reads_first", "member__name", "member__romaji")
SPEAKER = "talkspeaker__speaker__"
GUEST = tuple(
    f"{SPEAKER}{name}" for name in ("code", "name", "yomi", "romaji", "honorific", "title", "bio", "language", "photo")
)
BOOK = ("book__title", "book__publisher", "book__speaker__name", "book__code", "book__cover")
LONG = {"recordings", f"{SPEAKER}bio", f"{SPEAKER}title"}
ORDER = ("position", "pk", "talkspeaker__position", "talkspeaker__pk")


@dataclass(frozen=True)
class Guest:
    """Who is invited, as a page shows it."""

    code: str
    name: str
    yomi: str = ""
    romaji: str = ""
    honorific: str = Speaker.Honorific.SAN
    title: str = ""
    bio: str = ""
    language: str = "ja"
    # Where it is stored.
    photo: str = ""

    @property
    def san(self) -> str:
        """What follows the name in Japanese."""
        return str(Speaker.Honorific(self.honorific).label) if get_language() == "ja" else ""

    @property
    def called(self) -> str:
        """大槻 耕平さん, Kohei Otsuki: as text, for mails and headers too."""
        return f"{(self.romaji if get_language() == 'en' else '') or self.name}{self.san}"

    @property
    def url(self) -> str:
        return reverse("speaker", args=[self.code])

    @property
    def photo_url(self) -> str:
        """Where the photo is, if there is one."""
        return photo_url(self.code, self.photo)


@dataclass(frozen=True)
class Book:
    """A book on the table."""

    title: str
    publisher: str
    author: str
    # Whether it is to be read before the morning.
    is_read_first: bool = False
    code: str = ""
    # Where it is stored.
    cover: str = ""

    @property
    def picture(self) -> covers.Shown | None:
        """The cover somebody gave."""
        return covers.shown(self.code, self.cover)


@dataclass(frozen=True)
class Someone:
    """A member who speaks about their own trade."""

    name: str
    romaji: str = ""


@dataclass(frozen=True)
class TalkCard:
    """One talk with those who give it. `pk` is its place on the page of its session."""

    title: str
    language: str
    pk: int = 0
    abstract: str = ""
    recordings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    guests: tuple[Guest, ...] = ()
    book: Book | None = None
    member: Someone | None = None


@dataclass(frozen=True)
class Programme:
    """The talks of one session, in order."""

    talks: tuple[TalkCard, ...] = field(default=())

    @property
    def guests(self) -> tuple[Guest, ...]:
        """Each guest once."""
        return tuple({guest.code: guest for talk in self.talks for guest in talk.guests}.values())

    @property
    def book(self) -> Book | None:
        """The book that stands for the morning: the first."""
        return next((talk.book for talk in self.talks if talk.book), None)

    @property
    def first_title(self) -> str:
        return self.talks[0].title if self.talks else ""

    @property
    def who(self) -> str:
        """大槻 耕平さん、水野 あかりさん; at most three, then how many more."""
        guests = self.guests
        names = _(", ").join(guest.called for guest in guests[:3])
        if len(guests) <= 3:
            return names
        return _("%(names)s and %(number)d more") % {"names": names, "number": len(guests) - 3}


NOTHING = Programme()


def programmes(sessions: Iterable[Session], *, whole: bool = False) -> dict[int, Programme]:
    """Programmes by session id, one query for all; a session without talks is missing. `whole` adds what is longer."""
    ids = [session.pk for session in sessions]
    rows = _rows(whole=whole).dicts(sessions=ids) if ids else []
    return {
        session: Programme(tuple(_talks(of_session)))
        for session, of_session in groupby(rows, key=lambda row: row["session_id"])
    }


@cache
def _rows(*, whole: bool) -> Prepared[Talk]:
    columns = (*LINE, *GUEST, *BOOK, *(("abstract", "tags") if whole else ()))
    talks = Talk.objects.filter(session__in=any_of("sessions")).order_by("session_id", *ORDER)
    return Prepared(lambda: talks.values(*columns))


def of(session: Session) -> Programme:
    """The programme of one session; for several ask `programmes`."""
    return programmes([session]).get(session.pk, NOTHING)


def along(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """The sessions with what is on at each, in the same query, without what is long: `brought` reads it."""
    row = JSONObject(**{column: F(column) for column in (*LINE, *GUEST, *BOOK) if column not in LONG})
    talks = Talk.objects.filter(session=OuterRef("pk")).order_by(*ORDER)
    return sessions.annotate(programme_rows=ArraySubquery(talks.values(row=row)))


def brought(session: Session) -> Programme:
    """The programme of a session that came from `along`."""
    return Programme(tuple(_talks(vars(session)["programme_rows"])))


def title(session: Session, programme: Programme) -> str:
    """What the session is called: its title, its first talk, its guest, or that the guest is still to be told."""
    if session.title or programme.first_title:
        return session.title or programme.first_title
    if session.recurrence_id is None and not session.is_draft:
        return session.series.display_name
    return _("The guest will be announced")


def _talks(rows: Iterable[dict[str, Any]]) -> Iterator[TalkCard]:
    """One card per talk: the query yields a row for each of its guests."""
    for _talk, same in groupby(rows, key=lambda row: row["pk"]):
        of_talk = list(same)
        first = of_talk[0]
        yield TalkCard(
            title=first["title"],
            language=first["language"],
            pk=first["pk"],
            abstract=first.get("abstract", ""),
            recordings=tuple(first.get("recordings", ())),
            tags=tuple(first.get("tags", ())),
            guests=tuple(_guest(row) for row in of_talk if row[f"{SPEAKER}code"]),
            book=_book(first),
            member=Someone(first["member__name"], first["member__romaji"]) if first["member__name"] else None,
        )


def _guest(row: dict[str, Any]) -> Guest:
    return Guest(**{name.removeprefix(SPEAKER): row[name] for name in GUEST if name in row})


def _book(row: dict[str, Any]) -> Book | None:
    if not row["book__title"]:
        return None
    return Book(
        row["book__title"],
        row["book__publisher"],
        row["book__speaker__name"],
        row["reads_first"],
        row["book__code"],
        row["book__cover"],
    )
