"""Leaving a series from a mail (RFC 8058): GET shows, POST leaves, without signing in and without a cookie."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from events.links import LEAVE
from events.models import Series
from members import links
from members.models import Member


@csrf_exempt  # the mail program posts by itself; the signed address is the key
@require_http_methods(["GET", "HEAD", "POST"])
def leaving(request: HttpRequest, token: str) -> HttpResponse:
    """No more reminders of this series; seats already given stand."""
    found = _read(token)
    if found is None:
        return _private(render(request, "events/answer_unknown.html", status=404))
    member, series = found
    if request.method == "POST":
        series.leave(member, now=timezone.now())
    context = {"series": series, "left": request.method == "POST" or not series.role_of(member)}
    return _private(render(request, "events/leaving.html", context))


def _read(token: str) -> tuple[Member, Series] | None:
    try:
        ids = links.read(LEAVE, token, now=timezone.now())
    except links.BadLink:
        return None
    member = Member.objects.filter(pk=ids["m"], link_version=ids["v"]).first()
    series = Series.objects.filter(pk=ids["s"]).first()
    return (member, series) if member and series else None


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    return response
