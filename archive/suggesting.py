"""What somebody who types may mean: names and titles that begin so, or, where nothing was found, what is nearly it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from django.db.models import Case, When

from archive import audiences, narrowing
from archive.forms import KINDS, Wish
from events.models.series import Viewer
from search import highlights, tokens
from search.models import Document

MOST = 8  # suggestions under a field on a phone
LOOKED_AT = 60  # the newest documents they are chosen from
NEWEST = 4_000  # documents whose words a mistyped one is compared with, names of guests first
NEAR = 0.75  # difflib's ratio: one wrong letter in four, two in eight
AS_NEAR = 0.05  # so little less near is as near: then the word that is used more
LEAST_LETTERS = 3
Kind = Document.Kind
NAMED = (Kind.SPEAKER, Kind.BOOK, Kind.SESSION, Kind.TALK)
# A word that may be mistyped: of Latin or other letters, of one Japanese script, or a compound of kanji.
WORD = re.compile(f"[{tokens.KATAKANA}]+|[ぁ-ゖー]+|[{tokens.KANJI}]+|[^ {tokens.UNSPACED}]+")
# 段ボール, which others write ダンボール: kanji before katakana, and what one kanji sounds like in a compound.
WITH_KANJI = re.compile(f"(?<![{tokens.KANJI}])([{tokens.KANJI}]{{1,2}})([{tokens.KATAKANA}]{{2,}})")
SOUND = "[ァ-ヴ][ャュョ]?[ンウイクキツチッ]?"


@dataclass(frozen=True)
class Suggestion:
    """What is put into the field, and what helps to know it: the reading of a name, whose book it is."""

    value: str
    hint: str

    @property
    def label(self) -> str:
        return f"{self.value} ({self.hint})" if self.hint else self.value


def beginnings(viewer: Viewer, wish: Wish) -> list[Suggestion]:
    """Guests, books, then mornings, whose name, reading or title goes on like the text of the wish. One query."""
    text = wish.text
    query = tokens.beginning(text)
    kinds = [kind for kind in NAMED if kind in KINDS[wish.place]] or NAMED
    if query is None:
        return []
    named = narrowing.documents(audiences.visible_to(viewer).filter(kind__in=kinds).answering(query), wish)
    found = list(named.newest_first().values_list("kind", "title", "who")[:LOOKED_AT])
    asked = tokens.normalise(text)
    chosen: dict[str, Suggestion] = {}
    for kind, title, who in sorted(found, key=lambda one: NAMED.index(Kind(one[0]))):
        hint = who if kind in {Kind.SPEAKER, Kind.BOOK} else ""
        if title and any(asked in tokens.normalise(part) for part in (title, hint)):
            chosen.setdefault(title, Suggestion(title, hint))
    return list(chosen.values())[:MOST]


def nearest(viewer: Viewer, text: str) -> str:
    """The query with each unknown word put right by a known one that is nearly it; empty where no name has it all.

    For a query that found nothing: one more. So the titles and names that were read also answer what would be found.
    """
    guests_first = Case(When(kind=Kind.SPEAKER, then=0), default=1)
    ordered = audiences.visible_to(viewer).filter(kind__in=NAMED).order_by(guests_first, "-on", "-pk")
    texts = ordered.values_list("title", "who")[:NEWEST]
    named = [tokens.normalise(" ".join(parts)) for parts in texts]
    known = Counter(word for one in named for word in _words(one))
    compounds = {compound for one in named for compound in WITH_KANJI.findall(one)}
    asked = tokens.normalise(text.replace('"', " "))
    meant = WORD.sub(lambda word: _put_right(word[0], known, compounds), asked)
    return meant if meant != asked and any(highlights.holds(one, meant) for one in named) else ""


def _words(folded: str) -> Iterable[str]:
    return (word for word in WORD.findall(folded) if len(word) >= LEAST_LETTERS)


def _put_right(word: str, known: Mapping[str, int], compounds: Collection[tuple[str, str]]) -> str:
    if len(word) < LEAST_LETTERS or word in known:
        return word
    heard = [kanji + katakana for kanji, katakana in sorted(compounds) if _sounds_like(word, kanji, katakana)]
    alike = [one for one in known if abs(len(one) - len(word)) <= 2]
    near = heard or get_close_matches(word, alike, n=3, cutoff=NEAR)
    as_near = [one for one in near if _nearness(word, one) >= _nearness(word, near[0]) - AS_NEAR]
    return max(as_near, key=lambda one: known[one], default=word)


def _nearness(word: str, other: str) -> float:
    return SequenceMatcher(None, other, word).ratio()


def _sounds_like(word: str, kanji: str, katakana: str) -> bool:
    """Whether a word in katakana may be this compound."""
    heard = word.removesuffix(katakana)
    return heard != word and re.fullmatch(f"(?:{SOUND}){{{len(kanji)}}}", heard) is not None
