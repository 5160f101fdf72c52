"""What a member types about a talk of their own, a theme, or a question."""

from django import forms
from django.utils.translation import gettext_lazy as _


class IdeaForm(forms.Form):
    """A talk one offers, or a theme one would like to hear about."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[("theme", _("I would like to hear about this")), ("offer", _("I could speak about this"))],
        widget=forms.RadioSelect,
        initial="theme",
    )
    title = forms.CharField(label=_("In one line"), max_length=200)
    about = forms.CharField(
        label=_("A little more"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What a beginner would take home from it."),
    )


class IdeaQuestionForm(forms.Form):
    """A beginner's question."""

    text = forms.CharField(label=_("A beginner’s question"), max_length=500)


class PlanForm(forms.Form):
    """Into which morning, and for how long."""

    session = forms.SlugField(max_length=10)
    minutes = forms.IntegerField(min_value=5, max_value=120, initial=15)


class AskedForm(forms.Form):
    """Whom a host asks."""

    member = forms.SlugField(max_length=10)
