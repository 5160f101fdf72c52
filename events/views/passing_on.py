"""Where a host chooses how free seats are passed on near the start: for the series, and differently for one morning."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events import passing_on
from events.forms.passing_on import PassingOnForm
from events.models import Series
from events.views.hosting import actor, hosted, posted
from members.models import Activity


@login_required
@require_http_methods(["GET", "POST"])
def of_series(request: HttpRequest, slug: str) -> HttpResponse:
    """What becomes of a free seat in the last three days, for every morning that does not do it differently."""
    series = get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
    form = PassingOnForm(posted(request), of=series)
    if request.method == "POST" and form.is_valid():
        passing_on.choose(series, **form.cleaned_data, now=timezone.now(), actor=actor(request))
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("series_seats", series.slug)
    context = {"series": series, "form": form, "back": series.get_absolute_url()}
    return render(request, "events/passing_on.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def headcount(request: HttpRequest, code: str) -> HttpResponse:
    """The restaurant was told how many come: spare covers are for friends from now on."""
    session = hosted(request, code)
    with transaction.atomic():
        session.headcount_told(now=timezone.now())
        told = {"covers": session.seats_promised, "spare": session.spare_covers}
        Activity.record(actor(request), "session.headcount", f"session:{session.code}", now=timezone.now(), **told)
    messages.success(request, _("Noted. Friends may have the spare covers from now on."))
    return redirect("session_seats", session.code)


@login_required
@require_http_methods(["GET", "POST"])
def of_session(request: HttpRequest, code: str) -> HttpResponse:
    """The same for one morning alone."""
    session = hosted(request, code)
    form = PassingOnForm(posted(request), of=session)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            session.set_near_start(form.cleaned_data["near_start"], now=timezone.now())
            session.keep_for_newcomers(form.cleaned_data["seats_for_new"], now=timezone.now())
            session.set_spare_covers(form.cleaned_data["spare_covers"], now=timezone.now())
            Activity.record(actor(request), "session.seats", f"session:{session.code}", now=timezone.now())
        messages.success(request, _("Saved, for this morning alone."))
        return redirect("session_seats", session.code)
    tells = session.spare_covers and session.spares_freed_at is None and not session.is_over(timezone.now())
    context = {"session": session, "series": session.series, "form": form, "back": session.get_absolute_url()}
    context["tells"] = tells
    return render(request, "events/passing_on.html", context, status=422 if form.errors else 200)
