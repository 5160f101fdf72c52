"""The table plan, for the hosts of a session, on screen and on paper."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from events.models import Session
from introductions import seating, table_pages
from members.access import me

UNPROCESSABLE, CONFLICT = 422, 409


class MoveForm(forms.Form):
    """Who, and to which table; 0 is wherever it fits best."""

    who = forms.CharField(max_length=20)
    table = forms.IntegerField(min_value=0, max_value=100)


@login_required
@require_safe
def tables(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody at their table; `?who=` names the one about to be moved."""
    return _page(request, _session(request, code))


@login_required
@require_safe
def tables_screen(request: HttpRequest, code: str) -> HttpResponse:
    """Who sits where, for a big screen at the door: names and numbers alone."""
    session = _session(request, code)
    return render(request, "introductions/tables_screen.html", {"session": session, "page": table_pages.page(session)})


@login_required
@require_POST
def table_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Plan: most keep their table, or with `anew` everybody is seated anew."""
    session = _session(request, code)
    seating.plan(session, now=timezone.now(), actor=me(request), anew="anew" in request.POST)
    return redirect("tables", code)


@login_required
@require_POST
def table_seat(request: HttpRequest, code: str) -> HttpResponse:
    """Move one person, with those who come along."""
    session, form = _session(request, code), MoveForm(request.POST)
    if not form.is_valid():
        return _page(request, session, status=UNPROCESSABLE)
    try:
        seating.move(
            session, form.cleaned_data["who"], form.cleaned_data["table"], now=timezone.now(), actor=me(request)
        )
    except seating.TableError as error:
        return _page(request, session, status=CONFLICT, refusal=str(error.message))
    return redirect("tables", code)


def _session(request: HttpRequest, code: str) -> Session:
    return get_object_or_404(Session.objects.hosted_by(request.user).select_related("series"), code=code)


def _page(request: HttpRequest, session: Session, *, status: int = 200, refusal: str = "") -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {
        "session": session,
        "page": table_pages.page(session),
        "who": asked.get("who", ""),
        "to": asked.get("table", ""),
        "refusal": refusal,
    }
    return render(request, "introductions/tables.html", context, status=status)
