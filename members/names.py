"""Codes in addresses, and what a person's typed text is cleaned to. Pure."""

import re
import secrets
import unicodedata

# RFC 4648 base32 in lower case: no 0/1/8/9 to mistake for letters.
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
CONTROLS_BUT_NEWLINE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]+")


def new_code() -> str:
    """Ten random base32 characters (50 bits): what stands in an address instead of a number."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def clean_line(text: str) -> str:
    """One line of text: control and direction characters out, spaces folded, NFC."""
    return " ".join(CONTROLS.sub(" ", unicodedata.normalize("NFC", text)).split())


def clean_text(text: str) -> str:
    """Several lines of text: newlines kept as \\n, other control and direction characters out, NFC."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS_BUT_NEWLINE.sub("", text).strip()


def hiragana(text: str) -> str:
    """Katakana as hiragana, width folded: how readings are compared."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in folded)
