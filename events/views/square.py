"""The square a member shows at the door, and what the door sees when it is scanned."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events import check_in as rules
from events.links import SQUARE, door_link, is_at_door
from events.models import Session
from events.pages import at_door
from events.roster import RosterError
from members import links, portraits, squares
from members.access import me, private
from members.levels import Level
from members.models import Member

CONFLICT = 409


@never_cache
@require_safe
def square(request: HttpRequest, token: str) -> HttpResponse:
    """To be held out at the door. Who has the link has come by a mail or by their own page of the morning."""
    try:
        ids = links.read(SQUARE, token, now=timezone.now())
    except links.BadLink as error:
        raise Http404 from error
    member = Member.objects.of_link(ids).first()
    fresh = timezone.now() - timedelta(days=1)
    session = Session.objects.visible_to(member).filter(pk=ids["s"], ends_at__gt=fresh).first() if member else None
    if member is None or session is None:
        raise Http404
    drawn = squares.square(door_link(member), _("A square to scan at the door"))
    return private(render(request, "events/square.html", {"square": drawn, "session": session, "member": member}))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """GET shows the door who this is, POST checks them in. Anybody else learns nothing, not even whether it is real."""
    sessions = list(rules.open_at(timezone.now()).door_of(request.user, now=timezone.now()).select_related("series"))
    member = Member.objects.filter(code=code, is_active=True).first()
    if not sessions or member is None or not is_at_door(member, token):
        return private(render(request, "events/check_in_nobody.html", {"is_door": bool(sessions)}))
    portraits.show(me(request), [member])
    refusal = ""
    if request.method == "POST":
        session = next((one for one in sessions if one.code == request.POST.get("session")), None)
        if session is None:
            raise Http404
        try:
            _check_in(request, session, member)
            return private(redirect(f"{reverse('roster', args=[session.code])}#m{member.pk}"))
        except RosterError as error:
            refusal = str(error.message)
    context = {
        "member": member,
        "trade": member.as_seen_at(Level.HOSTS).trade,
        "found": [at_door.of(session, member) for session in sessions],
        "refusal": refusal,
    }
    return private(render(request, "events/check_in.html", context, status=CONFLICT if refusal else 200))


@transaction.atomic
def _check_in(request: HttpRequest, session: Session, member: Member) -> None:
    """With a seat or without; who came with them is tapped on the list."""
    now, actor = timezone.now(), me(request)
    try:
        rules.mark(session, f"m{member.pk}", here=True, now=now, actor=actor)
    except RosterError as error:
        if error.code != "gone":
            raise
        rules.mark_without_seat(session, member, now=now, actor=actor)
