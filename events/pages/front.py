"""The front page and a series' page: the next morning, those after it, the shelf of guests and books, the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events import programme, recurrence_text, recurrence_words, standing, terms
from events.models import Attendance, Rsvp, Series, Session, Talk
from events.models.series import Viewer
from events.models.session import SessionQuerySet
from events.programme import Book, Guest, Programme
from events.recurrence_rule import BadRule
from events.standing import Answer, State
from events.templatetags.sessions import session_date
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


def ahead(sessions: SessionQuerySet, viewer: Viewer, *, now: datetime, limit: int = SHOWN_AHEAD) -> list[Morning]:
    """The coming mornings that are on, the next first: two queries, signed in three."""
    coming = list(sessions.on().upcoming(now).counting_lapsed(now).select_related("series", "venue")[:limit])
    return _mornings(coming, viewer, now=now)


def guest_ahead(mornings: Sequence[Morning]) -> Morning | None:
    """The nearest morning with a guest, where the very next has neither guest nor book."""
    if not mornings or mornings[0].guest or mornings[0].book:
        return None
    return next((morning for morning in mornings if morning.guest), None)


def behind(sessions: QuerySet[Session], *, now: datetime, limit: int = PAST_SHOWN) -> list[Morning]:
    """The newest past mornings: two queries."""
    past = list(sessions.on().past(now).select_related("series", "venue")[:limit])  # type: ignore[attr-defined]
    return _mornings(past, None, now=now)


def shelf(sessions: QuerySet[Session], *, now: datetime) -> Shelf:
    """Guests and books of past mornings, the latest first: two queries."""
    told = Talk.objects.filter(session__in=sessions.on().past(now).order_by(), speakers__isnull=False)  # type: ignore[attr-defined]
    columns = ("book__title", "book__code", "book__cover", "speakers__name", "speakers__code")
    named = told.values(*columns).annotate(last=Max("session__starts_at"))
    counts = told.aggregate(guests=Count("speakers", distinct=True), books=Count("book", distinct=True))
    spines = [
        Spine(
            row["book__title"] or row["speakers__name"],
            row["speakers__name"] if row["book__title"] else "",
            reverse("speaker", args=[row["speakers__code"]]),
            covers.shown(row["book__code"], row["book__cover"] or ""),
        )
        for row in named.order_by("-last", "speakers__name", "book__title")[:BOOKS_SHOWN]
    ]
    return Shelf(spines, counts["guests"], counts["books"])


def numbers(sessions: QuerySet[Session], *, now: datetime) -> Numbers:
    """Counted from the mornings that are over: two queries."""
    past = sessions.on().past(now).order_by()  # type: ignore[attr-defined]
    came = Attendance.objects.came().filter(session__in=past)
    found = came.aggregate(
        people=Count("pk"), trades=Count("member__industry", distinct=True, filter=~Q(member__industry=""))
    )
    return Numbers(past.count(), found["people"], found["trades"])


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


def _answers(sessions: list[Session], viewer: Viewer | None) -> dict[int, Answer]:
    """The viewer's answers. In a list the place in the queue is not told, only that one waits."""
    if viewer is None or not viewer.is_authenticated:
        return {}
    mine = Rsvp.objects.filter(session__in=sessions, member=viewer)
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
