"""When answers are taken, by when the restaurant wants its number, and what leaving then costs: in plain words."""

from datetime import time
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from events.forms.money import AmountField
from events.forms.schedule import TimeInput
from events.models import Series, Session
from events.models.window import DAYS_AT_MOST, Hour, Terms

HOURS = ("opens", "closes", "headcount")


class WindowForm(forms.Form):
    """Three hours and a price; for a session also whether it has its own."""

    own = forms.ChoiceField(
        label=_("For this morning"),
        choices=[("", _("as the series has it")), ("own", _("differently, as below"))],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, data: Any, *, of: Series | Session) -> None:
        super().__init__(data, initial=_initial(of))
        self.starts = of.local_start.time() if isinstance(of, Session) else of.at
        if isinstance(of, Series):
            del self.fields["own"]
        for name in HOURS:
            self.fields[f"{name}_days"] = forms.IntegerField(
                label=_("Days before"), min_value=0, max_value=DAYS_AT_MOST, required=False
            )
            self.fields[f"{name}_time"] = forms.TimeField(label=_("Time"), widget=TimeInput, required=False)
        price = AmountField(
            currency=of.fee_currency, at_most=10_000_000, required=False,
            label=_("Price of a seat given back after that"),
            help_text=_(
                "What the restaurant asks of you. Empty or 0: it costs nothing. Mornings that are published keep what "
                "people read when they answered: it can only become less, and later."
            ),
        )  # fmt: skip
        if of.late_amount:
            self.initial["late"] = price.shown(of.late_amount)
        self.fields["late"] = price

    def hours(self) -> list[tuple[str, BoundField, BoundField]]:
        """The three hours as the page shows them: name, days, time."""
        return [(name, self[f"{name}_days"], self[f"{name}_time"]) for name in HOURS]

    @property
    def is_own(self) -> bool:
        """Whether a session has its own, as it was sent."""
        return self.cleaned_data.get("own") == "own"

    @property
    def terms(self) -> Terms:
        """What a valid form says."""
        opens, closes, headcount = (self._hour(name) for name in HOURS)
        return Terms(opens, closes, headcount, self.cleaned_data["late"] or 0)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name in HOURS:
            self._check(name)
        opens, closes = self._hour("opens"), self._hour("closes")
        if opens and closes and (-opens.days, opens.at) >= (-closes.days, closes.at):
            self.add_error("closes_days", _("Answers would end before they begin. Please look at the two hours."))
        if values.get("late") and self._hour("headcount") is None:
            self.add_error(
                "late", _("Please say by when the restaurant has its number: the price is due from then on.")
            )
        return values

    def _check(self, name: str) -> None:
        days, at = self._typed(name)
        if (days is None) != (at is None):
            missing = "days" if days is None else "time"
            if f"{name}_{missing}" not in self.errors:
                self.add_error(f"{name}_{missing}", _("Please give both the days and the time, or neither."))
        if days == 0 and at is not None and at >= self.starts:
            self.add_error(f"{name}_days", _("At that hour it has begun already. Please choose an earlier one."))

    def _typed(self, name: str) -> tuple[int | None, time | None]:
        return self.cleaned_data.get(f"{name}_days"), self.cleaned_data.get(f"{name}_time")

    def _hour(self, name: str) -> Hour | None:
        days, at = self._typed(name)
        return None if days is None or at is None else Hour(days, at)


def _initial(of: Series | Session) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in HOURS:
        hour: Hour | None = getattr(of.terms, name)
        if hour is not None:
            found |= {f"{name}_days": hour.days, f"{name}_time": hour.at}
    if isinstance(of, Session) and of.window_set_at:
        found["own"] = "own"
    return found
