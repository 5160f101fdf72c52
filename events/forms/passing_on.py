"""How seats are passed on: the one choice of a host."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t

from events.models import NearStart, Series, Session
from events.models.near_start import WHEN


class PassingOnForm(forms.Form):
    """One of three ways; for a session also the way of its series."""

    near_start = forms.ChoiceField(label=WHEN, widget=forms.RadioSelect)

    def __init__(self, data: Any, *, of: Series | Session) -> None:
        super().__init__(data, initial={"near_start": of.near_start})
        field = self.fields["near_start"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [*NearStart.choices]
        if isinstance(of, Session):
            way = NearStart(of.series.near_start).label
            field.choices = [("", _t("As the series has it: %(way)s") % {"way": way}), *NearStart.choices]
            field.required = False
