"""Answers given in a calendar: a METHOD:REPLY mail (RFC 5546, 3.2.3) to the address that stands as organizer.

The address is signed for one session and one person and stays the same for every mail about it, because calendars
take a change of the organizer for a forgery. It is the key, as the link in a mail is; and the answer counts only from
that person's own address, for this session as it stands, and when nothing was said since. It goes through the one door
for seats.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses
from enum import StrEnum

from django.conf import settings

from events import ics
from events.models import Partstat, Rsvp, SeatsError, Session
from members.models import Member
from outbox.bounces import LARGEST, TO

TOKEN = re.compile(r"r(\d{1,18})-(\d{1,18})-([0-9a-f]{24})", re.IGNORECASE)
ANSWERS: tuple[str, ...] = (Partstat.ACCEPTED, Partstat.DECLINED)


class Said(StrEnum):
    """What a mail with a calendar turned out to be."""

    ANSWER = "calendar: answered"
    LATE = "calendar: too late, or not possible: ignored"
    STALE = "calendar: about an earlier time, or said anew since: ignored"
    FORGED = "calendar: not from whom it is for: ignored"
    OTHER = "no report and no answer: ignored"


def address(session: Session, member: Member) -> str:
    """The organizer of this person's calendar entry; empty where the club has no mailbox that is read."""
    if not settings.BOUNCE_ADDRESS:
        return ""
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+r{session.pk}-{member.pk}-{_signature(settings.LINK_KEYS[0], session.pk, member.pk)}@{domain}"


def take(raw: bytes, *, now: datetime) -> Said:
    """Take one answer. The same a second time changes nothing."""
    message = email.message_from_bytes(raw[:LARGEST], policy=email.policy.default)
    reply = next((found for part in _calendars(message) if (found := ics.reply(part))), None)
    ids = _addressed(message)
    if reply is None or ids is None:
        return Said.OTHER
    session = Session.objects.published().filter(pk=ids[0]).first()
    member = Member.objects.filter(pk=ids[1], is_active=True).first()
    if session is None or member is None or {reply.attendee, _sender(message)} != {member.email}:
        return Said.FORGED
    return _answer(session, member, reply, now=now)


def _answer(session: Session, member: Member, reply: ics.Reply, *, now: datetime) -> Said:
    if reply.uid != session.uid or reply.partstat not in ANSWERS:
        return Said.OTHER
    known = Rsvp.objects.filter(session=session, member=member).first()
    if known is None or reply.sequence != session.sequence or reply.stamp < known.answered_at.replace(microsecond=0):
        return Said.STALE
    if known.partstat != reply.partstat:
        try:
            session.rsvp(member, reply.partstat, now=now)
        except SeatsError:
            return Said.LATE
    return Said.ANSWER


def _calendars(message: EmailMessage) -> Iterator[bytes]:
    """The calendar parts of a mail, as bytes."""
    for part in message.walk():
        if part.get_content_type() in {"text/calendar", "application/ics"}:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content


def _addressed(message: EmailMessage) -> tuple[int, int] | None:
    """Session and person of the address it came to, if we signed it."""
    received = [str(value) for name in TO for value in message.get_all(name, [])]
    for _name, found in getaddresses(received):
        token = TOKEN.fullmatch(found.rpartition("@")[0].rpartition("+")[2])
        if token and _is_ours(int(token[1]), int(token[2]), token[3].lower()):
            return int(token[1]), int(token[2])
    return None


def _sender(message: EmailMessage) -> str:
    senders = getaddresses([str(value) for value in message.get_all("From", [])])
    return senders[0][1].lower() if len(senders) == 1 else ""


def _is_ours(session: int, member: int, signature: str) -> bool:
    return any(hmac.compare_digest(_signature(key, session, member), signature) for key in settings.LINK_KEYS)


def _signature(key: str, session: int, member: int) -> str:
    text = f"asakai.reply.v1:{session}:{member}"
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:24]
