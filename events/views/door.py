"""The door: who is here, one tap a person. For whoever stands at it, on a phone, also while the line is down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import becoming, check_in
from events import roster as rules
from events.forms.door import TapForm, WalkInForm
from events.models import Session
from events.pages import at_door, morning
from events.told import by_place
from members import portraits
from members.access import me

CONFLICT, UNPROCESSABLE = 409, 422


@login_required
@require_safe
def roster(request: HttpRequest, code: str) -> HttpResponse:
    """The list: to be ticked off, or as it was closed."""
    return _page(request, _session(request, code))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def marks(request: HttpRequest, code: str) -> HttpResponse:
    """Who is here by now, for the other phone at the door; POST is one tap."""
    session = _session(request, code)
    if request.method != "POST":
        return JsonResponse(check_in.state(session))
    form, now = TapForm(request.POST), timezone.now()
    if not form.is_valid():
        return _refused(request, session, _("Please tap once more."), UNPROCESSABLE)
    tapped = form.cleaned_data
    key = tapped["here"] or tapped["gone"]
    try:
        named = {"tap": tapped["tap"], "at": form.made_at(now), "now": now, "actor": me(request)}
        check_in.mark(session, key, here=bool(tapped["here"]), **named)
    except rules.RosterError as error:
        return _refused(request, session, str(error.message), CONFLICT)
    return _done(request, session, f"#{key}")


@login_required
@require_POST
def walk_ins(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody came without a seat."""
    session, form = _session(request, code), WalkInForm(request.POST)
    if not form.is_valid():
        said = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _refused(request, session, said, UNPROCESSABLE, walk_in_form=form)
    typed = form.cleaned_data
    try:
        check_in.walk_in(session, typed.pop("name"), **typed, now=timezone.now(), actor=me(request))
    except rules.RosterError as error:
        return _refused(request, session, str(error.message), CONFLICT, walk_in_form=form)
    return _done(request, session, "#walk-ins")


@login_required
@require_POST
def closing(request: HttpRequest, code: str) -> HttpResponse:
    """All came but those ticked."""
    session = _session(request, code)
    absent, excused = set(request.POST.getlist("absent")), set(request.POST.getlist("excused"))
    try:
        rules.close(session, absent=absent, excused=excused, now=timezone.now(), actor=me(request))
    except rules.RosterError as error:
        said = str(error.message)
        return _page(request, session, status=CONFLICT, absent=absent, excused=excused, refusal=said)
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
    """With `hosting`, and `hosts_series`: who proposed a gathering hosts it, and hears nothing of other mornings."""
    hosting = Session.objects.hosted_by(request.user).filter(pk=OuterRef("pk"))
    doors = (
        Session.objects.door_of(request.user, now=timezone.now())
        .select_related("series")
        .annotate(hosting=Exists(hosting))
        .saying_whether_of_series(request.user)
    )
    return get_object_or_404(doors, code=code)


def _asks_for_state(request: HttpRequest) -> bool:
    """Whether js/door.js asks, which needs no page."""
    return request.headers.get("Accept") == "application/json"


def _done(request: HttpRequest, session: Session, anchor: str) -> HttpResponse:
    if _asks_for_state(request):
        return JsonResponse(check_in.state(session))
    response = redirect("roster", session.code)
    response["Location"] += anchor
    return response


def _refused(request: HttpRequest, session: Session, said: str, status: int, **typed: Any) -> HttpResponse:
    if _asks_for_state(request):
        return JsonResponse({"error": said, **check_in.state(session)}, status=status)
    return _page(request, session, status=status, refusal="" if typed and status == UNPROCESSABLE else said, **typed)


def _page(
    request: HttpRequest,
    session: Session,
    *,
    status: int = 200,
    absent: set[str] | None = None,
    excused: set[str] | None = None,
    walk_in_form: WalkInForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The page, also as the answer to something that could not be done: what was ticked and typed stays."""
    now, query = timezone.now(), request.GET.get("q", "").strip()[:80]
    told = by_place(session, now=now)
    places = [replace(place, told=told.get(place.key)) for place in rules.places(session)]
    portraits.show(me(request), (place.row.member for place in places))
    is_host, is_open = session.hosting, session.roster_closed_at is None  # type: ignore[attr-defined]
    if session.hosts_series:  # type: ignore[attr-defined]
        places = rules.with_missed(places, session, now=now)
    here = [place for place in places if place.is_here]
    if absent is None:
        # As soon as somebody was marked, who was not is taken as absent until somebody says otherwise.
        absent = {place.key for place in places if place.is_absent or (here and not place.is_here)}
        excused = {place.key for place in places if place.is_excused}
    closes_at = check_in.closes_when_left(session, places, now=now) if is_open else None
    context = {
        "session": session,
        "here": here,
        "places": places,
        "shown": [place for place in places if not query or place.is_found(query)],
        "query": query,
        "invited": at_door.invited(session),
        "diets": [one for one in told.values() if one.diet],
        "gone": morning.gone(session) if is_open else (),
        "absent": absent,
        "excused": excused,
        "walk_in_form": walk_in_form or WalkInForm(),
        "refusal": refusal,
        "is_on": now >= session.starts_at - check_in.FROM,
        "closes_at": closes_at,
        "closes_today": closes_at is not None and closes_at.date() == now.astimezone(session.zone).date(),
        "has_begun": now >= session.starts_at,
        "can_undo": is_host and session.roster_final_at is None,
        "suggested": becoming.suggested(places, me(request)) if is_host and not is_open else {},
    }
    return render(request, "events/roster.html", context, status=status)
