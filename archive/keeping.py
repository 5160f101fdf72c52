"""Figures that count whole tables, kept for some minutes for whoever they were counted for."""

from contextlib import suppress
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

SECONDS = 300


def read(asked: object) -> Any:
    """What was counted for this question, or None; without Redis always None."""
    try:
        return cache.get(_key(asked))
    except RedisError:
        return None


def write(asked: object, figures: object) -> None:
    """Keep it."""
    with suppress(RedisError):
        cache.set(_key(asked), figures, SECONDS)


def _key(asked: object) -> str:
    return f"figures:{blake2b(repr(asked).encode(), digest_size=16).hexdigest()}"
