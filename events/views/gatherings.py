"""Small gatherings: a member of a series proposes one, a host lets it through."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events import dates
from events.forms.gatherings import GatheringForm
from events.models import Gathering, Series
from events.views.hosting import posted
from members.access import joined_required, me
from members.models import Member
from members.templatetags.people import called


def steps(host: Member) -> Iterator[dict[str, str]]:
    """What members propose and nobody has answered, as the desk shows its steps. One query."""
    for one in Gathering.objects.for_host(host, timezone.now())[:20]:
        at = one.starts_at.astimezone(one.series.zone)
        day = dates.day(at.date(), get_language() or "ja", year=False)
        told = {"title": one.title, "day": day, "at": dates.clock(at), "name": called(one.member) if one.member else ""}
        yield {
            "what": _("A small gathering is proposed"),
            "why": _("%(name)s: “%(title)s”, %(day)s %(at)s. If you say yes, it joins the coming mornings.") % told,
            "when": one.series.display_name,
            "href": reverse("gatherings", args=[one.series.slug]),
            "button": _("Look at it"),
            "urgent": "",
        }


@joined_required
@require_http_methods(["GET", "POST"])
def of_series(request: HttpRequest, slug: str) -> HttpResponse:
    """What is proposed, and one's own proposal; for those who belong to the series."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    now, hosting = timezone.now(), Series.objects.hosted_by(request.user).filter(pk=series.pk).exists()
    if not hosting and not series.role_of(me(request)):
        raise Http404
    form = GatheringForm(posted(request), instance=Gathering(series=series, member=me(request)))
    if request.method == "POST" and form.is_valid():
        try:
            form.instance.propose(now=now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Thank you. A host looks at it; then it joins the coming mornings."))
            return redirect("gatherings", slug)
    waiting = Gathering.objects.waiting(now).filter(series=series).select_related("member", "series")
    shown = waiting if hosting else waiting.filter(member=me(request))
    declined = Gathering.objects.declined_lately(now).filter(series=series, member=me(request))
    context = {
        "series": series,
        "form": form,
        "waiting": list(shown[:30]),
        "declined": list(declined[:3]),
        "hosting": hosting,
    }
    return render(request, "events/gatherings.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """A host lets it through or not; whoever proposed it takes it back."""
    found = get_object_or_404(Gathering.objects.select_related("series"), code=code)
    now, says = timezone.now(), request.POST.get("answer")
    if Series.objects.hosted_by(request.user).filter(pk=found.series_id).exists():
        if says == "yes":
            session = found.let_through(now=now, actor=me(request))
            if session is not None:
                messages.success(request, _("It is one of the coming mornings now, with its member as host."))
                return redirect(session)
        else:
            found.decline(now=now, actor=me(request))
    elif found.member_id == me(request).pk:
        found.take_back()
    else:
        raise Http404
    return redirect("gatherings", found.series.slug)
