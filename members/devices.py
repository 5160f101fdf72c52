"""Where somebody is signed in: one row for each browser, which is also the session Django knows it by.

A table of its own instead of Django's, because that one does not say whose a session is: ending "all others" would
have to open each of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.prepared import Prepared, instant, text
from members import links

# In the session: what the browser is called, since when somebody is signed in there, and when they were here last, in
# seconds; written at most once an hour.
KEPT = "device"
HOUR = 60 * 60
# However often somebody comes, after so long they are asked who they are (docs/decisions/0040).
AT_MOST = timedelta(days=90)

MACHINES = ("iPhone", "iPad", "Android", "Windows", "Mac", "Linux")
# Later ones also name those before them.
BROWSERS = {"Safari/": "Safari", "Chrome/": "Chrome", "CriOS/": "Chrome", "Firefox/": "Firefox", "FxiOS/": "Firefox"}
BROWSERS |= {"Edg": "Edge", "SamsungBrowser/": "Samsung Internet", "Line/": "LINE"}


class Device(AbstractBaseSession):
    """One browser; of nobody until somebody signs in there."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(max_length=60, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore

    @property
    def code(self) -> str:
        """What stands for it in an address: the key itself opens the account."""
        return links.derive("device", self.session_key)[:10]


BY_KEY = Prepared(lambda: Device.objects.filter(session_key=text("key"), expire_date__gt=instant("now")))


class SessionStore(db.SessionStore):
    """Django's sessions in the database, with the columns by which they are found."""

    def _get_session_from_db(self) -> Device | None:
        """As Django does, at every page of somebody who is signed in."""
        row = BY_KEY.first(key=self.session_key, now=timezone.now())
        if row is None:
            self._session_key = None
        return row

    @classmethod
    def get_model_class(cls) -> type[Device]:
        return Device

    def create_model_instance(self, data: dict[str, Any]) -> Device:
        row = cast("Device", super().create_model_instance(data))
        kept = data.get(KEPT) or {}
        row.member_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.name = kept.get("name", "")
        row.seen_at = datetime.fromtimestamp(kept["seen"], UTC) if "seen" in kept else None
        if "since" in kept:
            row.expire_date = min(row.expire_date, datetime.fromtimestamp(kept["since"], UTC) + AT_MOST)
        return row


def called(agent: str) -> str:
    """What its owner would call a browser, from its User-Agent header: "iPhone · LINE". Empty for one nobody knows."""
    machine = next((name for name in MACHINES if name in agent), "")
    found = [name for mark, name in BROWSERS.items() if re.search(rf"\b{mark}", agent)]
    return " · ".join(word for word in (machine, found[-1] if found else "") if word)


def note_sign_in(request: HttpRequest, **_kwargs: Any) -> None:
    """Somebody has signed in here: for Django's own signal, which every way of signing in sends."""
    now = int(time.time())
    request.session[KEPT] = {"name": called(request.headers.get("User-Agent", "")), "since": now, "seen": now}


def note_seen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Remember when this browser was here last; costs one write in an hour, and pages without a session nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed and (kept := request.session.get(KEPT)) and kept["seen"] < time.time() - HOUR:
            now = int(time.time())
            request.session[KEPT] = {"since": now} | kept | {"seen": now}
        return response

    return middleware
