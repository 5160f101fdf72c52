"""The past: to browse and to search."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from archive import finding, forms, listing, suggesting
from archive.overview import overview
from events.views.kept import kept


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
@kept
def archive(request: HttpRequest) -> HttpResponse:
    """All past sessions, or those in which something was found; and the club in figures."""
    now, wish = timezone.now(), forms.read(request.GET)
    seen = overview(request.user, wish, now=now)
    several = bool(seen.series) and not wish.series
    if wish.asks:
        results = finding.find(request.user, wish, several=several, now=now)
        shown = results.listing
    else:
        results = None
        shown = listing.browse(request.user, wish, total=seen.mornings, several=several, now=now)
    nothing = results is not None and not (
        results.mornings or results.asks_nothing or results.thinned or wish.is_narrow
    )
    meant = suggesting.nearest(request.user, wish.text) if nothing else ""
    places = [(place.value, word, place is wish.place) for place, word in forms.WORDS.items()]
    context = {"wish": wish, "seen": seen, "results": results, "listing": shown, "places": places, "meant": meant}
    return render(request, "archive/archive.html", context)


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
@kept
def suggestions(request: HttpRequest) -> HttpResponse:
    """Names and titles that begin like what is being typed, as the options of the search field."""
    wish = forms.read(request.GET)
    return render(request, "archive/suggestions.html", {"found": suggesting.beginnings(request.user, wish)})


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
@kept
def guest_suggestions(request: HttpRequest) -> HttpResponse:
    """Guests called like what is being typed into the field for a guest."""
    wish = forms.read(request.GET)
    named = replace(wish, text=wish.guest, guest="", place=forms.Place.GUESTS)
    return render(request, "archive/suggestions.html", {"found": suggesting.beginnings(request.user, named)})
