"""Readings in the order of the fifty sounds (五十音順), as JIS X 4061 compares them: a key that sorts as bytes. Pure.

First by the plain kana (か and が alike, ょ as よ, ー as the vowel it prolongs), then by voicing (は ば ぱ), then ー
before small before large. Latin letters come after kana, everything else after those.
"""

import unicodedata
from itertools import pairwise

from members.names import hiragana

VOICED, HALF_VOICED = "\u3099", "\u309a"
SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
ROWS = {
    "あ": "あかさたなはまやらわ",
    "い": "いきしちにひみりゐ",
    "う": "うくすつぬふむゆる",
    "え": "えけせてねへめれゑ",
    "お": "おこそとのほもよろを",
}
VOWEL = {kana: vowel for vowel, row in ROWS.items() for kana in row}
# Between the three keys: below every character of any of them.
APART = "\x01"


def key(text: str) -> str:
    """What this reading is sorted by, compared character by character (COLLATE "C")."""
    plain, voices, sizes = "", "", ""
    for character, following in pairwise([*unicodedata.normalize("NFD", hiragana(text)), ""]):
        if unicodedata.combining(character):
            continue
        plain += _plain(character, plain)
        voices += {VOICED: "2", HALF_VOICED: "3"}.get(following, "1")
        sizes += _size(character)
    return APART.join((plain, voices, sizes)) if plain else ""


def _plain(character: str, before: str) -> str:
    """Spaces and dots before everything, kana as they are, then Latin, then the rest."""
    if character in " ・":
        return " "
    if character == "ー":
        return VOWEL.get(before[-1:], before[-1:] or "あ")
    kana = character.translate(SMALL)
    if "ぁ" <= kana <= "ゖ":
        return kana
    if character.isascii():
        # In the private area above the kana, so that letters follow them and kanji, marked below, follow letters.
        return chr(0xE000 + ord(character.lower()))
    return "\uf000" + character


def _size(character: str) -> str:
    if character == "ー":
        return "1"
    return "2" if character.translate(SMALL) != character else "3"
