"""Asking somebody I know for an introduction, passing it on, answering it, and thanking for it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from introductions import favour_links, favours
from introductions.favour_forms import FavourForm, OpennessForm, PassOnForm, ReplyForm, ThanksForm
from introductions.favours import Favour
from introductions.openness import Openness
from members import portraits
from members.access import joined_required, me, private
from members.models import Member

CONFLICT, UNPROCESSABLE = 409, 422
SHOWN = 50


@joined_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I asked for, and what others ask of me."""
    now, member = timezone.now(), me(request)
    found = list(Favour.objects.of(member).with_people().order_by("-asked_at", "-pk")[:SHOWN])
    asked = [(one, _state(one, now)) for one in found if one.asker_id == member.pk]
    waiting = [one for one in found if one.asker_id != member.pk and one.awaits(one.role_of(member), now)]
    portraits.show(member, [one.connector for one, _how in asked] + [one.asker for one in waiting])
    context = {"asked": asked, "waiting": [(one, one.role_of(member)) for one in waiting]}
    return render(request, "introductions/favours.html", context)


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """To whom, through whom, and in which words."""
    now, member = timezone.now(), me(request)
    other = _named(request, member)
    connectors = list(favours.may_connect(member, now=now).exclude(pk=other.pk if other else 0).by_reading())
    refusal = favours.refused(member, other, now=now)
    form = FavourForm(
        request.POST if request.method == "POST" else None,
        asker=member,
        other=other,
        connectors=connectors,
        first=request.GET,
    )
    if request.method == "POST" and form.is_valid():
        try:
            form.favour().ask(now=now)
        except ValidationError as error:
            refusal = favours.Refused(error.messages[0])
        else:
            messages.success(request, _("Your request is on its way. If it comes about, you hear from us by mail."))
            return redirect("favours")
    status = CONFLICT if request.method == "POST" and refusal else UNPROCESSABLE if form.errors else 200
    context = {"form": form, "other": other, "connectors": connectors, "refusal": refusal and refusal.messages[0]}
    return render(request, "introductions/favour_new.html", context, status=status)


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def favour(request: HttpRequest, code: str) -> HttpResponse:
    """One request, as one of the three sees it."""
    found = get_object_or_404(Favour.objects.of(me(request)).with_people(), code=code)
    return _answered(request, found, me(request))


@require_http_methods(["GET", "HEAD", "POST"])
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The same without signing in: GET shows, POST acts. The page tells no other site its address."""
    read = favour_links.read(token, now=timezone.now())
    return private(_answered(request, *read) if read else render(request, "introductions/unknown.html", status=404))


@joined_required
@require_POST
def thanks(request: HttpRequest, code: str) -> HttpResponse:
    """My thanks to whoever brought us together."""
    found = get_object_or_404(Favour.objects.made().filter(asker=me(request)).with_people(), code=code)
    form = ThanksForm(request.POST)
    if not form.is_valid():
        return _page(request, found, me(request), status=UNPROCESSABLE, thanks=form)
    found.thank(form.cleaned_data["thanks"], now=timezone.now())
    messages.success(request, _("Your thanks are on their way."))
    return redirect("favour", code)


@joined_required
@require_POST
def open_to(request: HttpRequest) -> HttpResponse:
    """What I may be asked."""
    form = OpennessForm(request.POST)
    if form.is_valid():
        Openness.say(me(request), set(form.cleaned_data["kinds"]), now=timezone.now())
        messages.success(request, _("Saved."))
    return redirect("introductions")


def _answered(request: HttpRequest, found: Favour, member: Member) -> HttpResponse:
    role, now, form = found.role_of(member), timezone.now(), None
    if request.method == "POST":
        form = PassOnForm(request.POST, favour=found) if role == "connector" else ReplyForm(request.POST)
        if role == "asker" or not form.is_valid():
            return _page(request, found, member, status=UNPROCESSABLE, form=form)
        try:
            form.act(found, now=now)
        except ValidationError as late:
            return _page(request, found, member, status=CONFLICT, form=form, refusal=late.messages[0])
        return redirect(request.path)
    return _page(request, found, member)


def _page(request: HttpRequest, found: Favour, member: Member, *, status: int = 200, **extra: Any) -> HttpResponse:
    role, now = found.role_of(member), timezone.now()
    if role == "other" and not (found.made_at or found.is_clear(now)):
        return render(request, "introductions/unknown.html", status=404)
    portraits.show(request.user, (found.asker, found.connector, found.other, member))
    context = {
        "favour": found,
        "role": role,
        "me": member,
        "awaits": found.awaits(role, now),
        "state": _state(found, now),
        "form": PassOnForm(favour=found) if role == "connector" and found.awaits(role, now) else None,
        "thanks": ThanksForm(),
        "met": found.other if role == "asker" and found.made_at else found.asker,
        **{name: value for name, value in extra.items() if value is not None},
    }
    return render(request, "introductions/favour.html", context, status=status)


def _named(request: HttpRequest, member: Member) -> Member | None:
    """Whom the asker wants to meet, if it is said: somebody whose name they may see."""
    code = request.POST.get("to") or request.GET.get("to", "")
    return get_object_or_404(Member.objects.seen_by(member).exclude(pk=member.pk), code=code) if code else None


def _state(found: Favour, now: Any) -> str:
    """What the asker may know: made, open, or that it did not come about; never who said what."""
    if found.made_at:
        return "made"
    return "open" if now < found.ends_at else "over"
