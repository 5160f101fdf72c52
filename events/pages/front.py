"""The front page and a series' page: the next morning, those after it, the shelf of guests and books, the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.prepared import Prepared, any_of, instant, number
from events import programme, recurrence_text, recurrence_words, standing, terms
from events.models import Attendance, Rsvp, Series, Session, Talk
from events.models.series import Viewer
from events.models.session import SessionQuerySet
from events.programme import Book, Guest, Programme
from events.recurrence_rule import BadRule
from events.standing import Answer, State
from events.templatetags.sessions import session_date
from members.readers import Reader
from speakers import covers

WORDS = {State.FULL: _("Full"), State.CLOSED: _("Answers are closed"), State.BEGUN: _("It has begun.")}
MINE = {
    State.SEATED: _("You have a seat"),
    State.OFFERED: _("A seat is kept for you"),
    State.WAITING: _("You are waiting"),
}
SHOWN_AHEAD = 7
BOOKS_SHOWN = 24
PAST_SHOWN = 10


def label(session: Session) -> str:
    """第132回 かもめ橋朝食会: where several series stand in one list."""
    series = session.series.display_name
    return f"{_t('No. %(number)s') % {'number': session.number}} {series}" if session.number else series


def who(on: Programme) -> str:
    """The guests, and the first book."""
    if not on.guests or on.book is None:
        return on.who
    return _t("%(who)s, “%(book)s”") % {"who": on.who, "book": on.book.title}


@dataclass(frozen=True)
class Morning:
    """One session in a list, with the reader's own standing."""

    session: Session
    now: datetime
    title: str
    programme: Programme
    state: State
    mine: Answer

    @property
    def language(self) -> str:
        """The language of the title, where somebody wrote one."""
        return self.session.language if self.session.title else ""

    @property
    def book(self) -> Book | None:
        return self.programme.book

    @property
    def label(self) -> str:
        """第132回, or the series where there are no numbers."""
        if self.session.number:
            return _t("No. %(number)s") % {"number": self.session.number}
        return self.session.series.display_name

    @property
    def full_label(self) -> str:
        """第132回 かもめ橋朝食会: where several series stand in one list."""
        return label(self.session)

    @property
    def who(self) -> str:
        """The guests, and the first book."""
        return who(self.programme)

    @property
    def status(self) -> str:
        """Whether there is a seat, in a few words."""
        opens_at = self.session.rsvp_opens_at
        if self.state is State.NOT_OPEN and opens_at:
            return _t("Answers from %(when)s") % {"when": session_date(opens_at.astimezone(self.session.zone))}
        if self.state is State.OPEN:
            left = self.session.seats_left
            return ngettext("%(figure)s seat left", "%(figure)s seats left", left) % {"figure": left}
        return str(WORDS.get(self.state, ""))

    @property
    def chip(self) -> str:
        """The reader's own answer, where there is one."""
        return str(MINE.get(self.state, ""))

    @property
    def guest(self) -> Guest | None:
        return next(iter(self.programme.guests), None)

    @property
    def terms(self) -> str:
        """What it costs and until when one may answer."""
        return terms.terms(self.session, self.state, now=self.now)


@dataclass(frozen=True)
class Spine:
    """A book on the shelf, or a guest without one; leads to the guest."""

    title: str
    author: str
    url: str
    picture: covers.Shown | None


@dataclass(frozen=True)
class Shelf:
    """The newest guests and books, and how many there are in all."""

    spines: Sequence[Spine]
    guests: int
    books: int


@dataclass(frozen=True)
class Numbers:
    """What has been: mornings, people counted each time, trades."""

    mornings: int
    came: int
    trades: int


def _sessions(reader: Reader, *, of_series: bool) -> SessionQuerySet:
    """Those this reader may see, of the whole club or of one series."""
    sessions = Session.objects.visible_to(reader.stand_in)
    return sessions.filter(series=number("series")) if of_series else sessions


@cache
def _ahead(reader: Reader, *, of_series: bool) -> Prepared[Session]:
    now, sessions = instant("now"), _sessions(reader, of_series=of_series)
    coming = sessions.on().upcoming(now).counting_lapsed(now).select_related("series", "venue")
    return Prepared(lambda: coming[:SHOWN_AHEAD])


def ahead(viewer: Viewer, series: Series | None = None, *, now: datetime) -> list[Morning]:
    """The coming mornings that are on, of the club or of one series, the next first: two queries, signed in three."""
    kept, filling = _prepared(_ahead, viewer, series, now=now)
    return _mornings(list(kept.rows(**filling)), viewer, now=now)


def guest_ahead(mornings: Sequence[Morning]) -> Morning | None:
    """The nearest morning with a guest, where the very next has neither guest nor book."""
    if not mornings or mornings[0].guest or mornings[0].book:
        return None
    return next((morning for morning in mornings if morning.guest), None)


def behind(viewer: Viewer, series: Series, *, now: datetime) -> list[Morning]:
    """The newest past mornings of a series: two queries."""
    sessions = Session.objects.visible_to(viewer).filter(series=series)
    return _mornings(list(sessions.on().past(now).select_related("series", "venue")[:PAST_SHOWN]), None, now=now)


def _told(reader: Reader, *, of_series: bool) -> QuerySet[Talk]:
    past = _sessions(reader, of_series=of_series).on().past(instant("now")).order_by()
    return Talk.objects.filter(session__in=past, speakers__isnull=False)


@cache
def _spines(reader: Reader, *, of_series: bool) -> Prepared[Talk]:
    columns = ("book__title", "book__code", "book__cover", "speakers__name", "speakers__code")
    told = _told(reader, of_series=of_series).values(*columns).annotate(last=Max("session__starts_at"))
    return Prepared(lambda: told.order_by("-last", "speakers__name", "book__title")[:BOOKS_SHOWN])


@cache
def _on_shelf(reader: Reader, *, of_series: bool) -> Prepared[Talk]:
    counts = {"guests": Count("speakers", distinct=True), "books": Count("book", distinct=True)}
    return Prepared(lambda: _told(reader, of_series=of_series).order_by().values(all=Value(1)).annotate(**counts))


def shelf(viewer: Viewer, series: Series | None = None, *, now: datetime) -> Shelf:
    """Guests and books of past mornings, of the club or of one series, the latest first: two queries."""
    kept, filling = _prepared(_on_shelf, viewer, series, now=now)
    counts = next(iter(kept.dicts(**filling)), {"guests": 0, "books": 0})
    kept, filling = _prepared(_spines, viewer, series, now=now)
    spines = [
        Spine(
            row["book__title"] or row["speakers__name"],
            row["speakers__name"] if row["book__title"] else "",
            reverse("speaker", args=[row["speakers__code"]]),
            covers.shown(row["book__code"], row["book__cover"] or ""),
        )
        for row in kept.dicts(**filling)
    ]
    return Shelf(spines, counts["guests"], counts["books"])


@cache
def _numbers(reader: Reader, *, of_series: bool) -> Prepared[Session]:
    past = _sessions(reader, of_series=of_series).on().past(instant("now")).order_by()
    came = Attendance.objects.came().filter(session__in=past).order_by().values(all=Value(1))
    trades = Count("member__industry", distinct=True, filter=~Q(member__industry=""))
    columns = {
        "mornings": Count("pk"),
        "came": Subquery(came.annotate(n=Count("pk")).values("n")),
        "trades": Subquery(came.annotate(n=trades).values("n")),
    }
    return Prepared(lambda: past.values(all=Value(1)).annotate(**columns))


def numbers(viewer: Viewer, series: Series | None = None, *, now: datetime) -> Numbers:
    """Counted from the mornings that are over, of the club or of one series: one query."""
    kept, filling = _prepared(_numbers, viewer, series, now=now)
    found = next(iter(kept.dicts(**filling)), {})
    return Numbers(*(found.get(name) or 0 for name in ("mornings", "came", "trades")))


def _prepared(
    make: Any, viewer: Viewer, series: Series | None, *, now: datetime
) -> tuple[Prepared[Any], dict[str, Any]]:
    """The statement for this kind of reader, and what its blanks are filled with."""
    filling = {"reader": viewer.pk, "now": now} | ({"series": series.pk} if series else {})
    return make(Reader.of(viewer), of_series=series is not None), filling


def rhythm(series: Series) -> str:
    """第2木曜日 7:00: the rule in words; nothing for dates picked by hand."""
    try:
        rule = recurrence_text.parse(series.rule, tz=series.timezone) if series.rule else None
    except BadRule:
        return ""
    return recurrence_words.sentence(rule, series.at) if rule else ""


def _mornings(sessions: list[Session], viewer: Viewer | None, *, now: datetime) -> list[Morning]:
    programmes = programme.programmes(sessions)
    answers = _answers(sessions, viewer)
    mornings = []
    for session in sessions:
        mine = answers.get(session.pk, standing.NONE)
        of_session = programmes.get(session.pk, programme.NOTHING)
        state = standing.state(session, mine, now=now)
        mornings.append(Morning(session, now, programme.title(session, of_session), of_session, state, mine))
    return mornings


_OWN = Prepared(lambda: Rsvp.objects.filter(session__in=any_of("sessions"), member=number("reader")))


def _answers(sessions: list[Session], viewer: Viewer | None) -> dict[int, Answer]:
    """The viewer's answers. In a list the place in the queue is not told, only that one waits."""
    if viewer is None or not viewer.is_authenticated or not sessions:
        return {}
    mine = _OWN.rows(sessions=[session.pk for session in sessions], reader=viewer.pk)
    return {
        rsvp.session_id: Answer(
            rsvp.partstat,
            rsvp.seated_at,
            place=rsvp.queue_no or 0,
            offered_until=rsvp.offered_until,
            is_new=rsvp.is_new,
            question=rsvp.question,
        )
        for rsvp in mine
    }
