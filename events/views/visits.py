"""Answering without an account: name and address, a mail, and a yes by its link or by the code in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from events.forms.visits import VisitCodeForm, VisitForm
from events.links import VISIT, answer_token
from events.models import CodeError, SeatsError, Visit
from events.pages import session as pages
from members import limits, links
from members.access import private

UNPROCESSABLE, CONFLICT = 422, 409


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request: HttpRequest, code: str) -> HttpResponse:
    """Name and address. What follows is the same whether we know the address or not."""
    session = pages.found_or_404(code, request.user, now=timezone.now())
    if request.user.is_authenticated:
        return redirect(session)
    form = VisitForm(request.POST if request.method == "POST" else None)
    status, refusal = 200, ""
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            asked = form.cleaned_data
            if refused := limits.refused(request, "visit", asked["email"]):
                return refused
            try:
                visit = Visit.ask(session, **asked, now=timezone.now())
            except SeatsError as error:
                status, refusal = CONFLICT, str(error.message)
            else:
                return redirect("visit", visit.code)
    context = {
        "page": pages.page(session, request.user, now=timezone.now()),
        "session": session,
        "form": form,
        "refusal": refusal,
    }
    return render(request, "events/visit_new.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, code: str) -> HttpResponse:
    """A mail is on its way; the code in it can be typed here, in whichever browser this is."""
    found = _visit(code)
    form = VisitCodeForm(request.POST if request.method == "POST" else None)
    status, refusal = 200, ""
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                answered = found.confirm_by_code(form.cleaned_data["code"], now=timezone.now())
            except CodeError as error:
                form.add_error("code", error)
            except SeatsError as error:
                status, refusal = CONFLICT, str(error.message)
            else:
                assert answered.member is not None  # noqa: S101 - what `confirm` gives back is somebody's
                return private(redirect("answer", answer_token(answered.member, found.session)))
    return private(render(request, "events/visit.html", _asked(found, form, refusal), status=status))


@never_cache
@require_POST
def visit_mail(request: HttpRequest, code: str) -> HttpResponse:
    """The mail once more, with a new code."""
    found = _visit(code)
    if refused := limits.refused(request, "visit", found.email):
        return refused
    try:
        found.mail_again(now=timezone.now())
    except SeatsError as error:
        return private(
            render(request, "events/visit.html", _asked(found, VisitCodeForm(), str(error.message)), status=CONFLICT)
        )
    return redirect("visit", code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit_confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail: GET shows, POST is the yes; afterwards the answer has a page of its own."""
    found, refusal = _by_link(token), ""
    if found is None:
        return private(render(request, "events/answer_unknown.html", status=404))
    if request.method == "POST" and found.member is None:
        try:
            found.member = found.confirm(now=timezone.now()).member
        except SeatsError as error:
            refusal = str(error.message)
    if found.member is not None:
        return private(redirect("answer", answer_token(found.member, found.session)))
    now = timezone.now()
    page = pages.page(pages.found_or_404(found.session.code, request.user, now=now), request.user, now=now)
    context = {**_asked(found, VisitCodeForm(), refusal), "page": page, "session": page.session}
    return private(render(request, "events/visit_confirmation.html", context, status=CONFLICT if refusal else 200))


def _visit(code: str) -> Visit:
    return get_object_or_404(Visit.objects.select_related("session__series"), code=code)


def _by_link(token: str) -> Visit | None:
    """Nothing for a link that is not ours, and when the morning is over."""
    now = timezone.now()
    try:
        ids = links.read(VISIT, token, now=now)
    except links.BadLink:
        return None
    fresh = Visit.objects.filter(session__ends_at__gt=now - timedelta(days=1), session__published_at__isnull=False)
    return fresh.select_related("session__series", "member").filter(pk=ids["v"]).first()


def _asked(visit: Visit, form: VisitCodeForm, refusal: str) -> dict[str, Any]:
    """How it stands: a seat kept until when, or that none is kept."""
    held = visit.held_until.astimezone(visit.session.zone) if visit.held_until else None
    return {
        "visit": visit,
        "session": visit.session,
        "form": form,
        "held_until": held,
        "is_held": held is not None and timezone.now() < held,
        "refusal": refusal,
        "here": reverse("visit", args=[visit.code]),
    }
