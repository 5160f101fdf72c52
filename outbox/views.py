"""The operator's page about mails: how they are doing, another try for one, and a test."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from outbox import health
from outbox.limits import Limits
from outbox.models import Delivery, Lane, Suppression

View = Callable[..., HttpResponse]


class LimitsForm(forms.ModelForm[Limits]):
    class Meta:
        model = Limits
        fields = ("monthly",)
        help_texts: ClassVar = {"monthly": _("Besides seat matters. The rest waits for the next month. 0 is no limit.")}


def operator_required(view: View) -> View:
    """For others there is no such page."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, "is_staff", False):
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(asked)


@operator_required
@require_safe
def mail_health(request: HttpRequest) -> HttpResponse:
    """How the mails are doing."""
    return _page(request, LimitsForm(instance=Limits.current()))


@operator_required
@require_POST
def limits(request: HttpRequest) -> HttpResponse:
    """At most so many mails a month to one member."""
    form = LimitsForm(request.POST, instance=Limits.current())
    if not form.is_valid():
        return _page(request, form, status=422)
    form.save()
    messages.success(request, _t("Saved."))
    return redirect("mail_health")


def _page(request: HttpRequest, form: LimitsForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    return render(request, "outbox/health.html", {"health": health.of(now), "form": form, "now": now}, status=status)


@operator_required
@require_POST
def retry(_request: HttpRequest, pk: int) -> HttpResponse:
    """Another try for one that was given up; the page shows what becomes of it."""
    failed = Delivery.objects.filter(pk=pk).first()
    if failed is None:
        raise Http404
    failed.retry(now=timezone.now())
    return redirect("mail_health")


@operator_required
@require_POST
def release(_request: HttpRequest, pk: int) -> HttpResponse:
    """The address works again: it is given mails as before."""
    found = Suppression.objects.in_force().filter(pk=pk).first()
    if found is None:
        raise Http404
    found.release()
    return redirect("mail_health")


@operator_required
@require_POST
def test_mail(request: HttpRequest) -> HttpResponse:
    """Owe the operator a mail; whether it has left is what the page shows."""
    to, language = request.user.get_username(), get_language() or "ja"
    Delivery.objects.owe(health.TEST, str(uuid4()), to=to, language=language, context={}, lane=Lane.ANSWER)
    return redirect("mail_health")
