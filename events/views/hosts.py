"""Who hosts a series: the page, giving and taking tasks, handing the series on."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import hosts as rules
from events.models import Membership, Series
from events.models.series import MembershipQuerySet
from events.pages import hosts as pages
from members.access import me
from members.models import Member
from members.proof import lately

CONFLICT, UNPROCESSABLE = 409, 422
WHOM_AT_MOST = 60


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=[(role.value, role.label) for role in rules.GIVEN])


class OfferForm(forms.Form):
    """`to` is the code of somebody who hosts the series."""

    to = forms.SlugField(max_length=20, error_messages={"required": gettext_lazy("Please choose somebody.")})


@login_required
@require_safe
def series_hosts(request: HttpRequest, slug: str) -> HttpResponse:
    """Who has which task; for an owner also whom one could ask."""
    return _page(request, get_object_or_404(Series.objects.hosted_by(request.user), slug=slug))


@login_required
@require_POST
def series_role(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """This member stands at the door, hosts too, or does so no longer."""
    series = _owned(request, slug)
    member = get_object_or_404(Member.objects.filter(memberships__in=_belonging(series)), code=code)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, series, status=UNPROCESSABLE, refusal=_("Please choose what they shall do."))
    role = form.cleaned_data["role"]
    return _done(request, series, lambda: rules.appoint(series, member, role, now=timezone.now(), actor=me(request)))


@login_required
@require_POST
def series_offer(request: HttpRequest, slug: str) -> HttpResponse:
    """Offer the series to one of its hosts."""
    series = _owned(request, slug)
    form = OfferForm(request.POST)
    if not form.is_valid():
        return _page(request, series, status=UNPROCESSABLE, refusal=_("Please choose somebody."))
    code = form.cleaned_data["to"]
    member = get_object_or_404(Member.objects.filter(memberships__in=_belonging(series)), code=code)
    return _done(request, series, lambda: rules.offer(series, member, now=timezone.now(), actor=me(request)))


@login_required
@require_POST
def series_offer_withdrawal(request: HttpRequest, slug: str) -> HttpResponse:
    """The offer is off."""
    series = _owned(request, slug)
    return _done(request, series, lambda: rules.withdraw(series, now=timezone.now(), actor=me(request)))


@login_required
@require_POST
def series_stepping_down(request: HttpRequest, slug: str) -> HttpResponse:
    """Give one's own task back."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    mine = Membership.objects.door().filter(series=series, member=me(request))
    get_object_or_404(mine)
    try:
        rules.step_down(series, me(request), now=timezone.now())
    except ValidationError as error:
        return _page(request, series, status=CONFLICT, refusal=error.messages[0])
    messages.success(request, _("You have given your task back. You belong to the series as before."))
    return redirect(series)


@lately
@require_http_methods(["GET", "HEAD", "POST"])
def series_taking_over(request: HttpRequest, slug: str) -> HttpResponse:
    """Yes or no to the series, for the one it is offered to, who signed in just now."""
    offers = Membership.objects.offered(timezone.now()).filter(member=me(request), series__slug=slug)
    mine = get_object_or_404(offers.select_related("series", "offered_by"))
    if request.method != "POST":
        context = {"series": mine.series, "by": mine.offered_by}
        return render(request, "events/taking_over.html", context)
    yes = request.POST.get("answer") == "yes"
    rules.answer(mine.series, me(request), yes=yes, now=timezone.now())
    said = _("The series is yours now.") if yes else _("Nothing has changed. The one who asked is told.")
    messages.success(request, said)
    return redirect("series_hosts", mine.series.slug)


def _owned(request: HttpRequest, slug: str) -> Series:
    """The series, if the reader may say who hosts it; else 404 like one that does not exist."""
    return get_object_or_404(Series.objects.owned_by(request.user), slug=slug)


def _belonging(series: Series) -> MembershipQuerySet:
    return Membership.objects.active().filter(series=series)


def _done(request: HttpRequest, series: Series, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except ValidationError as error:
        return _page(request, series, status=CONFLICT, refusal=error.messages[0])
    messages.success(request, _("Done. Whom it concerns is told by one mail."))
    return redirect("series_hosts", series.slug)


def _page(request: HttpRequest, series: Series, *, status: int = 200, refusal: str = "") -> HttpResponse:
    asked = request.GET.get("q", "")[:WHOM_AT_MOST].strip()
    page = pages.page(series, me(request), asked=asked, now=timezone.now())
    return render(request, "events/hosts.html", {"series": series, "page": page, "refusal": refusal}, status=status)
