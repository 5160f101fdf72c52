"""What series, year, guest, trade and topic leave of the past: of sessions, and of the documents found under them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from archive.forms import Wish
from events.models import Attendance, Session, Talk
from events.pages.people import MIX_FROM
from members.levels import Level
from search import tokens
from search.models import Document, DocumentQuerySet

Codes = QuerySet[Any, Any]


def sessions(found: QuerySet[Session], wish: Wish) -> QuerySet[Session]:
    """Those of the wish's series, year, guest, trade and topic."""
    if wish.series:
        found = found.filter(series__slug=wish.series)
    if wish.year:
        zone = ZoneInfo(settings.TIME_ZONE)
        first = datetime(wish.year, 1, 1, tzinfo=zone)
        last = datetime(wish.year, 12, 31, 23, 59, 59, 999_999, tzinfo=zone)
        found = found.filter(starts_at__gte=first, starts_at__lte=last)
    return found.filter(among(wish, "code"))


def documents(found: DocumentQuerySet, wish: Wish) -> DocumentQuerySet:
    """Those of the sessions that the same leaves."""
    if wish.series:
        found = found.filter(series_slug=wish.series)
    if wish.year:
        found = found.filter(on__gte=date(wish.year, 1, 1), on__lte=date(wish.year, 12, 31))
    found = found.filter(among(wish, "session_code"))
    if wish.guest:
        # Of a morning with several, the talks of others are not what is looked for.
        found = found.filter(~Q(kind=Document.Kind.TALK) | Q(pk__in=_talks_of(wish.guest).values("pk")))
    return found


def among(wish: Wish, code: str) -> Q:
    """The guest, the trade and the topic of a wish, as a condition on the column that has the code of a session."""
    asked = Q()
    if wish.guest:
        asked &= Q(**{f"{code}__in": _with_guest(wish.guest)})
    if wish.industry:
        asked &= Q(**{f"{code}__in": _with_trade(wish.industry)})
    if wish.topic:
        asked &= Q(**{f"{code}__in": Talk.objects.filter(tags__contains=[wish.topic]).values("session__code")})
    return asked


def _with_guest(name: str) -> Codes:
    """Where somebody spoke who is called so, in any of the ways a name is written.

    Who may know is not asked here: a talk is found by the same people as everything of its session. The names of
    members, which are for members, stand by themselves, without a title.
    """
    return _talks_of(name).values_list("session_code", flat=True)


def _talks_of(name: str) -> DocumentQuerySet:
    talks = Document.objects.filter(kind=Document.Kind.TALK, session_code__isnull=False).exclude(title="")
    return talks.answering(tokens.named(name) or "").order_by()


def _with_trade(industry: str) -> Codes:
    """Where somebody of this trade was at the table, as its picture of trades tells everybody: from five people up."""
    shown = Attendance.objects.came().filter(member__industry_level__gt=Level.NOBODY).exclude(member__industry="")
    of_it = Count("pk", filter=Q(member__industry=industry))
    there = shown.order_by().values("session__code").annotate(n=Count("pk"), of_it=of_it)
    return there.filter(n__gte=MIX_FROM, of_it__gte=1).values_list("session__code", flat=True)
