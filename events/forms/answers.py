"""What people send when they answer: shape only; whether it can be taken, the seats say."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from events.models import Companion, Partstat
from members.mail_field import OthersMailField


class AnswerForm(forms.Form):
    """Coming or not, and perhaps a question to the guest."""

    partstat = forms.ChoiceField(
        choices=[
            (Partstat.ACCEPTED.value, Partstat.ACCEPTED.label),
            (Partstat.DECLINED.value, Partstat.DECLINED.label),
        ]
    )


class FewerForm(forms.Form):
    """A friend who stays away, so that the others may have a seat."""

    friend = forms.IntegerField(min_value=1, max_value=2**63 - 1)


def agreed(sent: QueryDict) -> int:
    """The price of giving a seat back that stood beside the button; nothing where none did."""
    price = sent.get("price", "")
    return int(price) if price.isdecimal() and len(price) < len(str(2**31)) else 0


class QuestionForm(forms.Form):
    """What one would like to ask the guest."""

    question = forms.CharField(
        label=_("What would you like to ask?"),
        help_text=_("Beginners’ questions are welcome."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    named = forms.BooleanField(
        label=_("The guest may read my name beside it"), help_text=_("Else it is asked without a name."), required=False
    )


class FriendForm(forms.ModelForm[Companion]):
    """A friend: a name with its reading is enough."""

    email = OthersMailField(
        label=_("Your friend’s mail address"),
        help_text=_("Only if your friend wants the mails of this morning. The friend can stop them."),
        required=False,
    )

    class Meta:
        model = Companion
        fields = ["name", "yomi", "email"]
        labels = {"name": _("Your friend’s name"), "yomi": _("reading")}
        help_texts = {"yomi": _("For the name badge, in hiragana.")}
