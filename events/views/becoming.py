"""Walk-ins and friends who become members: asked by the host, and by themselves from one mail."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from events import becoming, roster
from events.forms.door import SamePersonForm, WalkInMailForm
from events.links import WALK_IN, is_for
from events.models import Attendance, Session
from events.models.attendance import AttendanceQuerySet
from events.views.hosting import hosted
from members import links
from members.access import me, private
from members.adapter import sign_in

UNPROCESSABLE = 422


@login_required
@require_POST
def walk_in_mail(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The rest, later: an address, to which one mail goes."""
    session, form = hosted(request, code), WalkInMailForm(request.POST)
    row = get_object_or_404(_strangers(session).filter(companion=None), pk=pk)
    if not form.is_valid():
        context = {"session": session, "row": row, "form": form}
        return render(request, "events/walk_in_mail.html", context, status=UNPROCESSABLE)
    row.ask_to_join(form.cleaned_data["email"], now=timezone.now())
    messages.success(request, _("They are asked by mail, once."))
    return redirect("roster", code)


@login_required
@require_POST
def same_person(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The host knows that this friend or walk-in is this member: the morning is theirs."""
    session, form = hosted(request, code), SamePersonForm(request.POST)
    row = get_object_or_404(_strangers(session), pk=pk)
    places = [place for place in roster.places(session) if place.row.pk == row.pk]
    offered = [one for found in becoming.suggested(places, me(request)).values() for one in found]
    member = form.chosen(offered) if form.is_valid() else None
    if member is None:
        raise Http404
    becoming.join(row, member, now=timezone.now(), actor=me(request))
    return redirect("roster", code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def walk_in(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the one mail: GET shows the morning, POST makes the member. A new account is signed in at once."""
    try:
        ids = links.read(WALK_IN, token, now=timezone.now())
    except links.BadLink as error:
        raise Http404 from error
    rows = Attendance.objects.select_related("session__series", "member")
    row = rows.filter(pk=ids["a"], status=Attendance.Status.CAME).first()
    if row is None or not (row.member or is_for(row, ids["e"])):
        raise Http404
    if request.method == "POST":
        with transaction.atomic():
            member, is_new = becoming.become(row, now=timezone.now())
        if is_new:
            # Nothing is theirs yet but this morning; from now on a code by mail opens the account.
            sign_in(request, member)
            return private(redirect("profile"))
        return private(redirect(f"{reverse('account_login')}?{urlencode({'next': row.session.get_absolute_url()})}"))
    return private(render(request, "events/walk_in.html", {"row": row, "session": row.session}))


def _strangers(session: Session) -> AttendanceQuerySet:
    """Who was there and is no member as far as the list knows."""
    return Attendance.objects.came().filter(session=session, member=None)
