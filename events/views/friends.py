"""What a friend sees from the mail: the morning, on whose word, and where the mails are stopped."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from events.links import FRIEND
from events.models import Companion
from members import links
from members.access import private


@require_http_methods(["GET", "HEAD", "POST"])
def friend(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows, POST takes the address away: nothing is sent to it any more."""
    try:
        found = links.read(FRIEND, token, now=timezone.now())
    except links.BadLink as error:
        raise Http404 from error
    still = Companion.objects.filter(rsvp__session__ends_at__gt=timezone.now() - timedelta(days=1))
    friend = still.select_related("rsvp__member", "rsvp__session__series").filter(pk=found["f"]).first()
    if request.method == "POST":
        Companion.objects.filter(pk=found["f"]).update(email="")
        return private(redirect("friend", token))
    session = friend.rsvp.session if friend else None
    return private(render(request, "events/friend.html", {"friend": friend, "session": session}))
