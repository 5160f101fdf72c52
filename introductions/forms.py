"""What people send about introductions: shape only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.forms.schedule import DateInput, TimeInput
from events.models import Session
from introductions.acquaintance import Exchange, Memory
from introductions.models import Introduction
from introductions.policy import GOES_AT, Policy
from members.models import Member
from members.names import clean_line

# No id is larger in PostgreSQL.
MANY = 2**63 - 1


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


class LineForm(forms.Form):
    """One line to be remembered by."""

    line = forms.CharField(
        label=_("One line to be remembered by"),
        help_text=_("They read it once both of you have said so. For example: we talked about rice."),
        max_length=120,
        required=False,
    )

    def clean_line(self) -> str:
        return clean_line(self.cleaned_data["line"])


class CardsForm(LineForm):
    """With whom of those who were there I exchanged cards."""

    def __init__(self, *args: Any, people: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        choices = [(person.code, person.name) for person in people]
        self.fields["with"] = forms.MultipleChoiceField(choices=choices, required=False)

    @transaction.atomic
    def say(self, member: Member, session: Session, *, now: datetime) -> None:
        """Say it of those who are marked and take it back of the others on the list; the line goes to the new ones."""
        marked = set(self.cleaned_data["with"])
        known = set(Exchange.objects.filter(member=member, other__in=self.people).values_list("other", flat=True))
        for person in self.people:
            if person.code not in marked:
                Exchange.take_back(member, person)
            elif person.pk not in known:
                Exchange.say(member, person, session=session, line=self.cleaned_data["line"], now=now)


class ExchangeForm(LineForm):
    """Whether we exchanged cards, from the card of one person."""

    said = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], widget=forms.HiddenInput)

    @transaction.atomic
    def say(self, member: Member, other: Member, *, now: datetime) -> None:
        """Say it, or say it with another line, or take it back."""
        if self.cleaned_data["said"] == "no":
            Exchange.take_back(member, other)
            return
        Exchange.say(member, other, session=None, line=self.cleaned_data["line"], now=now)
        Exchange.objects.filter(member=member, other=other).update(line=self.cleaned_data["line"])


class MemoryForm(forms.ModelForm[Memory]):
    """A note for oneself, and what to do next until when."""

    class Meta:
        model = Memory
        fields = ["note", "next_step", "next_on"]
        labels = {"note": _("My note"), "next_step": _("What I want to do next"), "next_on": _("Remind me on")}
        help_texts = {
            "note": _("Nobody else ever reads it, no host either."),
            "next_on": _("A mail comes to you that morning, to nobody else."),
        }
        widgets = {"note": forms.Textarea(attrs={"rows": 4}), "next_on": forms.DateInput(attrs={"type": "date"})}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("next_on") and not values.get("next_step"):
            self.add_error("next_step", _("Please write what you want to be reminded of."))
        return values


class SwapForm(forms.Form):
    """Which of the two stays, and whom they meet instead; by id."""

    stays = forms.IntegerField(min_value=1, max_value=MANY)
    other = forms.IntegerField(min_value=1, max_value=MANY)


class TimeForm(forms.Form):
    """When a round goes by itself, on the clock where they met; left empty it waits for a tap."""

    on = forms.DateField(label=_("Day"), required=False, widget=DateInput)
    at = forms.TimeField(label=_("Time"), required=False, widget=TimeInput)

    def when(self, zone: ZoneInfo) -> datetime | None:
        """The instant; with half of it missing, the usual hour or no time at all."""
        on, at = self.cleaned_data["on"], self.cleaned_data["at"]
        return datetime.combine(on, at or GOES_AT, tzinfo=zone) if on else None


class PolicyForm(forms.Form):
    """Which reasons count most, and whether rounds go out by themselves."""

    choice = forms.ChoiceField(label=_("What counts most"), choices=Policy.Choice, widget=forms.RadioSelect)
    by_itself = forms.BooleanField(
        label=_("Send them the day after at 12:10 without my tap"),
        help_text=_("The first two rounds wait for you all the same. You can look at each before, and stop it."),
        required=False,
    )
