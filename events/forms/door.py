"""What the door taps and types: who is here, and who came without a seat."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from events.models import Attendance
from members.mail_field import OthersMailField
from members.models import Member

# No phone waits longer for its line than a day.
A_DAY_IN_MS = 24 * 60 * 60 * 1000


class TapForm(forms.Form):
    """One tap: who is here, or is not after all. `age` is how many milliseconds ago it was made, `tap` names it."""

    here = forms.CharField(max_length=24, required=False)
    gone = forms.CharField(max_length=24, required=False)
    tap = forms.UUIDField(required=False)
    age = forms.IntegerField(min_value=0, max_value=A_DAY_IN_MS, required=False)

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        data = self.cleaned_data
        if bool(data.get("here")) == bool(data.get("gone")):
            raise ValidationError(_("Please tap once more."))
        return data

    def made_at(self, now: datetime) -> datetime:
        """When the tap was made, by the clock of the server."""
        return now - timedelta(milliseconds=self.cleaned_data["age"] or 0)


class WalkInForm(forms.ModelForm[Attendance]):
    """Somebody without a seat: name and reading, the rest later."""

    email = OthersMailField(
        label=_("mail address"),
        help_text=_("Only if they would like to become a member: one mail is sent after the morning."),
        required=False,
    )
    tap = forms.UUIDField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Attendance
        fields = ["name", "yomi", "email"]
        labels = {"name": _("name"), "yomi": _("reading")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].error_messages["required"] = _("Please write the name too.")


class WalkInMailForm(forms.Form):
    """The rest, later: the address of somebody who came without a seat."""

    email = OthersMailField(label=_("Mail address"))


class SamePersonForm(forms.Form):
    """Which member this friend or walk-in is."""

    member = forms.SlugField(max_length=20)

    def chosen(self, offered: list[Member]) -> Member | None:
        """The one of these."""
        return next((one for one in offered if one.code == self.cleaned_data["member"]), None)
