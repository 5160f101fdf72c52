"""Talks of members and themes: offering, wishing, wanting to hear, asking; for hosts asking somebody and planning."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events.forms.ideas import AskedForm, IdeaForm, IdeaQuestionForm, PlanForm
from events.models import Idea, IdeaQuestion, Membership, Session, Talk
from events.models.idea import SHOWN_FROM, IdeaQuerySet
from events.models.venue import keeps_rooms as is_host
from events.views.hosting import posted
from members.access import joined_required, me
from members.models import Member

UNPROCESSABLE = 422
SESSIONS_OFFERED = 12


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def talks(request: HttpRequest) -> HttpResponse:
    """What members could speak about and would like to hear, the most wanted first; and one's own."""
    form = IdeaForm(posted(request))
    if request.method == "POST" and form.is_valid():
        said, offers = form.cleaned_data, form.cleaned_data["kind"] == "offer"
        try:
            Idea.propose(me(request), title=said["title"], about=said["about"], offers=offers, now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Thank you. The hosts see it."))
            return redirect("talks")
    member, hosting = me(request), is_host(request.user)
    coming = Session.objects.hosted_by(request.user).filter(starts_at__gt=timezone.now(), cancelled_at=None)
    shown = _shown(member, hosting=hosting).with_support(member).select_related("speaker", "proposer")
    planned = Idea.objects.planned(timezone.now()).select_related("speaker", "talk__session__series")
    context = {
        "form": form,
        "ideas": list(shown),
        "planned": list(planned if hosting else planned.filter(speaker=member)),
        "questions": _questions(member, hosting=hosting),
        "shown_from": SHOWN_FROM,
        "hosting": hosting,
        "sessions": list(coming.select_related("series").order_by("starts_at")[:SESSIONS_OFFERED]) if hosting else [],
        "members": list(_whom(member)) if hosting else [],
    }
    return render(request, "events/talks.html", context, status=UNPROCESSABLE if form.errors else 200)


def _questions(member: Member, *, hosting: bool) -> dict[int, list[str]]:
    """Questions by talk, for the hosts and for whoever speaks: one query."""
    rows = IdeaQuestion.objects.filter(
        Q(idea__talk__isnull=True, idea__closed_at=None) | Q(idea__talk__session__starts_at__gt=timezone.now())
    )
    found: dict[int, list[str]] = {}
    for idea, text in (rows if hosting else rows.filter(idea__speaker=member)).values_list("idea", "text"):
        found.setdefault(idea, []).append(text)
    return found


def _whom(host: Member) -> list[tuple[str, str]]:
    """Members of this host's series, whom one can ask for a talk."""
    series = Membership.objects.hosts().series_of(host)
    people = Member.objects.joined().filter(memberships__series__in=series, memberships__left_at=None)
    return list(people.exclude(pk=host.pk).by_reading().distinct().values_list("code", "name")[:200])


@joined_required
@require_POST
def hearing(request: HttpRequest, code: str) -> HttpResponse:
    """I want to hear this; or no longer."""
    _open(request, code).hear(me(request), yes=request.POST.get("hear") == "yes", now=timezone.now())
    return redirect(f"{redirect('talks').url}#{code}")


@joined_required
@require_POST
def question(request: HttpRequest, code: str) -> HttpResponse:
    """A beginner's question, before there is a morning."""
    idea, form = _open(request, code), IdeaQuestionForm(request.POST)
    if form.is_valid():
        try:
            idea.ask(me(request), form.cleaned_data["text"], now=timezone.now())
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _("Kept: the speaker reads it, without your name."))
    else:
        messages.error(request, _("Please write your question in at most 500 letters."))
    return redirect(f"{redirect('talks').url}#{code}")


@joined_required
@require_POST
def taking(request: HttpRequest, code: str) -> HttpResponse:
    """I speak about it; or I do not after all."""
    _open(request, code).take(me(request), yes=request.POST.get("take") == "yes", now=timezone.now())
    return redirect(f"{redirect('talks').url}#{code}")


@joined_required
@require_POST
def removal(request: HttpRequest, code: str) -> HttpResponse:
    """Who proposed it takes it back; a host closes it."""
    idea = _open(request, code)
    if idea.proposer_id != me(request).pk and not is_host(request.user):
        raise Http404
    idea.close(now=timezone.now())
    messages.success(request, _("It is off the list."))
    return redirect("talks")


@login_required
@require_POST
def asking_for(request: HttpRequest, code: str) -> HttpResponse:
    """A host asks a member for a talk on it."""
    form = AskedForm(request.POST)
    if not is_host(request.user) or not form.is_valid():
        raise Http404
    member = get_object_or_404(Member.objects.joined(), code=form.cleaned_data["member"])
    _open(request, code).ask_for(member, now=timezone.now(), actor=me(request))
    messages.success(request, _("Asked, by one mail. It stands on their page until they answer."))
    return redirect(f"{redirect('talks').url}#{code}")


@login_required
@require_POST
def planning(request: HttpRequest, code: str) -> HttpResponse:
    """Into a morning of the host's."""
    form = PlanForm(request.POST)
    if not form.is_valid():
        raise Http404
    session = get_object_or_404(Session.objects.hosted_by(request.user), code=form.cleaned_data["session"])
    idea = get_object_or_404(Idea.objects.offered(), code=code)
    idea.put_into(session, minutes=form.cleaned_data["minutes"], now=timezone.now(), actor=me(request))
    messages.success(request, _("It is in the programme."))
    return redirect("session", session.code)


@login_required
@require_POST
def talk_up(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One place earlier in the programme of a morning of the host's."""
    hosted = Session.objects.hosted_by(request.user)
    talk = get_object_or_404(Talk.objects.filter(session__in=hosted, session__code=code), pk=pk)
    talk.up(now=timezone.now(), actor=me(request))
    return redirect(f"{redirect('session', code).url}#about")


def _shown(member: Member, *, hosting: bool) -> IdeaQuerySet:
    """What is open, as far as this member may see it; hosts see all."""
    return Idea.objects.open() if hosting else Idea.objects.open().visible_to(member)


def _open(request: HttpRequest, code: str) -> Idea:
    return get_object_or_404(_shown(me(request), hosting=is_host(request.user)), code=code)
