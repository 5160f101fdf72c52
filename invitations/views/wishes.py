"""Whom members would like to hear: proposing, supporting, and for hosts asking or letting it be."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events.models import Session
from invitations import letters
from invitations.forms import WishForm
from invitations.models import Wish
from invitations.models.wish import SHOWN_FROM
from invitations.views.guests import hosts_anything
from members.access import joined_required, me

UNPROCESSABLE = 422
SESSIONS_OFFERED = 12


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """The list, those most would like first; and one's own proposal."""
    form = WishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            Wish.propose(me(request), **form.cleaned_data, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Thank you. The hosts see it."))
            return redirect("wishes")
    hosting = hosts_anything(request.user)
    now = timezone.now()
    coming = letters.without_guest(Session.objects.of_series_hosted_by(request.user), now=now)
    context = {
        "form": form,
        "wishes": list(Wish.objects.open().with_support(me(request)).select_related("member", "invitation")),
        "shown_from": SHOWN_FROM,
        "hosting": hosting,
        "sessions": list(coming.select_related("series").order_by("starts_at")[:SESSIONS_OFFERED]) if hosting else [],
    }
    return render(request, "invitations/wishes.html", context, status=UNPROCESSABLE if form.errors else 200)


@joined_required
@require_POST
def wish_support(request: HttpRequest, code: str) -> HttpResponse:
    """I would like to hear them too; or no longer."""
    wish = get_object_or_404(Wish.objects.open(), code=code)
    wish.support(me(request), yes=request.POST.get("support") == "yes", now=timezone.now())
    return redirect(f"{redirect('wishes').url}#{code}")


@joined_required
@require_POST
def wish_removal(request: HttpRequest, code: str) -> HttpResponse:
    """Who proposed it takes it back; a host closes it."""
    open_ones = Wish.objects.open()
    mine = open_ones.filter(code=code, member=me(request)).first()
    if mine is not None and mine.invitation_id is None:
        mine.delete()
    elif hosts_anything(request.user):
        get_object_or_404(open_ones, code=code).close(now=timezone.now(), actor=me(request))
    else:
        raise Http404
    messages.success(request, _("It is off the list."))
    return redirect("wishes")
