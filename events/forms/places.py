"""What a host types about a room, and the photos of its card."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from events import places
from events.forms.schedule import TimeInput
from events.models import Venue
from members.photo_field import PhotoField
from members.sending import SendingForm

WHERE = ("name", "address", "map_url")
ENGLISH = places.ENGLISH
CARD = ("directions", "entrance", "phone", "photo", "photo_gone")
RESTAURANT = (
    *("contact_name", "contact_phone", "provisional_days", "final_days", "final_at", "spare_covers"),
    *("late_amount", "cover_amount", "room_amount", "payment", "contact"),
)
LABELS = {
    "name": _("Name of the place"),
    "map_url": _("Link to a map"),
    "directions": _("How to find it, in one line"),
    "entrance": _("How to get in before opening time"),
    "phone": _("A phone that is answered that morning"),
    "name_en": _("Name in Latin letters"),
    "address_en": _("Address in Latin letters"),
    "directions_en": _("How to find it, in English"),
    "entrance_en": _("How to get in, in English"),
    "contact_name": _("Whom to ask for"),
    "contact_phone": _("The restaurant’s telephone"),
    "provisional_days": _("A first number is due, days before"),
    "final_days": _("The final number is due, days before"),
    "final_at": _("By what time"),
    "spare_covers": _("Covers it can add on the morning itself"),
    "late_amount": _("What it charges for a cover given up later"),
    "cover_amount": _("Price of one breakfast"),
    "room_amount": _("Price of the room"),
    "payment": _("How we pay"),
    "contact": _("What else was agreed, for hosts"),
}
HELP = {
    "phone": _("Shown on the day itself and not before, and in no mail to those who come."),
    "final_days": _("1 is the day before. Empty, and nothing was agreed."),
    "payment": _("As it is said: all together in cash on the morning."),
    "late_amount": _("A new series takes this over as its own; 0 is nothing."),
}


class WhereForm(forms.ModelForm[Venue]):
    """What both forms ask."""

    map_url = forms.URLField(label=LABELS["map_url"], required=False, max_length=500, assume_scheme="https")


class VenueForm(SendingForm, WhereForm):
    """A room, in four parts: where it is, its card, the same in English, the restaurant."""

    photo = PhotoField(
        label=_("Photo of the door"),
        help_text=_("A JPEG, PNG or WebP of at most 12 MB. Where and when it was taken is not kept."),
    )
    photo_gone = forms.BooleanField(label=_("No photo any more"), required=False)

    class Meta:
        model = Venue
        fields = [name for name in (*WHERE, *CARD, *ENGLISH, *RESTAURANT) if not name.startswith("photo")]
        labels = LABELS
        help_texts = HELP
        widgets = {
            "entrance": forms.Textarea({"rows": 3}),
            "entrance_en": forms.Textarea({"rows": 3}),
            "contact": forms.Textarea({"rows": 4}),
            "final_at": TimeInput,
            "phone": forms.TextInput({"inputmode": "tel"}),
            "contact_phone": forms.TextInput({"inputmode": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.door_photo:
            del self.fields["photo_gone"]

    @property
    def where(self) -> list[BoundField]:
        return self._part(WHERE)

    @property
    def card(self) -> list[BoundField]:
        return self._part(CARD)

    @property
    def english(self) -> list[BoundField]:
        return self._part(ENGLISH)

    @property
    def restaurant(self) -> list[BoundField]:
        return self._part(RESTAURANT)

    def _part(self, names: tuple[str, ...]) -> list[BoundField]:
        return [self[name] for name in names if name in self.fields]


class VenueMoveForm(WhereForm):
    """Where the restaurant moved to."""

    class Meta:
        model = Venue
        fields = list(places.MOVED)
        labels = {name: LABELS[name] for name in places.MOVED if name in LABELS}
        widgets = {name: forms.Textarea({"rows": 3}) for name in ("entrance", "entrance_en")}


class HostPhotoForm(SendingForm, forms.Form):
    """The face at the door."""

    photo = PhotoField(
        label=_("My photo"),
        required=True,
        help_text=_("A JPEG, PNG or WebP of at most 12 MB. Where and when it was taken is not kept."),
    )
