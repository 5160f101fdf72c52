"""What people write when they ask the club, and when they answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from introductions.asks import Ask, Reply
from members.names import clean_text


class AskForm(forms.ModelForm[Ask]):
    """A question, and what one should know about it."""

    in_letter = forms.BooleanField(
        label=_("The monthly letter may carry it too, with my name"),
        help_text=_("Whoever reads it there can answer as long as the question is open."),
        required=False,
    )

    class Meta:
        model = Ask
        fields = ("question", "more")
        labels = {"question": _("Your question"), "more": _("What one should know about it")}
        help_texts = {"question": _("In one line, with the words a person who knows would use.")}
        widgets = {"more": forms.Textarea(attrs={"rows": 4})}

    @property
    def text(self) -> str:
        return f"{self.cleaned_data['question']}\n{self.cleaned_data['more']}"


class ReplyForm(forms.Form):
    """I can help, or I know somebody; with a line."""

    said = forms.ChoiceField(choices=Reply.Said.choices[1:])
    line = forms.CharField(
        label=_("A line to the asker"),
        help_text=_("Only the asker reads it. Your address stays with you until you both want it."),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please write a line, so that the asker knows what you mean.")},
    )
    may_show = forms.BooleanField(
        label=_("Members may read my answer, with my name"),
        help_text=_("Only if the asker wants it too."),
        required=False,
    )

    def clean_line(self) -> str:
        return clean_text(self.cleaned_data["line"])

    def act(self, row: Reply, *, now: datetime) -> None:
        """Raises `Refused` when the question is closed."""
        values = self.cleaned_data
        row.answer(values["said"], values["line"], may_show=values["may_show"], now=now)


class CloseForm(forms.Form):
    """Closing a question, with thanks to those who answered."""

    thanks = forms.CharField(
        label=_("Your thanks"),
        help_text=_("They go to everybody who answered. Left empty, nobody is written to."),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_thanks(self) -> str:
        return clean_text(self.cleaned_data["thanks"])


def goes_to(number: int, words: list[str]) -> dict[str, Any]:
    """How the asker is told where it will go, without names."""
    return {
        "number": number,
        "words": _t(", ").join(f"“{word}”" if word.isascii() else f"「{word}」" for word in words),
    }
