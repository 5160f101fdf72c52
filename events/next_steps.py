"""What a host must do next, computed and never ticked off by hand. Apps add their steps by registering a provider."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import check_in, dates, jobs
from events.models import Job, Rsvp, Session
from events.pages import unreached

# A draft is asked about when its day comes this near.
PUBLISH_BEFORE = timedelta(days=35)
# From so long before a job nobody has stands on the desk.
JOBS_BEFORE = timedelta(days=2)
# How far a desk with nothing on it looks ahead.
AHEAD_DAYS = 7


@dataclass(frozen=True)
class Step:
    """One thing to do for one session, with one button. The lower `urgency`, the sooner; 0 is today, below it now."""

    session: Session
    urgency: int
    what: str
    why: str
    url: str
    label: str
    chip: str = ""


Provider = Callable[[list[Session], datetime], Iterable[Step]]
_providers: list[Provider] = []
# What only who hosts the series can do: its letter, its guests.
_of_series: list[Provider] = []


def register(provider: Provider, *, of_series: bool = False) -> None:
    """Add a provider; it answers for all sessions of the desk in one query. `of_series`: for its hosts alone."""
    if provider not in _providers:
        _providers.append(provider)
    if of_series and provider not in _of_series:
        _of_series.append(provider)


def of(sessions: list[Session], *, now: datetime, of_series: bool = True) -> list[Step]:
    """All steps for these sessions, the most urgent first; without `of_series` for whom one of them is theirs alone."""
    asked = [provider for provider in _providers if of_series or provider not in _of_series]
    steps = [step for provider in asked for step in provider(sessions, now)]
    return sorted(steps, key=lambda step: (step.urgency, step.session.starts_at, step.session.pk))


@dataclass(frozen=True)
class Ahead:
    """The first thing that will be to be done, as things stand, and in how many days: 0 is later today."""

    days: int
    step: Step


def ahead(sessions: list[Session], *, now: datetime) -> Ahead | None:
    """What comes next where nothing is to be done now; None where the week holds nothing.

    What has come stays until it is done, and a morning that is over asks who came: so the week is halved, not walked.
    """
    ends = [datetime.combine(now + timedelta(days=days), time.max, tzinfo=now.tzinfo) for days in range(AHEAD_DAYS + 1)]
    days = bisect_left(ends, True, key=lambda end: bool(of(sessions, now=end)))
    return Ahead(days, of(sessions, now=ends[days])[0]) if days < len(ends) else None


def own(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """The steps events itself knows: publish a draft, open the door, close a roster."""
    for session in sessions:
        if session.is_cancelled:
            continue
        if session.is_draft and now < session.starts_at < now + PUBLISH_BEFORE:
            yield Step(
                session=session,
                urgency=2,
                what=_("This morning is not announced yet"),
                why=_("Members cannot answer before it is published."),
                url=reverse("session_edit", args=[session.code]),
                label=_("Look and publish"),
            )
        if not session.is_draft and session.starts_at - check_in.FROM <= now < session.starts_at:
            yield Step(
                session=session,
                urgency=-2,
                what=_("The door is open"),
                why=_("Tap people as they come in. Those who are late or cannot come are shown there too."),
                url=reverse("roster", args=[session.code]),
                label=_("Check people in"),
                chip=_("Today"),
            )
        if not session.is_draft and session.starts_at <= now and session.roster_closed_at is None:
            yield Step(
                session=session,
                urgency=0,
                what=_("Who came?"),
                why=_("All of them, but … One tap closes the list; thanks and introductions follow."),
                url=reverse("roster", args=[session.code]),
                label=_("Close the list"),
                chip=_("Today") if session.local_start.date() == now.astimezone(session.zone).date() else "",
            )


def unreached_steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """A change at the last hour that has not reached everybody, as far as they said."""
    counts = unreached.unread(sessions, now=now)
    for session in sessions:
        if number := counts[session.pk]:
            yield Step(
                session=session,
                urgency=-1,
                what=ngettext(
                    "%(n)s person has not said “understood”", "%(n)s people have not said “understood”", number
                ) % {"n": number},
                why=_("A mail may not be seen so late. Those who gave a telephone can be called."),
                url=reverse("unreached", args=[session.code]),
                label=_("See whom to call"),
                chip=_("Now"),
            )  # fmt: skip


def open_jobs(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """Two days before: what nobody has taken, as far as the series has jobs at all."""
    near = [
        session
        for session in sessions
        if session.series.jobs
        and not session.is_draft
        and not session.is_cancelled
        and now < session.starts_at < now + JOBS_BEFORE
    ]
    held = list(Job.objects.filter(session__in=near).values_list("session", "kind")) if near else []
    for session in near:
        taken = {kind for pk, kind in held if pk == session.pk}
        if free := jobs.missing(session, taken):
            yield Step(
                session=session,
                urgency=1,
                what=_("Nobody has taken: %(jobs)s") % {"jobs": _(", ").join(str(Job.Kind(one).label) for one in free)},
                why=_(
                    "Those whose turn it is were asked in the mail three days before. You can do it, or ask somebody."
                ),
                url=f"{session.get_absolute_url()}#jobs",
                label=_("See the jobs"),
            )


def free_seats(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """From the quiet hour on no mail tells who waits of a free seat: the host may telephone."""
    free = [
        session
        for session in sessions
        if session.seats_left and not session.is_cancelled and session.quiet_from() <= now < session.starts_at
    ]
    waiting = Rsvp.objects.filter(session__in=free).waiting().order_by() if free else Rsvp.objects.none()
    numbers = dict(waiting.values_list("session").annotate(number=Count("pk")))
    for session in free:
        if people := numbers.get(session.pk, 0):
            left = session.seats_left
            yield Step(
                session=session,
                urgency=0,
                what=ngettext("%(left)d seat is free", "%(left)d seats are free", left) % {"left": left},
                why=ngettext(
                    "%(people)d person waits. At this hour no mail goes; the first to tap gets it.",
                    "%(people)d people wait. At this hour no mail goes; the first to tap gets it.",
                    people,
                )
                % {"people": people},
                url=reverse("roster", args=[session.code]),
                label=_("See who comes"),
            )


def when(session: Session, language: str) -> str:
    """第132回、12月10日(木)"""
    day = dates.day(session.local_start.date(), language, year=False)
    number = _("No. %(number)d") % {"number": session.number} if session.number else session.series.display_name
    return _("%(number)s, %(day)s") % {"number": number, "day": day}


def row(step: Step, language: str) -> dict[str, str]:
    """What templates/components/step.html shows."""
    return {
        "what": step.what,
        "why": step.why,
        "when": when(step.session, language),
        "href": step.url,
        "button": step.label,
        "urgent": step.chip,
    }
