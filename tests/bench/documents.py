"""Searching a hundred thousand documents of 400 characters: milliseconds in PostgreSQL, and statements.

The texts are made by chance: words of two kanji, as often as words are (Zipf), so that there are common and rare ones.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from statistics import quantiles
from time import perf_counter
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from archive import finding
from archive.forms import Order, Wish
from events.models import Series, Session
from search.models import Document

SESSIONS, EACH, WORDS_EACH, VOCABULARY = 5_000, 20, 200, 20_000
TIMES = 20
MOST_BY_DATE, MOST_BY_RANK, MOST_STATEMENTS = 40, 200, 3
# Words are looked up; for these the texts themselves are looked through.
LOOKED_THROUGH = ("one without another", "one without the commonest", "a phrase")
ROW = "{:26} {:>9} {:>9} {:>9} {:>9} {:>11}"


def main() -> int:
    """Print the table; how many limits were missed."""
    chance = random.Random(7)
    words = _words(chance)
    began = perf_counter()
    fill(chance, words)
    print(
        f"{SESSIONS * EACH:,} documents written in {perf_counter() - began:.0f} s, the words' index made at the end\n"
    )
    print(ROW.format("query", "sessions", "order", "p50 ms", "p95 ms", "statements"))
    missed = 0
    for name, text in queries(words).items():
        by_date = MOST_BY_RANK if name in LOOKED_THROUGH else MOST_BY_DATE
        for order, most in ((Order.NEWEST, by_date), (Order.BEST, MOST_BY_RANK)):
            missed += row(name, Wish(text=text, order=order), most)
    return missed


def queries(words: list[str]) -> dict[str, str]:
    """What is looked for, from words in nearly every document to words in hardly any."""
    return {
        "the commonest word": words[0],
        "a common word": words[30],
        "a rare word": words[-1],
        "a word nobody used": "鑑鑑",
        "two common words": f"{words[10]} {words[30]}",
        "a common and a rare one": f"{words[0]} {words[-1]}",
        "two rare ones": f"{words[-1]} {words[-2]}",
        "one without another": f"{words[30]} -{words[1000]}",
        "one without the commonest": f"{words[30]} -{words[0]}",
        "a phrase": f'"{words[3]}{words[4]}"',
    }


def fill(chance: random.Random, words: list[str]) -> None:
    """One public series with five thousand sessions over a hundred years, twenty documents each."""
    weights = list(accumulate(1 / (n + 1) for n in range(len(words))))
    series = Series.objects.create(slug="many", name="多", rule="FREQ=WEEKLY", starts_on=date(1926, 1, 5), at=time(7))
    start, fields = datetime(1926, 1, 5, tzinfo=UTC), {"capacity": 9, "published_at": timezone.now()}
    sessions = Session.objects.bulk_create(
        Session(series=series, title="多", starts_at=at, ends_at=at + timedelta(hours=1), uid=f"{at:%F}@many", **fields)
        for at in (start + timedelta(weeks=n) for n in range(SESSIONS))
    )
    index = next(index for index in Document._meta.indexes if index.fields == ["vector"])
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    with connection.schema_editor() as schema:
        schema.remove_index(Document, index)
    for first in range(0, SESSIONS, 100):
        Document.objects.put(_documents(chance, words, weights, series, sessions[first : first + 100]))
    with connection.schema_editor() as schema:
        schema.add_index(Document, index)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE search_document")


def _documents(
    chance: random.Random, words: list[str], weights: list[float], series: Series, sessions: list[Session]
) -> Iterator[Document]:
    for session in sessions:
        for n in range(EACH):
            yield Document(
                kind=Document.Kind.TALK,
                key=f"many-{session.code}-{n}",
                session_code=session.code,
                series_slug=series.slug,
                title="多",
                body="".join(chance.choices(words, cum_weights=weights, k=WORDS_EACH)),
                url="/",
                on=session.starts_at.date(),
                language="ja",
                audience="public",
            )


def _words(chance: random.Random) -> list[str]:
    kanji = [chr(code) for code in range(0x4E00, 0x4E00 + 600)]
    found = dict.fromkeys("".join(chance.choices(kanji, k=2)) for _ in range(VOCABULARY * 2))
    return list(found)[:VOCABULARY]


def row(name: str, wish: Wish, most: int) -> int:
    """Print how long the statements of a page take; how many limits were missed."""
    milliseconds: list[float] = []
    for _ in range(TIMES):
        with timed() as seen:
            results = finding.find(AnonymousUser(), wish, several=False, now=timezone.now())
        milliseconds.append(sum(seen) * 1000)
    cuts = quantiles(milliseconds, n=20)
    slow, chatty = cuts[18] > most, len(seen) > MOST_STATEMENTS
    figures = (results.mornings, wish.order or "newest", f"{cuts[9]:.1f}", f"{cuts[18]:.1f}", len(seen))
    print(ROW.format(name, *figures) + ("  MISSED" if slow or chatty else ""), flush=True)
    return slow + chatty


@contextmanager
def timed() -> Iterator[list[float]]:
    """Seconds of each statement of a block, as PostgreSQL's client waits for them."""
    seen: list[float] = []

    def clock(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seen.append(perf_counter() - began)

    with connection.execute_wrapper(clock):
        yield seen
