"""Amounts as a page shows them."""

from datetime import date

from django import template
from django.utils.translation import gettext as _

from events import dates
from events.fees import EXPONENTS, fee

register = template.Library()


@register.simple_tag
def money(amount: int, currency: str) -> str:
    """2,000円, ¥2,000; nothing is 0 here, not "free". Below nought with a minus before it."""
    sign = "−" if amount < 0 else ""
    return sign + fee(abs(amount), currency, zero=True)


@register.simple_tag
def figure(amount: int, currency: str) -> str:
    """2,000, 12.50: in a table that says once what it counts in."""
    exponent = EXPONENTS.get(currency, 2)
    return f"{'−' if amount < 0 else ''}{abs(amount) / 10**exponent:,.{exponent}f}"


@register.simple_tag
def unit(currency: str) -> str:
    """What such a table counts in: 円, yen, CHF."""
    return _("yen") if currency == "JPY" else currency


@register.simple_tag
def day(on: date) -> str:
    """12月10日(木), Thu 10 Dec."""
    return dates.day(on, dates.language(), year=False)
