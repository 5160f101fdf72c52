"""A trade as a word and as a colour: the same dye on every picture."""

from django.utils.translation import get_language

from members.industries import Industry
from members.models import Member

# The stylesheet has eight dyes; trades that often meet have different ones.
DYES = {"G": 1, "S": 1, "I": 2, "N": 2, "A": 3, "O": 3, "M": 4, "K": 4, "L": 5, "R": 5, "B": 6, "F": 6, "H": 6, "P": 6}
DYES |= {"E": 7, "D": 7, "C": 7}
UNKNOWN = 8


def tone(industry: str) -> int:
    """The dye of a trade, 1 to 8, as in the stylesheet's `tone-n`; nobody's trade is grey."""
    return DYES.get(industry, UNKNOWN)


def word(member: Member) -> str:
    """What somebody does, for a reader of the active language: the role is in the member's own."""
    if member.role and get_language() == "ja":
        return member.role
    return label(member.industry) or member.role


def label(industry: str) -> str:
    """The trade in plain words, or nothing."""
    return str(Industry(industry).label) if industry else ""
