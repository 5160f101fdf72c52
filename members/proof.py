"""Is it really you? Asked before weighty things, when it was last shown more than ten minutes ago.

By passkey, by the authenticator app, or by a code in the mail; whoever has the app is not let through by the mail
alone, nor an operator who has a passkey. What was typed when the question came is carried out after the answer.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as passkeys
from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from members import limits, mailed_codes, second_factor
from members.access import me
from members.adapter import signed_in_lately
from members.fields_typed import AppCodeField, MailedCodeField
from members.models import Member

View = Callable[..., HttpResponse]
# In the session: what was sent when the question came, if it is short enough to keep.
HELD, HELD_AT_MOST, HELD_SECONDS = "held", 20_000, 30 * 60
WHAT_FOR = "again"


class MailForm(forms.Form):
    code = MailedCodeField()


class AppForm(forms.Form):
    code = AppCodeField()


def lately(view: View, *, back: str = "", strongly: bool = False) -> View:
    """Only for somebody who showed some minutes ago who they are; others are asked, and come to `back` or go on.

    `strongly` a code by mail is not enough. The caller sees to it that the person has something else.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if signed_in_lately(request, strongly=strongly):
            return view(request, *args, **kwargs)
        target = reverse(back) if back else request.get_full_path()
        request.session.pop(HELD, None)
        if request.method == "POST" and len(sent := request.POST.urlencode()) < HELD_AT_MOST:
            request.session[HELD] = {"path": request.path, "sent": sent, "at": time.time(), "target": target}
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': target})}")

    return login_required(asked)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """The question. Each way to answer is offered that this person has."""
    member, target = me(request), _target(request)
    has_app, has_passkey = second_factor.has_app(member), _has_passkey(member)
    by_mail, by_passkey = _may_by_mail(member), "credential" in request.POST
    form: forms.Form = AppForm() if has_app else MailForm()
    if by_passkey and _shows_passkey(request, member):
        return _go_on(request, target)
    if request.method == "POST" and not by_passkey and (has_app or by_mail):
        form = type(form)(request.POST)
        if form.is_valid() and _is_right(request, member, form, has_app=has_app):
            return _go_on(request, target)
    context = {
        "form": form,
        "next": target,
        "has_app": has_app,
        "by_mail": by_mail,
        "passkey_failed": by_passkey,
        "is_asked": has_app or (by_mail and mailed_codes.is_asked(request, WHAT_FOR, now=timezone.now())),
    }
    if has_passkey:
        context["js_data"] = {"request_options": passkeys.begin_authentication(member)}
    return render(request, "account/reauthenticate.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def again_code(request: HttpRequest) -> HttpResponse:
    """Please mail me a code."""
    member, target = me(request), _target(request)
    if refusal := limits.refused(request, "request_login_code", member.email):
        return refusal
    if _may_by_mail(member):
        with transaction.atomic():
            mailed_codes.ask(request, WHAT_FOR, member.email, _subject(member), now=timezone.now())
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': target})}")


def _has_passkey(member: Member) -> bool:
    return bool(Authenticator.objects.filter(user=member, type=Authenticator.Type.WEBAUTHN).exists())


def _may_by_mail(member: Member) -> bool:
    """Whether a code by mail is answer enough for this person: not where there is something better."""
    return not second_factor.has_app(member) and not (member.is_staff and _has_passkey(member))


def _is_right(request: HttpRequest, member: Member, form: forms.Form, *, has_app: bool) -> bool:
    """Whether the code opens; what is wrong is said on the form."""
    typed, now = form.cleaned_data["code"], timezone.now()
    try:
        if has_app:
            if second_factor.opens(request, member, typed, now=now):
                return True
            form.add_error("code", _("This is not the code the app shows now. Please look once more."))
            return False
        second_factor.one_try(member)
    except ValidationError as error:
        form.add_error("code", error)
        return False
    if mailed_codes.opens(request, WHAT_FOR, _subject(member), typed, now=now):
        record_authentication(request, member, "code", reauthenticated=True)
        return True
    form.add_error("code", _("This is not the code in the newest mail, or it is too old. You can ask for a new one."))
    return False


def _shows_passkey(request: HttpRequest, member: Member) -> bool:
    form = ReauthenticateWebAuthnForm(request.POST, user=member)
    if not form.is_valid():
        return False
    form.save()
    return True


def _go_on(request: HttpRequest, target: str) -> HttpResponse:
    """To where the question came from; what was sent there is carried out as if it were sent now."""
    request.session.cycle_key()
    held = request.session.pop(HELD, None)
    if not held or held["target"] != target or held["at"] < time.time() - HELD_SECONDS:
        return redirect(target)
    request.POST = QueryDict(held["sent"])
    request.path = request.path_info = held["path"]
    found = resolve(held["path"])
    answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return answer


def _target(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else reverse("account")


def _subject(member: Member) -> str:
    return f"{member.pk}:{member.email}"
