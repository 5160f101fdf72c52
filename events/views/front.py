"""The front page, and the page of a series."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from events import joining
from events.models import OldSlug, Series
from events.pages import creed
from events.pages import front as pages
from events.views.kept import kept
from members.access import me
from members.models import Club, Member
from outbox.models import Suppression


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
@kept
def front(request: HttpRequest) -> HttpResponse:
    """The next morning, those after it, guests and books, and what this is."""
    now = timezone.now()
    mornings = pages.ahead(request.user, now=now)
    series = {morning.session.series_id: morning.session.series for morning in mornings}
    context = {
        "creed": creed.upright(Club.current().display_sentence),
        "next": mornings[0] if mornings else None,
        "later": mornings[1:],
        "guest_ahead": pages.guest_ahead(mornings),
        "rhythm": pages.rhythm(*series.values()) if len(series) == 1 else "",
        "several": len(series) > 1,
        "shelf": pages.shelf(request.user, now=now),
        "numbers": pages.numbers(request.user, now=now),
    }
    if isinstance(request.user, Member):
        context["mails_return"] = Suppression.objects.holds(request.user.email)
    return render(request, "events/front.html", context)


@require_safe
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """What a series is, when it meets next, who was there."""
    found = Series.objects.visible_to(request.user).select_related("venue").filter(slug=slug).first()
    if found is None:
        old = get_object_or_404(OldSlug.objects.select_related("series"), slug=slug)
        shown = get_object_or_404(Series.objects.visible_to(request.user), pk=old.series_id)
        return redirect(shown, permanent=True)
    now = timezone.now()
    mornings = pages.ahead(request.user, found, now=now)
    role, standing = found.standing_of(request.user) if isinstance(request.user, Member) else ("", False)
    context = {
        "series": found,
        "way": joining.way(found, request.user, now=now).value,
        "role": role,
        "standing": standing,
        "rhythm": pages.rhythm(found),
        "next": mornings[0] if mornings else None,
        "later": mornings[1:],
        "guest_ahead": pages.guest_ahead(mornings),
        "past": pages.behind(request.user, found, now=now),
        "shelf": pages.shelf(request.user, found, now=now),
        "numbers": pages.numbers(request.user, found, now=now),
    }
    return render(request, "events/series.html", context)


@require_POST
@login_required
def leaving(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a series. Its last owner hands it on first, and is told so."""
    member = me(request)
    found = get_object_or_404(Series.objects.visible_to(member), slug=slug)
    try:
        found.leave(member, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("You have left. Seats you have been given stay yours, and you can come back."))
    return redirect(found if Series.objects.visible_to(member).filter(pk=found.pk).exists() else "front")
