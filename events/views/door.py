"""The door: who came. For whoever stands at it, on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events import roster as rules
from events.forms import door as forms
from events.models import Series, Session
from events.pages import morning
from events.told import by_place
from members.access import me

CONFLICT, UNPROCESSABLE = 409, 422


@login_required
@require_safe
def roster(request: HttpRequest, code: str) -> HttpResponse:
    """The list: to be closed in one tap, or as it was closed."""
    return _page(request, _session(request, code))


@login_required
@require_POST
def closing(request: HttpRequest, code: str) -> HttpResponse:
    """All came but those ticked, and those written down came too."""
    session = _session(request, code)
    others = forms.posted(request.POST)
    absent, excused = set(request.POST.getlist("absent")), set(request.POST.getlist("excused"))
    typed: dict[str, Any] = {"others": others, "absent": absent, "excused": excused}
    if not all([form.is_valid() for form in others]):  # noqa: C419 - each shows what is wrong with it
        return _page(request, session, status=UNPROCESSABLE, **typed)
    try:
        marks: dict[str, Any] = {"absent": absent, "excused": excused, "walk_ins": forms.named(others)}
        rules.close(session, **marks, now=timezone.now(), actor=me(request))
    except rules.RosterError as error:
        return _page(request, session, status=CONFLICT, **typed, refusal=str(error.message))
    messages.success(request, _("The list is closed. Thank you."))
    return redirect("roster", code)


@login_required
@require_POST
def excuse(request: HttpRequest, code: str) -> HttpResponse:
    """Who did not come had a reason: trains, illness. Or had none after all."""
    session = _session(request, code)
    excused = request.POST.get("excused") == "yes"
    rules.excuse(session, request.POST.get("key", ""), excused=excused, now=timezone.now(), actor=me(request))
    return redirect("roster", code)


@login_required
@require_POST
def reopening(request: HttpRequest, code: str) -> HttpResponse:
    """Undo, for a host."""
    session = get_object_or_404(Session.objects.hosted_by(request.user), code=code)
    try:
        rules.reopen(session, now=timezone.now(), actor=me(request))
    except rules.RosterError as error:
        return _page(request, _session(request, code), status=CONFLICT, refusal=str(error.message))
    return redirect("roster", code)


def _session(request: HttpRequest, code: str) -> Session:
    hosting = Series.objects.hosted_by(request.user).filter(pk=OuterRef("series"))
    doors = (
        Session.objects.door_of(request.user, now=timezone.now())
        .select_related("series")
        .annotate(hosting=Exists(hosting))
    )
    return get_object_or_404(doors, code=code)


def _page(
    request: HttpRequest,
    session: Session,
    *,
    status: int = 200,
    others: Sequence[forms.WalkInForm] = (),
    absent: set[str] | None = None,
    excused: set[str] | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The page, also as the answer to something that could not be done: what was ticked and typed stays."""
    now = timezone.now()
    places = rules.places(session)
    told = by_place(session, now=now)
    places = [replace(place, told=told.get(place.key)) for place in places]
    is_host = session.hosting  # type: ignore[attr-defined]
    if is_host:
        places = rules.with_missed(places, session, now=now)
    if absent is None:
        absent = {place.key for place in places if place.is_absent}
        excused = {place.key for place in places if place.is_excused}
    if session.roster_closed_at is None:
        others = others or forms.offered(rules.walk_ins(session))
    context = {
        "session": session,
        "here": [place for place in places if place.key not in absent],
        "places": places,
        "diets": [one for one in told.values() if one.diet],
        "gone": morning.gone(session) if session.roster_closed_at is None else (),
        "absent": absent,
        "excused": excused,
        "others": others,
        "refusal": refusal,
        "has_begun": now >= session.starts_at,
        "can_undo": is_host and session.roster_final_at is None,
    }
    return render(request, "events/roster.html", context, status=status)
