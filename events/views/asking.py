"""What a host wants to ask of everybody who comes to one morning."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events.forms.asked import AskFormSet
from events.pages import replies
from events.views.hosting import actor, hosted, posted
from members.models import Activity


@login_required
@require_http_methods(["GET", "POST"])
def asking(request: HttpRequest, code: str) -> HttpResponse:
    """Up to five; what was replied so far stands beside them."""
    session = hosted(request, code)
    formset = AskFormSet(posted(request), queryset=session.questions.all())
    if request.method == "POST" and formset.is_valid():
        with transaction.atomic():
            for position, form in enumerate(formset.forms, start=1):
                form.instance.session, form.instance.position = session, position
            formset.save()
            Activity.record(actor(request), "session.asking", f"session:{code}", now=timezone.now())
        messages.success(request, _("Saved. It is asked of everybody who comes, after their answer."))
        return redirect("session_asking", code)
    context = {"session": session, "formset": formset, "replies": replies.of(session)}
    return render(request, "events/asking.html", context, status=422 if posted(request) is not None else 200)
