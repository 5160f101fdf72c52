"""What other services hand out as JSON: connpass (API v1 and v2), Doorkeeper, and a series of another Asakai."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.utils.translation import gettext as _t

from archive.importing.rows import Refused, Unreadable

Typed = dict[str, Any]
FORMAT = "asakai series 1"


def events(file: IO[bytes]) -> list[Any]:
    """The events of an answer of either service, as it came. Raises `Unreadable`."""
    try:
        answer = json.loads(file.read().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(_t("This is no JSON: %(error)s") % {"error": error}) from None
    found = (answer.get("events") or answer.get("sessions")) if isinstance(answer, dict) else answer
    if not isinstance(found, list):
        raise Unreadable(_t("There are no events in this file."))
    return found


def connpass(file: IO[bytes]) -> Iterator[tuple[int, Typed | Refused]]:
    """Events of connpass; v1 calls `id` and `url` event_id and event_url."""
    for number, event in enumerate(events(file), start=1):
        yield number, _connpass(event) if isinstance(event, dict) else Refused(_t("not a JSON object"))


def doorkeeper(file: IO[bytes]) -> Iterator[tuple[int, Typed | Refused]]:
    """Events of Doorkeeper, each perhaps in an object of its own."""
    for number, entry in enumerate(events(file), start=1):
        event = entry.get("event", entry) if isinstance(entry, dict) else None
        yield number, _doorkeeper(event) if isinstance(event, dict) else Refused(_t("not a JSON object"))


def series(file: IO[bytes]) -> Iterator[tuple[int, Typed | Refused]]:
    """The talks of a series as `archive.series_whole` writes it; a session without one is a talk itself."""
    number = 0
    for session in events(file):
        if not isinstance(session, dict) or session.get("is_cancelled"):
            number += 1
            yield number, Refused(_t("it was called off") if isinstance(session, dict) else _t("not a JSON object"))
            continue
        place, talks = session.get("place"), session.get("talks")
        whole = {"title": session.get("title"), "abstract": session.get("summary"), "language": session.get("language")}
        for position, talk in enumerate(talks if isinstance(talks, list) and talks else [whole]):
            number += 1
            told = talk if isinstance(talk, dict) else {}
            yield (
                number,
                {
                    "id": f"asakai:{session.get('code')}:{position}",
                    "title": told.get("title"),
                    "description": told.get("abstract"),
                    "language": told.get("language"),
                    "speakers": [one.get("name") for one in _guests(told)],
                    "readings": [[one.get(name) for name in ("name", "yomi", "romaji")] for one in _guests(told)],
                    "talk_minutes": told.get("minutes"),
                    "morning": session.get("title") if told is not whole else "",
                    "tags": told.get("tags"),
                    "recording": told.get("recordings"),
                    "held_on": session.get("local_start"),
                    "minutes": session.get("minutes"),
                    "number": session.get("number"),
                    "place": place.get("name") if isinstance(place, dict) else None,
                },
            )


def _guests(told: Typed) -> list[Typed]:
    found = told.get("guests")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _connpass(event: Typed) -> Typed | Refused:
    if event.get("open_status") == "cancelled":
        return Refused(_t("it was called off"))
    own = event.get("id", event.get("event_id"))
    tag = event.get("hash_tag")
    return {
        "id": f"connpass:{own}" if own else None,
        "title": event.get("title"),
        "description": _joined(
            event.get("catch"), event.get("description"), event.get("url") or event.get("event_url")
        ),
        "held_on": event.get("started_at"),
        "minutes": _minutes(event.get("started_at"), event.get("ended_at")),
        "place": event.get("place") or event.get("address"),
        "tags": [tag] if isinstance(tag, str) and tag else [],
    }


def _doorkeeper(event: Typed) -> Typed:
    own = event.get("id")
    return {
        "id": f"doorkeeper:{own}" if own else None,
        "title": event.get("title"),
        "description": _joined(event.get("description"), event.get("public_url")),
        "held_on": event.get("starts_at"),
        "minutes": _minutes(event.get("starts_at"), event.get("ends_at")),
        "place": event.get("venue_name") or event.get("address"),
    }


def _joined(*parts: Any) -> str:
    """In paragraphs; HTML is made plain where a row is read."""
    return "\n\n".join(part for part in parts if isinstance(part, str) and part.strip())


def _minutes(begins: Any, ends: Any) -> int | None:
    """How long it lasts, where both ends are ISO 8601 and that is less than a day."""
    try:
        length = datetime.fromisoformat(ends) - datetime.fromisoformat(begins)
    except (TypeError, ValueError):
        return None
    minutes = int(length.total_seconds() // 60)
    return minutes if 0 < minutes <= 1440 else None
