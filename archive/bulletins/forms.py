"""What a host changes about a letter: the greeting, and what is in it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from archive.bulletins.parts import LINES
from archive.models import GREETING_LENGTH


class BulletinForm(forms.Form):
    """The boxes are drawn by the template, under their headings; their keys are those that were offered."""

    greeting = forms.CharField(
        label=_("Your greeting"),
        max_length=GREETING_LENGTH,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    chosen = forms.MultipleChoiceField(
        required=False,
        error_messages={"invalid_choice": _("Something in the list has changed meanwhile. Please look once more.")},
    )

    def __init__(self, *args: Any, keys: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]

    def clean_chosen(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["chosen"]
        if sum(key.startswith("line:") for key in chosen) > LINES:
            raise forms.ValidationError(_("Three lines are enough for a letter: please drop some."))
        return chosen

    @property
    def ticked(self) -> set[str]:
        """The boxes that are ticked: as sent, or as the letter stands."""
        return set(self["chosen"].value() or [])
