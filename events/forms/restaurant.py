"""What a host tells while telephoning."""

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from events.restaurant import Order

SALT = "restaurant"
# A page left open longer shows an old number.
SECONDS = 12 * 60 * 60


class OthersForm(forms.Form):
    """Who eats without a seat."""

    others = forms.IntegerField(
        label=_("Others at the table"),
        help_text=_("Hosts without a seat. Those who come with the guest have one."),
        min_value=0,
        max_value=30,
        required=False,
    )


class CallForm(forms.Form):
    """To whom it was said. What was said is what stood on the page, signed: it may have changed since."""

    said = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    to = forms.CharField(label=_("Who you spoke to"), max_length=80, required=False)

    def clean_said(self) -> Order:
        try:
            found = signing.loads(self.cleaned_data["said"], salt=SALT, max_age=SECONDS)
        except signing.BadSignature as old:
            raise ValidationError(_("This page is too old. Here is how it stands now.")) from old
        return Order(**found)


def sealed(order: Order) -> str:
    """What stands on the page, for the form."""
    return signing.dumps(
        {"seats": order.seats, "guests": order.guests, "others": order.others, "diets": dict(order.diets)}, salt=SALT
    )
