"""The meeting-point card: where the door is, how to get in, whom to look for, whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.fields.files import FieldFile
from django.db.models.functions import JSONObject

from events.models import HostPhoto, Membership, Session, Venue


@dataclass(frozen=True)
class Host:
    """Who stands at the door."""

    name: str
    yomi: str
    romaji: str
    has_photo: bool = False


@dataclass(frozen=True)
class Card:
    """What templates/events/parts/meeting.html shows. `phone` is empty except on the day itself."""

    session: Session
    venue: Venue | None
    host: Host | None
    phone: str


def host() -> Subquery:
    """The owner of a session's series, as one JSON value: a column of a query for sessions."""
    person = JSONObject(
        name=F("member__name"), yomi=F("member__yomi"), romaji=F("member__romaji"), photo=F("member__host_photo__pk")
    )
    return Subquery(_owners().values(found=person)[:1])


def passed_on(code: str, *, now: datetime) -> Card:
    """The card that a link opens, to whoever has it. Raises `Session.DoesNotExist`: no such card.

    Once the morning is over it says so and nothing of the way in: the link may lie around for years.
    """
    sessions = Session.objects.published().select_related("series", "venue").annotate(host=host())
    session = sessions.get(meeting_code=code)
    return card(session, vars(session)["host"], now=now)


def card(session: Session, host: Mapping[str, Any] | None, *, now: datetime) -> Card:
    """The card of a session; one without a place says so."""
    today = now.astimezone(session.zone).date() == session.local_start.date()
    return Card(
        session=session,
        venue=session.venue,
        host=_host(host) if host and host["name"] else None,
        phone=session.venue.phone if session.venue and today and not session.is_cancelled else "",
    )


def photo(code: str, whose: str, *, now: datetime) -> FieldFile | None:
    """A photo of the card that a link opens: `whose` is door or host. Raises `Session.DoesNotExist`."""
    session = Session.objects.on().upcoming(now).select_related("venue").get(meeting_code=code)
    if whose == "door":
        return session.venue.door_photo if session.venue else None
    owner = Membership.objects.hosts().filter(series=session.series_id, role=Membership.Role.OWNER).order_by("pk")
    found = HostPhoto.objects.filter(member__in=owner.values("member")[:1]).first()
    return found.file if found else None


def _owners() -> Any:
    return Membership.objects.hosts().filter(series=OuterRef("series"), role=Membership.Role.OWNER).order_by("pk")


def _host(row: Mapping[str, Any]) -> Host:
    return Host(row["name"], row["yomi"], row["romaji"], has_photo=row["photo"] is not None)
