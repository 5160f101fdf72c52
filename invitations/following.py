"""The mails to readers who follow an author: is it you, and the author is coming."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from events import nights, programme
from events.links import session_link
from events.models import Session
from events.templatetags.sessions import session_when
from invitations.models import Follower
from invitations.models.follower import FORGET_DAYS, announced
from members import links
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic

PURPOSE = "follow"
# A link out of a mail works as long as somebody may come back to that mail.
STOP_WORKS = timedelta(days=400)


def register_kinds() -> None:
    """Both were asked for, by readers who need not be members: the mail itself ends it."""
    register(Kind("follow.confirm", letter=confirm, topic=Topic.GUEST))
    register(Kind("follow.announced", letter=tells, topic=Topic.GUEST))


def address(follower: Follower, *, works: timedelta) -> str:
    """The page on which the reader begins, or stops."""
    payload = {"follower": follower.pk}
    return links.absolute("following", links.sign(PURPOSE, payload, until=timezone.now() + works))


def confirm(delivery: Delivery) -> Letter:
    """Is it you? Whoever typed the address."""
    follower = _follower(delivery)
    if follower.confirmed_at is not None:
        raise Unwanted("confirmed already")
    return Letter({"speaker": follower.speaker, "url": address(follower, works=timedelta(days=FORGET_DAYS))})


def tells(delivery: Delivery) -> Letter:
    """The author is announced; by day. Raises `Unwanted` when the morning is off or no longer names the author."""
    follower = _follower(delivery)
    of = announced(timezone.now()).filter(pk=delivery.context["session"], talks__speakers=follower.speaker_id)
    session: Session | None = of.select_related("series", "venue").first()
    if session is None or follower.confirmed_at is None:
        raise Unwanted("not announced any more")
    by_day = nights.by_day(timezone.now(), session.zone)
    if by_day > timezone.now():
        raise NotNow(by_day)
    context = {
        "speaker": follower.speaker,
        "session": session,
        "start": session.local_start,
        "when": session_when(session),
        "title": programme.title(session, programme.of(session)),
        "session_url": session_link(session),
        "end_url": address(follower, works=STOP_WORKS),
    }
    return Letter(context, sender_name=session.series.display_name)


def _follower(delivery: Delivery) -> Follower:
    found = Follower.objects.select_related("speaker").filter(pk=delivery.context["follower"]).first()
    if found is None:
        raise Unwanted("stopped")
    return found
