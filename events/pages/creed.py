"""The club's sentence set upright: broken where a phrase begins, in columns of about the same height. Pure."""

import re
from itertools import pairwise
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

COLUMN_HOLDS = 13
# A phrase: what is not hiragana, the hiragana after it, and the point that ends it.
PHRASE = re.compile(r"[^ぁ-ん、。，．！？]*[ぁ-ん]*[、。，．！？]*")
# So much further from an even cut may a cut after a point lie.
POINT_IS_WORTH = 6
BREAK = SafeString("<br>")
TURNED = re.compile(r"(\d{2,3})")


def columns(sentence: str) -> list[str]:
    """朝七時、本を書いた人と / 朝ごはんを食べる会です。 A sentence in Latin letters stays whole."""
    number = ceil(len(sentence) / COLUMN_HOLDS)
    if number < 2 or sentence.isascii():
        return [sentence]
    ends = {found.end() for found in PHRASE.finditer(sentence)}

    def cost(end: int, even: float) -> float:
        return abs(end - even) - (POINT_IS_WORTH if sentence[end - 1] in "、。，．！？" else 0)

    evens = [len(sentence) * part / number for part in range(1, number)]
    cuts = [min(ends, key=lambda end: cost(end, even)) for even in evens]
    bounds = [0, *sorted({cut for cut in cuts if 0 < cut < len(sentence)}), len(sentence)]
    return [sentence[start:end] for start, end in pairwise(bounds)]


def upright(sentence: str) -> SafeString:
    """The columns as HTML, figures of two or three digits side by side in the room of one character."""
    return format_html_join(BREAK, "{}", ((_column(column),) for column in columns(sentence)))


def _column(text: str) -> SafeString:
    parts = TURNED.split(text)
    return format_html_join(
        "", "{}", ((format_html("<span>{}</span>", part) if n % 2 else part,) for n, part in enumerate(parts))
    )
