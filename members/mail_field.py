"""A mail address in a form: what no mail reaches is refused, what looks mistyped is asked about once."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from outbox.addresses import Problem, meant, problem

PROBLEMS = {
    Problem.DOTS: _(
        "No mail reaches an address with two dots in a row, or with a dot first or right before the @; old phone "
        "addresses look like that. Please write another one, or let your phone company change it first."
    ),
    Problem.LENGTH: _("This address is longer than mail allows: 64 letters before the @, 254 in all."),
}


class MailInput(forms.EmailInput):
    """An input that can ask "did you mean …?": one button says yes, sending the same once more says no."""

    template_name = "components/mail_input.html"
    sure = meant = ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        self.sure = data.get(f"{name}-sure", "")
        return super().value_from_datadict(data, files, name)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["meant"] = self.meant
        return context


class MailField(forms.EmailField):
    """A mail address, also when it was typed in full-width letters."""

    autocomplete = "email"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mail address"))
        kwargs["widget"] = MailInput(attrs={"autocomplete": self.autocomplete, "spellcheck": "false"})
        # How long it may be is said in words that help, by `PROBLEMS`.
        kwargs["max_length"] = None
        super().__init__(**kwargs)
        self.error_messages |= {
            "required": _("Please write your mail address."),
            "invalid": _("This address looks incomplete. Please write it like ken@example.jp."),
        }

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", str(super().to_python(value) or "")).strip().lower()

    def run_validators(self, value: Any) -> None:
        """First what can be said precisely; then whether it is an address; then whether it is the one meant."""
        if value and (found := problem(value)):
            raise ValidationError(PROBLEMS[found], code="undeliverable")
        super().run_validators(value)
        widget = self.widget
        if value and isinstance(widget, MailInput) and widget.sure != value and (better := meant(value)):
            widget.meant = better
            question = _("Did you mean %(address)s? If it is right as you wrote it, send it once more.")
            raise ValidationError(question, code="mistyped", params={"address": better})


class OthersMailField(MailField):
    """Somebody else's address: the browser does not offer one's own."""

    autocomplete = "off"
