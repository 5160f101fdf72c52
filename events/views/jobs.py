"""Jobs of a morning: taking one, giving it back; and the clock of whoever leads through it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from events import jobs as rules
from events.models import Job, Session
from events.pages import clock as pages
from members.access import me


@login_required
@require_POST
def take(request: HttpRequest, code: str) -> HttpResponse:
    """One tap: I do it."""
    session = get_object_or_404(Session.objects.visible_to(request.user), code=code)
    try:
        rules.take(session, request.POST.get("kind", ""), me(request), now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Thank you. The evening before, a mail reminds you."))
    return redirect(f"{session.get_absolute_url()}#jobs")


@login_required
@require_POST
def removal(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Somebody else after all: for its holder, and for hosts."""
    session = get_object_or_404(Session.objects.visible_to(request.user), code=code)
    mine = Job.objects.filter(session=session, kind=kind, member=me(request)).exists()
    if not mine and not Session.objects.hosted_by(request.user).filter(pk=session.pk).exists():
        raise Http404
    rules.free(session, kind, now=timezone.now(), actor=me(request))
    messages.success(request, _("It is free again."))
    return redirect(f"{session.get_absolute_url()}#jobs")


@login_required
@require_safe
def clock(request: HttpRequest, code: str) -> HttpResponse:
    """What runs now, for hosts and whoever has the chair this morning."""
    session = _led(request, code)
    context = {"session": session, "clock": pages.clock(session, now=timezone.now())}
    return render(request, "events/clock.html", context)


@login_required
@require_POST
def longer(request: HttpRequest, code: str) -> HttpResponse:
    """What runs takes five minutes more, or fewer; or what stands before it runs still."""
    session, now = _led(request, code), timezone.now()
    minutes = -pages.TAP_MINUTES if request.POST.get("minutes") == "fewer" else pages.TAP_MINUTES
    found = pages.clock(session, now=now)
    if moves := pages.shift(found, still=request.POST.get("minutes") == "still", minutes=minutes):
        session.run_longer(*moves, now=now, actor=me(request))
    return redirect("session_clock", code)


def _led(request: HttpRequest, code: str) -> Session:
    hosting = Exists(Session.objects.hosted_by(request.user).filter(pk=OuterRef("pk")))
    chair = Exists(Job.objects.filter(session=OuterRef("pk"), kind=Job.Kind.CHAIR, member=me(request)))
    sessions = Session.objects.visible_to(request.user).on().filter(Q(hosting) | Q(chair)).select_related("series")
    return get_object_or_404(sessions, code=code)
