"""What a member tells the others."""

import re
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Member
from members.names import clean_line

KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30ff\uff66-\uff9fA-Za-z\s・.'-]*")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\s.,'’-]*")


class ProfileForm(forms.ModelForm[Member]):
    """The short profile; sending it for the first time is joining the club."""

    listed = forms.BooleanField(
        label=_("Show my name to those who come to the same morning"),
        help_text=_("They see your name and trade, for the mornings you come to. The public never does."),
        required=False,
    )

    class Meta:
        model = Member
        fields: ClassVar = [
            "name", "yomi", "romaji", "industry", "role", "one_line", "ask_me", "want_to_learn",
        ]  # fmt: skip
        labels: ClassVar = {"role": _("What you do, in your own words")}
        help_texts: ClassVar = {
            "yomi": _("In kana. It stands on your badge and puts the list in order."),
            "romaji": _("For readers of English."),
            "role": _("For example: food distribution, or picture books."),
            "ask_me": _("What others may come to you with."),
            "want_to_learn": _("What you would love somebody to explain."),
        }
        error_messages: ClassVar = {"name": {"required": _("Please write your name.")}}
        widgets: ClassVar = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "romaji": forms.TextInput(attrs={"lang": "en", "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["industry"].required = True
        self.fields["industry"].error_messages["required"] = _("Please choose the nearest one.")
        self.fields["listed"].initial = self.instance.listed_at is not None

    def clean_name(self) -> str:
        """A name of control characters alone is none."""
        name = clean_line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Please write your name."))
        return name

    def clean_yomi(self) -> str:
        yomi: str = self.cleaned_data["yomi"]
        if not KANA.fullmatch(yomi):
            raise forms.ValidationError(_("Please write the reading in hiragana or katakana."))
        return yomi

    def clean_romaji(self) -> str:
        romaji: str = self.cleaned_data["romaji"]
        if not LATIN.fullmatch(romaji):
            raise forms.ValidationError(_("Please write this in Latin letters, like Hana Arima."))
        return romaji

    def join(self, *, now: datetime) -> Member:
        """Save it; the first time sets `joined_at`, and the consent keeps the time it was given."""
        member = self.save(commit=False)
        member.joined_at = member.joined_at or now
        member.listed_at = (member.listed_at or now) if self.cleaned_data["listed"] else None
        member.save()
        return member
