"""Where a host writes to some of the people of a session: first a look, then one tap."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from events import first_timers, host_messages, nights, segments
from events.forms.messages import MessageForm
from events.models import HostMessage, Segment
from events.pages import messages as page
from events.views.hosting import actor, hosted, posted


@login_required
@require_http_methods(["GET", "POST"])
def host_messages_of(request: HttpRequest, code: str) -> HttpResponse:
    """The form; after the first button how it reads and to how many it goes; after the second it is on its way."""
    session, now = hosted(request, code), timezone.now()
    sizes = segments.sizes(session)
    draft = HostMessage(session=session, author=actor(request))
    open_to = host_messages.open_to(session, now=now, of_series=session.hosts_series)  # type: ignore[attr-defined]
    begins = request.method == "GET" and _to_new(request, open_to)
    if begins:
        draft = HostMessage(session=session, author=actor(request), **first_timers.begun(session))
    form = MessageForm(posted(request), segments=open_to, sizes=sizes, instance=draft)
    valid = request.method == "POST" and form.is_valid()
    if valid and "send" in request.POST:
        try:
            sent = host_messages.send(session, draft.segment, draft.subject, draft.text, actor=actor(request), now=now)
        except ValidationError as error:
            form.add_error(None, error)
            valid = False
        else:
            messages.success(request, _handed_over(sent.people) + nights.word(now, session.zone, now=now))
            return redirect("session_messages", code)
    context = {
        "session": session,
        "form": form,
        "people": sizes.get(draft.segment, 0),
        "mail": page.mail(draft, actor(request)) if valid or begins else None,
        "night": nights.word(now, session.zone, now=now),
        "written": page.written(list(session.host_messages.select_related("author")[:20])),
    }
    return render(request, "events/messages.html", context, status=200 if valid or request.method == "GET" else 422)


def _to_new(request: HttpRequest, open_to: list[Segment]) -> bool:
    """Whether the desk led here, to write to those who came for the first time."""
    return request.GET.get("to") == Segment.FIRST and Segment.FIRST in open_to


def _handed_over(people: int) -> str:
    said = ngettext(
        "Handed to the outgoing mail, for %(n)d person.", "Handed to the outgoing mail, for %(n)d people.", people
    )
    return said % {"n": people}
