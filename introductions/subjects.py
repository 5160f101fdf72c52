"""What a question is about, and who says that one may ask them about it. Pure.

The words are cut as the search cuts them (search/tokens.py: variants of kanji are one, particles part words), so that
空き家 and やり方 are seen, which introductions.matching.topics, made for lists of nouns, passes over. Two words meet
where they share two neighbouring characters of which one is a kanji; katakana and Latin words where they are
equal, an English plural aside. What everybody writes (仕事, 方, "work") counts for nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from introductions.matching.topics import TOO_GENERAL
from search import tokens

Key = TypeVar("Key", bound=Hashable)

_PARTS = re.compile(r"[、，,;；。．！？!?\n]+")
_KANJI = re.compile(f"[{tokens.KANJI}]")
# Where the search leaves a question whole: 空き家や借家, 約束ごとにくわしい方.
_JOINTS = re.compile(
    f"(?<=[{tokens.KANJI}{tokens.KATAKANA}])[やも](?=[{tokens.KANJI}{tokens.KATAKANA}])"
    "|に(?:くわし|詳し|つい|関す|強)[ぁ-ゖ]*|(?<=[ぁ-ゖ])を(?=[ぁ-ゖ])"
)
_SCRIPTS = re.compile(f"[{tokens.KATAKANA}]+|[^{tokens.KATAKANA}]+")
_HIRAGANA = re.compile("[ぁ-ゖ]")
# Characters that say nothing alone, nor with an ending: 読み方, 人と, 話し.
_SAY_NOTHING = frozenset("方人事時気者話物何日年月回中上下大小今私自分前後間会場所教知聞言思見々")
_MORE_GENERAL = frozenset(
    {
        *("教え", "知り", "詳し", "相談", "質問", "くわしい", "仕方"),
        *("anybody", "anyone", "somebody", "someone", "know", "knows", "who", "what", "where", "why", "when", "which"),
        *("can", "could", "would", "should", "does", "did", "do", "is", "are", "was", "has", "have", "there", "any"),
        *(
            "me",
            "you",
            "we",
            "us",
            "our",
            "your",
            "this",
            "that",
            "it",
            "or",
            "be",
            "as",
            "at",
            "by",
            "an",
            "work",
            "ask",
        ),
    }
)
_GENERAL = TOO_GENERAL | _MORE_GENERAL


@lru_cache(maxsize=4096)
def subjects(text: str) -> Mapping[str, str]:
    """What the text can be compared by, each with the word it stands in, as the search folds it."""
    return {gram: word for word in _words(text) for gram in _grams(word)}


def common(question: str, text: str) -> list[str]:
    """The words of the question of which the text speaks too, in their order."""
    theirs = subjects(text)
    return list(dict.fromkeys(word for gram, word in subjects(question).items() if gram in theirs))


def fitting(question: str, texts: Mapping[Key, str]) -> dict[Key, Fraction]:
    """How well each text fits the question, for those that do at all: what fewer people write counts for more."""
    asked = subjects(question).keys()
    shared = {key: asked & subjects(text).keys() for key, text in texts.items()}
    people = Counter(gram for grams in shared.values() for gram in grams)
    return {
        key: sum((Fraction(1, people[gram]) for gram in grams), Fraction()) for key, grams in shared.items() if grams
    }


def _words(text: str) -> Iterator[str]:
    for part in _PARTS.split(text):
        for piece in filter(None, _JOINTS.split(part)):
            for start in range(0, len(piece), tokens.QUERY_LENGTH):
                for clause in tokens.clauses(piece[start : start + tokens.QUERY_LENGTH]):
                    yield from clause.runs


def _grams(word: str) -> Iterator[str]:
    if not tokens.is_unspaced(word):
        if len(word) > 1 and word not in _GENERAL:
            yield word.removesuffix("s") if len(word) > 3 and word.isascii() else word
        return
    for run in _SCRIPTS.findall(word):
        if not _KANJI.search(run):
            if len(run) > 1 and not _HIRAGANA.match(run):
                yield run
        elif len(run) == 1:
            if run not in _SAY_NOTHING:
                yield run
        else:
            yield from (pair for pair in map("".join, pairwise(run)) if _says_something(pair))


def _says_something(pair: str) -> bool:
    kanji = [char for char in pair if _KANJI.match(char)]
    return pair not in _GENERAL and bool(kanji) and (len(kanji) == 2 or kanji[0] not in _SAY_NOTHING)
