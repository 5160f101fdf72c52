"""Money as the two languages write it. Amounts are integers in the currency's smallest unit (ISO 4217)."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

# Digits after the point, where they are not two.
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "TWD": 0, "KWD": 3, "BHD": 3}
SIGNS = {"JPY": "¥", "EUR": "€", "USD": "$", "GBP": "£"}


def fee(amount: int, currency: str, *, zero: bool = False) -> str:
    """1,800円, ¥1,800, 12.50 CHF; free where there is nothing to pay, or with `zero` the figure 0."""
    if not amount and not zero:
        return _("free")
    exponent = EXPONENTS.get(currency, 2)
    figure = f"{amount / 10**exponent:,.{exponent}f}"
    if currency == "JPY" and get_language() == "ja":
        return f"{figure}円"
    return f"{SIGNS[currency]}{figure}" if currency in SIGNS else f"{figure} {currency}"
