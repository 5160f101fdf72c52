"""This morning: one page in the station, and "I am late"."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from events import this_morning
from events.forms.morning import LateForm
from events.models import Rsvp
from events.pages import morning as pages
from members.access import me

UNPROCESSABLE = 422


@login_required
@require_safe
def morning(request: HttpRequest, code: str) -> HttpResponse:
    """The page, from the evening before until the end; at any other time the session's own."""
    return _page(request, code)


@login_required
@require_POST
def lateness(request: HttpRequest, code: str) -> HttpResponse:
    """So many minutes late, or on time after all; for whoever has a seat, as long as the page is on."""
    now = timezone.now()
    seated = Rsvp.objects.seated().filter(member=me(request)).select_related("session")
    rsvp = get_object_or_404(seated, session__code=code)
    form = LateForm(request.POST)
    if not form.is_valid():
        return _page(request, code, form=form, status=UNPROCESSABLE)
    if this_morning.is_on(rsvp.session, now=now):
        rsvp.tell_late(form.cleaned_data["minutes"], now=now)
    return redirect("morning", code)


def _page(request: HttpRequest, code: str, *, form: LateForm | None = None, status: int = 200) -> HttpResponse:
    now = timezone.now()
    session = get_object_or_404(pages.of(me(request), now=now), code=code)
    if not this_morning.is_on(session, now=now):
        return redirect(session)
    page = pages.page(session, me(request), now=now)
    context = {"page": page, "session": session, "form": form, "now": now.astimezone(session.zone)}
    return render(request, "events/morning.html", context, status=status)
