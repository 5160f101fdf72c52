"""What a member types who would like to do something beside the mornings."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from events.forms.schedule import DateInput, TimeInput
from events.models import Gathering


class GatheringForm(forms.ModelForm[Gathering]):
    """What, when, where, for how many."""

    on = forms.DateField(label=_("Day"), widget=DateInput)
    at = forms.TimeField(label=_("Begins at"), widget=TimeInput, initial="18:30")

    class Meta:
        model = Gathering
        fields: ClassVar = ["kind", "title", "about", "place", "duration_minutes", "capacity", "fee_amount"]
        labels: ClassVar = {
            "kind": _("What is it?"),
            "title": _("In one line"),
            "about": _("A little more"),
            "place": _("Where"),
            "duration_minutes": _("How many minutes it lasts"),
            "capacity": _("For how many, yourself included"),
            "fee_amount": _("About what it costs each"),
        }
        widgets: ClassVar = {"kind": forms.RadioSelect, "about": forms.Textarea({"rows": 3})}

    field_order = ("kind", "title", "about", "on", "at")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "on" in values and "at" in values:
            zone = self.instance.series.zone
            self.instance.starts_at = datetime.combine(values["on"], values["at"], tzinfo=zone)
        return values
