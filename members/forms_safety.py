"""Telling the hosts about somebody."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.concerns import Concern

NAMED = [("yes", _("with my name")), ("no", _("without my name"))]


class ConcernForm(forms.ModelForm[Concern]):
    """What happened, and whether the hosts may know from whom; `who` is asked where nobody was chosen."""

    named = forms.ChoiceField(label=_("May the hosts know that it is you?"), choices=NAMED, widget=forms.RadioSelect)
    apart = forms.BooleanField(label=_("We two do not see each other here any more."), required=False, initial=True)

    class Meta:
        model = Concern
        fields = ["who", "kind", "text"]
        widgets = {"kind": forms.RadioSelect, "text": forms.Textarea({"rows": 6})}

    def __init__(self, *args: Any, chosen: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["apart" if not chosen else "who"]
        if not chosen:
            self.fields["who"].required = True
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - a field with choices
        kind.choices = Concern.Kind.choices
