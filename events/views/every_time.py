"""Coming every time unless one says no: begun, paused and ended on one page, from the series and from every mail."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events import dates, every_time
from events.forms.every_time import WishForm
from events.links import EVERY_TIME
from events.models import Membership, Series, StandingRsvp
from members import links
from members.access import me, private
from members.models import Member


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def of_series(request: HttpRequest, slug: str) -> HttpResponse:
    """For whoever belongs to the series."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    return _page(request, series, me(request), request.path)


@require_http_methods(["GET", "HEAD", "POST"])
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The same from a mail, without signing in: GET shows, POST acts."""
    try:
        ids = links.read(EVERY_TIME, token, now=timezone.now())
    except links.BadLink:
        return private(render(request, "events/answer_unknown.html", status=404))
    member = Member.objects.of_link(ids).first()
    series = Series.objects.filter(pk=ids["s"]).first()
    if member is None or series is None:
        return private(render(request, "events/answer_unknown.html", status=404))
    return private(_page(request, series, member, request.path))


def _page(request: HttpRequest, series: Series, member: Member, here: str) -> HttpResponse:
    if not Membership.objects.active().filter(series=series, member=member).exists():
        raise Http404
    now = timezone.now()
    word = StandingRsvp.objects.select_related("series", "member").filter(series=series, member=member).first()
    if request.method == "POST":
        form = WishForm(request.POST)
        if form.is_valid():
            _act(request, form, series, member, word)
            return redirect(here)
    today = now.astimezone(series.zone).date()
    standing = word is not None and not word.has_ended
    paused = word is not None and word.is_paused(today)
    context = {
        "series": series,
        "member": member,
        "word": word,
        "standing": standing,
        "paused_until": dates.day(word.paused_until, dates.language(), year=True) if paused and word else "",
        "seats": every_time.seats_ahead(word, now=now) if standing and word else [],
        "pauses": every_time.PAUSES,
        "half": every_time.half(series),
    }
    return render(request, "events/every_time.html", context, status=422 if request.method == "POST" else 200)


def _act(request: HttpRequest, form: WishForm, series: Series, member: Member, word: StandingRsvp | None) -> None:
    now, wish = timezone.now(), form.cleaned_data["wish"]
    if wish in {"begin", "resume"}:
        every_time.begin(series, member, now=now)
        messages.success(request, _("A seat is kept for you from now on. Say no whenever you cannot come."))
    elif word is not None and form.months:
        until = every_time.months_on(now.astimezone(series.zone).date(), form.months)
        every_time.pause(word, until, now=now)
        messages.success(request, _("Paused. Your seats until then are free for others."))
    elif word is not None:
        every_time.end(word, StandingRsvp.End.ASKED, now=now)
        messages.success(request, _("Ended. You answer each morning by itself again."))
