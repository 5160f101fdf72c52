"""The record of a series: who did what, and when. For its hosts."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from archive import activity
from events.models import Series
from members.access import me

DIGITS = 18


@login_required
@require_safe
def series_activity(request: HttpRequest, slug: str) -> HttpResponse:
    """The latest first, page by page."""
    series = get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < DIGITS else None
    done = activity.of_series(series, me(request), before=before)
    older = done[-1].pk if len(done) == activity.PER_PAGE else None
    return render(request, "archive/activity.html", {"series": series, "done": done, "older": older})
