"""A name or a title always wears the same dye, on every machine and in every year."""

from functools import lru_cache
from hashlib import blake2b
from unicodedata import normalize

TONES = 8


@lru_cache(maxsize=4096)
def draw(text: str, *, lots: int, for_: str) -> int:
    """One of `lots` numbers from 0; `for_` names the draw, so that tone and pattern do not hang together."""
    digest = blake2b(normalize("NFKC", text).casefold().encode(), digest_size=8, person=for_.encode())
    return int.from_bytes(digest.digest(), "big") % lots


def tone(text: str) -> int:
    """The dye of a person or a book: 1 to 8, as in the stylesheet's `tone-n`."""
    return 1 + draw(text, lots=TONES, for_="tone")
