"""Answering from a mail: a signed link shows the session and two buttons, and only a button acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from events import standing, this_morning
from events.forms.answers import AnswerForm, FewerForm, FriendForm, agreed
from events.forms.morning import LateForm
from events.links import ANSWER, every_time_link
from events.models import Rsvp, SeatsError, Session
from events.pages import morning
from events.pages import session as pages
from members import links
from members.access import private
from members.models import Member

# Does what was asked; false where it has no shape.
Act = Callable[[Session, Member, QueryDict], bool]


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows, POST acts, without signing in. The page tells no other site its address."""
    return _acting(request, token, _act)


@require_POST
def friends(request: HttpRequest, token: str) -> HttpResponse:
    """Bring a friend, for whoever answers by mail alone."""
    return _acting(request, token, _bring)


def _act(session: Session, member: Member, sent: QueryDict) -> bool:
    """Take what was sent: coming or not, one friend fewer, or so many minutes late; false when it was none of these."""
    answer, fewer, late = AnswerForm(sent), FewerForm(sent), LateForm(sent)
    if answer.is_valid():
        session.rsvp(member, answer.cleaned_data["partstat"], now=timezone.now(), agreed=agreed(sent))
    elif fewer.is_valid():
        session.remove_friend(member, fewer.cleaned_data["friend"], now=timezone.now(), agreed=agreed(sent))
    elif late.is_valid():
        _tell_late(session, member, late.cleaned_data["minutes"])
    return answer.is_valid() or fewer.is_valid() or late.is_valid()


def _tell_late(session: Session, member: Member, minutes: int) -> None:
    """As on the page of the morning, which is for who signs in: with a seat, that evening and that morning."""
    now = timezone.now()
    rsvp = Rsvp.objects.seated().filter(session=session, member=member).first()
    if rsvp and this_morning.is_on(session, now=now):
        rsvp.tell_late(minutes, now=now)


def _bring(session: Session, member: Member, data: QueryDict) -> bool:
    form = FriendForm(data)
    if form.is_valid():
        session.add_friend(member, **form.cleaned_data, now=timezone.now())
    return form.is_valid()


def _acting(request: HttpRequest, token: str, act: Act) -> HttpResponse:
    """Show the page, or act and lead back to it; what could not be done is said there, and what was typed stays."""
    found = _read(token)
    if found is None:
        return private(render(request, "events/answer_unknown.html", status=404))
    member, session = found
    status, refusal = 200, ""
    if request.method == "POST":
        try:
            if act(session, member, request.POST):
                return private(redirect("answer", token))
            status = 422
        except SeatsError as error:
            status, refusal = 409, str(error.message)
    friend = FriendForm(request.POST if request.method == "POST" and act is _bring else None)
    context = {**_context(member, session.code, refusal), "token": token, "friend_form": friend}
    return private(render(request, "events/answer.html", context, status=status))


def _read(token: str) -> tuple[Member, Session] | None:
    """Whose answer to which session; nothing for a link that is not ours, is old, or was made void."""
    try:
        ids = links.read(ANSWER, token, now=timezone.now())
    except links.BadLink:
        return None
    member = Member.objects.of_link(ids).first()
    fresh = timezone.now() - timedelta(days=1)
    session = Session.objects.visible_to(member).filter(pk=ids["s"], ends_at__gt=fresh).first() if member else None
    return (member, session) if member and session else None


def _context(member: Member, code: str, refusal: str) -> dict[str, Any]:
    now = timezone.now()
    session = pages.found_or_404(code, member, now=now)
    page = pages.page(session, member, now=now)
    answered = page.mine is not standing.NONE
    every_time = every_time_link(member, session.series, until=session.ends_at) if page.mine.is_standing else ""
    known = {"page": page, "session": session, "member": member, "refusal": refusal, "answered": answered}
    late = morning.lateness(session, member) if page.is_morning and page.mine.is_seated else None
    return known | {"every_time_url": every_time, "late": late}
