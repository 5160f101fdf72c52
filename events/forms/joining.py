"""What somebody agrees to and says who wants to belong; how a host lets people in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Series


class JoinForm(forms.Form):
    """The house rules, where they have not been agreed to; a word to the hosts, where they decide."""

    words = forms.CharField(
        label=_("A word to the hosts"),
        help_text=_("Who you are, or how you heard of us. Only they read it."),
        max_length=200,
        required=False,
    )
    rules = forms.BooleanField(
        label=_("I have read what we agree on, and keep to it."),
        error_messages={"required": _("Please read what we agree on and say yes to it.")},
    )

    def __init__(self, *args: Any, asks: bool, agreed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["words"]
        if agreed:
            del self.fields["rules"]


class JoiningForm(forms.ModelForm[Series]):
    """How people come to belong."""

    class Meta:
        model = Series
        fields = ("joining",)
        widgets = {"joining": forms.RadioSelect}
        labels = {"joining": _("Who may join?")}
