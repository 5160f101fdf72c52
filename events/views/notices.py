"""A change at the last hour: "understood", by the link in the mail or on the page, and whom it has not reached."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from events import programme
from events.links import UNDERSTOOD
from events.models import Notice, Rsvp, Session
from events.pages import unreached as pages
from events.views.hosting import hosted
from members import links
from members.access import me, private


@dataclass(frozen=True)
class Told:
    """What a link names: whose answer, and which change."""

    rsvp: Rsvp
    sequence: int

    @property
    def is_latest(self) -> bool:
        return self.sequence == self.rsvp.session.sequence


@require_http_methods(["GET", "HEAD", "POST"])
def understood(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what has changed, POST says that it is known; without signing in."""
    told = _read(token)
    if told is None:
        return private(render(request, "events/answer_unknown.html", status=404))
    if request.method == "POST":
        Notice.objects.understand(told.rsvp.pk, told.sequence, now=timezone.now())
        return private(redirect(request.path))
    session = told.rsvp.session
    notice = Notice.objects.filter(rsvp=told.rsvp, sequence=told.sequence).first()
    title = programme.title(session, programme.of(session))
    context = {"told": told, "session": session, "title": title, "known": bool(notice and notice.understood_at)}
    return private(render(request, "events/understood.html", context))


@login_required
@require_POST
def understanding(request: HttpRequest, code: str) -> HttpResponse:
    """The same from the session's page, for whoever is signed in."""
    mine = Rsvp.objects.filter(member=me(request)).select_related("session")
    rsvp = get_object_or_404(mine, session__code=code)
    Notice.objects.understand(rsvp.pk, rsvp.session.sequence, now=timezone.now())
    return redirect(f"{rsvp.session.get_absolute_url()}#seat")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unreached(request: HttpRequest, code: str) -> HttpResponse:
    """For hosts: who has not said "understood", with the phone they gave. POST: told by telephone."""
    session = hosted(request, code)
    if request.method == "POST":
        posted = request.POST.get("rsvp", "")
        rsvp = get_object_or_404(session.rsvps, pk=posted if posted.isdecimal() and len(posted) < 10 else 0)
        Notice.objects.understand(rsvp.pk, session.sequence, now=timezone.now(), by=me(request).pk)
        return redirect("unreached", code)
    return render(request, "events/unreached.html", {"session": session, "page": pages.of(session, me(request))})


def _read(token: str) -> Told | None:
    try:
        ids = links.read(UNDERSTOOD, token, now=timezone.now())
    except links.BadLink:
        return None
    answers = Rsvp.objects.select_related("member", "session__series", "session__venue")
    rsvp = answers.filter(pk=ids["r"], session__in=Session.objects.published()).first()
    if rsvp is None or (rsvp.member and (rsvp.member.link_version != ids["v"] or not rsvp.member.is_active)):
        return None
    return Told(rsvp, ids["q"])
