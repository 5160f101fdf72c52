"""Which mails come: chosen from any mail by a signed link, and on one's own page. GET shows, POST acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from events.pages import mails as page
from members.access import me, private
from members.models import Member
from outbox import stops
from outbox.models import Delivery, Suppression
from outbox.stops import Stop
from outbox.topics import Subject

SHOWN_AT_MOST = 500


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_mails(request: HttpRequest) -> HttpResponse:
    """From one's own page."""
    member = me(request)
    if request.method == "POST":
        _keep(request, member, now=timezone.now())
        messages.success(request, _("Saved. It holds for every mail that has not left yet."))
        return redirect("my_mails")
    returned = Suppression.objects.holds(member.email)
    context = {"page": page.of(member), "address": member.email, "mails_return": returned}
    return render(request, "events/mails.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """From a mail: the signed address is the key."""
    now = timezone.now()
    found = _read(token, now=now)
    if found is None:
        return _unknown(request)
    member, subjects = found
    if request.method == "POST":
        _keep(request, member, now=now)
    return _shown(request, member, subjects, token, kept=request.method == "POST")


@csrf_exempt  # the mail program posts by itself (RFC 8058); the signed address is the key
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more mails like this one: GET asks, POST stops them; below, everything else can be chosen."""
    now = timezone.now()
    found = _read(token, now=now)
    if found is None:
        return _unknown(request)
    member, subjects = found
    if request.method == "POST":
        Stop.objects.stop(member.email, subjects, now=now)
    return _shown(request, member, subjects, token)


def _read(token: str, *, now: datetime) -> tuple[Member, Sequence[Subject]] | None:
    """Whose mail it was and what it was about; nobody where the address has no account here any more."""
    found = stops.read(token, now=now)
    if found is None:
        return None
    pk, subjects = found
    address = Delivery.objects.filter(pk=pk).values_list("to", flat=True).first()
    member = Member.objects.filter(email=address.lower(), is_active=True).first() if address else None
    return (member, subjects) if member else None


def _keep(request: HttpRequest, member: Member, *, now: datetime) -> None:
    shown, wanted = (request.POST.getlist(name)[:SHOWN_AT_MOST] for name in ("shown", "wanted"))
    page.keep(member, shown, [] if "none" in request.POST else wanted, now=now)


def _shown(
    request: HttpRequest, member: Member, subjects: Sequence[Subject], token: str, *, kept: bool = False
) -> HttpResponse:
    with translation.override(member.language):
        context = {"page": page.of(member, subjects), "token": token, "kept": kept}
        return private(render(request, "events/mails.html", context))


def _unknown(request: HttpRequest) -> HttpResponse:
    return private(render(request, "events/mails_unknown.html", status=404))
