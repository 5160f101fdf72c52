"""Small gatherings: a member of a series proposes one, a host lets it through."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events.forms.gatherings import GatheringForm
from events.models import Gathering, Series
from events.views.hosting import posted
from members.access import joined_required, me


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
            messages.success(request, _("Thank you. A host looks at it; then it stands among the coming mornings."))
            return redirect("gatherings", slug)
    waiting = Gathering.objects.waiting(now).filter(series=series).select_related("member", "series")
    shown = waiting if hosting else waiting.filter(member=me(request))
    context = {"series": series, "form": form, "waiting": list(shown[:30]), "hosting": hosting}
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
                messages.success(request, _("It stands among the coming mornings, with its member as host."))
                return redirect(session)
        else:
            found.decline(now=now, actor=me(request))
    elif found.member_id == me(request).pk:
        found.decline(now=now, actor=me(request))
    else:
        raise Http404
    return redirect("gatherings", found.series.slug)
