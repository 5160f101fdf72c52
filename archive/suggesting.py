"""What somebody who types may mean: names and titles that begin so, or, where nothing was found, what is nearly it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from archive import audiences
from events.models.series import Viewer
from search import tokens
from search.models import Document

MOST = 8  # suggestions under a field on a phone
LOOKED_AT = 60  # the newest documents they are chosen from
NEWEST = 2_000  # documents whose words a mistyped one is compared with
NEAR = 0.75  # difflib's ratio: one wrong letter in four, two in eight
LEAST_LETTERS = 3
Kind = Document.Kind
NAMED = (Kind.SPEAKER, Kind.BOOK, Kind.SESSION, Kind.TALK)
# A word that may be mistyped: of Latin or other letters, of one Japanese script, or a compound of kanji.
WORD = re.compile(f"[{tokens.KATAKANA}]+|[ぁ-ゖー]+|[{tokens.KANJI}]+|[^ {tokens.UNSPACED}]+")


@dataclass(frozen=True)
class Suggestion:
    """What is put into the field, and what helps to know it: the reading of a name, whose book it is."""

    value: str
    hint: str

    @property
    def label(self) -> str:
        return f"{self.value} ({self.hint})" if self.hint else self.value


def beginnings(viewer: Viewer, text: str) -> list[Suggestion]:
    """Guests, books, then mornings, whose name, reading or title goes on like this. One query, two for a member."""
    query = tokens.beginning(text)
    if query is None:
        return []
    named = Document.objects.visible_to(audiences.of(viewer)).filter(kind__in=NAMED).answering(query)
    found = list(named.newest_first().values_list("kind", "title", "who")[:LOOKED_AT])
    asked = tokens.normalise(text)
    chosen: dict[str, Suggestion] = {}
    for kind, title, who in sorted(found, key=lambda one: NAMED.index(Kind(one[0]))):
        hint = who if kind in {Kind.SPEAKER, Kind.BOOK} else ""
        if title and any(asked in tokens.normalise(part) for part in (title, hint)):
            chosen.setdefault(title, Suggestion(title, hint))
    return list(chosen.values())[:MOST]


def nearest(viewer: Viewer, text: str) -> str:
    """The query with each unknown word put right by a known one that is nearly it; empty unless that finds something.

    For a query that found nothing: two queries, three for a member.
    """
    visible = Document.objects.visible_to(audiences.of(viewer))
    texts = visible.filter(kind__in=NAMED).newest_first().values_list("title", "who")[:NEWEST]
    known = {word for parts in texts for word in _words(tokens.normalise(" ".join(parts)))}
    asked = tokens.normalise(text.replace('"', " "))
    meant = WORD.sub(lambda word: _put_right(word[0], known), asked)
    is_another = meant != asked and tokens.query(meant) is not None
    return meant if is_another and visible.matching(meant).exists() else ""


def _words(folded: str) -> Iterable[str]:
    return (word for word in WORD.findall(folded) if len(word) >= LEAST_LETTERS)


def _put_right(word: str, known: Collection[str]) -> str:
    if len(word) < LEAST_LETTERS or word in known:
        return word
    alike = [one for one in known if abs(len(one) - len(word)) <= 2]
    return next(iter(get_close_matches(word, alike, n=1, cutoff=NEAR)), word)
