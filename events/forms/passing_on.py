"""How seats are passed on: what a host chooses."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.models import NearStart, Series, Session
from events.models.near_start import WHEN


class PassingOnForm(forms.Form):
    """One of three ways, for a session also that of its series; and how many seats newcomers have for themselves."""

    near_start = forms.ChoiceField(label=WHEN, widget=forms.RadioSelect)
    seats_for_new = forms.IntegerField(
        label=_("Seats for those who come for the first time"), min_value=0, max_value=1000,
        help_text=_(
            "They, and with them the guest’s readers, find a seat although regulars are quick. "
            "Five days before, what is left goes to the queue. 0 keeps none."
        ),
    )  # fmt: skip
    standing_passes_on = forms.BooleanField(
        label=_("Without an answer, the seat of someone who comes every time passes on"), required=False,
        help_text=_(
            "Only when somebody waits they are asked, three and two days before. With this, a seat without an answer "
            "goes to the queue at 20:00 two days before; else silence keeps it."
        ),
    )  # fmt: skip

    spare_covers = forms.IntegerField(
        label=_("Spare covers"), min_value=0, max_value=100,
        help_text=_(
            "Covers the restaurant lays beyond the seats. Once it knows how many come, at the latest on the evening "
            "before, they are for friends whom members still bring. 0 where there are none."
        ),
    )  # fmt: skip

    def __init__(self, data: Any, *, of: Series | Session) -> None:
        chosen = ("near_start", "seats_for_new", "spare_covers")
        super().__init__(data, initial={name: getattr(of, name) for name in chosen})
        if isinstance(of, Series):
            self.initial["standing_passes_on"] = of.standing_passes_on
        else:
            del self.fields["standing_passes_on"]
        field = self.fields["near_start"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [*NearStart.choices]
        if isinstance(of, Session):
            way = NearStart(of.series.near_start).label
            field.choices = [("", _t("As the series has it: %(way)s") % {"way": way}), *NearStart.choices]
            field.required = False
