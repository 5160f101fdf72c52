"""What is sent from the page of the morning."""

from django import forms
from django.utils.translation import gettext_lazy as _

from events.pages.morning import LATE


class LateForm(forms.Form):
    """How late: one of the choices, or 0 for on time after all."""

    minutes = forms.TypedChoiceField(
        choices=[(n, n) for n in (0, *LATE)],
        coerce=int,
        error_messages={"required": _("Please say how late."), "invalid_choice": _("Please say how late.")},
    )
