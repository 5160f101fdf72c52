"""What members told the hosts, and whom the club refuses. The one concerned finds nothing here."""

from collections.abc import Callable, Iterator
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import concern_words, dates, refusing
from events.forms.concerns import LookForm, RefusalForm
from events.models import Membership
from members.access import me
from members.concerns import Concern
from members.models import Activity, Member
from members.refusals import Refusal
from members.templatetags.people import called

View = Callable[..., HttpResponse]


def is_host(member: Member) -> bool:
    """Whoever hosts any series of the club, and the operator."""
    return member.is_staff or Membership.objects.hosts().filter(member=member).exists()


def hosts_only(view: View) -> View:
    """To others these pages are not there."""

    @wraps(view)
    def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not is_host(me(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(asked)


def steps(host: Member) -> Iterator[dict[str, str]]:
    """What waits for a look, as the desk shows its steps; with the year where it is not this one. One query."""
    year = timezone.localdate().year
    for one in Concern.objects.open().for_host(host).select_related("about").order_by("pk")[:20]:
        yield {
            "what": _("A member told you something"),
            "why": str(one.get_kind_display()),
            "when": dates.day(one.told_on, get_language() or "ja", year=one.told_on.year != year),
            "href": reverse("concern_look", args=[one.code]),
            "button": _("Read it"),
            "urgent": _("First"),
        }


@hosts_only
@require_safe
def concerns(request: HttpRequest) -> HttpResponse:
    """All that was told, the newest first."""
    found = Concern.objects.for_host(me(request)).select_related("about", "looked_by").order_by("-pk")[:100]
    return render(request, "events/concerns.html", {"concerns": found})


@hosts_only
@require_http_methods(["GET", "HEAD", "POST"])
def concern_look(request: HttpRequest, code: str) -> HttpResponse:
    """Read it, take words along, say what came of it."""
    known = Concern.objects.for_host(me(request)).select_related("about", "teller", "looked_by")
    concern = get_object_or_404(known, code=code)
    form = LookForm(request.POST if request.method == "POST" else None, instance=concern)
    if request.method == "POST" and form.is_valid():
        _keep(form, concern, me(request))
        messages.success(request, _("Kept. The one who told learns that you have looked, and nothing more."))
        return redirect("concerns")
    earlier = Concern.objects.for_host(me(request)).filter(about=concern.about_id).exclude(pk=concern.pk)
    with translation.override(concern.about.language if concern.about else get_language()):
        words = concern_words.ready(called(concern.about) if concern.about else concern.who, me(request).display_name)
    context = {
        "concern": concern,
        "form": form,
        "words": words,
        "earlier": earlier.order_by("-pk")[:20] if concern.about_id else [],
    }
    return render(request, "events/concern.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _keep(form: LookForm, concern: Concern, host: Member) -> None:
    said, now = form.cleaned_data, timezone.now()
    concern.look(said["outcome"], note=said["note"], now=now, actor=host)
    Activity.record(host, "concern.look", f"concern:{concern.code}", now=now, outcome=said["outcome"])
    if concern.about and said["outcome"] == Concern.Outcome.REFUSAL:
        refusing.refuse(concern.about.email, said["note"][:200], now=now, actor=host)


@hosts_only
@require_http_methods(["GET", "HEAD", "POST"])
def refusals(request: HttpRequest) -> HttpResponse:
    """Addresses that get no code any more."""
    form = RefusalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        refusing.refuse(form.cleaned_data["address"], form.cleaned_data["why"], now=timezone.now(), actor=me(request))
        messages.success(request, _("This address is refused."))
        return redirect("refusals")
    context = {"form": form, "refusals": Refusal.objects.all()[:200]}
    return render(request, "events/refusals.html", context, status=422 if form.errors else 200)


@hosts_only
@require_POST
def refusal_removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Welcome again."""
    refusing.take_back(get_object_or_404(Refusal, pk=pk), now=timezone.now(), actor=me(request))
    messages.success(request, _("Welcome again: codes go to this address."))
    return redirect("refusals")
