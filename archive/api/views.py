"""The addresses of the API. Each loads through what the one who asks may see."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from archive.api import shapes
from archive.api.answers import Asking, By, Problem, api, page
from archive.api.document import DAYS, SLUGS, document
from archive.api.tokens import Scope
from events.models import Attendance, Rsvp, Series, Session
from events.recurrence import localise
from invitations.views.guests import seen_by

BY_NAME, LATEST, LATEST_ANSWERED = By("slug"), By("code", "starts_at"), By("session__code", "session__starts_at")
DAY, SLUG = re.compile(DAYS, re.ASCII), re.compile(SLUGS, re.ASCII)


@api
def description(_request: HttpRequest, _asking: Asking) -> dict[str, Any]:
    """OpenAPI."""
    return document()


@api
def nothing(_request: HttpRequest, _asking: Asking, rest: str = "") -> dict[str, Any]:
    """An address that is none."""
    raise Problem(404, f"There is nothing at {rest[:100]!r}.")


@api
def all_series(request: HttpRequest, asking: Asking) -> dict[str, Any]:
    return page(request, Series.objects.visible_to(asking.viewer), shapes.series, BY_NAME)


@api
def one_series(_request: HttpRequest, asking: Asking, slug: str) -> dict[str, Any]:
    row = get_object_or_404(Series.objects.visible_to(asking.viewer), slug=slug)
    return next(shapes.series([row]))


@api
def sessions(request: HttpRequest, asking: Asking) -> dict[str, Any]:
    """Announced ones, the latest first; `?series=`, `?from=` and `?until=` narrow."""
    rows = Session.objects.visible_to(asking.viewer).published()
    return page(request, _narrowed(request, rows), shapes.sessions, LATEST)


@api
def one_session(_request: HttpRequest, asking: Asking, code: str) -> dict[str, Any]:
    rows = Session.objects.visible_to(asking.viewer).published().select_related("series", "venue")
    return next(shapes.sessions([get_object_or_404(rows, code=code)]))


@api
def one_guest(_request: HttpRequest, asking: Asking, code: str) -> dict[str, Any]:
    return shapes.guest(get_object_or_404(seen_by(asking.viewer).prefetch_related("books"), code=code))


@api
def my_answers(request: HttpRequest, asking: Asking) -> dict[str, Any]:
    """What I answered, the latest morning first."""
    rows = Rsvp.objects.filter(member=asking.member(Scope.MINE)).select_related("session")
    return page(request, rows, shapes.answers, LATEST_ANSWERED)


@api
def my_attendances(request: HttpRequest, asking: Asking) -> dict[str, Any]:
    """Where I was, the latest first; a roster still open says nothing yet."""
    rows = Attendance.objects.filter(member=asking.member(Scope.MINE), session__roster_closed_at__isnull=False)
    return page(request, rows.select_related("session"), shapes.attendances, LATEST_ANSWERED)


@api
def hosted_sessions(request: HttpRequest, asking: Asking) -> dict[str, Any]:
    """Sessions of the series I host, drafts too."""
    rows = Session.objects.hosted_by(asking.member(Scope.HOSTING))
    return page(request, shapes.for_hosts(_narrowed(request, rows)), shapes.hosted, LATEST)


def _narrowed(request: HttpRequest, rows: QuerySet[Session]) -> QuerySet[Session]:
    if (slug := request.GET.get("series")) is not None:
        if not SLUG.fullmatch(slug):
            raise Problem(400, "series must be the slug of a series.")
        rows = rows.filter(series__slug=slug)
    if (first := _day(request, "from")) is not None:
        rows = rows.filter(starts_at__gte=first)
    if (last := _day(request, "until")) is not None:
        rows = rows.filter(starts_at__lt=last + timedelta(days=1))
    return rows.select_related("series", "venue")


def _day(request: HttpRequest, name: str) -> datetime | None:
    """The beginning of a day in UTC."""
    typed = request.GET.get(name)
    if typed is None:
        return None
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").date() if DAY.fullmatch(typed) else None  # noqa: DTZ007 - a day
    except ValueError:
        day = None
    if day is None:
        raise Problem(400, f"{name} must be a day as 2026-11-26.")
    return localise(day, time(), "UTC")
