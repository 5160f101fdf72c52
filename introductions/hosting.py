"""The host's look at the proposals of a morning: why, drop one, choose again, send."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events import nights
from events.models import Session
from introductions import policy, reasons, rounds
from introductions.forms import SwapForm, TimeForm
from introductions.matching import Reason
from introductions.models import Introduction, Round
from members import portraits
from members.access import me
from members.models import Activity, Member

CONFLICT, UNPROCESSABLE = 409, 422


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
    with transaction.atomic():
        rounds.compute(session, now=timezone.now(), anew=True)
        Activity.record(me(request), "introductions.choose", f"session:{session.code}", now=timezone.now())
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
    messages.success(request, night or _("Both are asked by mail; addresses follow after two yeses."))
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


@login_required
@require_POST
def lock(request: HttpRequest, code: str) -> HttpResponse:
    """These two for certain."""
    found = _pair(request, code)
    found.lock(now=timezone.now(), actor=me(request))
    return redirect("session_introductions", found.round.session.code)


@login_required
@require_POST
def unlocking(request: HttpRequest, code: str) -> HttpResponse:
    """These two only if they still are among the best."""
    found = _pair(request, code)
    found.unlock(now=timezone.now(), actor=me(request))
    return redirect("session_introductions", found.round.session.code)


@login_required
@require_POST
def swap(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody else for one of the two."""
    found, form = _pair(request, code), SwapForm(request.POST)
    session = found.round.session
    stays = {one.pk: one for one in (found.first, found.second)}.get(
        form.cleaned_data["stays"] if form.is_valid() else 0
    )
    if stays is None:
        return _page(request, session, status=UNPROCESSABLE, refusal=_("Please choose who meets whom."))
    try:
        rounds.swap(found, stays, form.cleaned_data["other"], now=timezone.now(), actor=me(request))
    except ValidationError as error:
        return _page(request, session, status=CONFLICT, refusal=error.messages[0])
    return redirect("session_introductions", session.code)


@login_required
@require_POST
def going(request: HttpRequest, code: str) -> HttpResponse:
    """Let the round go by itself at a time, or wait for the tap."""
    session, form = _hosted(request, code), TimeForm(request.POST)
    round_ = get_object_or_404(Round.objects.select_related("session"), session=session)
    if not form.is_valid():
        return _page(request, session, status=UNPROCESSABLE, when=form)
    try:
        round_.go_at(form.when(session.zone), now=timezone.now(), actor=me(request))
    except ValidationError as error:
        return _page(request, session, status=CONFLICT, refusal=error.messages[0], when=form)
    return redirect("session_introductions", code)


def _hosted(request: HttpRequest, code: str) -> Session:
    sessions = Session.objects.hosted_by(request.user).saying_whether_of_series(request.user)
    return get_object_or_404(sessions.select_related("series"), code=code)


def _pair(request: HttpRequest, code: str) -> Introduction:
    hosted = Session.objects.hosted_by(request.user)
    pairs = Introduction.objects.filter(round__session__in=hosted)
    pairs = pairs.select_related("round__session__series", "first", "second")
    return get_object_or_404(pairs, code=code)


def _page(
    request: HttpRequest, session: Session, *, status: int = 200, refusal: str = "", when: TimeForm | None = None
) -> HttpResponse:
    round_ = Round.objects.filter(session=session).select_related("session").first()
    if round_ and round_.is_stale():
        round_ = None
    pairs = _pairs(round_) if round_ else []
    left_out = _left_out(round_, pairs) if round_ else {}
    by_hand = _by_hand(session) if session.roster_closed_at is None else []
    drawn = [pair["introduction"] for pair in (*pairs, *by_hand)]
    portraits.show(me(request), (person for one in drawn for person in (one.first, one.second)))
    context = {
        "session": session,
        "round": round_,
        "pairs": pairs,
        "kept": sum(pair["introduction"].dropped_at is None for pair in pairs),
        "refusal": refusal,
        "night": _night(round_) if round_ else "",
        "when": when or (_time(round_) if round_ else None),
        "people": _people(pairs, left_out),
        "by_hand": by_hand,
        **left_out,
    }
    return render(request, "introductions/proposals.html", context, status=status)


def _night(round_: Round) -> str:
    """When the questions go out, if they were sent by night and wait for the morning."""
    sent_at = round_.released_at
    return nights.word(sent_at, round_.session.zone, now=timezone.now()) if sent_at else ""


def _by_hand(session: Session) -> list[dict[str, Any]]:
    """Before the list is closed: whom to bring together in person, and why."""
    found = rounds.in_person(session, now=timezone.now())
    return [{"introduction": one, "why": reasons.for_host(one)} for one in found]


def _time(round_: Round) -> TimeForm:
    """The time it goes at, or the one it usually would."""
    zone = round_.session.zone
    at = (round_.goes_at or policy.set_time(round_.session, now=timezone.now())).astimezone(zone)
    return TimeForm(initial={"on": at.date(), "at": at.time()})


def _people(pairs: list[dict[str, Any]], left_out: dict[str, Any]) -> list[Member]:
    """Everybody who takes an introduction after this morning, by reading."""
    found = [one for pair in pairs for one in (pair["introduction"].first, pair["introduction"].second)]
    found += [one for one, _why in left_out.get("alone", ())]
    return sorted(set(found), key=lambda one: (one.reading, one.pk))


def _pairs(round_: Round) -> list[dict[str, Any]]:
    """The pairs with their reasons: one query. What the two answered is not for the host."""
    found = round_.introductions.with_people().order_by("-value", "pk")
    return [{"introduction": one, "why": reasons.for_host(one)} for one in found]


def _left_out(round_: Round, pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Who takes introductions and got none, or none any more, with the reason; how many take none. One query."""
    words = {
        Reason.ALL_KNOWN: _("knows everybody, or was introduced before"),
        Reason.ODD: _("the number was odd"),
        Reason.NOBODY_LEFT: _("nobody was left"),
    }
    why = {int(pk): reason for pk, reason in round_.left_out.items() if reason in set(words)}
    people = Member.objects.filter(pk__in=why).order_by("reading", "pk")
    silent = Counter(round_.left_out.values())[Reason.OPTED_OUT]
    alone = [(one, words[Reason(why[one.pk])]) for one in people]
    alone += [(one, _("you took the pair out")) for one in _without_their_pair(pairs) if one.pk not in why]
    return {"alone": sorted(alone, key=lambda row: (row[0].reading, row[0].pk)), "silent": silent}


def _without_their_pair(pairs: list[dict[str, Any]]) -> set[Member]:
    """Whose pairs the host took out, all of them."""
    kept, dropped = set[Member](), set[Member]()
    for introduction in (pair["introduction"] for pair in pairs):
        (dropped if introduction.dropped_at else kept).update((introduction.first, introduction.second))
    return dropped - kept
