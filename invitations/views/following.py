"""Following an author: an address is typed, the mail asks whether it is its owner's, a link begins and stops it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from invitations.following import PURPOSE
from invitations.guest_forms import FollowForm
from invitations.models import Follower
from invitations.views.guests import seen_by
from members import links

UNPROCESSABLE = 422


@require_POST
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """The same answer for every address, whether it follows already or not."""
    speaker = get_object_or_404(seen_by(request.user), code=code)
    form = FollowForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "speaker": speaker}
        return render(request, "speakers/follow.html", context, status=UNPROCESSABLE)
    language = get_language() or "ja"
    Follower.objects.ask(speaker, form.cleaned_data["email"], language=language, now=timezone.now())
    messages.success(request, _("Please look into your mailbox: a link there begins it."))
    return redirect("speaker", code)


# Without a CSRF token: who knows the link may act, and looking sets no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def following(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows, POST acts."""
    try:
        payload = links.read(PURPOSE, token, now=timezone.now())
    except links.BadLink as error:
        raise Http404 from error
    found = Follower.objects.select_related("speaker").filter(pk=payload["follower"]).first()
    if request.method == "POST" and found is not None:
        if request.POST.get("stop"):
            found.stop()
            found = None
        else:
            found.confirm(now=timezone.now())
            found.refresh_from_db()
    response = render(request, "speakers/following.html", {"follower": found})
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
