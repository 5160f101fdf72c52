"""Signing in, signing up, passkeys: allauth's views with our forms, every step in one transaction with its mail."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.account import views as account
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as passkey_forms
from allauth.mfa.webauthn import views as passkeys
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from members import devices, identities, second_factor
from members.fields_typed import AppCodeField, MailedCodeField
from members.levels import Level
from members.mail_field import MailField
from members.models import Member
from members.proof import lately


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
        values |= elsewhere(self.request)
        if settings.LOCAL or settings.TEST:
            sample = Member.objects.joined().filter(email__endswith="@example.com").order_by("pk")[:12]
            values["sample_people"] = [one.as_seen_at(Level.MEMBERS) for one in sample]
        return values


class SignUpView(account.SignupView):  # type: ignore[misc]
    form_class = SignUpForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        values: dict[str, Any] = super().get_context_data(**kwargs)
        return values | elsewhere(self.request)


def elsewhere(request: HttpRequest) -> dict[str, Any]:
    """The providers offered in this browser: in LINE's own, Google refuses to ask anybody who they are.

    Nor does it know passkeys.
    """
    found, in_line = identities.providers(), devices.called(request.headers.get("User-Agent", "")).endswith("LINE")
    offered = [one for one in found if one.name == "line" or not in_line]
    return {"providers": offered, "left_out_in_line": len(offered) < len(found), "in_line": in_line}


class AddPasskeyView(passkeys.AddWebAuthnView):  # type: ignore[misc]
    form_class = PasskeyForm

    def get_initial(self) -> dict[str, Any]:
        return {"name": devices.called(self.request.headers.get("User-Agent", "")) or _t("My device")}

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        return response


class SecondStepForm(AuthenticateForm):  # type: ignore[misc]
    """What the app shows, after the code by mail; used up by being typed (members/second_factor.py)."""

    code = AppCodeField()

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"]
        if not second_factor.opens(context.request, self.user, typed, now=timezone.now()):
            raise forms.ValidationError(_("This is not the code the app shows now. Please look once more."))
        return typed

    def save(self) -> None:
        """It was noted when it was found right."""


class SecondStepView(AuthenticateView):  # type: ignore[misc]
    form_class = SecondStepForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        values: dict[str, Any] = super().get_context_data(**kwargs)
        found = Authenticator.objects.filter(user=self.stage.login.user, type=Authenticator.Type.WEBAUTHN)
        return values | {"has_passkey": found.exists()}


sign_in = transaction.atomic(SignInView.as_view())
sign_in_code = transaction.atomic(account.ConfirmLoginCodeView.as_view(form_class=SignInCodeForm))
sign_up = transaction.atomic(SignUpView.as_view())
sign_up_code = transaction.atomic(account.ConfirmEmailVerificationCodeView.as_view(form_class=SignUpCodeForm))
sign_out = account.LogoutView.as_view()
inactive = account.AccountInactiveView.as_view()
second_step = SecondStepView.as_view()
add_passkey = lately(AddPasskeyView.as_view())
remove_passkey = lately(transaction.atomic(passkeys.RemoveWebAuthnView.as_view()))
sign_in_by_passkey = transaction.atomic(passkeys.LoginWebAuthnView.as_view())
