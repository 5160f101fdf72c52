"""A series' tables to take along, for its hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from archive import exports, series_whole, spreadsheets
from events import calendars
from events.models import Series
from members.access import me
from members.models import Activity

Pieces = Callable[[Series], Iterable[str | bytes]]
WHOLE: dict[str, tuple[str, str, Pieces]] = {
    "whole": ("application/json", "json", series_whole.whole),
    "calendar": ("text/calendar; charset=utf-8", "ics", lambda series: [calendars.whole(series)]),
}


@login_required
@require_safe
def series_exports(request: HttpRequest, slug: str) -> HttpResponse:
    """What there is to take along."""
    return render(request, "archive/exports.html", {"series": _hosted(request, slug)})


@login_required
@require_POST
def series_export(request: HttpRequest, slug: str, kind: str) -> StreamingHttpResponse:
    """One table as CSV, or the whole series as JSON or a calendar. Who took it and when is noted: it holds names."""
    series = _hosted(request, slug)
    if kind not in {*exports.TABLES, *WHOLE}:
        raise Http404
    Activity.record(me(request), "series.export", f"series:{slug}", now=timezone.now(), table=kind)
    if kind in WHOLE:
        content_type, ending, pieces = WHOLE[kind]
        return spreadsheets.saved(f"{slug}.{ending}", pieces(series), content_type)
    head, rows = exports.TABLES[kind]
    return spreadsheets.response(f"{slug}-{kind}", spreadsheets.table(head, rows(series)))


def _hosted(request: HttpRequest, slug: str) -> Series:
    return get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
