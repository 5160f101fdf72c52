"""Signing in and signing up by a code in the mail.

Nobody learns from these pages whose address is known: whether an account fits the door or not, a page answers with the
same statements, the same bytes and one mail. A person is made only once the code was typed, so that whoever tries
addresses leaves no rows behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from members import devices, identities, limits, mailed_codes
from members.adapter import know_address, owe_notice
from members.fields_typed import MailedCodeField
from members.levels import Level
from members.mail_field import MailField
from members.models import Member

View = Callable[[HttpRequest], HttpResponse]


class AddressForm(forms.Form):
    email = MailField()


class CodeForm(forms.Form):
    code = MailedCodeField()


@dataclass(frozen=True)
class Door:
    """`what_for`: the mail with the code; `notice`: the mail to an address that belongs at the other door."""

    what_for: str
    notice: str
    page: str
    code_page: str
    template: str

    @property
    def kept(self) -> str:
        """In the session: the address that was typed here."""
        return f"{self.what_for}-address"

    def is_for(self, member: Member | None) -> bool:
        return member is None if self is SIGN_UP else member is not None and member.is_active


SIGN_IN = Door("sign-in", "unknown", "account_login", "account_confirm_login_code", "account/sign_in.html")
SIGN_UP = Door("sign-up", "known", "account_signup", "account_email_verification_sent", "account/sign_up.html")


def asking(door: Door) -> View:
    """The page where the address is typed."""

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @transaction.atomic
    def page(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(_target(request) or settings.LOGIN_REDIRECT_URL)
        form = AddressForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return _ask(request, door, form.cleaned_data["email"])
        context = {"form": form, "next": _target(request), **elsewhere(request)}
        if door is SIGN_IN and (settings.LOCAL or settings.TEST):
            sample = Member.objects.joined().filter(email__endswith="@example.com").order_by("pk")[:12]
            context["sample_people"] = [one.as_seen_at(Level.MEMBERS) for one in sample]
        return render(request, door.template, context, status=422 if form.errors else 200)

    return page


def typing(door: Door) -> View:
    """The page where the code is typed, or a new one asked for."""

    @never_cache
    @sensitive_post_parameters("code")
    @require_http_methods(["GET", "HEAD", "POST"])
    @transaction.atomic
    def page(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(_target(request) or settings.LOGIN_REDIRECT_URL)
        now, address = timezone.now(), request.session.get(door.kept)
        if not address or not mailed_codes.is_asked(request, door.what_for, now=now):
            return redirect(door.page)
        if request.POST.get("action") == "resend":
            return _ask(request, door, address)
        form = CodeForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            if entered := _enter(request, door, address, form.cleaned_data["code"], now=now):
                return entered
            form.add_error(
                "code", _("This is not the code in the newest mail, or it is too old. You can ask for a new one.")
            )
        context = {"form": form, "address": address, "next": _target(request), "door": door}
        return render(request, "account/code.html", context, status=422 if form.errors else 200)

    return page


def elsewhere(request: HttpRequest) -> dict[str, Any]:
    """The providers offered in this browser: in LINE's own, Google refuses to ask anybody who they are.

    Nor does it know passkeys.
    """
    found, in_line = identities.providers(), devices.called(request.headers.get("User-Agent", "")).endswith("LINE")
    offered = [one for one in found if one.name == "line" or not in_line]
    return {"providers": offered, "left_out_in_line": len(offered) < len(found), "in_line": in_line}


def _ask(request: HttpRequest, door: Door, address: str) -> HttpResponse:
    """Owe one mail to the address, whichever it has to be."""
    if refusal := limits.refused(request, "request_login_code", address):
        return refusal
    now = timezone.now()
    if door.is_for(_whose(address)):
        mailed_codes.ask(request, door.what_for, address, address, now=now)
    else:
        mailed_codes.pretend(request, door.what_for, now=now)
        owe_notice(door.notice, address, once=now.isoformat())
    request.session[door.kept] = address
    return redirect(_with_next(request, door.code_page))


def _enter(request: HttpRequest, door: Door, address: str, typed: str, *, now: datetime) -> HttpResponse | None:
    """In, if it is the code. Two browsers that sign up with one address make one person."""
    member, target = _whose(address), _target(request)
    if not mailed_codes.opens(request, door.what_for, address, typed, now=now):
        return None
    if door is SIGN_UP:
        target = target or reverse("profile")
        if member is None:
            member = Member.objects.create_user(address, language=get_language() or settings.LANGUAGE_CODE)
    if member is None:
        return None
    del request.session[door.kept]
    know_address(member)
    record_authentication(request, member, method="code", email=address)
    answer: HttpResponse = perform_login(request, Login(user=member, redirect_url=target or None, email=address))
    return answer


def _whose(address: str) -> Member | None:
    return Member.objects.get_queryset().filter(email=address).first()


def _target(request: HttpRequest) -> str:
    """Where somebody wanted to go, if that is here."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else ""


def _with_next(request: HttpRequest, name: str) -> str:
    target = _target(request)
    return f"{reverse(name)}?{urlencode({'next': target})}" if target else reverse(name)


sign_in, sign_in_code = asking(SIGN_IN), typing(SIGN_IN)
sign_up, sign_up_code = asking(SIGN_UP), typing(SIGN_UP)
