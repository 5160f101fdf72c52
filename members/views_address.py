"""Mails to my address come back: what that means, and the way out, a code that proves the address works again."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from members import limits, mailed_codes
from members.access import me
from members.fields_typed import MailedCodeField
from members.models import Member
from outbox.models import Suppression


class CodeForm(forms.Form):
    code = MailedCodeField()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """What has happened, and where the code is typed; once the address works there is nothing to do here."""
    member = me(request)
    if not Suppression.objects.holds(member.email):
        return redirect("profile")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if mailed_codes.opens(request, "works", _subject(member), form.cleaned_data["code"], now=timezone.now()):
            Suppression.objects.filter(address=member.email).delete()
            messages.success(request, _("Your address works: mails come again from now on."))
            return redirect("my_mails")
        form.add_error(
            "code", _("This is not the code in the newest mail, or it is too old. You can ask for a new one.")
        )
    context = {"form": form, "asked": mailed_codes.is_asked(request, "works", now=timezone.now())}
    return render(request, "members/address.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def address_code(request: HttpRequest) -> HttpResponse:
    """Send a code there: a code goes even to an address that gives mails back."""
    member, now = me(request), timezone.now()
    if not Suppression.objects.holds(member.email):
        return redirect("profile")
    if refusal := limits.refused(request, "request_login_code", member.email):
        return refusal
    with transaction.atomic():
        mailed_codes.ask(request, "works", member.email, _subject(member), now=now)
    return redirect("address")


def _subject(member: Member) -> str:
    return f"{member.pk}:{member.email}"
