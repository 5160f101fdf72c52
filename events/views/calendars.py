"""Calendars to subscribe to, and the page that says how."""

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from events import calendars
from events.models import Series, Session
from members import limits
from members.models import Activity, Club, Member


def _answer(content: bytes, name: str) -> HttpResponse:
    """A calendar; the middleware adds an ETag, so that a feed that did not change costs no transfer."""
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{name}.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def session_ics(request: HttpRequest, code: str) -> HttpResponse:
    """One morning."""
    sessions = Session.objects.visible_to(request.user).published().select_related("series", "venue")
    return _answer(calendars.of_session(get_object_or_404(sessions, code=code)), code)


@require_safe
def series_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """A series, as far as the reader may see it."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    return _answer(calendars.of_series(series, request.user, now=timezone.now()), slug)


@require_safe
def personal(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """A member's own mornings, to whoever knows the secret address; who guesses is told to wait, after a while."""
    member = calendars.member_of_feed(code, token)
    if member is None:
        if refused := limits.refused(request, "feed"):
            return refused
        raise Http404
    with override(member.language):
        name = Club.current().display_name
        return _answer(calendars.of_member(member, now=timezone.now(), name=name), "calendar")


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The address of one's own feed, and the public ones."""
    assert isinstance(request.user, Member)  # noqa: S101 - a login is required
    series = Series.objects.visible_to(request.user)[:50]
    return render(request, "events/calendar.html", {"feed": calendars.feed_url(request.user), "series": series})


@login_required
@require_POST
def rotation(request: HttpRequest) -> HttpResponse:
    """A new secret address; the old one leads nowhere at once."""
    assert isinstance(request.user, Member)  # noqa: S101 - a login is required
    Member.objects.filter(pk=request.user.pk).update(feed_version=F("feed_version") + 1)
    Activity.record(request.user, "feed.rotate", f"member:{request.user.code}", now=timezone.now())
    return redirect("calendar")
