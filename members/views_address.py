"""Mails to my address come back: what that means, and the way out, a code that proves the address works again."""

from datetime import datetime, timedelta
from typing import Any

from allauth.core.ratelimit import consume_or_429
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from members import codes, links
from members.access import me
from members.entrance import MailedCodeField
from members.models import Member
from outbox.models import Delivery, Lane, Suppression

CODE_FOR, TRIES = timedelta(minutes=30), 5
# In the session: what can be made from the code, until when, and how many tries are left.
KEPT = "address-code"


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
        if _opens(request, form.cleaned_data["code"], member, now=timezone.now()):
            Suppression.objects.filter(address=member.email).delete()
            messages.success(request, _("Your address works: mails come again from now on."))
            return redirect("my_mails")
        form.add_error(
            "code", _("This is not the code in the newest mail, or it is too old. You can ask for a new one.")
        )
    context = {"form": form, "asked": KEPT in request.session}
    return render(request, "members/address.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def address_code(request: HttpRequest) -> HttpResponse:
    """Send a code there: a code goes even to an address that gives mails back."""
    member, now = me(request), timezone.now()
    if not Suppression.objects.holds(member.email):
        return redirect("profile")
    if refusal := consume_or_429(request, action="request_login_code", key=member.email):
        return refusal  # type: ignore[no-any-return]
    code = codes.new()
    with transaction.atomic():
        request.session[KEPT] = {"digest": _digest(member, code), "until": (now + CODE_FOR).timestamp(), "tries": TRIES}
        Delivery.objects.owe(
            "account.code",
            links.derive("account.code", f"works:{member.email}:{code}:{now:%Y-%m-%d}"),
            to=member.email,
            language=get_language() or member.language,
            context={"for": "works", "code": code, "minutes": int(CODE_FOR.total_seconds()) // 60},
            lane=Lane.CODE,
            useful_until=now + CODE_FOR,
        )
    return redirect("address")


def _opens(request: HttpRequest, typed: str, member: Member, *, now: datetime) -> bool:
    """Whether it is the code; each try costs one of five, and the last takes the code away."""
    kept: dict[str, Any] = request.session.get(KEPT) or {}
    is_fresh = bool(kept) and kept["until"] > now.timestamp() and kept["tries"] > 0
    if is_fresh and constant_time_compare(kept["digest"], _digest(member, codes.tidy(typed))):
        del request.session[KEPT]
        return True
    if kept:
        request.session[KEPT] = kept | {"tries": max(kept["tries"] - 1, 0)}
    return False


def _digest(member: Member, code: str) -> str:
    return links.derive("address-code", f"{member.pk}:{member.email}:{code}")
