"""The page of one session, before and after: everything it shows, whoever looks at it, in a fixed number of queries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias, TypedDict, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, JSONField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.http import Http404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_stubs_ext import WithAnnotations

from config.prepared import Prepared, instant, number, text
from events import programme, reminder_words, schema_org, standing, terms, this_morning
from events.links import square_link
from events.models import Attendance, Companion, Gathering, Job, Notice, Rsvp, Series, Session
from events.models.series import Viewer
from events.pages import asking, jobs, meeting, people
from events.pages.asking import Asking
from events.pages.meeting import Card
from events.pages.people import Room
from events.programme import Book, Programme, TalkCard
from events.standing import Answer, State
from events.templatetags.sessions import session_date
from members.models import Member
from members.readers import Reader

# Who comes or waits is asked a few things more.
ASKED = {State.SEATED, State.WAITING}
ROW = re.compile(r"\s*(\d{1,2}[:：]\d{2})\s*(.*)")


class Seen(TypedDict):
    """What the first query adds to the row, for this reader."""

    waiting: int
    mine: dict[str, Any] | None
    hosting: bool
    was_there: bool
    came_before: bool
    host: dict[str, str] | None
    details: dict[str, Any] | None
    remembered: dict[str, Any] | None
    asks: list[dict[str, Any]]
    held: list[dict[str, Any]]


# What the pager and the way to the next morning show.
NEAR = (
    *("code", "title", "number", "language", "starts_at", "ends_at", "timezone", "recurrence_id", "published_at"),
    *("is_day_only", "cancelled_at", "series"),
)
# A friend of the reader.
FRIEND = {name: F(name) for name in ("pk", "name", "yomi", "email")}
# What a stranger is to every session, without asking the database.
NOBODY = {
    "host": Value(None, JSONField()),
    "mine": Value(None, JSONField()),
    "hosting": Value(False),
    "was_there": Value(False),
    "came_before": Value(False),
    "held": Value(None, JSONField()),
}

SeenSession: TypeAlias = "WithAnnotations[Session, Seen]"  # at run time this needs Python 3.12


@dataclass(frozen=True)
class Row:
    """One line of the running order."""

    time: str
    what: str


@dataclass(frozen=True)
class Neighbour:
    """The session before or after, as the pager shows it."""

    href: str
    when: str
    title: str


@dataclass(frozen=True)
class SessionPage:
    """What templates/events/session.html shows."""

    session: Session
    now: datetime
    title: str
    programme: Programme
    state: State
    mine: Answer
    waiting: int
    is_host: bool
    is_dawn: bool
    is_morning: bool
    # A gathering may be at noon, or in the evening.
    in_the_morning: bool
    seats_kept: int
    seats_open: int
    can_take_seat: bool
    could_be_fewer: bool
    can_bring_friend: bool
    spares_left: int
    square: str
    schedule: Sequence[Row]
    room: Room
    meeting: Card | None
    previous: Neighbour | None
    next: Neighbour | None
    coming: Coming | None
    asking: Asking | None
    jobs: Sequence[jobs.Row]

    @property
    def can_chair(self) -> bool:
        """Whether the clock is the reader's."""
        return self.is_host or any(job.is_mine and job.kind == Job.Kind.CHAIR for job in self.jobs)

    @property
    def is_past(self) -> bool:
        return self.state is State.OVER

    @property
    def came(self) -> int:
        return self.room.number if self.is_past else 0

    @property
    def book(self) -> Book | None:
        return self.programme.book

    @property
    def told(self) -> list[TalkCard]:
        """The talks that say more than the page's title and its guest do."""
        several = len(self.programme.talks) > 1
        talks = self.programme.talks
        return [
            talk
            for talk in talks
            if several or talk.abstract or talk.recordings or talk.tags or talk.title != self.title
        ]

    @property
    def member_talk(self) -> TalkCard | None:
        """A morning without a guest, on which one member speaks."""
        first = self.programme.talks[0] if self.programme.talks else None
        return first if first and first.member and not self.programme.guests else None

    @property
    def has_about(self) -> bool:
        """Whether there is anything to say about the morning."""
        return bool(self.session.summary or self.told or (self.schedule and not self.is_past))

    @property
    def address(self) -> str:
        return schema_org.absolute(self.session.get_absolute_url())

    @property
    def card_address(self) -> str:
        """The meeting-point card, to be passed on to a friend."""
        return schema_org.absolute(reverse("meeting_point", args=[self.session.meeting_code]))

    @property
    def picture(self) -> str:
        """The picture that goes along when the address is passed on."""
        return schema_org.absolute(reverse("session_picture", args=[self.session.code]))

    @property
    def linked_data(self) -> SafeString:
        """The session for search engines."""
        return schema_org.script(schema_org.event(self.session, self.programme, self.title, is_past=self.is_past))

    @property
    def terms(self) -> str:
        """What it costs and until when one may answer."""
        return terms.terms(self.session, self.state, now=self.now)

    @property
    def leaving_price(self) -> int:
        """What giving all their seats back costs the reader now, in the smallest unit."""
        return standing.price(self.session, self.mine, seats=self.mine.party, now=self.now)

    @property
    def friend_price(self) -> int:
        """The same for one friend who stays away."""
        return standing.price(self.session, self.mine, seats=1, now=self.now)

    @property
    def leaving_terms(self) -> str:
        """The same in words, said before the tap."""
        return terms.leaving_terms(self.session, self.leaving_price, now=self.now)

    @property
    def offered_until(self) -> datetime | None:
        """Until when the reader may take the seats kept for them, on the wall clock."""
        until = self.mine.offered_until
        return until.astimezone(self.session.zone) if until and self.state is State.OFFERED else None

    @property
    def waiting_terms(self) -> str:
        """How whoever waits comes to a seat."""
        return terms.waiting_terms(self.session)

    @property
    def queue_place(self) -> str:
        """Which place somebody gets who asks now for a seat of a full morning."""
        return terms.queue_place(self.waiting)

    @property
    def queue_terms(self) -> str:
        """What then happens to them."""
        return terms.queue_terms(self.session, now=self.now)


@dataclass(frozen=True)
class Coming:
    """The next morning of the series, shown at the end of a past one."""

    session: Session
    title: str
    who: str


@cache
def _of_code(reader: Reader) -> Prepared[SeenSession]:
    return Prepared(lambda: seen_by(reader.stand_in, now=instant("now")).filter(code=text("code")))


def found_or_404(code: str, viewer: Viewer, *, now: datetime) -> SeenSession:
    """The session of this address as a row of `seen_by`. Raises Http404 where the viewer may not see it."""
    session = _of_code(Reader.of(viewer)).first(code=code, reader=viewer.pk, now=now)
    if session is None:
        raise Http404
    return session


def seen_by(viewer: Viewer, *, now: datetime) -> QuerySet[SeenSession]:
    """Sessions the viewer may see, each with the viewer's own answer and standing: one query."""
    waiting = Rsvp.objects.filter(session=OuterRef("pk")).waiting().order_by()
    came = Attendance.objects.came().filter(session=OuterRef("pk"))
    sessions = Session.objects.visible_to(viewer).counting_lapsed(now).select_related("series", "venue")
    counted = sessions.annotate(waiting=_count(waiting))
    if not viewer.is_authenticated:
        return cast("QuerySet[SeenSession]", counted.annotate(**NOBODY))
    found = counted.annotate(
        host=meeting.host(),
        mine=Subquery(_own_answer(viewer.pk)),
        hosting=Exists(Series.objects.hosted_by(viewer).filter(pk=OuterRef("series")))
        | Exists(Gathering.objects.filter(session=OuterRef("pk"), member=viewer.pk)),
        was_there=Exists(came.filter(member=viewer.pk)),
        held=jobs.column(),
        came_before=Exists(Attendance.objects.came().filter(session__series=OuterRef("series"), member=viewer.pk)),
        **asking.columns(viewer),
    )
    return cast("QuerySet[SeenSession]", found)


def page(session: SeenSession, viewer: Viewer, *, now: datetime) -> SessionPage:
    """The page of a row of `seen_by` as the same viewer sees it at this moment: at most three queries more."""
    around = _around(session, now=now)
    programmes = programme.programmes([session, *around.values()], whole=True)
    mine = standing.answer(session.mine, came_before=session.came_before)
    state = standing.state(session, mine, now=now)
    past = state is State.OVER
    was_or_comes = session.was_there if past else mine.is_seated
    shows_people = (session.hosting or was_or_comes) and not session.is_cancelled
    previous = around.get("previous")
    member = viewer if isinstance(viewer, Member) else None
    return SessionPage(
        session=session,
        now=now,
        title=programme.title(session, programmes.get(session.pk, programme.NOTHING)),
        programme=programmes.get(session.pk, programme.NOTHING),
        state=state,
        mine=mine,
        waiting=session.waiting,
        is_host=session.hosting,
        is_dawn=not past and not session.is_cancelled and (previous is None or previous.is_over(now)),
        is_morning=(session.hosting or mine.is_seated) and this_morning.is_on(session, now=now),
        in_the_morning=reminder_words.is_in_the_morning(session),
        seats_kept=0 if past else session.seats_kept(now=now),
        seats_open=standing.room_for_party(session, mine, now=now),
        can_take_seat=standing.can_take_seat(session, mine, now=now),
        could_be_fewer=standing.could_be_fewer(session, mine, now=now),
        can_bring_friend=standing.can_bring_friend(session, mine, now=now),
        square=square_link(member, session) if member and mine.is_seated and not past else "",
        spares_left=session.spares_left(now=now) if session.is_full else 0,
        schedule=schedule(session.programme),
        room=(people.were_there if past else people.come)(session, viewer, names=shows_people),
        meeting=meeting.card(session, session.host, now=now) if shows_people and not past else None,
        previous=_neighbour(previous, programmes),
        next=_neighbour(around.get("next"), programmes),
        coming=_coming(around.get("coming"), programmes),
        asking=asking.of(session, member) if state in ASKED and member else None,
        jobs=_jobs(session, mine, member) if shows_people and not past else (),
    )


def _jobs(session: SeenSession, mine: Answer, member: Member | None) -> list[jobs.Row]:
    """For those who come: who does what, and what one may still take."""
    may_take = session.hosting or (mine.is_seated and session.came_before)
    return jobs.rows(session, session.held, member.pk if member else None, may_take=may_take)


def schedule(text: str) -> list[Row]:
    """The running order as it was typed: "6:40 doors", a line each; a line without a time has none."""
    rows = []
    for line in text.splitlines():
        found = ROW.fullmatch(line)
        if line.strip():
            rows.append(Row(found[1].replace("：", ":"), found[2]) if found else Row("", line.strip()))
    return rows


def _count(rows: QuerySet[Any]) -> Coalesce:
    """How many rows, as a subquery."""
    return Coalesce(Subquery(rows.values("session").annotate(n=Count("pk")).values("n")), Value(0))


def _own_answer(member: int) -> QuerySet[Rsvp, Any]:
    """The viewer's answer with friends and place in the queue, as one JSON value."""
    before = Rsvp.objects.filter(session=OuterRef("session"), queue_no__lte=OuterRef("queue_no"), seated_at=None)
    friends = Companion.objects.filter(rsvp=OuterRef("pk")).order_by("pk")
    found = JSONObject(
        partstat=F("partstat"),
        answered_at=F("answered_at"),
        standing_at=F("standing_at"),
        standing_said_at=F("standing_said_at"),
        seated_at=F("seated_at"),
        queue_no=F("queue_no"),
        offered_until=F("offered_until"),
        is_new=F("is_new"),
        question=F("question"),
        question_named=F("question_named"),
        version=F("version"),
        unread=Exists(Notice.objects.filter(rsvp=OuterRef("pk")).unread()),
        place=_count(before),
        friends=ArraySubquery(friends.values(found=JSONObject(**FRIEND))),
    )
    return Rsvp.objects.filter(session=OuterRef("pk"), member=member).values(found=found)


def _around(session: Session, *, now: datetime) -> dict[str, Session]:
    """The sessions before and after in the series, and after a past one the next that is on: one query.

    Whoever may see one session of a series may see all of it that is published.
    """
    rows = _near(is_over=session.is_over(now)).rows(
        pk=session.pk, series=session.series_id, starts_at=session.starts_at, now=now
    )
    return {str(vars(row)["way"]): row for row in rows}


@cache
def _near(*, is_over: bool) -> Prepared[Session]:
    here, series = instant("starts_at"), Session.objects.on().filter(series=number("series")).exclude(pk=number("pk"))
    earlier = series.filter(starts_at__lt=here).order_by("-starts_at", "-pk")
    later = series.filter(starts_at__gte=here).order_by("starts_at", "pk")
    ways = [("previous", earlier), ("next", later)]
    if is_over:
        ways.append(("coming", series.filter(starts_at__gt=instant("now")).order_by("starts_at", "pk")))
    first, *rest = [rows.only(*NEAR).annotate(way=Value(way))[:1] for way, rows in ways]
    return Prepared(lambda: first.union(*rest, all=True))


def _neighbour(session: Session | None, programmes: dict[int, Programme]) -> Neighbour | None:
    if session is None:
        return None
    title = programme.title(session, programmes.get(session.pk, programme.NOTHING))
    if session.number:
        title = _("No. %(number)s %(title)s") % {"number": session.number, "title": title}
    return Neighbour(session.get_absolute_url(), session_date(session), title)


def _coming(session: Session | None, programmes: dict[int, Programme]) -> Coming | None:
    if session is None:
        return None
    of_session = programmes.get(session.pk, programme.NOTHING)
    return Coming(session, programme.title(session, of_session), of_session.who)
