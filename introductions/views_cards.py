"""Exchanging cards, and the card one keeps of somebody: by the names of a morning, or by scanning a badge."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.models import Attendance, Session
from introductions import badges, memories, vcard
from introductions.acquaintance import Exchange
from introductions.forms import CardsForm, ExchangeForm, MemoryForm
from members import photos, portraits
from members.access import joined_required, me, private
from members.models import Member

UNPROCESSABLE = 422


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def cards(request: HttpRequest, code: str) -> HttpResponse:
    """With whom did I exchange cards this morning? My own table first."""
    came = Attendance.objects.came().filter(member=me(request)).values("session")
    session = get_object_or_404(Session.objects.visible_to(me(request)).filter(pk__in=came), code=code)
    is_closed = session.roster_closed_at is not None
    room = memories.room(session, me(request)) if is_closed else []
    form = CardsForm(
        request.POST if request.method == "POST" else None, people=[person for person, _near, _said in room]
    )
    if request.method == "POST" and form.is_valid():
        form.say(me(request), session, now=timezone.now())
        messages.success(request, _("Saved. Whoever says the same of you finds your card, and you theirs."))
        return redirect("introductions")
    context = {"session": session, "room": room, "is_closed": is_closed, "form": form}
    return render(request, "introductions/cards.html", context, status=UNPROCESSABLE if form.errors else 200)


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def memory(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody I have met, as I remember them. The note is for nobody else."""
    card = _card(request, code)
    form = MemoryForm(request.POST if request.method == "POST" else None, instance=card.memory)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("memory", code)
    return _page(request, card, form=form)


@joined_required
@require_POST
def exchange(request: HttpRequest, code: str) -> HttpResponse:
    """We exchanged cards, with a line to be remembered by; or we did not after all."""
    card, form = _card(request, code), ExchangeForm(request.POST)
    if not form.is_valid():
        return _page(request, card, exchange_form=form)
    form.say(me(request), card.other, now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("memory", code)


@joined_required
@require_safe
def vcf(request: HttpRequest, code: str) -> HttpResponse:
    """The card for an address book; only of people whose card I have."""
    card = _card(request, code)
    if not card.has_cards:
        raise Http404
    version = request.GET.get("version", "")
    version = version if version in vcard.VERSIONS else "3.0"
    text = vcard.card(card.other, version=version, photo=photos.stored(card.other.photo))
    response = HttpResponse(text, content_type="text/vcard; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{card.other.code}.vcf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@joined_required
@require_safe
def badge(request: HttpRequest) -> HttpResponse:
    """My own square, to be scanned by whom I exchange cards with."""
    return render(request, "introductions/badge.html", {"picture": badges.picture(me(request))})


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def badge_scan(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The square of somebody who stands before me: GET shows whose it is, POST says that we exchanged cards."""
    known = Member.objects.joined().visible_to(me(request)).exclude(pk=me(request).pk)
    other = get_object_or_404(known, code=code)
    if not badges.is_of(other, token):
        raise Http404
    said = Exchange.objects.filter(member=me(request), other=other)
    portraits.show(me(request), [other])
    if request.method == "POST":
        Exchange.say(me(request), other, session=None, now=timezone.now())
        return redirect(request.path)
    return private(render(request, "introductions/badge_scan.html", {"other": other, "said": said.exists()}))


def _card(request: HttpRequest, code: str) -> memories.Card:
    found = memories.of(me(request), code, now=timezone.now())
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, card: memories.Card, **forms: Any) -> HttpResponse:
    context = {
        "card": card,
        "form": MemoryForm(instance=card.memory),
        "exchange_form": ExchangeForm(initial={"line": card.mine.line if card.mine else ""}),
        **forms,
    }
    wrong = any(form.errors for form in forms.values() if form.is_bound)
    return render(request, "introductions/memory.html", context, status=UNPROCESSABLE if wrong else 200)
