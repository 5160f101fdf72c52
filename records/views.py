"""Writing the report of a session, and the line one takes home."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events import this_morning
from events.models import Rsvp, Session, Talk
from members.access import me, private
from members.models import Member
from records import drafting, intentions, markdown, remains, taken_home
from records.forms import AgreedForm, OutcomeForm, ReportForm, TopicsForm
from records.models import Intention, Picture, Report, Takeaway, attended_by, has_guest

UNPROCESSABLE = 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The report of a session that has begun, for its hosts and whoever has that job: a draft, a preview, a report."""
    begun = Session.objects.reported_by(me(request)).filter(published_at__isnull=False, starts_at__lte=timezone.now())
    session = get_object_or_404(begun.select_related("series"), code=code)
    known = Report.objects.filter(session=session).first()
    may_publish: bool = vars(session)["hosting"]
    if known is not None and known.is_published and not may_publish:
        return redirect(f"{session.get_absolute_url()}#report")
    form = ReportForm(_sent(request), instance=known, initial=None if known else _first(session))
    word = AgreedForm(_sent(request), initial={"agreed": known.agreed if known else ""})
    topics = _topics(request, session)
    valid = request.method == "POST" and all(one.is_valid() for one in (form, word, topics) if one)
    if valid and "preview" not in request.POST:
        is_published = "publish" in request.POST and may_publish
        try:
            values = form.cleaned_data | word.cleaned_data | (topics.cleaned_data if topics else {})
            _write(session, values, is_published=is_published, actor=me(request))
        except ValidationError as error:
            word.add_error(None, error)
        else:
            messages.success(request, _("The report is on the page.") if is_published else _("Kept as a draft."))
            return redirect(f"{session.get_absolute_url()}#report" if is_published else request.path)
    pictures = list(Picture.objects.visible_to(me(request)).filter(session=session))
    preview = markdown.html(form.cleaned_data["body"], pictures) if valid else ""
    shown = {"preview": preview, "pictures": pictures, "may_publish": may_publish}
    asks = may_publish and has_guest(session)
    context = {
        "session": session,
        "form": form,
        "known": known,
        "word": word if asks else None,
        "topics": topics,
        **shown,
    }
    status = UNPROCESSABLE if form.errors or word.errors or (topics and topics.errors) else 200
    return render(request, "records/report.html", context, status=status)


def _topics(request: HttpRequest, session: Session) -> TopicsForm | None:
    """Of a session with one talk; of several each has its own."""
    tags = list(Talk.objects.filter(session=session).values_list("tags", flat=True)[:2])
    if len(tags) != 1 or (request.method == "POST" and "topics" not in request.POST):
        return None
    return TopicsForm(_sent(request), initial={"topics": "、".join(tags[0])})


def _write(session: Session, values: dict[str, Any], *, is_published: bool, actor: Member) -> None:
    Report.objects.write(session, **values, is_published=is_published, now=timezone.now(), actor=actor)


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was posted; an empty form is an answer too."""
    return request.POST if request.method == "POST" else None


def _first(session: Session) -> dict[str, str]:
    language = session.language if session.language in dict(settings.LANGUAGES) else "en"
    return {"body": drafting.first_draft(session), "language": language}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def takeaway(request: HttpRequest, code: str) -> HttpResponse:
    """One line, by somebody who came."""
    session = get_object_or_404(attended_by(me(request)).select_related("series"), code=code)
    mine = Takeaway.objects.filter(session=session, member=me(request)).first()
    intention = Intention.objects.filter(session=session, member=me(request)).first()
    form = remains.form_of(me(request), mine, intention, _sent(request))
    if request.method == "POST" and form.is_valid():
        language = get_language() or settings.LANGUAGE_CODE
        said = taken_home.keep(session, me(request), **form.cleaned_data, language=language, now=timezone.now())
        if said and said.hidden_at:
            messages.warning(request, _("It is kept. The hosts have taken your line off the page."))
        else:
            messages.success(request, _("Thank you. Your line is kept."))
        return redirect(f"{session.get_absolute_url()}#learned")
    context = {"session": session, "form": form, "mine": mine, "intention": intention}
    return render(request, "records/takeaway.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_required
@require_POST
def takeaway_removal(request: HttpRequest, code: str) -> HttpResponse:
    """I want my line gone."""
    own = Takeaway.objects.filter(member=me(request), session__in=Session.objects.visible_to(me(request)))
    get_object_or_404(own.select_related("session"), session__code=code).take_back(now=timezone.now())
    messages.success(request, _("Your line is gone."))
    return redirect("session", code)


@login_required
@require_POST
def takeaway_hiding(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A host takes a line off the page."""
    lines = Takeaway.objects.filter(session__in=Session.objects.hosted_by(me(request)), session__code=code)
    get_object_or_404(lines.select_related("session"), pk=pk).hide(now=timezone.now(), actor=me(request))
    messages.success(request, _("The line is off the page. Nobody is told."))
    return redirect("session", code)


@login_required
@require_POST
def intention(request: HttpRequest, code: str) -> HttpResponse:
    """What became of my own line: tapped on the page of the morning before which I am asked, or among my mornings."""
    mine = Intention.objects.filter(member=me(request)).select_related("asked_before")
    row = get_object_or_404(mine, session__code=code)
    form = OutcomeForm(request.POST)
    if form.is_valid():
        row.say(form.cleaned_data["outcome"], now=timezone.now())
        messages.success(request, _("Thank you. You are not asked about it again."))
    if "before" in request.POST and row.asked_before:
        return redirect(*_where_asked(row.asked_before, me(request)))
    return redirect("attended")


def _where_asked(session: Session, member: Member) -> tuple[Any, ...]:
    """The page of the morning while it is there for somebody with a seat, else that of the session."""
    seated = Rsvp.objects.seated().filter(session=session, member=member)
    is_on = this_morning.is_on(session, now=timezone.now()) and seated.exists()
    return ("morning", session.code) if is_on else (session,)


@require_http_methods(["GET", "HEAD", "POST"])
def intention_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The same from the mail, without signing in: GET shows, POST acts; the page tells no other site its address."""
    row = intentions.read(token, now=timezone.now())
    if row is None:
        return private(render(request, "records/intention_unknown.html", status=404))
    form = OutcomeForm(request.POST)
    if request.method == "POST" and form.is_valid():
        row.say(form.cleaned_data["outcome"], now=timezone.now())
        return private(redirect(request.path))
    status = UNPROCESSABLE if request.method == "POST" else 200
    return private(render(request, "records/intention.html", {"row": row}, status=status))
