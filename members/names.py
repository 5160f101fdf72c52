"""Codes in addresses, and what a person's typed text is cleaned to. Pure."""

import re
import secrets
import unicodedata
from dataclasses import dataclass

# RFC 4648 base32 in lower case: no 0/1/8/9 to mistake for letters.
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
CONTROLS_BUT_NEWLINE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]+")

# What divides a foreign name in katakana, and what belongs to a surname or to none.
DOTS = re.compile("[・･=＝゠]")
PARTICLES = {
    "al", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "le",
    "ten", "ter", "van", "von", "zu",
}  # fmt: skip
SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}


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


@dataclass(frozen=True)
class Surname:
    """Somebody of whom the surname alone is told: what pages need to call them, and nothing else."""

    name: str
    yomi: str = ""
    romaji: str = ""


def surname(name: str) -> str:
    """The surname in a name as people write it; nothing where it cannot be told, as in 有馬花 or Madonna.

    It comes first in 有馬 花, last in Hana Arima, Jan van den Berg and, between dots, in イネス・ハロラン. A word in
    capitals or before a comma says itself which it is: ARIMA Hana; Arima, Hana.
    """
    if DOTS.search(name):
        return DOTS.split(name)[-1].strip()
    words = name.split()
    if len(words) < 2:
        return ""
    if not _is_latin(name):
        return words[0]
    before, comma, _after = name.partition(",")
    if comma:
        return before
    words = [word for word in words if word.lower().rstrip(".") not in SUFFIXES] or words
    capitals = [word for word in words if len(word) > 1 and word.isupper() and word.isalpha()]
    if 0 < len(capitals) < len(words):
        return " ".join(capitals)
    first = len(words) - 1
    while first > 1 and words[first - 1].lower() in PARTICLES:
        first -= 1
    return " ".join(words[first:])


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(c, "").startswith("LATIN") for c in text if c.isalpha())


def hiragana(text: str) -> str:
    """Katakana as hiragana, width folded: how readings are compared."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in folded)
