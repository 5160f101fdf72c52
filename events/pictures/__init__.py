"""Pictures one can count, drawn on the server: a plate a seat, a dot a person, a bar a morning.

Each has one sentence as its text alternative.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec

from django.utils.safestring import SafeString
from django.utils.translation import get_language

SVG = '<svg viewBox="0 {} {} {}" role="img" aria-label="{}">{}</svg>'
NOTHING = SafeString("")
P = ParamSpec("P")


def drawn_once(draw: Callable[P, SafeString]) -> Callable[P, SafeString]:
    """Remember a picture per language: it is a function of hashable numbers and of the words around them."""

    @lru_cache(maxsize=1024)
    def remembered(_language: str | None, *args: P.args, **kwargs: P.kwargs) -> SafeString:
        return draw(*args, **kwargs)

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> SafeString:
        return remembered(get_language(), *args, **kwargs)  # type: ignore[arg-type]

    return drawn
