"""Words to pass on about a morning. Here because a report that is up is one of the things to tell."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events import programme, words
from events.models import Series, Session
from members.access import me
from records.models import Report


@login_required
@require_safe
def session_words(request: HttpRequest, code: str) -> HttpResponse:
    """The text that fits this moment, to copy or to share; for hosts."""
    hosted = Session.objects.hosted_by(me(request)).select_related("series", "venue")
    session = get_object_or_404(hosted, code=code)
    has_report = Report.objects.published().filter(session=session).exists()
    told = words.told(session, programme.of(session), has_report=has_report, now=timezone.now())
    text = words.text(told) if told else ""
    context = {
        "session": session,
        "text": text,
        "line": words.line_share(text),
        "facebook": words.facebook_share(session),
        "is_open": session.series.audience == Series.Audience.PUBLIC,
    }
    return render(request, "records/words.html", context)
