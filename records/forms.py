"""What a host writes about a session, and what somebody who came takes home."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members.models import Member
from members.names import clean_line
from members.templatetags.people import called_in_text
from records.models import Agreed, Intention, Report, Takeaway

COMMA = re.compile("[,、，]")
TOPICS_AT_MOST, TOPIC_LENGTH = 6, 30


class ReportForm(forms.ModelForm[Report]):
    """The report of one session."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = Report
        fields = ["body", "language"]
        labels = {"body": _("What was said")}
        help_texts = {
            "body": _("## makes a heading, - a list, > a quotation, **bold**, [words](https://…) a link."),
        }
        widgets = {"body": forms.Textarea({"rows": 20})}


class AgreedForm(forms.Form):
    """How the guest agreed to the report, where they have not on their page."""

    agreed = forms.ChoiceField(
        label=_("The guest's word"),
        choices=[("", _("Only when the guest found it right on their page")), *Agreed.choices],
        widget=forms.RadioSelect,
        required=False,
    )


class TopicsForm(forms.Form):
    """What the morning was about, in a few words under which it stands beside others."""

    topics = forms.CharField(
        label=_("Topics"),
        help_text=_("A few words, with commas between them: prices, food. Each leads to the mornings it was about."),
        max_length=200,
        required=False,
    )

    def clean_topics(self) -> list[str]:
        topics = list(dict.fromkeys(filter(None, map(clean_line, COMMA.split(self.cleaned_data["topics"])))))
        if len(topics) > TOPICS_AT_MOST:
            raise forms.ValidationError(_("Six topics at most, please."))
        if any(len(topic) > TOPIC_LENGTH for topic in topics):
            raise forms.ValidationError(_("A topic has thirty letters at most."))
        return topics


class TakeawayForm(forms.ModelForm[Takeaway]):
    """One line and who may read it; and one for oneself alone. Either may stay empty, not both."""

    will_do = forms.CharField(
        label=_("What will you do with it? (if you like)"),
        help_text=_("For yourself alone: nobody else reads it. Before your next morning we ask you once how it went."),
        max_length=200,
        required=False,
        strip=True,
    )

    field_order = ("text", "audience", "signed", "will_do")

    class Meta:
        model = Takeaway
        fields = ["text", "audience", "signed"]
        labels = {"text": _("What do you take home?"), "signed": _("Whose line is it?")}
        help_texts = {"text": _("One line is enough.")}
        widgets = {"audience": forms.RadioSelect, "signed": forms.RadioSelect}

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False
        ways = _ways_to_sign(member)
        self.fields["signed"] = forms.ChoiceField(
            label=self.fields["signed"].label, choices=ways, widget=forms.RadioSelect
        )
        signed = self.instance.signed
        self.initial["signed"] = signed if signed in dict(ways) else Takeaway.Signed.NONE

    def clean_will_do(self) -> str:
        return clean_line(self.cleaned_data["will_do"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if {"text", "will_do"} <= said.keys() and not said["text"] and not said["will_do"]:
            self.add_error("text", self.fields["text"].error_messages["required"])
        return said


def _ways_to_sign(member: Member) -> list[tuple[str, str]]:
    """Each as it will be read; the surname only where the name tells it."""
    signed = Takeaway.Signed
    ways = [(signed.NAME.value, called_in_text(member))]
    if alone := member.surname_alone:
        ways.append((signed.SURNAME.value, called_in_text(alone)))
    return [*ways, (signed.NONE.value, str(signed.NONE.label))]


class OutcomeForm(forms.Form):
    """What became of it: one tap."""

    outcome = forms.ChoiceField(choices=Intention.Outcome)
