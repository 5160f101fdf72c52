"""What calendars may see: one session, a series, and a member's own mornings. Read through what the reader may see."""

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings

from events import ics, programme
from events.links import session_link
from events.models import Partstat, Rsvp, Series, Session
from events.models.series import Viewer
from events.models.session import SessionQuerySet
from members import links
from members.models import Club, Member

FEED = "feed"
# A feed looks this far back; what is older stays in the archive.
BACK = timedelta(days=90)


def feed_token(member: Member) -> str:
    """The secret of a member's own feed: derived, so that the page can show it again; a new version is a new one."""
    return links.derive(FEED, _subject(member))


def feed_url(member: Member) -> str:
    """The address a calendar program subscribes to."""
    return links.absolute("personal_calendar", member.code, feed_token(member))


def member_of_feed(code: str, token: str) -> Member | None:
    """Whose feed this is, if the secret is right and the person still here."""
    member = Member.objects.filter(code=code, is_active=True).first()
    return member if member and links.is_derived(FEED, _subject(member), token) else None


def of_session(session: Session) -> bytes:
    """One morning, to be put into a calendar by hand."""
    return ics.calendar(_entries([session]), name=session.series.display_name, url=session_link(session))


def of_series(series: Series, viewer: Viewer, *, now: datetime) -> bytes:
    """The mornings of a series, those called off included: they vanish from the calendars that had them."""
    sessions = list(_seen(viewer, now=now).filter(series=series)[: ics.MOST_IN_A_FEED])
    url = links.absolute("series", series.slug)
    return ics.calendar(_entries(sessions), name=series.display_name, url=url)


def whole(series: Series) -> bytes:
    """Every announced morning of a series from the first on, to be kept: a feed looks back only so far."""
    sessions = Session.objects.published().filter(series=series).select_related("series", "venue")
    ordered = list(sessions.order_by("starts_at", "pk"))
    return ics.calendar(_entries(ordered), name=series.display_name, url=links.absolute("series", series.slug))


def of_member(member: Member, *, now: datetime, name: str) -> bytes:
    """The mornings this member comes to or waits for; private, because colleagues see shared calendars."""
    seats = dict(Rsvp.objects.filter(member=member, partstat=Partstat.ACCEPTED).values_list("session_id", "seated_at"))
    sessions = list(_seen(member, now=now).filter(pk__in=seats)[: ics.MOST_IN_A_FEED])
    entries = [
        replace(entry, private=True, status=_status(session, is_seated=seats[session.pk] is not None))
        for session, entry in zip(sessions, _entries(sessions), strict=True)
    ]
    return ics.calendar(entries, name=name, url=settings.SITE_URL + "/")


def _seen(viewer: Viewer, *, now: datetime) -> SessionQuerySet:
    sessions = Session.objects.visible_to(viewer).published().filter(starts_at__gt=now - BACK)
    return sessions.select_related("series", "venue").order_by("starts_at", "pk")


def _entries(sessions: list[Session]) -> list[ics.Entry]:
    known, organizer = programme.programmes(sessions), _organizer()
    return [_entry(session, known.get(session.pk, programme.NOTHING), organizer) for session in sessions]


def entry(session: Session, talks: programme.Programme) -> ics.Entry:
    """A session as calendars keep it, without an attendee."""
    return _entry(session, talks, _organizer())


def _organizer() -> ics.Person:
    """The club, asked for once for a whole feed."""
    return ics.Person(name=Club.current().display_name, mail=parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def _entry(session: Session, talks: programme.Programme, organizer: ics.Person) -> ics.Entry:
    place, link = session.venue, session_link(session)
    return ics.Entry(
        uid=session.uid,
        sequence=session.sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        is_day_only=session.is_day_only,
        timezone=session.timezone,
        summary=f"{session.series.display_name}: {programme.title(session, talks)}",
        last_modified=session.changed_at,
        description=link,
        location=" ".join(part for part in (place.name, place.address) if part) if place else "",
        url=link,
        status=_status(session, is_seated=True),
        organizer=organizer,
    )


def _status(session: Session, *, is_seated: bool) -> ics.Status:
    if session.is_cancelled:
        return ics.Status.CANCELLED
    return ics.Status.CONFIRMED if is_seated else ics.Status.TENTATIVE


def _subject(member: Member) -> str:
    return f"{member.code}:{member.feed_version}"
