"""What people send about introductions: shape only."""

from django import forms

from introductions.models import Introduction


class AnswerForm(forms.Form):
    """Yes, or not this time."""

    answer = forms.ChoiceField(choices=Introduction.Answer.choices[1:])

    @property
    def says_yes(self) -> bool:
        return bool(self.cleaned_data["answer"] == Introduction.Answer.YES)


class ConsentForm(forms.Form):
    """To be introduced at all, or not."""

    agree = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])

    @property
    def agrees(self) -> bool:
        return bool(self.cleaned_data["agree"] == "yes")


class PauseForm(forms.Form):
    """Not the next time, not for a while, or no rest any more."""

    length = forms.ChoiceField(choices=[(value, value) for value in ("once", "while", "none")])
