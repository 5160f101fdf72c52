"""Codes as people type them: small or capital, full-width or not."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class MailedCodeField(forms.CharField):
    """The code out of the mail."""

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


class AppCodeField(MailedCodeField):
    """The six digits of an authenticator app, or one of the recovery codes."""

    def __init__(self) -> None:
        super().__init__()
        self.label = _("Code in the app, or a recovery code")
        self.widget.attrs["inputmode"] = "numeric"
        self.error_messages["required"] = _("Please write the six digits the app shows.")
