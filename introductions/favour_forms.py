"""What people write when they ask for an introduction through somebody, pass it on, and answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from introductions import favours, openness
from introductions.favours import Favour
from introductions.reasons import called, joined
from introductions.subjects import common
from members.models import Member
from members.names import clean_line, clean_text


class FavourForm(forms.ModelForm[Favour]):
    """To `other`, or to somebody who knows a subject; through one of the connectors."""

    by = forms.ChoiceField(label=_("Whom do you ask?"))

    class Meta:
        model = Favour
        fields = ("subject", "why", "forward")
        labels = {
            "subject": _("What does the person you would like to meet know well?"),
            "why": _("Why you ask"),
            "forward": _("A text they can pass on"),
        }
        help_texts = {
            "why": _("Only the one you ask reads this."),
            "forward": _("The other reads this, with your name and your trade. Change it as you like."),
        }
        widgets = {"why": forms.Textarea(attrs={"rows": 3}), "forward": forms.Textarea(attrs={"rows": 5})}

    field_order = ("by", "subject", "why", "forward")

    def __init__(
        self,
        *args: Any,
        asker: Member,
        other: Member | None,
        connectors: Sequence[Member],
        first: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        self.asker, self.other = asker, other
        self.connectors = {one.code: one for one in connectors}
        subject = clean_line(first.get("about", ""))[:120]
        kwargs.setdefault("initial", {"by": first.get("by", ""), "subject": subject, "forward": draft(asker, subject)})
        super().__init__(*args, **kwargs)
        choices = [("", "―"), *((one.code, called(one)) for one in connectors)]
        self.fields["by"].choices = choices  # type: ignore[attr-defined]
        if other:
            del self.fields["subject"]
        else:
            self.fields["subject"].required = True

    def favour(self) -> Favour:
        """The request, not yet asked."""
        found = self.instance
        found.asker, found.other = self.asker, self.other
        found.connector = self.connectors[self.cleaned_data["by"]]
        return found


class PassOnForm(forms.Form):
    """The connector's answer: to whom, in which words; or not this time."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    to = forms.ChoiceField(label=_("Whom do you have in mind?"), required=False)
    word = forms.CharField(
        label=_("Your own words to both"),
        help_text=_("They open the question to the other, and the introduction once both have said yes."),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, favour: Favour, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"word": words(favour)})
        super().__init__(*args, **kwargs)
        self.people = {} if favour.names_somebody else {one.code: one for one in known(favour)}
        if favour.names_somebody:
            del self.fields["to"]
        else:
            choices = [("", "―"), *((code, _choice(one)) for code, one in self.people.items())]
            self.fields["to"].choices = choices  # type: ignore[attr-defined]

    def clean_word(self) -> str:
        return clean_text(self.cleaned_data["word"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("answer") == "yes":
            if "to" in self.fields and not values.get("to"):
                self.add_error("to", _t("Please choose whom you have in mind."))
            if not values.get("word"):
                self.add_error("word", _t("A sentence of yours is what makes it an introduction."))
        return values

    def act(self, favour: Favour, *, now: datetime) -> None:
        """Pass it on, or not. Raises `Refused` when it is too late."""
        if self.cleaned_data["answer"] == "no":
            favour.decline(now=now)
            return
        other = self.people.get(self.cleaned_data.get("to", "")) or favour.other
        assert other is not None  # noqa: S101 - named by the asker, or chosen above
        favour.pass_on(other, self.cleaned_data["word"], now=now)


class ReplyForm(forms.Form):
    """Yes, or not this time."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])

    def act(self, favour: Favour, *, now: datetime) -> None:
        favour.answer(yes=self.cleaned_data["answer"] == "yes", now=now)


class ThanksForm(forms.Form):
    """A word to whoever brought the two together."""

    thanks = forms.CharField(label=_("Your thanks"), max_length=600, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_thanks(self) -> str:
        return clean_text(self.cleaned_data["thanks"])


class OpennessForm(forms.Form):
    """What somebody may be asked; all of it off until they say so."""

    kinds = forms.MultipleChoiceField(choices=[(kind, kind) for kind in openness.KINDS], required=False)


def draft(asker: Member, subject: str) -> str:
    """A text to pass on, for the asker to change."""
    values = {"name": asker.display_name, "trade": asker.trade, "subject": subject}
    who = _t("My name is %(name)s; my work: %(trade)s.") if asker.trade else _t("My name is %(name)s.")
    what = _t("I would like to hear about “%(subject)s”.") if subject else _t("I would like to hear about your work.")
    how = _t("Fifteen minutes would do, by telephone or over a coffee, whatever suits you.")
    return joined(joined(who, what), how) % values


def words(favour: Favour) -> str:
    """The connector's words to begin with."""
    asker = called(favour.asker)
    if favour.subject:
        said = _t("I know %(asker)s from our breakfasts. I thought of you when I read about “%(subject)s”.")
        return said % {"asker": asker, "subject": favour.subject}
    return _t("I know %(asker)s from our breakfasts, and I think you two would have something to talk about.") % {
        "asker": asker
    }


def known(favour: Favour) -> list[Member]:
    """Whom the connector may have in mind: people they know, those whose lines speak of the subject first."""
    people = list(favours.people_of(favour.connector).exclude(pk=favour.asker_id).by_reading())
    return sorted(people, key=lambda one: not common(favour.subject, f"{one.ask_me}、{one.trade}"))


def _choice(one: Member) -> str:
    return f"{called(one)} ({one.trade})" if one.trade else called(one)
