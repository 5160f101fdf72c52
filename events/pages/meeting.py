"""The meeting-point card: where the door is, how to get in, whom to look for, whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from events.models import Membership, Session, Venue


@dataclass(frozen=True)
class Host:
    """Who stands at the door."""

    name: str
    yomi: str
    romaji: str


@dataclass(frozen=True)
class Card:
    """What templates/events/parts/meeting.html shows. `phone` is empty except on the day itself."""

    session: Session
    venue: Venue | None
    host: Host | None
    phone: str


def host() -> Subquery:
    """The owner of a session's series, as one JSON value: a column of a query for sessions."""
    owners = Membership.objects.hosts().filter(series=OuterRef("series"), role=Membership.Role.OWNER).order_by("pk")
    person = JSONObject(name=F("member__name"), yomi=F("member__yomi"), romaji=F("member__romaji"))
    return Subquery(owners.values(found=person)[:1])


def passed_on(code: str, *, now: datetime) -> Card:
    """The card that a link opens, to whoever has it. Raises `Session.DoesNotExist`: no such card."""
    sessions = Session.objects.published().select_related("series", "venue").annotate(host=host())
    session = sessions.get(meeting_code=code)
    return card(session, vars(session)["host"], now=now)


def card(session: Session, host: Mapping[str, Any] | None, *, now: datetime) -> Card:
    """The card of a session; one without a place says so."""
    today = now.astimezone(session.zone).date() == session.local_start.date()
    return Card(
        session=session,
        venue=session.venue,
        host=Host(**host) if host and host["name"] else None,
        phone=session.venue.phone if session.venue and today and not session.is_cancelled else "",
    )
