"""Finding people whichever way a word is written: kana or Latin letters, wide or narrow, capital or small. Pure."""

import re
import unicodedata

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Lower

from search.tokens import VARIANTS

VOWELS = "aiueo"
ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ",
    "m": "まみむめも", "y": "や ゆ よ", "r": "らりるれろ", "w": "わ   を", "g": "がぎぐげご", "z": "ざじずぜぞ",
    "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
SYLLABLES = {
    row + vowel: kana for row, kanas in ROWS.items() for vowel, kana in zip(VOWELS, kanas, strict=True) if kana != " "
}
SYLLABLES |= {"shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ", "hu": "ふ"}
for head, kana in {
    "ky": "き", "gy": "ぎ", "ny": "に", "hy": "ひ", "my": "み", "ry": "り", "by": "び", "py": "ぴ",
    "sh": "し", "ch": "ち", "j": "じ", "sy": "し", "ty": "ち", "zy": "じ", "jy": "じ",
}.items():  # fmt: skip
    SYLLABLES |= {head + vowel: kana + small for vowel, small in zip("auo", "ゃゅょ", strict=True)}
DOUBLED = re.compile(r"([kstcgzdbpfj])(?=\1)|t(?=ch)")
NASAL = re.compile(r"[nm](?![aiueoy])'?")
SYLLABLE = re.compile("|".join(sorted(SYLLABLES, key=len, reverse=True)))
# Long vowels are written or not: おおの, Ohno, Ono; ゆうこ, Yuko.
LONG = re.compile(r"([おこそとのほもよろょごぞどぼぽ])[うお]|([うくすつぬふむゆるゅぐずづぶぷ])う|ー")


KATAKANA = {code: chr(code - 0x60) for code in range(ord("ァ"), ord("ヶ") + 1)}
# One character for one: katakana as hiragana, and old shapes of kanji as the plain ones (髙 as 高).
PLAIN = KATAKANA | {code: KATAKANA.get(plain, chr(plain)) for code, plain in VARIANTS.items() if isinstance(plain, int)}


def fold(text: str) -> str:
    """Width and case folded, katakana as hiragana, 髙 as 高."""
    return unicodedata.normalize("NFKC", text).lower().translate(PLAIN)


def folded(column: str) -> Func:
    """The same of a column, in PostgreSQL."""
    plain = Lower(Func(F(column), template="normalize(%(expressions)s, NFKC)"), output_field=TextField())
    wide, narrow = Value("".join(map(chr, PLAIN))), Value("".join(PLAIN.values()))
    return Func(plain, wide, narrow, function="translate", output_field=TextField())


def sounds(text: str) -> str:
    """How a name sounds, in hiragana without spaces and long vowels: "Ohno", "大野 → おおの" and "ono" are おの.

    Latin letters are read as Hepburn; what cannot be read stays.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not "\u0300" <= c <= "\u036f")
    folded = re.sub(r"[\s・.,-]", "", fold(bare))
    folded = re.sub(r"oh(?=[^aiueoy]|$)", "o", folded)
    folded = DOUBLED.sub("っ", folded)
    folded = SYLLABLE.sub(lambda found: SYLLABLES[found[0]], NASAL.sub("ん", folded))
    return LONG.sub(lambda found: found[1] or found[2] or "", folded)
