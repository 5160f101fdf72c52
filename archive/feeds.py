"""What is new, for feed readers (RFC 4287): mornings as they are announced, and again when their report is up."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, DateTimeField, F, QuerySet, When
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from events import programme
from events.models import Series, Session
from events.pages.front import label, who
from events.schema_org import absolute
from events.templatetags.sessions import session_when
from members.models import Club
from records.markdown import html

ENTRIES = 30


@require_safe
@vary_on_headers("Accept-Language")
def club(request: HttpRequest) -> HttpResponse:
    """The whole club, as strangers see it."""
    current = Club.current()
    name, sentence = current.display_name, current.display_sentence
    return _answer(request, _news(), name, sentence, absolute(reverse("front")))


@require_safe
@vary_on_headers("Accept-Language")
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """One series that is open to everyone; for members there is the calendar."""
    found = get_object_or_404(Series.objects.visible_to(AnonymousUser()), slug=slug)
    sessions = _news().filter(series=found)
    return _answer(request, sessions, found.display_name, found.summary, absolute(found.get_absolute_url()))


def _news() -> QuerySet[Session]:
    """Sessions a stranger may see, the latest news first: announced, called off, or reported about."""
    published = Session.objects.visible_to(AnonymousUser()).published()
    reported = Case(
        When(report__published_at__isnull=False, then=F("report__published_at")), output_field=DateTimeField()
    )
    news = Greatest("published_at", "cancelled_at", reported)
    return published.annotate(news_at=news).select_related("series", "venue", "report").order_by("-news_at", "-pk")


def _answer(request: HttpRequest, news: QuerySet[Session], title: str, subtitle: str, link: str) -> HttpResponse:
    """The feed; the middleware adds an ETag, so that a reader who asks again costs no transfer."""
    sessions = list(news[:ENTRIES])
    programmes = programme.programmes(sessions)
    language = get_language()
    here = absolute(request.path)
    feed = Atom1Feed(title, link, "", language=language, subtitle=subtitle, feed_url=here, author_name=title)
    for session in sessions:
        on = programmes.get(session.pk, programme.NOTHING)
        address = absolute(session.get_absolute_url())
        news_at: datetime = vars(session)["news_at"]
        feed.add_item(
            f"{label(session)} {programme.title(session, on)}",
            address,
            _says(session, on),
            unique_id=address,
            pubdate=session.published_at,
            updateddate=news_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _says(session: Session, on: programme.Programme) -> SafeString:
    """An entry as HTML: when, who and where, and what there is to read."""
    lines = [session_when(session, "year"), who(on), session.venue.display_name if session.venue else ""]
    if session.is_cancelled:
        lines.insert(0, _("This morning is not on."))
    head = format_html_join("", "<p>{}</p>", [(line,) for line in lines if line])
    report = getattr(session, "report", None)
    if report is not None and report.is_published:
        return head + html(report.body)
    return head + format_html_join("", "<p>{}</p>", [(line,) for line in session.summary.splitlines() if line.strip()])
