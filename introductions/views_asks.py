"""Asking the club: my questions, a new one with where it will go, the answers; and answering."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from introductions import ask_links, asks
from introductions.ask_forms import AskForm, CloseForm, ReplyForm, goes_to
from introductions.asks import Ask, Reply
from introductions.favours import Refused
from members import portraits
from members.access import joined_required, me, private
from members.models import Member

CONFLICT, UNPROCESSABLE = 409, 422
SHOWN = 30


@joined_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My questions, those that came to me, and what others let the club read."""
    now, member = timezone.now(), me(request)
    to_me = Reply.objects.reaching().with_people().filter(member=member, ask__in=Ask.objects.open(now))
    shown = (
        Reply.objects.shown()
        .with_people()
        .filter(member__in=Member.objects.joined().visible_to(member).shown_around(member).values("pk"))
    )
    asking, answered = (
        list(to_me.order_by("-asked_at", "-pk")[:SHOWN]),
        list(shown.order_by("-shown_at", "-pk")[:SHOWN]),
    )
    portraits.show(member, [*(row.ask.asker for row in asking), *(row.member for row in answered)])
    context = {
        "asked": [(one, one.is_open(now)) for one in Ask.objects.filter(asker=member)[:SHOWN]],
        "to_me": asking,
        "shown": answered,
    }
    return render(request, "introductions/asks.html", context)


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A question; before it goes, to how many and why."""
    now, member = timezone.now(), me(request)
    form = AskForm(request.POST if request.method == "POST" else None, instance=Ask(asker=member))
    context: dict[str, Any] = {"form": form}
    refusal = asks.refused(member, now=now)
    if request.method == "POST" and form.is_valid() and refusal is None:
        if "send" not in request.POST:
            fits = asks.fitting_members(member, form.text, now=now)
            words = list(dict.fromkeys(word for fit in fits for word in fit.words))
            return render(
                request, "introductions/ask_new.html", {**context, "looked": True, **goes_to(len(fits), words)}
            )
        form.instance.in_letter_at = now if form.cleaned_data["in_letter"] else None
        try:
            number = form.instance.ask(now=now)
        except ValidationError as error:
            refusal = Refused(error.messages[0])
        else:
            messages.success(
                request, ngettext("It goes to %(n)d person.", "It goes to %(n)d people.", number) % {"n": number}
            )
            return redirect("ask", form.instance.code)
    status = UNPROCESSABLE if form.errors else CONFLICT if refusal and request.method == "POST" else 200
    context["refusal"] = refusal and refusal.messages[0]
    return render(request, "introductions/ask_new.html", context, status=status)


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """A question as its asker sees it, or somebody whom it reached."""
    member = me(request)
    found = get_object_or_404(Ask.objects.select_related("asker"), code=code)
    if found.asker_id == member.pk:
        return _asker(request, found) if request.method != "POST" else HttpResponse(status=405)
    row = Reply.objects.reaching().with_people().filter(ask=found, member=member).first() or _reader(found, member)
    return _answered(request, row)


@require_http_methods(["GET", "HEAD", "POST"])
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Answering without signing in: GET shows, POST acts. The page tells no other site its address."""
    row = ask_links.read(token, now=timezone.now())
    return private(_answered(request, row) if row else render(request, "introductions/unknown.html", status=404))


@joined_required
@require_POST
def touch(request: HttpRequest, code: str) -> HttpResponse:
    """Put me in touch with the one who can help."""
    row = _of_mine(request, code)
    row.put_in_touch(now=timezone.now())
    if row.touch_at:
        messages.success(request, _("You both get a mail with the other’s address."))
    return redirect("ask", code)


@joined_required
@require_POST
def showing(request: HttpRequest, code: str) -> HttpResponse:
    """Let the club read an answer that was released."""
    _of_mine(request, code).show(now=timezone.now())
    return redirect("ask", code)


@joined_required
@require_POST
def closing(request: HttpRequest, code: str) -> HttpResponse:
    """No more answers, with thanks."""
    found, form = get_object_or_404(Ask.objects.filter(asker=me(request)), code=code), CloseForm(request.POST)
    if not form.is_valid():
        return _asker(request, found, status=UNPROCESSABLE, close=form)
    found.close(form.cleaned_data["thanks"], now=timezone.now())
    messages.success(request, _("Closed."))
    return redirect("ask", code)


def _of_mine(request: HttpRequest, code: str) -> Reply:
    rows = Reply.objects.answered().here().with_people().filter(ask__asker=me(request), ask__code=code)
    pk = request.POST.get("reply", "")
    return get_object_or_404(rows, pk=int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0)


def _reader(found: Ask, member: Member) -> Reply:
    """Somebody who read an open question in the letter."""
    now = timezone.now()
    row = Reply(ask=found, member=member, asked_at=now)
    if found.in_letter_at is None or not found.is_open(now) or not row.is_clear():
        raise Http404
    return row


def _asker(request: HttpRequest, found: Ask, *, status: int = 200, close: CloseForm | None = None) -> HttpResponse:
    replies = list(found.replies.answered().here().with_people().order_by("said_at", "pk"))
    portraits.show(request.user, (row.member for row in replies))
    context = {
        "ask": found,
        "is_open": found.is_open(timezone.now()),
        "replies": replies,
        "number": found.replies.exclude(words=[]).count(),
        "close": close or CloseForm(),
    }
    return render(request, "introductions/ask.html", context, status=status)


def _answered(request: HttpRequest, row: Reply) -> HttpResponse:
    now, status, refusal = timezone.now(), 200, ""
    first = {"line": row.line, "may_show": row.released_at is not None}
    form = ReplyForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                form.act(row, now=now)
            except ValidationError as late:
                status, refusal = CONFLICT, late.messages[0]
            else:
                return redirect(request.path)
    portraits.show(request.user, [row.ask.asker])
    context = {"row": row, "form": form, "is_open": row.ask.is_open(now) and row.touch_at is None, "refusal": refusal}
    return render(request, "introductions/ask_reply.html", context, status=status)
