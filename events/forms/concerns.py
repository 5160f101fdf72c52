"""A host has looked at what was told; an address that is refused."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.concerns import Concern
from members.fields import LineField
from members.mail_field import MailField


class LookForm(forms.ModelForm[Concern]):
    """What came of it; a refusal closes the account of the one concerned."""

    class Meta:
        model = Concern
        fields = ["outcome", "note"]
        widgets = {"outcome": forms.RadioSelect, "note": forms.Textarea({"rows": 3})}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)  # noqa: S101 - a field with choices
        outcome.required = True
        known = self.instance.about_id is not None
        outcome.choices = [
            choice for choice in Concern.Outcome.choices if known or choice[0] != Concern.Outcome.REFUSAL
        ]


class RefusalForm(forms.Form):
    """An address and why, for the hosts alone."""

    address = MailField(label=_("Mail address"))
    why = forms.CharField(label=_("why, for the hosts alone"), max_length=200, required=False)

    def clean_why(self) -> str:
        return str(LineField().to_python(self.cleaned_data["why"]))
