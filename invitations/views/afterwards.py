"""What a host does for a guest after the morning: shows the report, says thank you."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from invitations.forms import ThanksForm
from invitations.views.hosting import act, hosted, page
from members.access import me


@login_required
@require_POST
def report_showing(request: HttpRequest, code: str) -> HttpResponse:
    """The guest may read the draft."""
    said = _("The guest can read it on their page now, and is told so where there is a mail address.")
    return act(request, code, lambda one, now: one.show_report(now=now, actor=me(request)), said)


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
