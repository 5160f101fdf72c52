"""What hosts and members type about money. Amounts are typed in full units and kept in the smallest."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from events.forms.money import AmountField
from members.fields import LineField
from purse.models import Bill, Entry, How, Issuer, Receipt

STEPS = (1, 10, 50, 100, 500, 1000)


class BillForm(forms.ModelForm[Bill]):
    """What the restaurant took, and whether it is divided."""

    step = forms.TypedChoiceField(
        label=_("Each pays a multiple of"), coerce=int, choices=[(step, f"{step:,}") for step in STEPS], initial=100
    )

    class Meta:
        model = Bill
        fields = ["total", "is_split", "step", "rounding"]
        labels: ClassVar = {"is_split": _("Divide it among those who came")}

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amount = AmountField(currency=currency, label=_("Amount"))
        if self.instance.pk:
            self.initial["total"] = amount.shown(self.instance.total)
        self.fields["total"] = amount


class PayForm(forms.Form):
    """Who paid, and how."""

    who = forms.CharField(max_length=100)
    how = forms.ChoiceField(choices=How)


class RestForm(forms.Form):
    """How all the others paid."""

    how = forms.ChoiceField(choices=How)


class EntryForm(forms.ModelForm[Entry]):
    """Something that went in or out besides the mornings."""

    way = forms.ChoiceField(
        label=_("In or out"), choices=[("out", _("it went out")), ("in", _("it came in"))], widget=forms.RadioSelect,
        initial="out",
    )  # fmt: skip

    class Meta:
        model = Entry
        fields = ["on", "what", "amount"]
        widgets = {"on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        labels = {"amount": _("Amount")}

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = AmountField(currency=currency, label=_("Amount"))

    def clean(self) -> dict[str, Any]:
        """The sign says which way it went."""
        values = super().clean() or self.cleaned_data
        amount = values.get("amount")
        if amount == 0:
            self.add_error("amount", ValidationError(_("Please write how much.")))
        elif amount and values.get("way") == "out":
            values["amount"] = -amount
        return values


class IssuerForm(forms.ModelForm[Issuer]):
    """In whose name receipts are drawn up."""

    class Meta:
        model = Issuer
        fields = ["name", "address", "registration"]


class ReceiptForm(forms.ModelForm[Receipt]):
    """To whom a receipt is made out, and what for."""

    class Meta:
        model = Receipt
        fields = ["addressee", "suffix", "purpose"]
        widgets = {"suffix": forms.RadioSelect}


class VoidForm(forms.Form):
    """Why it does not hold any more."""

    reason = LineField(_("why"), max_length=200).formfield()
