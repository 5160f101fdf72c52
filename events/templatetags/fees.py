"""What a morning costs, as the reader's language writes it."""

from typing import Protocol

from django import template

from events import fees

register = template.Library()


class Priced(Protocol):
    """Whatever has a fee: a session, a series."""

    @property
    def fee_amount(self) -> int: ...
    @property
    def fee_currency(self) -> str: ...


@register.filter
def fee(priced: Priced) -> str:
    """2,000円, ¥2,000, free."""
    return fees.fee(priced.fee_amount, priced.fee_currency)
