"""The page of a session, answering on it, bringing friends, and the meeting-point card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from events import next_steps, questions, versions
from events.forms.answers import AnswerForm, FriendForm, QuestionForm, agreed
from events.forms.asked import DetailsForm
from events.models import Details, Remembered, SeatsError, Series, Session
from events.models.session import to_answer
from events.pages import meeting
from events.pages import session as pages
from events.pages.session import SeenSession
from events.views.kept import kept
from members.models import Member

# Forms whose shape is wrong; answers that cannot be taken as things stand.
UNPROCESSABLE, CONFLICT = 422, 409


def _version(request: HttpRequest, code: str) -> str | None:
    """The ETag of a page shown to nobody in particular; a signed-in reader's page has none."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return None
    version = versions.public_page(code, now=timezone.now())
    return f'"{version}"' if version else None


@require_safe
@vary_on_headers("Cookie", "Accept-Language")
@kept
@condition(etag_func=_version)
def session(request: HttpRequest, code: str) -> HttpResponse:
    """One session, before and after."""
    return _page(request, code)


def _answering(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Who answers is signed in and has a name; the way there leads back to the session's page."""

    @wraps(view)
    def asked(request: HttpRequest, code: str, **named: int) -> HttpResponse:
        page = reverse("session", args=[code])
        if not isinstance(request.user, Member):
            return redirect_to_login(page)
        if not request.user.name:
            return redirect(f"{reverse('profile')}?{urlencode({'next': page})}")
        session = to_answer(code, request.user)
        if session is None:
            raise Http404
        return view(request, session, request.user, **named)

    return asked


@require_POST
@_answering
def rsvp(request: HttpRequest, session: Session, member: Member) -> HttpResponse:
    """Coming, or not this time; perhaps with a question to the guest."""
    form, question = AnswerForm(request.POST), QuestionForm(request.POST)
    asks = "question" in request.POST
    if not (form.is_valid() and question.is_valid()):
        return _page(request, session.code, status=UNPROCESSABLE, **({"question_form": question} if asks else {}))
    asked = question.cleaned_data["question"] if asks else None
    try:
        answered = session.rsvp(
            member, form.cleaned_data["partstat"], now=timezone.now(), question=asked, agreed=agreed(request.POST)
        )
        if asks:
            questions.sign(answered, named=question.cleaned_data["named"])
    except SeatsError as error:
        typed = {"question_form": question} if asks else {}
        return _page(request, session.code, status=CONFLICT, refusal=error.message, **typed)
    return redirect(f"{session.get_absolute_url()}#seat")


@require_POST
@_answering
def friends(request: HttpRequest, session: Session, member: Member) -> HttpResponse:
    """Bring a friend."""
    form = FriendForm(request.POST)
    if not form.is_valid():
        return _page(request, session.code, status=UNPROCESSABLE, friend_form=form)
    try:
        session.add_friend(member, **form.cleaned_data, now=timezone.now())
    except SeatsError as error:
        return _page(request, session.code, status=CONFLICT, refusal=error.message, friend_form=form)
    return redirect(f"{session.get_absolute_url()}#friends")


@require_POST
@_answering
def friend_removal(request: HttpRequest, session: Session, member: Member, pk: int) -> HttpResponse:
    """The friend does not come after all."""
    try:
        session.remove_friend(member, pk, now=timezone.now(), agreed=agreed(request.POST))
    except SeatsError as error:
        return _page(request, session.code, status=CONFLICT, refusal=error.message)
    return redirect(f"{session.get_absolute_url()}#friends")


@require_POST
@_answering
def details(request: HttpRequest, session: Session, member: Member) -> HttpResponse:
    """What is asked beside the answer: food, a telephone, pictures, what the host wants to know."""
    now = timezone.now()
    asking = pages.page(pages.found_or_404(session.code, member, now=now), member, now=now).asking
    if asking is None:
        return _page(request, session.code, status=CONFLICT, refusal=_("You have no seat for this morning."))
    form = DetailsForm(request.POST, asking=asking)
    if not form.is_valid():
        return _page(request, session.code, status=UNPROCESSABLE, details_form=form)
    rsvp = session.rsvps.get(member=member)
    Details.tell(rsvp, form.told, form.replies, now=now)
    return redirect(f"{session.get_absolute_url()}#asked")


@require_POST
@_answering
def listing(request: HttpRequest, session: Session, member: Member) -> HttpResponse:
    """The one answer to whether those who come may see one's name."""
    Remembered.choose_listing(member, listed=request.POST.get("listed") == "yes", now=timezone.now())
    return redirect(f"{session.get_absolute_url()}#who")


@require_safe
def meeting_point(request: HttpRequest, code: str) -> HttpResponse:
    """The card with the way in, for whoever was given the link."""
    try:
        card = meeting.passed_on(code, now=timezone.now())
    except Session.DoesNotExist as missing:
        raise Http404 from missing
    context = {"card": card, "session": card.session, "is_over": card.session.is_over(timezone.now())}
    response = render(request, "events/meeting_point.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _page(request: HttpRequest, code: str, *, status: int = 200, **extra: Any) -> HttpResponse:
    """The session's page, also as the answer to something that could not be done: what was typed stays."""
    now = timezone.now()
    found = pages.found_or_404(code, request.user, now=now)
    page = pages.page(found, request.user, now=now)
    forms: dict[str, Any] = {
        "friend_form": FriendForm(),
        "question_form": QuestionForm(initial={"question": page.mine.question, "named": page.mine.question_named}),
        "details_form": DetailsForm(asking=page.asking) if page.asking else None,
    }
    context = {"page": page, "session": found, "steps": _steps(request, found, now=now), **forms, **extra}
    return render(request, "events/session.html", context, status=status)


def _steps(request: HttpRequest, session: SeenSession, *, now: datetime) -> list[dict[str, str]]:
    """What is to be done next, for who proposed a gathering: they host it, and have no desk to read it on."""
    if not session.hosting or session.recurrence_id is not None:
        return []
    if Series.objects.hosted_by(request.user).filter(pk=session.series_id).exists():
        return []
    steps = next_steps.of([session], now=now, of_series=False)
    return [{**next_steps.row(step, get_language() or "ja"), "when": ""} for step in steps]
