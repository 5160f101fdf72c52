"""Codes that come by mail and are typed on a page. Pure."""

import unicodedata

from django.utils.crypto import get_random_string

# No vowels, so no words; nothing that looks like something else. 28^6 are 480 million.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
LENGTH = 6


def new() -> str:
    """A code nobody can guess."""
    return get_random_string(LENGTH, LETTERS)


def tidy(typed: str) -> str:
    """What was meant: small or capital, full-width or not, with a space or a hyphen in between."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", typed).upper() if letter.isalnum())
