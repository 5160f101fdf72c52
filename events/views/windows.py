"""Where a host says when answers are taken and by when the restaurant has its number: series, and one morning."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events import window_words, windows
from events.forms.windows import WindowForm
from events.models import Series, Session
from events.views.hosting import actor, hosted, posted


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def of_series(request: HttpRequest, slug: str) -> HttpResponse:
    """For every morning that does not do it differently."""
    series = get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
    form = WindowForm(posted(request), of=series)
    if _is_to_be_saved(request, form):
        windows.choose(series, form.terms, now=timezone.now(), actor=actor(request))
        messages.success(request, _("Saved, for every morning to come that has no hours of its own."))
        return redirect("series_answers", series.slug)
    return _page(request, form, series)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def of_session(request: HttpRequest, code: str) -> HttpResponse:
    """The same for one morning alone."""
    session = hosted(request, code)
    form = WindowForm(posted(request), of=session)
    if _is_to_be_saved(request, form):
        chosen = form.terms if form.is_own else None
        windows.choose_for(session, chosen, now=timezone.now(), actor=actor(request))
        messages.success(request, _("Saved, for this morning alone."))
        return redirect("session_answers", session.code)
    return _page(request, form, session.series, session)


def _is_to_be_saved(request: HttpRequest, form: WindowForm) -> bool:
    return request.method == "POST" and form.is_valid() and "preview" not in request.POST


def _page(request: HttpRequest, form: WindowForm, series: Series, session: Session | None = None) -> HttpResponse:
    of = session or series
    terms = form.terms if form.is_bound and form.is_valid() else of.terms
    if session and form.is_bound and form.is_valid() and not form.is_own:
        terms = series.terms
    context = {
        "series": series,
        "session": session,
        "form": form,
        "said": window_words.in_both(terms, of.fee_currency),
        "back": of.get_absolute_url(),
    }
    return render(request, "events/window.html", context, status=422 if form.errors else 200)
