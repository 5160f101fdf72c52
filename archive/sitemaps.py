"""What search engines may look at: every address a stranger may open, and none of the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from events.models import Series, Session
from events.schema_org import absolute
from invitations.views.guests import seen_by
from speakers.models import Speaker

# What needs a session or a secret; the pages themselves say noindex too.
CLOSED = ("/answer/", "/calendar/", "/desk/", "/m/", "/mail/", "/members/", "/operator/")


class Pages(Sitemap[str]):
    """The pages there are once."""

    def items(self) -> list[str]:
        return ["front", "about", "books", "archive", "figures"]

    def location(self, item: str) -> str:
        return reverse(item)


class AllSeries(Sitemap[Series]):
    """Series open to everyone."""

    def items(self) -> QuerySet[Series]:
        return Series.objects.visible_to(AnonymousUser()).order_by("pk")


class Sessions(Sitemap[Session]):
    """Their sessions, coming and past."""

    limit = 10_000

    def items(self) -> QuerySet[Session]:
        seen = Session.objects.visible_to(AnonymousUser()).published()
        return seen.only("code", "changed_at").order_by("-starts_at", "-pk")

    def lastmod(self, item: Session) -> datetime:
        return item.changed_at


class Speakers(Sitemap[Speaker]):
    """The guests of those."""

    limit = 10_000

    def items(self) -> QuerySet[Speaker]:
        return seen_by(AnonymousUser())


MAPS: dict[str, type[Sitemap[Any]] | Sitemap[Any]] = {
    "pages": Pages,
    "series": AllSeries,
    "sessions": Sessions,
    "speakers": Speakers,
}


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """https://www.sitemaps.org/protocol.html, all in one file: `?p=2` continues a club of more than 10,000 mornings."""
    return views.sitemap(request, MAPS)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """RFC 9309: what need not be tried, and where the map is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), "", f"Sitemap: {absolute(reverse('sitemap'))}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
