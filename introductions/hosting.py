"""The host's look at the proposals of a morning: why, drop one, choose again, send."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events import nights
from events.models import Session
from introductions import reasons, rounds
from introductions.matching import Reason
from introductions.models import Introduction, Round
from members.access import me
from members.models import Member

CONFLICT = 409


@login_required
@require_safe
def proposals(request: HttpRequest, code: str) -> HttpResponse:
    """The pairs of a morning, as they will be asked or were."""
    return _page(request, _hosted(request, code))


@login_required
@require_POST
def matching(request: HttpRequest, code: str) -> HttpResponse:
    """Choose now, or anew: somebody may have agreed since."""
    session = _hosted(request, code)
    rounds.compute(session, now=timezone.now(), anew=True)
    return redirect("session_introductions", code)


@login_required
@require_POST
def release(request: HttpRequest, code: str) -> HttpResponse:
    """Ask both of every pair."""
    session, now = _hosted(request, code), timezone.now()
    round_ = get_object_or_404(Round, session=session)
    try:
        round_.release(now=now, actor=me(request))
    except ValidationError as error:
        return _page(request, session, status=CONFLICT, refusal=error.messages[0])
    night = nights.word(now, session.zone, now=now)
    messages.success(request, night or _("Sent. Both are asked; addresses follow after two yeses."))
    return redirect("session_introductions", code)


@login_required
@require_POST
def drop(request: HttpRequest, code: str) -> HttpResponse:
    """Not these two."""
    found = _pair(request, code)
    found.drop(now=timezone.now(), actor=me(request))
    return redirect("session_introductions", found.round.session.code)


@login_required
@require_POST
def keeping(request: HttpRequest, code: str) -> HttpResponse:
    """These two after all."""
    found = _pair(request, code)
    found.keep(now=timezone.now(), actor=me(request))
    return redirect("session_introductions", found.round.session.code)


def _hosted(request: HttpRequest, code: str) -> Session:
    return get_object_or_404(Session.objects.hosted_by(request.user).select_related("series"), code=code)


def _pair(request: HttpRequest, code: str) -> Introduction:
    hosted = Session.objects.hosted_by(request.user)
    pairs = Introduction.objects.filter(round__session__in=hosted).select_related("round__session")
    return get_object_or_404(pairs, code=code)


def _page(request: HttpRequest, session: Session, *, status: int = 200, refusal: str = "") -> HttpResponse:
    round_ = Round.objects.filter(session=session).select_related("session").first()
    if round_ and round_.is_stale():
        round_ = None
    pairs = _pairs(round_) if round_ else []
    context = {
        "session": session,
        "round": round_,
        "pairs": pairs,
        "kept": sum(pair["introduction"].dropped_at is None for pair in pairs),
        "refusal": refusal,
        "night": _night(round_) if round_ else "",
        **(_left_out(round_) if round_ else {}),
    }
    return render(request, "introductions/proposals.html", context, status=status)


def _night(round_: Round) -> str:
    """When the questions go out, if they were sent by night and wait for the morning."""
    sent_at = round_.released_at
    return nights.word(sent_at, round_.session.zone, now=timezone.now()) if sent_at else ""


def _pairs(round_: Round) -> list[dict[str, Any]]:
    """The pairs with their reasons: one query. What the two answered is not for the host."""
    found = round_.introductions.with_people().order_by("-value", "pk")
    return [{"introduction": one, "why": reasons.for_host(one)} for one in found]


def _left_out(round_: Round) -> dict[str, Any]:
    """Who takes introductions and got none, with the reason; how many take none. One query."""
    words = {
        Reason.ALL_KNOWN: _("knows everybody, or was introduced before"),
        Reason.ODD: _("the number was odd"),
        Reason.NOBODY_LEFT: _("nobody was left"),
    }
    why = {int(pk): reason for pk, reason in round_.left_out.items() if reason in set(words)}
    people = Member.objects.filter(pk__in=why).order_by("reading", "pk")
    silent = Counter(round_.left_out.values())[Reason.OPTED_OUT]
    return {"alone": [(one, words[Reason(why[one.pk])]) for one in people], "silent": silent}
