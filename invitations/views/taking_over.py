"""Whose morning it is, with what was promised to its guests and told to the restaurant; one tap takes it over."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events import hosts, restaurant, restaurant_words
from events.models import Session
from invitations import letters, taking_over
from members.access import me

CONFLICT = 409


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_host(request: HttpRequest, code: str) -> HttpResponse:
    """What whoever hosts this morning must know; with a tap it is the reader's."""
    sessions = Session.objects.hosted_by(request.user).select_related("series", "venue", "led_by")
    session = get_object_or_404(sessions, code=code)
    now, refusal = timezone.now(), ""
    if request.method == "POST":
        try:
            taking_over.take_over(session, me(request), now=now)
        except ValidationError as error:
            refusal = error.messages[0]
        else:
            messages.success(request, _("This morning is yours. Whose it was is told by one mail."))
            return redirect("session_host", code)
    promised = taking_over.promised(session)
    leaders = hosts.leaders(session)
    standing = restaurant.standings([session])[session.pk]
    known = restaurant_words.difference(standing.last, standing.order) if standing.last else ""
    context = {
        "session": session,
        "told": standing.last,
        "covers": standing.order.number,
        "since": known if standing.last and not standing.is_known else "",
        "leaders": leaders,
        "is_mine": [one.pk for one in leaders] == [me(request).pk],
        "is_over": session.is_over(now),
        "promised": [(one, letters.compose(one, now=now)) for one in promised],
        "refusal": refusal,
    }
    return render(request, "invitations/host.html", context, status=CONFLICT if refusal else 200)
