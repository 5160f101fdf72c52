"""The shape of what a guest types on their own page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from invitations.models import Invitation
from members.mail_field import MailField
from records.forms_keepsakes import HandoutForm
from records.keepsakes import Handout, HandoutQuerySet, Picture, PictureQuerySet
from speakers.forms import NamesForm

OTHER = "other"
FILES_AT_MOST = 4
TOO_LONG = _("Please keep it below 1,000 characters.")


class ReplyForm(forms.Form):
    """The guest's own answer: yes on one of the dates, gladly but another day, or not this time."""

    answer = forms.ChoiceField(choices=[("accept", ""), ("decline", "")])
    date = forms.ChoiceField(required=False)
    note = forms.CharField(max_length=1000, required=False)

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["date"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        zone = invitation.session.zone
        field.choices = [(at.astimezone(zone).isoformat(), "") for at in invitation.dates] + [(OTHER, "")]
        self.fields["note"].error_messages["max_length"] = TOO_LONG
        field.error_messages["invalid_choice"] = _("Please choose one of the dates.")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("answer") == "accept" and values.get("date") == OTHER and not values.get("note"):
            self.add_error("note", _("Please write which days would suit you."))
        return values

    @property
    def start(self) -> datetime | None:
        """The chosen date of a valid form; None for the session's own."""
        return parse_datetime(self.cleaned_data["date"]) if self.cleaned_data["date"] else None


class NeedsForm(forms.ModelForm[Invitation]):
    """What the morning needs to know of the guest."""

    brings = forms.ChoiceField(
        label=_("How many come with you"),
        choices=list(enumerate((_("Nobody"), _("One person"), _("Two people"), _("Three people"), _("Four people")))),
        required=False,
        help_text=_("A seat is kept for each; neither you nor they pay."),
    )

    class Meta:
        model = Invitation
        fields: ClassVar = ["food", "arrival", "brings", "brings_names", "brings_food"]
        labels: ClassVar = {
            "food": _("What you do not eat"),
            "arrival": _("When and how you arrive"),
            "brings_names": _("Who comes with you"),
            "brings_food": _("What they do not eat"),
        }
        help_texts: ClassVar = {
            "food": _("The restaurant is told what, and not of whom. Forgotten two weeks after the morning."),
            "arrival": _("Somebody will be at the door."),
            "brings_names": _(
                "So that they are welcomed by name and find a badge. Only the hosts and the door see it."
            ),
        }

    def clean_brings(self) -> int:
        """Nothing chosen is nobody."""
        return int(self.cleaned_data["brings"] or 0)


class AboutForm(NamesForm):
    """What the guest tells of themselves."""

    class Meta(NamesForm.Meta):
        fields: ClassVar = ["title", "yomi", "romaji", "bio", "links"]
        labels: ClassVar = {
            "title": _("Who you are, in one line"),
            "bio": _("About you"),
            "yomi": _("Reading of your name"),
        }
        help_texts: ClassVar = NamesForm.Meta.help_texts | {
            "bio": _(
                "This and your books appear on your page as our guest; name, title and book on the page of the morning."
            )
        }
        widgets: ClassVar[dict[str, forms.Widget]] = NamesForm.Meta.widgets | {"bio": forms.Textarea({"rows": 6})}

    @property
    def about(self) -> dict[str, str]:
        """What goes into the guest's own record."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class PictureForm(forms.Form):
    """A photo the guest would rather not have shown."""

    picture = forms.ModelChoiceField(Picture.objects.none(), to_field_name="code")

    def __init__(self, *args: Any, pictures: PictureQuerySet | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["picture"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = pictures


class SlidesForm(HandoutForm):
    """Slides, or another file of the guest's; nobody but the hosts sees it before the morning has begun."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].label = _("What it is called")
        self.fields["audience"].help_text = _("From the morning on; the hosts see it now, to prepare it.")

    def clean_file(self) -> UploadedFile[bytes]:
        sent = super().clean_file()
        if Handout.objects.filter(session=self.session, speaker__isnull=False).count() >= FILES_AT_MOST:
            raise forms.ValidationError(_("Four files are enough. Please take one away first."), code="many")
        return sent


class SlideGoneForm(forms.Form):
    """A file the guest takes back."""

    handout = forms.ModelChoiceField(Handout.objects.none(), to_field_name="code")

    def __init__(self, *args: Any, handouts: HandoutQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["handout"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = handouts


class ReportAnswerForm(forms.Form):
    """The report is right, or something is to be put right."""

    verdict = forms.ChoiceField(choices=[("right", ""), ("remark", "")])
    remark = forms.CharField(max_length=4000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remark"].error_messages["max_length"] = _("Please keep it below 4,000 characters.")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("verdict") == "remark" and not values.get("remark") and "remark" not in self.errors:
            self.add_error("remark", _("Please write what should be put right."))
        return values


class FollowForm(forms.Form):
    """Where to write when the author is announced."""

    email = MailField(label=_("Your mail address"))
