"""ISBN-10 and ISBN-13 (ISO 2108) as people type them, kept as thirteen digits. Pure."""

import re
import unicodedata

# Hyphens and dashes of every width that stand between the parts.
BETWEEN = re.compile(r"[\s\-‐-―−ー]+")


def normal(text: str) -> str:
    """The thirteen digits of a typed ISBN. Raises ValueError for anything else, also for a wrong check digit."""
    typed = BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper().removeprefix("ISBN").lstrip(":")
    if re.fullmatch(r"[0-9]{9}[0-9X]", typed) and _checks_ten(typed):
        twelve = f"978{typed[:9]}"
        return twelve + check_digit(twelve)
    if re.fullmatch(r"97[89][0-9]{10}", typed) and typed[-1] == check_digit(typed[:12]):
        return typed
    raise ValueError(text)


def check_digit(twelve: str) -> str:
    """The thirteenth digit: weights 1 and 3 by turns, filled up to the next ten."""
    weighed = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(twelve))
    return str(-weighed % 10)


def _checks_ten(ten: str) -> bool:
    """Weights 10 to 1, a multiple of eleven; X stands for ten."""
    values = [10 if digit == "X" else int(digit) for digit in ten]
    return sum(value * (10 - place) for place, value in enumerate(values)) % 11 == 0
