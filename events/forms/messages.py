"""What a host writes to some of the people of a session."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.models import HostMessage, Segment


class MessageForm(forms.ModelForm[HostMessage]):
    """To whom, a subject, a text."""

    segment = forms.ChoiceField(label=_("To whom"), widget=forms.RadioSelect)

    class Meta:
        model = HostMessage
        fields = ["segment", "subject", "text"]
        widgets = {"text": forms.Textarea({"rows": 8})}

    def __init__(
        self, data: Any, *, segments: Sequence[Segment], sizes: Mapping[str, int], instance: HostMessage
    ) -> None:
        super().__init__(data, instance=instance)
        field = self.fields["segment"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [
            (one.value, _t("%(people)s (%(n)d)") % {"people": one.label, "n": sizes[one.value]}) for one in segments
        ]
