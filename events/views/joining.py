"""Joining a series, by its page or by a link; coming for the first time; and the hosts' side of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import joining, running_order
from events.forms.joining import JoinForm, JoiningForm
from events.joining import Way
from events.models import JoinLink, JoinRequest, Series, Session
from events.pages import front as pages
from events.pages import session as session_pages
from events.views.hosting import posted
from members import house_rules, links
from members.access import me
from members.models import Activity, Member

UNPROCESSABLE, CONFLICT = 422, 409


@require_http_methods(["GET", "POST"])
def membership(request: HttpRequest, slug: str) -> HttpResponse:
    """Join, or ask to: what we agree on comes first."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    return _joining(request, series, None)


@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, key: str) -> HttpResponse:
    """The same for whoever was given the link. To all others there is no such page, whatever series there are."""
    link = joining.link_of(key)
    if link is None:
        raise Http404
    response = _joining(request, link.series, link)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _joining(request: HttpRequest, series: Series, link: JoinLink | None) -> HttpResponse:
    here, now = request.path, timezone.now()
    member = request.user if isinstance(request.user, Member) else None
    if request.method == "POST" and member is None:
        return redirect_to_login(here)
    if member is not None and not member.has_profile:
        return redirect(f"{reverse('profile')}?{urlencode({'next': here})}")
    if member is not None and series.role_of(member):
        return redirect(series)
    way = Way.JOIN if link else joining.way(series, request.user, now=now)
    agreed = member is not None and house_rules.accepted(member)
    form = JoinForm(posted(request), asks=way is Way.ASK, agreed=agreed)
    status = 200
    if member is not None and request.method == "POST":
        if way in {Way.JOIN, Way.ASK} and form.is_valid():
            try:
                _come_in(series, member, way, link, form)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _thanks(way))
                return redirect(series if way is Way.JOIN else "series", *([] if way is Way.JOIN else [series.slug]))
        status = UNPROCESSABLE if form.errors else CONFLICT
    context = {"series": series, "way": way.value, "form": form, "here": here, "rhythm": pages.rhythm(series)}
    return render(request, "events/join.html", context, status=status)


@transaction.atomic
def _come_in(series: Series, member: Member, way: Way, link: JoinLink | None, form: JoinForm) -> None:
    now = timezone.now()
    house_rules.accept(member, now=now)
    if link is not None:
        joining.join_by(link, member, now=now)
    elif way is Way.JOIN:
        series.join(member, now=now)
    else:
        joining.ask(series, member, form.cleaned_data["words"], now=now)


def _thanks(way: Way) -> str:
    if way is Way.JOIN:
        return _("You belong to it now. Before each morning a mail asks whether you come.")
    return _("Thank you. The hosts have been asked; their answer comes by mail.")


@require_safe
def first_time(request: HttpRequest, slug: str) -> HttpResponse:
    """Coming for the first time: that morning minute by minute, what it costs, and that listening is fine."""
    series = get_object_or_404(Series.objects.visible_to(request.user).select_related("venue"), slug=slug)
    sessions = Session.objects.visible_to(request.user).filter(series=series)
    coming = sessions.on().upcoming(timezone.now()).filter(starts_at__gt=timezone.now())
    # A morning by the rule, if there is one: an outing is not what newcomers ask about.
    morning = coming.order_by(F("recurrence_id").asc(nulls_last=True), "starts_at", "pk").first()
    if morning is not None:
        morning.series = series
    told = morning.programme if morning else ""
    rows = session_pages.schedule(told) or session_pages.schedule(running_order.plain(series))
    context = {"series": series, "session": morning, "rows": rows, "priced": morning or series}
    return render(request, "events/first_time.html", context)


# Hosts


@login_required
@require_http_methods(["GET", "POST"])
def of_series(request: HttpRequest, slug: str) -> HttpResponse:
    """How people come to belong, the link with how many came by it, and who waits for a yes."""
    series = _hosted(request, slug)
    form = JoiningForm(posted(request), instance=series)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            now, chosen = timezone.now(), form.cleaned_data["joining"]
            Activity.record(me(request), "series.joining", f"series:{slug}", now=now, joining=chosen)
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("series_joining", slug)
    link = series.join_links.filter(ended_at=None).first()
    context = {
        "series": series,
        "form": form,
        "link": link,
        "address": links.absolute("join", link.key) if link else "",
        "came": link.memberships.count() if link else 0,
        "requests": joining.waiting_for(me(request), series=series),
    }
    return render(request, "events/joining.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_required
@require_POST
def link_renewal(request: HttpRequest, slug: str) -> HttpResponse:
    """A link, or another one."""
    joining.renew_link(_hosted(request, slug), now=timezone.now(), actor=me(request))
    messages.success(request, _("Here is the new link. One from before leads nowhere any more."))
    return redirect("series_joining", slug)


@login_required
@require_POST
def link_removal(request: HttpRequest, slug: str) -> HttpResponse:
    """No link any more."""
    joining.end_link(_hosted(request, slug), now=timezone.now(), actor=me(request))
    return redirect("series_joining", slug)


@login_required
@require_POST
def request_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Yes, or a kind no; back to where it was tapped."""
    asked = get_object_or_404(JoinRequest, series=_hosted(request, slug), pk=pk)
    accepts = request.POST.get("answer") == "yes"
    joining.answer(asked, accepts=accepts, now=timezone.now(), actor=me(request))
    messages.success(request, _("Answered; a mail tells it."))
    return redirect("desk" if request.POST.get("from") == "desk" else reverse("series_joining", args=[slug]))


def _hosted(request: HttpRequest, slug: str) -> Series:
    return get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
