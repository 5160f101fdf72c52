"""What search engines and other programs are told of a public session: schema.org Event, as JSON-LD."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events.fees import EXPONENTS
from events.models import Session
from events.programme import Programme

# A text in a script element ends at "</script", whatever stands around it: nothing of HTML may remain (RFC 8259, 7).
INERT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def absolute(path: str) -> str:
    """A path of this site as an address that works outside of it."""
    return urljoin(settings.SITE_URL, path)


def event(session: Session, programme: Programme, title: str, *, is_past: bool = False) -> dict[str, Any]:
    """The session as https://schema.org/EducationEvent with the fields Google reads; nothing its page does not show.

    A place is asked for, with an address: its name, where that is all there is. Of a session without a place nothing
    is told. A past one offers no seat.
    """
    if session.venue is None:
        return {}
    address = absolute(session.get_absolute_url())
    starts, ends = session.local_start, session.local_end
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "EducationEvent",
        "@id": address,
        "url": address,
        "name": title,
        "inLanguage": session.language,
        "startDate": _when(starts, is_day_only=session.is_day_only),
        "endDate": _when(ends, is_day_only=session.is_day_only),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "eventStatus": f"https://schema.org/{_status(session)}",
        "image": [absolute(reverse("session_picture", args=[session.code]))],
        "organizer": {
            "@type": "Organization",
            "name": session.series.display_name,
            "url": absolute(session.series.get_absolute_url()),
        },
        "superEvent": {
            "@type": "EventSeries",
            "name": session.series.display_name,
            "url": absolute(session.series.get_absolute_url()),
        },
        "location": {
            "@type": "Place",
            "name": session.venue.name,
            "address": session.venue.address or session.venue.name,
        },
        "maximumAttendeeCapacity": session.capacity,
    }
    if session.moved_from:
        said["previousStartDate"] = session.moved_from.astimezone(session.zone).isoformat(timespec="minutes")
    if not is_past:
        said["offers"] = _offer(session, address)
    if session.summary:
        said["description"] = session.summary
    if programme.guests:
        said["performer"] = [
            {"@type": "Person", "name": guest.name, "url": absolute(guest.url)} for guest in programme.guests
        ]
    if programme.book:
        author = {"@type": "Person", "name": programme.book.author}
        said["workFeatured"] = {"@type": "Book", "name": programme.book.title, "author": author}
        if picture := programme.book.picture:
            said["workFeatured"]["image"] = absolute(picture.url)
    return said


def script(data: dict[str, Any]) -> SafeString:
    """The data as an element for the head of a page, if any. A data block is no script: the policy leaves it alone."""
    if not data:
        return SafeString("")
    text = json.dumps(data, ensure_ascii=False).translate(INERT)
    return format_html('<script type="application/ld+json">{}</script>', SafeString(text))


def _when(local: datetime, *, is_day_only: bool) -> str:
    """ISO 8601; the day alone where no hour is known."""
    return local.date().isoformat() if is_day_only else local.isoformat(timespec="minutes")


def _status(session: Session) -> str:
    """Called off, moved to another time since it was announced, or as announced."""
    if session.is_cancelled:
        return "EventCancelled"
    return "EventRescheduled" if session.moved_from else "EventScheduled"


def _offer(session: Session, address: str) -> dict[str, str]:
    """A seat: what it costs and whether one is left."""
    exponent = EXPONENTS.get(session.fee_currency, 2)
    offer = {
        "@type": "Offer",
        "url": address,
        "price": f"{session.fee_amount / 10**exponent:.{exponent}f}",
        "priceCurrency": session.fee_currency,
        "availability": f"https://schema.org/{'SoldOut' if session.is_full else 'InStock'}",
    }
    opens = session.rsvp_opens_at or session.published_at
    return offer | ({"validFrom": opens.isoformat(timespec="minutes")} if opens else {})
