"""What connpass and Doorkeeper hand out at their own addresses, for a club that has a key there.

Hosts come from the settings and from nowhere else, and time, pages and bytes have an end (config/outside.py). What
comes is believed as little as a file somebody uploads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _t

from archive.importing.sources import MOST_BYTES, Kind
from config import outside

# For a page, and for all of them: a worker's turn is a minute.
SECONDS, ALL_SECONDS = 10.0, 40.0
# connpass wants no more than one question a second.
MOST_PAGES, PAUSE = 30, 1.0
ACCEPTED = "application/json"


class NotFetched(Exception):  # noqa: N818 - said of a service
    """The service did not hand it out, in words for the host."""


@dataclass(frozen=True)
class Service:
    """Where one asks, how a page of one group's events is named, and what is sent along."""

    address: str
    page: Callable[[str, int], str]
    headers: dict[str, str]
    # A page with fewer events is the last one.
    events: int


def services() -> dict[str, Service]:
    """Those for which the operator has given a key, by kind."""
    found: dict[str, Service] = {}
    if settings.CONNPASS_KEY:
        found[Kind.CONNPASS] = Service(settings.CONNPASS_URL, _connpass, {"X-API-Key": settings.CONNPASS_KEY}, 100)
    if settings.DOORKEEPER_TOKEN:
        bearer = {"Authorization": f"Bearer {settings.DOORKEEPER_TOKEN}"}
        found[Kind.DOORKEEPER] = Service(settings.DOORKEEPER_URL, _doorkeeper, bearer, 1)
    return found


def fetch(kind: str, group: str) -> bytes:
    """All events of a group as one JSON file, as if somebody had saved it. Raises `NotFetched`."""
    service = services().get(kind)
    if service is None:
        raise NotFetched(_t("There is no key for this service any more."))
    events: list[Any] = []
    size, end = 0, time.monotonic() + ALL_SECONDS
    for number in range(MOST_PAGES):
        if number:
            time.sleep(PAUSE)
        if time.monotonic() > end:
            raise NotFetched(_t("The service does not answer. Please try again later."))
        body = _page(service, service.page(group, number))
        size += len(body)
        if size > MOST_BYTES:
            raise NotFetched(_t("The service hands out too much at once."))
        more = _events(body)
        events += more
        if len(more) < service.events:
            break
    return json.dumps({"events": events} if kind == Kind.CONNPASS else events).encode()


def _connpass(group: str, number: int) -> str:
    return f"/api/v2/events/?subdomain={quote(group, safe='')}&order=2&count=100&start={number * 100 + 1}"


def _doorkeeper(group: str, number: int) -> str:
    return f"/groups/{quote(group, safe='')}/events?since=2000-01-01&sort=starts_at&page={number + 1}"


def _events(body: bytes) -> list[Any]:
    try:
        answer = json.loads(body)
        events = answer["events"] if isinstance(answer, dict) else answer
    except (ValueError, RecursionError, KeyError):
        events = None
    if not isinstance(events, list):
        raise NotFetched(_t("The service answers with something else than events."))
    return events


def _page(service: Service, path: str) -> bytes:
    """The body of a 200. Anything else, a redirect too, is no answer."""
    headers = {"Accept": ACCEPTED, **service.headers}
    try:
        url = service.address.rstrip("/") + path
        answer = outside.ask(url, headers=headers, seconds=SECONDS, at_most=MOST_BYTES)
    except outside.Unanswered as trouble:
        raise NotFetched(_t("The service does not answer. Please try again later.")) from trouble
    if answer.status != HTTPStatus.OK:
        raise NotFetched(_t("The service refuses (%(status)d). Is the group's name right?") % {"status": answer.status})
    return answer.body
