"""An amount of money as people type it."""

from typing import Any

from django import forms

from events.fees import EXPONENTS


class AmountField(forms.DecimalField):
    """An amount of a currency; cleans to an integer in its smallest unit."""

    def __init__(self, *, currency: str = "JPY", at_most: int = 100_000_000, **kwargs: Any) -> None:
        self.exponent = EXPONENTS.get(currency, 2)
        highest = at_most / 10**self.exponent
        super().__init__(min_value=0, max_value=highest, decimal_places=self.exponent, **kwargs)
        self.widget.attrs |= {"inputmode": "decimal" if self.exponent else "numeric", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        return None if cleaned is None else int(cleaned.scaleb(self.exponent))

    def shown(self, amount: int) -> str:
        """The same, to be typed over."""
        return f"{amount / 10**self.exponent:.{self.exponent}f}"
