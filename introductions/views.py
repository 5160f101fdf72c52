"""Being introduced: my own page, an answer from a mail, and the host's look before anything goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from introductions import consent, links, memories, pages
from introductions.forms import AnswerForm, ConsentForm, PauseForm
from introductions.models import Introduction, TooLate
from introductions.openness import Openness
from introductions.pauses import Pause
from members import portraits
from members.access import joined_required, me, private

CONFLICT, UNPROCESSABLE = 409, 422
A_WHILE = timedelta(days=91)


@joined_required
@require_safe
def introductions(request: HttpRequest) -> HttpResponse:
    """Whom I might meet, and the people I have met."""
    return _page(request)


@joined_required
@require_POST
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Yes, or not this time."""
    found = get_object_or_404(Introduction.objects.of(me(request)).shown(), code=code)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE)
    try:
        found.answer(me(request), yes=form.says_yes, now=timezone.now())
    except TooLate as late:
        return _page(request, status=CONFLICT, refusal=str(late.message))
    messages.success(request, _("Thank you for your answer."))
    return redirect("introductions")


@joined_required
@require_POST
def agreement(request: HttpRequest) -> HttpResponse:
    """Whether I want to be introduced at all."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE)
    now = timezone.now()
    if form.agrees:
        consent.give(me(request), now=now)
        messages.success(request, _("Thank you. After your next morning you may hear from us."))
    else:
        consent.refuse(me(request), now=now)
        messages.success(request, _("You will not be introduced to anybody. You can change that here at any time."))
    return redirect("introductions")


@joined_required
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """A rest: from the next round, for a while, or no longer."""
    form = PauseForm(request.POST)
    if not form.is_valid():
        return _page(request, status=UNPROCESSABLE)
    now, length = timezone.now(), form.cleaned_data["length"]
    if length == "none":
        Pause.objects.filter(member=me(request)).delete()
    else:
        Pause.take(me(request), until=now + A_WHILE if length == "while" else None, now=now)
    messages.success(request, _("Saved."))
    return redirect("introductions")


@require_http_methods(["GET", "HEAD", "POST"])
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Answering without signing in: GET shows, POST acts. The page tells no other site its address."""
    now, status, refusal = timezone.now(), 200, ""
    found = links.read(token, now=now)
    if found is None:
        return private(render(request, "introductions/unknown.html", status=404))
    introduction, member = found
    if request.method == "POST":
        form = AnswerForm(request.POST)
        try:
            if form.is_valid():
                introduction.answer(member, yes=form.says_yes, now=now)
                return private(redirect(request.path))
            status = UNPROCESSABLE
        except TooLate as late:
            status, refusal = CONFLICT, str(late.message)
    card = pages.card(introduction, member, now=now)
    portraits.show(request.user, (card.me, card.other))
    context = {"card": card, "refusal": refusal}
    return private(render(request, "introductions/by_mail.html", context, status=status))


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    member, now = me(request), timezone.now()
    cards, people = pages.cards(member, now=now), pages.met(member, now=now)
    portraits.show(member, (one for card in cards for one in (card.me, card.other)))
    proposals = [card for card in cards if not card.is_made and not card.answer]
    shown = pages.page_of(people, request.GET.get("page"))
    context = {
        "standing": pages.standing(member, now=now),
        "openness": Openness.of(member),
        "proposal": proposals[0] if proposals else None,
        "proposals": proposals,
        "others": [card for card in cards if card.is_made or card.answer],
        "with_cards": memories.with_cards(member),
        "met": shown,
        "numbers": shown.paginator.get_elided_page_range(shown.number),
        "long_ago": sum(one.is_long_ago for one in people),
    }
    return render(request, "introductions/introductions.html", {**context, **extra}, status=status)
