"""Changing a session, alone or with all later ones: first what will happen and who will be mailed, then one tap.

What touches this session alone and tells nobody is done at once. A look that is out of date is shown anew, with what
was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from events import at_short_notice, concerned, editing
from events.foresight import Foreseen, Stale, carry_out, foresee
from events.forms.hosting import MoveForm, SessionForm
from events.models import Session
from events.pages import foreseen as pages
from events.views.hosting import OUT_OF_DATE, actor, hosted, is_out_of_date, posted

UNPROCESSABLE, CONFLICT = 422, 409


@login_required
@require_http_methods(["GET", "POST"])
def session_edit(request: HttpRequest, code: str) -> HttpResponse:
    """What is told about one session; the change may go to all later ones, field by field."""
    session, now = hosted(request, code), timezone.now()
    form = SessionForm(posted(request), instance=session)
    context: dict[str, Any] = {"form": form, "session": session, "later": _later(session, now=now)}
    if request.method != "POST" or not form.is_valid():
        return render(request, "events/session_form.html", context, status=UNPROCESSABLE if form.errors else 200)
    later_too, publishes = _goes_to_later(request, session), "publish" in request.POST
    # As the row would have them: browsers send other ends of lines.
    values = {name: getattr(form.instance, name) for name in form.cleaned_data}
    changed = {name for name, value in values.items() if value != form.initial.get(name)}
    told: dict[str, Any] = {"changed": changed, "later_too": later_too, "now": now, "actor": actor(request)}

    def act() -> None:
        fresh = hosted(request, code)
        editing.edit(fresh, values, **told)
        if publishes:
            fresh.publish(now=now, actor=actor(request))

    done, shown = _decide(request, session, act)
    if done is None:
        context |= _look(shown, session, request) | {"publishes": publishes, "scope": request.POST.get("scope")}
        return render(request, "events/session_form.html", context, status=context["status"])
    later = sum(change.session.pk != session.pk for change in done.changes)
    messages.success(request, _("Published. Members can answer now.") if publishes else _saved(later))
    return redirect("session", code)


@login_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Another time or place; says beforehand how many will be told. Hour and place may go to all later ones."""
    session, now = hosted(request, code), timezone.now()
    start = session.local_start
    form = MoveForm(posted(request), initial={"on": start.date(), "at": start.time(), "venue": session.venue})
    later_too = _goes_to_later(request, session)
    context: dict[str, Any] = {
        "session": session,
        "form": form,
        "concerned": len(concerned.people(session)),
        "is_near": at_short_notice.is_near(session, now=now),
        "shifts": at_short_notice.shifts(session, now=now),
        "later": _later(session, now=now),
        "scope": request.POST.get("scope"),
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "events/move_form.html", context, status=UNPROCESSABLE if form.errors else 200)
    if is_out_of_date(request, session):
        form.add_error(None, OUT_OF_DATE)
        return render(request, "events/move_form.html", context, status=CONFLICT)
    at, venue = form.starts_at(session.zone), form.cleaned_data["venue"]
    told: dict[str, Any] = {"later_too": later_too, "now": now, "actor": actor(request)}

    def act() -> None:
        editing.move(hosted(request, code), at, venue, **told)

    shown = None
    try:
        if later_too:
            _done, shown = _decide(request, session, act)
        else:
            act()
    except ValidationError as error:
        form.add_error("on", error)
        return render(request, "events/move_form.html", context, status=UNPROCESSABLE)
    if shown is not None:
        context |= _look(shown, session, request)
        return render(request, "events/move_form.html", context, status=context["status"])
    messages.success(request, _("Moved. Everybody concerned is told once, and calendars follow."))
    return redirect("session", code)


def _goes_to_later(request: HttpRequest, session: Session) -> bool:
    return request.POST.get("scope") == "later" and session.recurrence_id is not None


def _later(session: Session, *, now: datetime) -> list[Session]:
    """The later ones, for a session of the rule; one outside it speaks for itself alone."""
    return editing.later_ones(session, now=now) if session.recurrence_id else []


def _decide(request: HttpRequest, session: Session, act: Callable[[], None]) -> tuple[Foreseen | None, Foreseen | None]:
    """Done and what was done, or not done and what would be."""
    seen = request.POST.get("seen", "")
    if not seen:
        shown = foresee(session.series, act)
        others = [change for change in shown.changes if change.session.pk != session.pk]
        if others or shown.to_come or shown.mails:
            return None, shown
        seen = shown.mark
    try:
        return carry_out(session.series, act, seen=seen), None
    except Stale as stale:
        return None, stale.now


def _look(shown: Foreseen | None, session: Session, request: HttpRequest) -> dict[str, Any]:
    stale = "seen" in request.POST
    found = pages.preview(shown, session.series) if shown else None
    return {"preview": found, "stale": stale, "status": CONFLICT if stale else 200}


def _saved(later: int) -> str:
    if not later:
        return _("Saved.")
    return ngettext("Saved, here and in %(n)d later one.", "Saved, here and in %(n)d later ones.", later) % {"n": later}
