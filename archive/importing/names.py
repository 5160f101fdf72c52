"""Who spoke, from names as they were typed: several in one string, nobody at all, with a mail address behind."""

import re
import unicodedata
from collections.abc import Iterable

from members.names import clean_line

NAME_LENGTH = 120
# "A & B", "A / B"; 、 between Japanese names, but never the ・ inside one (ラリー・ヘイスティングス).
BETWEEN = re.compile(r"\s*[;；&＆+＋/／、，\n\t|｜]\s*")
# In these languages no name has the word inside it, as "y" is in Ramón y Cajal.
AND = re.compile(r"\s+(?:and|et|и|та)\s+", re.IGNORECASE)
COMMA = re.compile(r"\s*,\s*(?:and\s+)?")
ADDRESS = re.compile(r"\s*[<(\[]?\s*(?:mailto:)?[^\s<>()\[\]]+@[^\s<>()\[\]]+\.[^\s<>()\[\]]+\s*[>)\]]?")
NOBODY = {
    *("various", "various artists", "various authors", "various people", "various presenters", "various speakers"),
    *("multiple", "multiple speakers", "several speakers", "many", "everyone", "everybody", "all", "speakers"),
    *("unknown", "unknown speaker", "anonymous", "nobody", "none", "n/a", "na", "tba", "tbc", "tbd", "to be announced"),
    *("speaker", "staff", "team", "panel", "panelists", "lightning talks", "attendees", "community", "divers"),
    *("不明", "未定", "匿名", "複数", "複数名", "有志", "参加者", "スタッフ", "登壇者", "調整中", "なし", "varios"),
}


def folded(name: str) -> str:
    """What makes two spellings one name: NFKC, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def people(typed: Iterable[str]) -> list[str]:
    """The people named, each once, in order."""
    named: dict[str, str] = {}
    for text in typed:
        for name in _split(text):
            if folded(name) not in NOBODY and any(letter.isalpha() for letter in name):
                named.setdefault(folded(name), name)
    return list(named.values())


def _split(text: str) -> list[str]:
    bare = ADDRESS.sub(" ", text)
    parts = [part for piece in BETWEEN.split(bare) for part in AND.split(piece)]
    return [name for part in parts for one in _at_commas(part) if (name := clean_line(one).strip(" ,.;:-–—"))]


def _at_commas(part: str) -> list[str]:
    """Commas part whole names only: "Ada Lane, Bo Reed", not "Lane, Ada" or "Lane King, Jr."."""
    pieces = [piece for piece in COMMA.split(part) if piece]
    return pieces if all(len(piece.split()) > 1 for piece in pieces) else [part]
