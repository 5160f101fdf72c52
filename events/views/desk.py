"""The host's home: what to do next, and nothing else."""

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events import joining, next_steps, programme
from events.models import Series, Session
from events.views import concerns, gatherings
from members.access import me

# The desk looks this far back for things left undone.
BACK_DAYS = 45


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Steps in order of urgency, one button each; the coming sessions with their seats beside them."""
    now = timezone.now()
    hosted = Session.objects.hosted_by(request.user).select_related("series", "venue")
    sessions = list(hosted.filter(starts_at__gt=now - timedelta(days=BACK_DAYS)).order_by("starts_at")[:60])
    series = list(Series.objects.hosted_by(request.user))
    if not series and not request.user.is_staff:
        raise Http404
    steps = next_steps.of(sessions, now=now)
    language = get_language() or "ja"
    now_rows = [next_steps.row(step, language) for step in steps if step.urgency < 0]
    today = [next_steps.row(step, language) for step in steps if step.urgency == 0]
    rest = [next_steps.row(step, language) for step in steps if step.urgency > 0]
    rows = [*now_rows, *concerns.steps(me(request)), *today, *gatherings.steps(me(request)), *rest]
    requests = joining.waiting_for(me(request))
    coming = [session for session in sessions if session.ends_at > now]
    titles = programme.programmes(coming[:8])
    for session in coming[:8]:
        session.title = programme.title(session, titles.get(session.pk, programme.NOTHING))
    here = timezone.localtime(now)
    meeting = {session.series_id for session in sessions}

    def is_live(one: Series) -> bool:
        """One that goes on, or of which something is to be done; a hundred imported ones are folded away."""
        return bool(one.rule) or one.pk in meeting

    context = {
        "now": here,
        "greeting": greeting(here.hour),
        "first": rows[:1],
        "rest": rows[1:],
        "requests": requests,
        "number": len(rows) + len(requests),
        "until": None if rows or requests else until(sessions, here, language),
        "coming": coming[:8],
        "series": [one for one in series if is_live(one)],
        "resting": [one for one in series if not is_live(one)],
    }
    return render(request, "events/desk.html", context)


def until(sessions: list[Session], here: datetime, language: str) -> dict[str, str]:
    """That there is nothing to do, and until which day: what it will be then, as things stand."""
    found = next_steps.ahead(sessions, now=here)
    if found is None:
        return {"said": _("There is nothing to do this week."), "then": ""}
    then = f"{next_steps.when(found.step.session, language)}: {found.step.what}"
    if found.days == 0:
        return {"said": _("There is nothing to do until later today."), "then": then}
    if found.days == 1:
        return {"said": _("There is nothing to do until tomorrow."), "then": then}
    day = date_format(here + timedelta(days=found.days), "l")
    return {"said": _("There is nothing to do until %(day)s.") % {"day": day}, "then": then}


def greeting(hour: int) -> str:
    """What one says at this hour."""
    if hour < 11:
        return _("Good morning.")
    return _("Good afternoon.") if hour < 18 else _("Good evening.")
