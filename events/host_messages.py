"""A host writes to those who come, wait, said no, have not answered, came, or did not come: one mail a person.

Nobody sees who else was written to; replies reach the host. At night it waits for the morning (E2).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import formataddr
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from events import dates, nights, programme, segments
from events.links import session_link
from events.models import HostMessage, Segment, Session
from events.models.segment import AFTERWARDS, SEATED
from members.models import Activity, Member
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery, Lane
from outbox.topics import Topic

KIND = "host.message"
# More about one session in a day is more than anybody reads.
A_DAY = 5
# How long a word about what has been is worth sending.
WORTH = timedelta(days=7)


def register_kinds() -> None:
    register(Kind(KIND, letter=letter, topic=Topic.HOST))


def open_to(session: Session, *, now: datetime, of_series: bool = True) -> list[Segment]:
    """Whom one can write to at this time: who came is known only afterwards.

    Members who have not answered are the whole series: they are written to by its hosts, `of_series`.
    """
    offered = [segment for segment in Segment if of_series or segment != Segment.UNANSWERED]
    return [segment for segment in offered if now >= session.starts_at or segment not in AFTERWARDS]


def useful_until(session: Session, segment: str, *, now: datetime) -> datetime:
    """Before the morning until it begins, afterwards for a week."""
    return session.starts_at if now < session.starts_at and segment not in AFTERWARDS else now + WORTH


@transaction.atomic
def send(session: Session, segment: str, subject: str, text: str, *, actor: Member, now: datetime) -> HostMessage:
    """Owe it to everybody in the segment as it stands now. The same words to the same segment are sent once.

    Raises ValidationError where nobody is in it, after too many in a day, and where it would come too late.
    """
    # One tap after the other; whoever answers meanwhile does not wait (FOR NO KEY UPDATE lets answers refer to it).
    Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    digest = HostMessage.digest_of(subject, text)
    known = session.host_messages.filter(segment=segment, digest=digest).first()
    if known is not None:
        return known
    if session.host_messages.filter(at__gt=now - timedelta(days=1)).count() >= A_DAY:
        raise ValidationError(_("Five messages about one morning in a day are enough. Please write the next tomorrow."))
    goes_at, worth = nights.by_day(now, session.zone), useful_until(session, segment, now=now)
    if goes_at >= worth:
        raise ValidationError(
            _(
                "At night nothing is sent, and by 7:00 it will have begun. If it cannot take place, call it off: "
                "that mail goes at any hour."
            )
        )
    people = list(segments.people(segment, session).only("pk", "email", "language"))
    if not people:
        raise ValidationError(_("There is nobody among them. Please choose others."))
    message = HostMessage.objects.create(
        session=session,
        author=actor,
        segment=segment,
        subject=subject,
        text=text,
        digest=digest,
        people=len(people),
        at=now,
    )
    Delivery.objects.owe_many([_row(message, member, not_before=goes_at, useful_until=worth) for member in people])
    detail: dict[str, Any] = {"segment": segment, "people": len(people), "subject": subject}
    Activity.record(actor, "session.message", f"session:{session.code}", now=now, **detail)
    return message


def _row(message: HostMessage, member: Member, *, not_before: datetime, useful_until: datetime) -> Delivery:
    seat = {"seat": True} if message.segment in SEATED else {}
    return Delivery(
        kind=KIND,
        key=f"{KIND}:{message.pk}:{member.pk}",
        to=member.email,
        language=member.language,
        context={"message": message.pk, "member": member.pk, **seat},
        lane=Lane.BULK,
        next_attempt_at=not_before,
        useful_until=useful_until,
    )


def letter(delivery: Delivery) -> Letter:
    """Asked once more: whoever is among others by now is not written to."""
    messages = HostMessage.objects.select_related("session__series", "session__venue", "author")
    message = messages.filter(pk=delivery.context["message"]).first()
    member = Member.objects.filter(pk=delivery.context["member"], is_active=True).first()
    if message is None or member is None:
        raise Unwanted("gone")
    if not segments.people(message.segment, message.session).filter(pk=member.pk).exists():
        raise Unwanted("no longer concerned")
    off_since = message.session.cancelled_at
    if off_since is not None and off_since >= message.at:
        raise Unwanted("called off")
    now = timezone.now()
    if (morning := nights.by_day(now, message.session.zone)) != now:
        raise NotNow(morning)
    return composed(message, member)


def composed(message: HostMessage, member: Member) -> Letter:
    """The mail to one person; for the host who looks at it beforehand, the message need not be saved."""
    session, host = message.session, message.author
    return Letter(
        context={
            "message": message,
            "member": member,
            "session": session,
            "start": session.local_start,
            "title": programme.title(session, programme.of(session)),
            "when": dates.instant(session.local_start),
            "people": message.segment_label,
            "host": host,
            "session_url": session_link(session),
        },
        reply_to=formataddr((host.display_name, host.email)) if host and host.is_active else "",
        sender_name=session.series.display_name,
        about=f"series:{session.series_id}",
    )
