"""The club in figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from archive import charts, forms
from archive.figures import figures as counted
from archive.overview import overview
from events.views.kept import kept


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
@kept
def figures(request: HttpRequest) -> HttpResponse:
    """All of it, or one series, one year."""
    now, asked = timezone.now(), forms.read(request.GET)
    wish = forms.Wish(series=asked.series, year=asked.year)
    seen = overview(request.user, wish, now=now)
    found = counted(request.user, wish, seen, now=now)
    drawn = {"charts": charts.charts(found), "trades": charts.bars(found)}
    return render(request, "archive/figures.html", {"wish": wish, "seen": seen, **drawn})
