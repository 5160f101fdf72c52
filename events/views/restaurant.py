"""For the restaurant: what to say, on the telephone or on paper, and what was said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from events import dates, restaurant, restaurant_sheet
from events import restaurant_words as words
from events.forms.restaurant import CallForm, OthersForm, sealed
from events.models import RestaurantCall, Session
from events.pages.front import label
from events.restaurant import Order
from events.templatetags.sessions import session_when
from events.views.hosting import hosted, posted
from members.access import me
from members.models import Member
from members.names import surname


@login_required
@require_http_methods(["GET", "POST"])
def call(request: HttpRequest, code: str) -> HttpResponse:
    """What to say, in Japanese and in English; one tap keeps that it was said."""
    session = hosted(request, code)
    form = CallForm(posted(request))
    if request.method == "POST" and form.is_valid():
        said: Order = form.cleaned_data["said"]
        told = {"number": said.number, "others": said.others, "diets": dict(said.diets), "to": form.cleaned_data["to"]}
        RestaurantCall.note(session, **told, now=timezone.now(), actor=me(request))
        messages.success(request, _("Kept. The desk says when it is no longer so."))
        return redirect("restaurant", code)
    context = _said(request, session) | {"form": form}
    return render(request, "events/restaurant.html", context, status=422 if form.errors else 200)


def _said(request: HttpRequest, session: Session) -> dict[str, Any]:
    order, standing, others = _order(request, session)
    said = {}
    for language in ("ja", "en"):
        with translation.override(language):
            caller = _called(me(request))
            said[language] = words.text(words.sentences(session, order, standing.last, caller=caller))
    first, second = ("ja", "en") if session.series.language == "ja" else ("en", "ja")
    return {
        "session": session,
        "order": order,
        "said": [(first, said[first]), (second, said[second])],
        "sealed": sealed(order),
        "others": others,
        "last": standing.last,
        "since": words.difference(standing.last, order) if standing.last and not standing.is_known else "",
        "calls": session.restaurant_calls.select_related("caller"),
        "diets": words.what_is_not_eaten(dict(order.diets)),
    }


def _order(request: HttpRequest, session: Session) -> tuple[Order, restaurant.Standing, OthersForm]:
    """The order, with as many others as the address says."""
    standing = restaurant.standings([session])[session.pk]
    asked = OthersForm(request.GET) if "others" in request.GET else None
    order = standing.order
    if asked is not None and asked.is_valid():
        order = replace(order, others=asked.cleaned_data["others"] or 0)
    return order, replace(standing, order=order), asked or OthersForm(initial={"others": order.others})


def _called(member: Member) -> str:
    """The family name, as one says it on the telephone; in English the whole name."""
    if get_language() == "en":
        return member.romaji or member.name
    return surname(member.name) or member.name


@login_required
@require_safe
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """The same on paper."""
    session = hosted(request, code)
    order, _standing, _others = _order(request, session)
    hours = {"doors": dates.clock(session.doors_at), "start": dates.clock(session.local_start)}
    venue = session.venue
    rows = [
        (_("Hours"), _("in at %(doors)s, breakfast at %(start)s") % hours),
        (_("Done by"), dates.clock(session.local_end)),
        (_("Not eaten"), _("nothing was mentioned") if not order.diets else ""),
        *((_covers(number), what) for what, number in order.diets.items()),
        (_("Payment"), venue.payment if venue else ""),
        (_("From"), f"{session.series.display_name} {_called(me(request))}"),
    ]
    body = restaurant_sheet.pdf(
        _("For the restaurant"),
        f"{label(session)} {session_when(session, 'year')}",
        _covers(order.number),
        [row for row in rows if row[1] or row[0] == _("Not eaten")],
        language=dates.language(),
        note=_("As of %(when)s. Who eats what is told at the table.") % {"when": _now_there(session)},
    )
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{session.local_start:%Y-%m-%d}-restaurant.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _covers(number: int) -> str:
    return ngettext("%(n)d cover", "%(n)d covers", number) % {"n": number}


def _now_there(session: Session) -> str:
    """This moment by the clock there."""
    local = timezone.now().astimezone(session.zone)
    return f"{dates.day(local.date(), dates.language(), year=False)} {dates.clock(local)}"
