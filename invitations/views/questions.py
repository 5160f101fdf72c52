"""The questions to a guest, for the host: put into order, left out, printed as a brief."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from events import programme, questions
from events.models import Session
from events.pages import people
from invitations import details
from invitations.models import Invitation
from members.access import me
from members.models import Activity


def _hosted(request: HttpRequest, code: str) -> Session:
    return get_object_or_404(Session.objects.hosted_by(request.user).select_related("series", "venue"), code=code)


@login_required
@require_safe
def session_questions(request: HttpRequest, code: str) -> HttpResponse:
    """All questions in the order in which the guest reads them."""
    session = _hosted(request, code)
    context = {"session": session, "asked": list(questions.ordered(session))}
    return render(request, "invitations/questions.html", context)


@login_required
@require_safe
def brief(request: HttpRequest, code: str) -> HttpResponse:
    """One sheet for the guest's hand: the morning, who comes, what they ask. In the language of the letter."""
    session = _hosted(request, code)
    invitation = Invitation.objects.accepted().filter(session=session).whole().order_by("pk").first()
    with translation.override(invitation.language if invitation else session.language):
        context = {
            "session": session,
            "talks": programme.of(session),
            "invitation": invitation,
            "details": details.facts(invitation) if invitation else [],
            "asked": questions.for_guest(session),
            "room": people.for_guest(session),
        }
        return render(request, "invitations/brief.html", context)


def _act(request: HttpRequest, code: str, act: Callable[[Session], None]) -> HttpResponse:
    session = _hosted(request, code)
    with transaction.atomic():
        act(session)
        Activity.record(me(request), "questions.order", f"session:{session.code}", now=timezone.now())
    return redirect("session_questions", code)


@login_required
@require_POST
def question_up(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One place earlier."""
    return _act(request, code, lambda session: questions.up(session, pk))


@login_required
@require_POST
def question_hiding(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Left out of what the guest reads, or taken in again."""
    hidden = request.POST.get("hidden") == "yes"
    return _act(request, code, lambda session: questions.leave_out(session, pk, hidden=hidden, now=timezone.now()))
