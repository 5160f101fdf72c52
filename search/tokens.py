"""What a text is found by: folding, tokens, PostgreSQL's tsvector and tsquery, all as plain strings.

Japanese has no spaces, so whatever is written without them is cut into overlapping pairs of characters
(食品流通: 食品, 品流, 流通, 通); other words stay whole. Positions follow the text, so that pairs side by
side are a word again. A token holds letters, digits and marks, and the signs of C++ and C#: nothing in it ever needs
escaping.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

Weight = Literal["A", "B", "C", "D"]

QUERY_LENGTH = 100  # characters of a query that are looked at
WORD_LENGTH = 60  # characters of a word that count; PostgreSQL refuses a lexeme over 2046 bytes
LAST_POSITION = 16383  # PostgreSQL's limits on a tsvector: this, …
POSITIONS_PER_TOKEN = 255  # … this …
VECTOR_BYTES = 1_000_000  # … and 1 MiB in all, of which this is taken
FIELD_GAP = 10  # positions between two fields: no phrase runs from a title into the body
SPLIT_LENGTH = 10  # longer compounds are looked for as written

KANJI = "\u3400-\u4dbf\u4e00-\u9fff々〆\U00020000-\U0003ffff"
KATAKANA = "ァ-ヺー"
# Written without spaces: kanji, kana, Thai, Lao, Myanmar, Khmer; Hangul, for its particles cling to the word.
UNSPACED = f"{KANJI}\u3040-\u30ff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\uac00-\ud7af"

SIGNS = "+#"
# Signs end a word: C++11 is C++ and 11.
RUN = re.compile(f"[{UNSPACED}]+|[^ {UNSPACED}{SIGNS}]+[{SIGNS}]*")
# Two plus signs after a letter, or a sharp that ends a word, belong to it (C++, C#); others are as good as a space.
SIGN = re.compile(r"(?P<kept>(?<=[a-z])(?:\+\+|#(?![a-z0-9#])))|[+#]")
# What folds together: a run of ASCII, or a character with the marks, voicing or jamo after it.
MARKS = "\u0300-\u036f\u3099\u309a\uff9e\uff9f\u1160-\u11ff\ufe00-\ufe0f\U000e0100-\U000e01ef"
CLUSTER = re.compile(f"[\x00-\x7f]+(?![{MARKS}])|.[{MARKS}]*", re.DOTALL)
# As good as unwritten: a final bar (サーバー, サーバ) and the dot in データ・センター.
SILENT = re.compile("(?<=[ァ-ヴー]{2})ー+(?!・?[ァ-ヴー])|(?<=[ァ-ヴー])・(?=[ァ-ヴ])")
# The s of a plural: tests, données, datos; not that of class or campus, nor of a word as short as iOS.
PLURAL = re.compile(r"(?<=[a-z]{2}[a-rtv-z])s\Z")
SPARE = re.compile(r"\A +|(?<= ) +| +\Z")

JOINT = re.compile(f"[{KANJI}{KATAKANA}]{{2}}")
PARTICLE = re.compile(
    f"(?<=[{KANJI}{KATAKANA}])[のとはがをにへで]{{1,2}}|[のとはがをにへで]{{1,2}}(?=[{KANJI}{KATAKANA}])"
)
# In PostgreSQL's words for a query: what is looked for, and whether it is a beginning.
LEXEME = re.compile(r"('[^']*')(?::(\*))?")
# In a query: quoted words, or what stands between spaces; either may be excluded by a minus.
CHUNK = re.compile(r'(?P<minus>[-－−]?)(?:["“”＂](?P<quoted>[^"“”＂]*)["“”＂]|(?P<plain>[^\s"“”＂]+))')

VARIANTS = str.maketrans(
    "髙﨑齋齊斉邉邊𠮷濵濱德瀨嶋嶌澤廣國學櫻壽眞萬龍冨惠榮淵條靜圓會舘峯桒曾槇彌藏澁黑槗𣘺帖ヶヵゕゖłøđðħŧı",
    "高崎斎斎斎辺辺吉浜浜徳瀬島島沢広国学桜寿真万竜富恵栄渕条静円会館峰桑曽槙弥蔵渋黒橋橋帳ケカかけloddhti",
) | str.maketrans({"æ": "ae", "œ": "oe", "þ": "th"})

ASCII = {code: chr(code).lower() if chr(code).isalnum() or chr(code) in SIGNS else " " for code in range(128)}


def _seen(match: re.Match[str]) -> str:
    cluster = match[0]
    return cluster.translate(ASCII) if cluster.isascii() else _fold(cluster)


@lru_cache(maxsize=16384)
def _fold(cluster: str) -> str:
    """One cluster as the index sees it: letters, digits, marks, else a space; the invisible vanishes."""
    bare = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", cluster))
    return "".join(map(_kept, unicodedata.normalize("NFKC", bare).casefold().translate(VARIANTS)))


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f" or character >= "\U000e0100":
        return ""
    return character if category[0] in "LNM" or character in f"・{SIGNS}" else " "


def _without_stray_signs(text: str) -> str:
    """As long as before."""
    return SIGN.sub(lambda sign: sign["kept"] or " ", text)


class Folded(NamedTuple):
    """A folded text, and for each of its characters where it begins and ends in the original."""

    text: str
    starts: list[int]
    ends: list[int]


def normalise(text: str) -> str:
    """The text as the index sees it: NFKC, no case or accents, variants of kanji united, single spaces."""
    seen = _without_stray_signs(CLUSTER.sub(_seen, text))
    return SPARE.sub("", SILENT.sub("", seen).replace("・", " "))


def folded(text: str) -> Folded:
    """The same as `normalise` with the way back, for marking what was found in the text as it was written."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in CLUSTER.finditer(text):
        start, end = match.span()
        piece = _seen(match)
        pieces.append(piece)
        one_for_one = len(piece) == end - start
        starts.extend(range(start, end) if one_for_one else [start] * len(piece))
        ends.extend(range(start + 1, end + 1) if one_for_one else [end] * len(piece))
    loud = _without(SILENT, Folded(_without_stray_signs("".join(pieces)), starts, ends))
    return _without(SPARE, loud._replace(text=loud.text.replace("・", " ")))


def _without(pattern: re.Pattern[str], folded: Folded) -> Folded:
    """The folded text without what the pattern finds; a silent bar still belongs to the character before it."""
    kept = Folded("", [], [])
    position = 0
    for match in pattern.finditer(folded.text):
        kept = _extended(kept, folded, slice(position, match.start()))
        if match[0][0] == "ー":
            kept.ends[-1] = folded.ends[match.end() - 1]
        position = match.end()
    return _extended(kept, folded, slice(position, None))


def _extended(kept: Folded, folded: Folded, part: slice) -> Folded:
    kept.starts.extend(folded.starts[part])
    kept.ends.extend(folded.ends[part])
    return kept._replace(text=kept.text + folded.text[part])


def is_unspaced(run: str) -> bool:
    """Whether a run is cut into pairs of characters (Japanese, Chinese, Korean, Thai, …) or is one word."""
    return not run.isascii() and re.match(f"[{UNSPACED}]", run) is not None


def singular(word: str) -> str:
    """A folded word of Latin letters without the s of its plural: what it is found by."""
    return PLURAL.sub("", word)


def index_tokens(text: str) -> list[str]:
    """The tokens of a text in order; the place in the list is the position that phrases count by."""
    tokens: list[str] = []
    for match in RUN.finditer(normalise(text)):
        run = match[0]
        if is_unspaced(run):
            tokens.extend(first + second for first, second in pairwise(run))
            tokens.append(run[-1])
        else:
            tokens.append(singular(run[:WORD_LENGTH]))
    return tokens


def vector(fields: Iterable[tuple[str, Weight]]) -> str:
    """A literal for `::tsvector` of weighted texts, the most important first: the end is cut at 1 MB.

    After position 16383 words are still found, phrases no longer.
    """
    places: dict[str, list[tuple[int, Weight]]] = {}
    position, room = 0, VECTOR_BYTES
    for text, weight in fields:
        for token in index_tokens(text):
            position = min(position + 1, LAST_POSITION)
            if token not in places and (room := room - len(token.encode()) - 4) > 0:
                places[token] = []
            spots = places.get(token)
            if spots is None or len(spots) == POSITIONS_PER_TOKEN or (spots and spots[-1][0] == position):
                continue
            spots.append((position, weight))
            room -= 2
        position = min(position + FIELD_GAP, LAST_POSITION)
    return " ".join(
        f"'{token}':" + ",".join(f"{place}{weight}" for place, weight in spots) for token, spots in places.items()
    )


@dataclass(frozen=True)
class Clause:
    """One thing a query asks for: runs that stand one after the other.

    `exact` was quoted or excluded; otherwise a compound is found with up to two characters between its parts.
    """

    runs: tuple[str, ...]
    exact: bool = False
    excluded: bool = False

    def splits(self) -> Iterator[tuple[str, str, int]]:
        """Where a compound may be parted: left, right, and how many characters may stand between them.

        Two between kanji, or kanji and katakana (食品|流通: 食品の流通, 食品への流通); elsewhere none but a
        space or a point, which take no position (さとう|まりこ); a katakana word stays whole.
        """
        run = self.runs[0]
        if self.exact or len(self.runs) > 1 or not is_unspaced(run) or len(run) > SPLIT_LENGTH:
            return
        for cut in range(2, len(run) - 1):
            if not re.fullmatch(f"[{KATAKANA}]{{2}}", run[cut - 1 : cut + 1]):
                yield run[:cut], run[cut:], 2 if JOINT.fullmatch(run, cut - 1, cut + 1) else 0


def clauses(text: str) -> list[Clause]:
    """What a query asks for: words (all of them), "a phrase", -excluded; its first 100 characters."""
    found: list[Clause] = []
    for match in CHUNK.finditer(text[:QUERY_LENGTH]):
        excluded = bool(match["minus"])
        if excluded or match["quoted"] is not None:
            runs = tuple(RUN.findall(normalise(match["quoted"] or match["plain"] or "")))
            new = [Clause(runs, exact=True, excluded=excluded)] if runs else []
        else:
            new = list(_words(match["plain"]))
        found.extend(clause for clause in new if clause not in found)
    return found


def _words(chunk: str) -> Iterator[Clause]:
    """What was typed without a space: e-mail is a phrase; 食品の流通 and AI活用 are two words."""
    for unspaced, runs in groupby(RUN.findall(normalise(chunk)), key=is_unspaced):
        if unspaced:
            yield from (Clause((part,)) for run in runs for part in _parts(run))
        else:
            yield Clause(tuple(runs))


def _parts(run: str) -> list[str]:
    """A run parted at particles beside kanji or katakana, unless only single characters are left (女の子)."""
    parts = [part for part in PARTICLE.split(run) if part and not re.fullmatch("[ぁ-ゖ]", part)]
    return parts if len(parts) == 1 or any(len(part) > 1 for part in parts) else [run]


def query(text: str) -> str | None:
    """A literal for `::tsquery` of what is asked for, or None where that is nothing (no letters, only exclusions)."""
    return " & ".join(f"({_condition(clause)})" for clause in clauses(text) if not clause.excluded) or None


def named(text: str) -> str | None:
    """The same for a name, looked for only where the names of a document stand (weight B)."""
    asked = query(text)
    return LEXEME.sub(lambda lexeme: f"{lexeme[1]}:{lexeme[2] or ''}B", asked) if asked else None


def excluded(text: str) -> str | None:
    """A literal for `::tsquery` of what must not be there, whichever of it, or None."""
    return " | ".join(f"({_condition(clause)})" for clause in clauses(text) if clause.excluded) or None


def beginning(text: str) -> str | None:
    """A literal for `::tsquery` of what is still being typed: the last word of letters may go on. None for nothing."""
    asked = [clause for clause in clauses(text) if not clause.excluded]
    if not asked:
        return None
    *before, last = asked
    typed = _chain([(run, 0) for run in last.runs]) + ("" if is_unspaced(last.runs[-1]) else ":*")
    return " & ".join([*(f"({_condition(clause)})" for clause in before), f"({typed})"])


def _condition(clause: Clause) -> str:
    """The clause in tsquery's words: as written, or with something between its two parts."""
    ways = [_chain([(left, 0), (right, gap)]) for left, right, between in clause.splits() for gap in range(between + 1)]
    return " | ".join(ways or [_chain([(run, 0) for run in clause.runs])])


def _chain(runs: list[tuple[str, int]]) -> str:
    """Lexemes joined by their distances, each run counted from the end of the one before plus its gap."""
    chain, position, last = "", 0, 0
    for run, gap in runs:
        position += gap
        for offset, lexeme in enumerate(_lexemes(run)):
            chain += f" <{position + offset - last}> {lexeme}" if chain else lexeme
            last = position + offset
        position += len(run) if is_unspaced(run) else 1
    return chain


def _lexemes(run: str) -> list[str]:
    if not is_unspaced(run):
        return [f"'{singular(run[:WORD_LENGTH])}'"]
    return [f"'{first}{second}'" for first, second in pairwise(run)] or [f"'{run}':*"]
