"""What a host does for a guest after the morning: shows the report, says thank you."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from invitations.forms import ThanksForm
from invitations.models import Invitation
from invitations.views.hosting import act, hosted, page
from members.access import me

SHOWN = gettext_lazy("The guest can read it on their page now, and is told so where there is a mail address.")


@login_required
@require_POST
def report_showing(request: HttpRequest, code: str) -> HttpResponse:
    """The guest may read the draft."""
    return act(request, code, lambda one, now: one.show_report(now=now, actor=me(request)), str(SHOWN))


@login_required
@require_POST
def session_report_showing(request: HttpRequest, code: str) -> HttpResponse:
    """The same from the report itself: every guest of the morning who came by a letter may read it."""
    guests = Invitation.objects.hosted_by(request.user).accepted().whole().filter(session__code=code)
    first = guests.order_by("pk").first()
    if first is None:
        raise Http404
    act(request, first.code, lambda one, now: one.show_report(now=now, actor=me(request)), str(SHOWN))
    return redirect("report", code)


@login_required
@require_POST
def thanks(request: HttpRequest, code: str) -> HttpResponse:
    """Thank you, in the host's words; or noted, where it was said in person."""
    if "in_person" in request.POST:
        return act(request, code, lambda one, now: one.thank("", now=now, actor=me(request)), _("Noted."))
    form = ThanksForm(request.POST, instance=hosted(request, code))
    if not form.is_valid():
        return page(request, hosted(request, code), thanks=form)
    words, said = form.cleaned_data["thanks"], _("Your thank-you is on its way.")
    return act(request, code, lambda one, now: one.thank(words, now=now, actor=me(request)), said)
