"""Where in a text the words of a query are, as it was written: 髙橋 is marked when 高橋 was asked for."""

import re
from functools import lru_cache
from itertools import groupby, takewhile
from operator import itemgetter

from search import tokens

Segments = list[tuple[str, bool]]  # pieces of a text in order, and whether each is to be marked
Span = tuple[int, int]
Hit = tuple[Span, int]  # where, and the number of the clause that is there

LEAD = 0.25  # how much of an excerpt comes before its first hit
WORD_EDGE = 12  # how far an excerpt moves to begin and end between words

# A word is one where no letter of its own kind touches it: "art" is not in "party", but "AI" is in "AI活用".
NOT_AFTER = f"(?<![^ {tokens.UNSPACED}{tokens.SIGNS}])"
NOT_BEFORE = f"(?![^ {tokens.UNSPACED}])"


def marked(text: str, query_text: str) -> Segments:
    """The whole text, in segments."""
    return _segments(text, _hits(text, query_text), (0, len(text)))


def excerpt(body: str, query_text: str, length: int = 90) -> Segments:
    """About `length` characters where most of the query stands; the beginning where nothing of it does."""
    text = " ".join(body.split())
    hits = _hits(text, query_text)
    start, end = _window(text, hits, length)
    segments = _segments(text, hits, (start, end))
    before = [("…", False)] if start > 0 else []
    after = [("…", False)] if end < len(text) else []
    return _joined([*before, *segments, *after])


def holds(normal: str, query_text: str) -> bool:
    """Whether a text as `tokens.normalise` leaves it has all that a query asks for."""
    patterns = _patterns(query_text)
    return bool(patterns) and all(pattern.search(normal) for pattern in patterns)


@lru_cache(maxsize=256)
def _patterns(query_text: str) -> tuple[re.Pattern[str], ...]:
    """One pattern per clause that is not excluded, over the folded text."""
    return tuple(re.compile(_pattern(clause)) for clause in tokens.clauses(query_text) if not clause.excluded)


def _pattern(clause: tokens.Clause) -> str:
    whole = " ?".join(re.escape(run) if tokens.is_unspaced(run) else _word(run) for run in clause.runs)
    parted = (
        f"{re.escape(left)}(?: |[^ ]{{0,{between}}}){re.escape(right)}" for left, right, between in clause.splits()
    )
    return "|".join([whole, *parted])


def _word(run: str) -> str:
    one = tokens.singular(run)
    plural = "s?" if tokens.singular(f"{one}s") == one else ""
    after = "" if run[-1] in tokens.SIGNS else NOT_BEFORE  # C++ is in C++11
    return f"{NOT_AFTER}{re.escape(one)}{plural}{after}"


def _hits(text: str, query_text: str) -> list[Hit]:
    """What to mark in the original text, in order."""
    folded = tokens.folded(text)
    found = [
        ((folded.starts[match.start()], folded.ends[match.end() - 1]), number)
        for number, pattern in enumerate(_patterns(query_text))
        for match in pattern.finditer(folded.text)
    ]
    return sorted(found)


def _window(text: str, hits: list[Hit], length: int) -> Span:
    """The stretch with the most clauses, the earliest of them."""
    if not hits or len(text) <= length:
        return _between_words(text, 0, length)
    lead = int(length * LEAD)
    best, most = hits[0][0], 0
    for index, (span, _) in enumerate(hits):
        clauses = _clauses_until(span[0] + length - lead, hits[index:])
        if clauses > most:
            best, most = span, clauses
    start = max(0, min(best[0] - lead, len(text) - length))
    start, end = _between_words(text, start, start + length)
    return min(start, best[0]), max(end, best[1])


def _clauses_until(stop: int, hits: list[Hit]) -> int:
    return len({number for (_, end), number in takewhile(lambda hit: hit[0][0] < stop, hits) if end <= stop})


def _between_words(text: str, start: int, end: int) -> Span:
    """The same stretch, not beginning or ending inside a word, where words have spaces."""
    if start > 0 and (space := text.find(" ", start - 1, start + WORD_EDGE)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - WORD_EDGE, end + 1)) > start:
        end = space
    return start, min(end, len(text))


def _segments(text: str, hits: list[Hit], window: Span) -> Segments:
    """The window cut at the edges of its hits; hits that touch or overlap are one."""
    segments: Segments = []
    position, stop = window
    for (hit_start, hit_end), _ in hits:
        start, end = max(hit_start, position), min(hit_end, stop)
        if start < end:
            segments += [(text[position:start], False), (text[start:end], True)]
            position = end
    return _joined([*segments, (text[position:stop], False)])


def _joined(segments: Segments) -> Segments:
    """Without empty pieces, neighbours of one kind as one."""
    pieces = groupby(filter(itemgetter(0), segments), key=itemgetter(1))
    return [("".join(text for text, _ in group), is_hit) for is_hit, group in pieces]
