"""Signing in, signing up, passkeys: allauth's views with our forms, every step in one transaction with its mail."""

import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import forms as account_forms
from allauth.account import views as account
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core.ratelimit import consume_or_429
from allauth.mfa.webauthn import forms as passkey_forms
from allauth.mfa.webauthn import views as passkeys
from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members.access import me
from members.adapter import signed_in_lately
from members.levels import Level
from members.mail_field import MailField
from members.models import Member

View = Callable[..., HttpResponse]


class MailedCodeField(forms.CharField):
    """The code out of the mail: small or capital, full-width or not."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Code in the mail"),
            max_length=20,
            widget=forms.TextInput(
                attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
            ),
            error_messages={"required": _("Please write the code that is in the mail.")},
        )

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", super().to_python(value) or "")


class SignInForm(account_forms.RequestLoginCodeForm):  # type: ignore[misc]
    email = MailField()


class SignUpForm(account_forms.SignupForm):  # type: ignore[misc]
    email = MailField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Mail address")


class SignInCodeForm(account_forms.ConfirmLoginCodeForm):  # type: ignore[misc]
    code = MailedCodeField()


class SignUpCodeForm(account_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    code = MailedCodeField()


class PasskeyForm(passkey_forms.AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("What you call this device"), max_length=60, required=False)


class SignInView(account.RequestLoginCodeView):  # type: ignore[misc]
    """The sign-in page; local mode offers the sample people."""

    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        values: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.LOCAL or settings.TEST:
            sample = Member.objects.joined().filter(email__endswith="@example.com").order_by("pk")[:12]
            values["sample_people"] = [one.as_seen_at(Level.MEMBERS) for one in sample]
        return values


class AddPasskeyView(passkeys.AddWebAuthnView):  # type: ignore[misc]
    form_class = PasskeyForm

    def get_initial(self) -> dict[str, Any]:
        return {"name": _device(self.request.headers.get("User-Agent", ""))}

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        return response


def lately(view: View, *, back: str = "") -> View:
    """Only for somebody who signed in some minutes ago; others are asked to sign in once more, and come to `back`."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if signed_in_lately(request):
            return view(request, *args, **kwargs)
        return redirect(
            f"{reverse('account_reauthenticate')}?{urlencode({'next': reverse(back) if back else request.path})}"
        )

    return login_required(asked)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Sign in once more: out, and a new code in the mail."""
    member, target = me(request), request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = reverse("mfa_index")
    if request.method != "POST":
        return render(request, "account/reauthenticate.html", {"next": target})
    if refusal := consume_or_429(request, action="request_login_code", key=member.email):
        return refusal  # type: ignore[no-any-return]
    logout(request)
    with transaction.atomic():
        LoginCodeVerificationProcess.initiate(request=request, user=member, email=member.email)
    return redirect(f"{reverse('account_confirm_login_code')}?{urlencode({'next': target})}")


def _device(agent: str) -> str:
    """A first guess at what its owner would call the device."""
    names = ["iPhone", "iPad", "Android", "Windows", "Mac", "Linux"]
    return next((name for name in names if name in agent), _t("My device"))


sign_in = transaction.atomic(SignInView.as_view())
sign_in_code = transaction.atomic(account.ConfirmLoginCodeView.as_view(form_class=SignInCodeForm))
sign_up = transaction.atomic(account.SignupView.as_view(form_class=SignUpForm))
sign_up_code = transaction.atomic(account.ConfirmEmailVerificationCodeView.as_view(form_class=SignUpCodeForm))
sign_out = account.LogoutView.as_view()
inactive = account.AccountInactiveView.as_view()
my_passkeys = passkeys.ListWebAuthnView.as_view()
add_passkey = lately(AddPasskeyView.as_view())
remove_passkey = lately(transaction.atomic(passkeys.RemoveWebAuthnView.as_view()))
sign_in_by_passkey = transaction.atomic(passkeys.LoginWebAuthnView.as_view())
