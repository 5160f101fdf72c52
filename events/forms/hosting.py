"""What a host types about a series and about one session."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from events import running_order
from events.forms.schedule import DateInput, ScheduleForm, TimeInput
from events.models import Job, OldSlug, Series, Session, Venue
from members.names import new_code

# Addresses below /series/ that are pages of ours.
RESERVED = {"new", "schedule", "leaving"}


# A long form is read in steps: where each field of a series stands.
PARTS = (
    ("what", _("What it is"), ("name", "name_en", "slug", "summary", "about", "audience", "first_number")),
    ("seats", _("Seats and fee"), ("capacity", "fee_amount", "hold_minutes")),
    ("course", _("How the morning goes"), ("doors_minutes", "duration_minutes", "programme", "jobs")),
    ("place", _("Where it is"), ("venue", "venue_name", "venue_address", "decides_at")),
)


class SeriesForm(forms.ModelForm[Series]):
    """Everything of a series but its schedule, which is a form of its own beside this one."""

    slug = forms.SlugField(
        label=_("Address"),
        max_length=60,
        required=False,
        help_text=_("Latin letters, digits and hyphens; empty, and one is made from the English name."),
        error_messages={"invalid": _("Please use Latin letters, digits and hyphens only.")},
    )
    capacity = forms.IntegerField(label=_("Seats"), min_value=1, max_value=1000, initial=24)
    jobs = forms.MultipleChoiceField(
        label=_("Jobs that go round among the members"), choices=Job.Kind, required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those who did them least are asked first. The one on the door sees the list that morning."),
    )  # fmt: skip
    venue_name = forms.CharField(label=_("A new place"), max_length=120, required=False)
    venue_address = forms.CharField(label=_("Its address"), max_length=200, required=False)

    class Meta:
        model = Series
        fields = [
            "name", "name_en", "slug", "summary", "about", "audience", "duration_minutes", "doors_minutes",
            "capacity", "hold_minutes", "fee_amount", "first_number", "programme", "jobs", "venue", "decides_at",
        ]  # fmt: skip
        widgets = {"decides_at": TimeInput, "programme": forms.Textarea({"rows": 6})}
        labels = {
            "name": _("Name of the series"),
            "duration_minutes": _("How many minutes it lasts"),
            "hold_minutes": _("How many minutes a seat is kept for a visitor"),
        }
        help_texts = {
            "programme": _("With which each morning begins. A line each: 6:40 doors open."),
            "decides_at": _("It stands on the page and in the reminder. Empty, and nothing is said of it."),
            "hold_minutes": _("Visitors without an account confirm by mail, and see until when the seat is kept."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        venue = self.fields["venue"]
        assert isinstance(venue, forms.ModelChoiceField)  # noqa: S101 - what Django makes of a foreign key
        venue.empty_label = _("Not decided yet")
        venue.queryset = Venue.objects.offered(self.instance.venue_id)

    @property
    def parts(self) -> list[tuple[str, Promise, list[forms.BoundField]]]:
        """Every field under its heading: an id, the heading, the fields."""
        return [(code, heading, [self[name] for name in names]) for code, heading, names in PARTS]

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"] or slugify(self.cleaned_data.get("name_en", ""))[:60] or new_code()
        taken = Series.objects.filter(slug=slug).exclude(pk=self.instance.pk).exists()
        taken = taken or OldSlug.objects.filter(slug=slug).exclude(series=self.instance.pk).exists()
        if taken or slug in RESERVED:
            raise forms.ValidationError(_("Another series has this address already."))
        return slug

    def save(self, commit: bool = True) -> Series:
        if name := self.cleaned_data["venue_name"]:
            self.instance.venue = Venue.objects.create(name=name, address=self.cleaned_data["venue_address"])
        return super().save(commit)


def with_schedule(series: Series, schedule: ScheduleForm) -> Series:
    """Take over a valid schedule; nothing is saved."""
    values = schedule.cleaned_data
    series.rule = values["rule"].text() if values["rule"] else ""
    series.starts_on, series.at = values["starts_on"], values["at"]
    return series


class SessionForm(forms.ModelForm[Session]):
    """What is told about one session, without its time and place: those are moved."""

    capacity = forms.IntegerField(
        label=_("Seats"), validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("Fewer seats than people coming turns nobody away; the queue waits longer."),
    )  # fmt: skip

    class Meta:
        model = Session
        fields = ["title", "summary", "programme", "capacity", "fee_amount", "number"]
        widgets = {"summary": forms.Textarea({"rows": 5}), "programme": forms.Textarea({"rows": 6})}
        help_texts = {"programme": _("A line each: 6:40 doors open.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        session = self.instance
        if not session.programme:
            with override(session.language):
                self.initial["programme"] = running_order.usual(
                    session.local_start, doors_minutes=session.doors_minutes, minutes=session.duration_minutes
                )

    def clean_number(self) -> int | None:
        number: int | None = self.cleaned_data["number"]
        taken = Session.objects.filter(series=self.instance.series_id, number=number).exclude(pk=self.instance.pk)
        if number is not None and taken.exists():
            raise forms.ValidationError(_("Another morning has this number already."))
        return number


class MoveForm(forms.Form):
    """Another time, another place."""

    on = forms.DateField(label=_("Day"), widget=DateInput)
    at = forms.TimeField(label=_("Begins at"), widget=TimeInput)
    venue = forms.ModelChoiceField(label=_("Place"), queryset=Venue.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        venue = self.fields["venue"]
        assert isinstance(venue, forms.ModelChoiceField)  # noqa: S101 - declared above
        current = self.initial.get("venue")
        venue.queryset = Venue.objects.offered(current.pk if current else None)

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """The new start of a valid form, on the clocks of the session's zone."""
        return datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"], tzinfo=zone)


class CancelForm(forms.Form):
    """Calling a session off."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300,
        help_text=_("It stands on the page and in the mail to everybody who wanted to come."),
    )  # fmt: skip


class OneOffForm(forms.ModelForm[Session]):
    """A session outside the rule."""

    on = forms.DateField(label=_("Day"), widget=DateInput)
    at = forms.TimeField(label=_("Begins at"), widget=TimeInput, initial="07:00")
    field_order = ("on", "at", "duration_minutes", "title", "summary")

    class Meta:
        model = Session
        fields = ["title", "summary", "duration_minutes", "capacity", "fee_amount", "venue"]
        labels = {"duration_minutes": _("How many minutes it lasts")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        venue = self.fields["venue"]
        assert isinstance(venue, forms.ModelChoiceField)  # noqa: S101 - what Django makes of a foreign key
        venue.queryset = Venue.objects.offered(self.instance.venue_id)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "on" in values and "at" in values:
            start = datetime.combine(values["on"], values["at"], tzinfo=self.instance.series.zone)
            self.instance.starts_at = start
            self.instance.take_terms(self.instance.series.terms)
        return values
