"""What is asked beside the answer, and what a host wants to ask. Everything may stay empty."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Question
from events.models.asked import (
    CHOICE_LENGTH,
    CHOICES_AT_MOST,
    DIET_LENGTH,
    PHONE_LENGTH,
    QUESTIONS_AT_MOST,
    REPLY_LENGTH,
)
from events.pages.asking import TOLD, Asked, Asking
from members.forms import PHONE
from members.names import clean_line

YES_NO = [("yes", _("yes")), ("no", _("no"))]


class DetailsForm(forms.Form):
    """Food, a telephone, pictures, the table, whether one's name is shown, and the host's questions."""

    diet = forms.CharField(
        label=_("Food: allergies, what you do not eat"),
        help_text=_(
            "Hosts and the door see it. It is remembered for next time; for this morning it is erased after 14 days."
        ),
        max_length=DIET_LENGTH,
        required=False,
    )
    phone = forms.RegexField(
        label=_("A phone number for that morning"),
        help_text=_("For that morning alone, if something changes at the last hour. It is erased the day after."),
        regex=rf"^{PHONE.pattern}$",
        max_length=PHONE_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"invalid": _("Please write a number, such as 090-1234-5678.")},
    )
    no_pictures = forms.BooleanField(
        label=_("I would rather not be in pictures"),
        help_text=_("It is marked on the list at the door."),
        required=False,
    )
    near_door = forms.BooleanField(
        label=_("I have to leave early: a seat near the door, please"),
        help_text=_("Table 1 is the one nearest to it."),
        required=False,
    )
    with_known = forms.BooleanField(
        label=_("Somebody I have met before at my table, please"),
        help_text=_("One, if they come; the others will be new to you."),
        required=False,
    )
    listed = forms.BooleanField(
        label=_("This time, show my name to those who come"),
        help_text=_("Your profile says what holds otherwise."),
        required=False,
    )

    def __init__(self, data: Any = None, *, asking: Asking, **kwargs: Any) -> None:
        super().__init__(data, initial=asking.initial, prefix="told", **kwargs)
        self.asking = asking
        if asking.asks_listing:
            del self.fields["listed"]
        for one in asking.questions:
            self.fields[f"question{one.pk}"] = reply_field(one)

    @property
    def told(self) -> dict[str, Any]:
        """What a valid form says of the person; `is_listed` stays empty where it is what the profile says."""
        values = self.cleaned_data
        told = {name: values[name] for name in TOLD}
        if "listed" in self.fields and values["listed"] != self.asking.listed:
            told["is_listed"] = values["listed"]
        return told

    @property
    def replies(self) -> dict[int, str]:
        """What a valid form replies, by question."""
        return {one.pk: self.cleaned_data[f"question{one.pk}"] for one in self.asking.questions}


def reply_field(one: Asked) -> forms.Field:
    """The field for one question of the host."""
    if one.kind == Question.Kind.TEXT:
        return forms.CharField(label=one.text, max_length=REPLY_LENGTH, required=False)
    listed = YES_NO if one.kind == Question.Kind.YES_NO else [(choice, choice) for choice in one.choices]
    return forms.ChoiceField(label=one.text, choices=listed, required=False, widget=forms.RadioSelect)


class AskForm(forms.ModelForm[Question]):
    """One question; for a choice, one a line."""

    choices = forms.CharField(
        label=_("To choose from"),
        help_text=_("For “one of several”: one a line."),
        required=False,
        max_length=CHOICES_AT_MOST * (CHOICE_LENGTH + 2),
        widget=forms.Textarea({"rows": 3}),
    )

    class Meta:
        model = Question
        fields = ["text", "kind", "choices"]
        error_messages = {"text": {"required": _("Please write what you want to ask.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(self.instance.choices)

    def clean_choices(self) -> list[str]:
        lines = [clean_line(line) for line in self.cleaned_data["choices"].splitlines()]
        choices = list(dict.fromkeys(line for line in lines if line))
        if len(choices) > CHOICES_AT_MOST:
            raise forms.ValidationError(_("Eight at most, please."))
        if any(len(choice) > CHOICE_LENGTH for choice in choices):
            raise forms.ValidationError(_("Please keep each to 60 characters."))
        return choices

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        is_choice = values.get("kind") == Question.Kind.CHOICE
        if is_choice and len(values.get("choices", ())) < 2 and "choices" not in self.errors:
            self.add_error("choices", _("Please write at least two, one a line."))
        if not is_choice:
            values["choices"] = []
        return values


AskFormSet = forms.modelformset_factory(
    Question, form=AskForm, extra=1, max_num=QUESTIONS_AT_MOST, validate_max=True, can_delete=True
)
