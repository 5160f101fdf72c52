"""The meeting-point card: where the door is, how to get in, whom to look for, whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, JSONField, OuterRef, Subquery, When
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


def host() -> Case:
    """Whose morning it is, else the owner of its series, as one JSON value: a column of a query for sessions."""
    owners = Membership.objects.owners().filter(series=OuterRef("series")).order_by("pk")
    return Case(
        When(led_by__isnull=False, then=_person("led_by")),
        default=Subquery(owners.values(found=_person("member"))[:1]),
        output_field=JSONField(),
    )


def _person(way: str) -> JSONObject:
    names = {name: F(f"{way}__{name}") for name in ("name", "yomi", "romaji")}
    return JSONObject(**names, photo=F(f"{way}__host_photo__pk"))


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
    owners = Membership.objects.owners().filter(series=session.series_id).order_by("pk")
    member = session.led_by_id or owners.values_list("member", flat=True).first()
    found = HostPhoto.objects.filter(member=member).first()
    return found.file if found else None


def _host(row: Mapping[str, Any]) -> Host:
    return Host(row["name"], row["yomi"], row["romaji"], has_photo=row["photo"] is not None)
