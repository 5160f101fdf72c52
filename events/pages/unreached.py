"""Whom a change at the last hour has not reached, as far as anybody said: for the host with a telephone in hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from events import mails
from events.models import Details, Notice, Session
from members import portraits
from members.levels import Level
from members.models import Member
from outbox.models import Delivery


class Mail(StrEnum):
    """What became of the mail that told it."""

    WAITS = "waits"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True)
class Person:
    """Somebody who has not said "understood". `phone` is the one they gave, if they did."""

    rsvp: int
    name: str
    yomi: str
    romaji: str
    friends: int
    is_waiting: bool
    phone: str
    mail: Mail
    photo_url: str = ""


@dataclass(frozen=True)
class Unreached:
    """Those still to be reached, those with a seat first, and how many of all have said that they know."""

    people: Sequence[Person]
    understood: int

    @property
    def told(self) -> int:
        return len(self.people) + self.understood


def of(session: Session, reader: Member | None = None) -> Unreached:
    """The latest change of this session, in three queries; one more for the photos this reader may see."""
    standing = Notice.objects.standing().filter(rsvp__session=session)
    notices = standing.select_related("rsvp__member", "rsvp__details").prefetch_related("rsvp__companions")
    rows = list(notices.order_by("rsvp__queue_no", "rsvp__member__reading", "pk"))
    fates = _fates(session)
    unread = [notice for notice in rows if notice.understood_at is None]
    if reader:
        portraits.show(reader, (notice.rsvp.member for notice in unread))
    people = [_person(notice, fates[key]) for notice in unread if (key := f"m{notice.rsvp.member_id}") in fates]
    return Unreached(sorted(people, key=lambda person: person.is_waiting), len(rows) - len(unread))


def unread(sessions: Sequence[Session], *, now: datetime) -> Counter[int]:
    """How many are still to be reached, by session: one query, and one more where there are any."""
    coming = {session.pk: session for session in sessions if session.starts_at > now}
    rows = Notice.objects.unread().filter(rsvp__session__in=coming)
    owed = {f"{pk}:{coming[pk].sequence}:m{who}": pk for pk, who in rows.values_list("rsvp__session", "rsvp__member")}
    keys = [f"{kind}:{key}" for kind in mails.CHANGES for key in owed]
    told = _news().filter(key__in=keys) if keys else Delivery.objects.none()
    return Counter(owed[key.split(":", 1)[1]] for key in told.values_list("key", flat=True))


def _fates(session: Session) -> dict[str, Mail]:
    """What became of each mail of the latest change, by the person's key."""
    first, second = (Q(key__startswith=f"{kind}:{session.pk}:{session.sequence}:") for kind in mails.CHANGES)
    return {row.key.rsplit(":", 1)[1]: _fate(row) for row in _news().filter(first | second)}


def _news() -> QuerySet[Delivery]:
    """Without those to whom there was nothing to tell: moved, and moved back at once."""
    return Delivery.objects.exclude(drop_reason__in=(mails.AS_IT_WAS, mails.TOLD_ALREADY))


def _fate(row: Delivery) -> Mail:
    if row.failed_at or row.bounced_at or row.dropped_at:
        return Mail.FAILED
    return Mail.GONE if row.sent_at else Mail.WAITS


def _person(notice: Notice, mail: Mail) -> Person:
    rsvp, member = notice.rsvp, notice.rsvp.member
    shown = member.as_seen_at(Level.HOSTS) if member else None
    told: Details | None = getattr(rsvp, "details", None)
    return Person(
        rsvp=rsvp.pk,
        name=member.name if member else rsvp.name,
        yomi=member.yomi if member else "",
        romaji=member.romaji if member else "",
        friends=len(rsvp.companions.all()),
        is_waiting=not rsvp.is_seated,
        phone=(told.phone if told else "") or (shown.phone if shown else ""),
        mail=mail,
        photo_url=member.photo_url if member else "",
    )
