"""Passkeys and the second step: allauth's views with our forms, every step in one transaction with its mail."""

from typing import Any

from allauth.account import views as account
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as passkey_forms
from allauth.mfa.webauthn import views as passkeys
from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from members import devices, second_factor
from members.fields_typed import AppCodeField
from members.proof import lately


class PasskeyForm(passkey_forms.AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("What you call this device"), max_length=60, required=False)


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


sign_out = account.LogoutView.as_view()
inactive = account.AccountInactiveView.as_view()
second_step = SecondStepView.as_view()
add_passkey = lately(AddPasskeyView.as_view())
remove_passkey = lately(transaction.atomic(passkeys.RemoveWebAuthnView.as_view()))
sign_in_by_passkey = transaction.atomic(passkeys.LoginWebAuthnView.as_view())
