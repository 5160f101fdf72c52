"""Answering from a mail: a signed link shows the session and two buttons, and only a button acts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from events import standing
from events.forms.answers import AnswerForm, FewerForm
from events.links import ANSWER
from events.models import SeatsError, Session
from events.pages import session as pages
from members import links
from members.models import Member


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows, POST acts, without signing in. The page tells no other site its address."""
    status, refusal = 200, ""
    found = _read(token)
    if found is None:
        return private(render(request, "events/answer_unknown.html", status=404))
    member, session = found
    if request.method == "POST":
        try:
            if _act(session, member, request.POST):
                return private(redirect(request.path))
            status = 422
        except SeatsError as error:
            status, refusal = 409, str(error.message)
    return private(render(request, "events/answer.html", _context(member, session.code, refusal), status=status))


def _act(session: Session, member: Member, sent: QueryDict) -> bool:
    """Take what was sent: coming or not, or one friend fewer; false when it was neither."""
    answer, fewer = AnswerForm(sent), FewerForm(sent)
    if answer.is_valid():
        session.rsvp(member, answer.cleaned_data["partstat"], now=timezone.now())
    elif fewer.is_valid():
        session.remove_friend(member, fewer.cleaned_data["friend"], now=timezone.now())
    return answer.is_valid() or fewer.is_valid()


def _read(token: str) -> tuple[Member, Session] | None:
    """Whose answer to which session; nothing for a link that is not ours, is old, or was made void."""
    try:
        ids = links.read(ANSWER, token, now=timezone.now())
    except links.BadLink:
        return None
    member = Member.objects.filter(pk=ids["m"], link_version=ids["v"], is_active=True).first()
    fresh = timezone.now() - timedelta(days=1)
    session = Session.objects.visible_to(member).filter(pk=ids["s"], ends_at__gt=fresh).first() if member else None
    return (member, session) if member and session else None


def _context(member: Member, code: str, refusal: str) -> dict[str, Any]:
    session = pages.seen_by(member).filter(code=code).first()
    if session is None:
        raise Http404
    page = pages.page(session, member, now=timezone.now())
    answered = page.mine is not standing.NONE
    return {"page": page, "session": session, "member": member, "refusal": refusal, "answered": answered}


def private(response: HttpResponse) -> HttpResponse:
    """The answer to somebody who came by a signed link."""
    # The address goes to no site, not even to ours. With no-referrer a browser would post the form from an origin
    # "null", and the form would be refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
