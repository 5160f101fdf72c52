"""The restaurant's bill divided by those who pay. Pure; amounts are integers in the currency's smallest unit."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Rounding(TextChoices):
    """Which way the part of each is rounded to a full step."""

    UP = "up", _("up, so that the bill is covered")
    NEAREST = "nearest", _("to the nearest")
    DOWN = "down", _("down, the purse pays the rest")


@dataclass(frozen=True)
class Share:
    """What each pays, and what is over (or, below nought, short) when all of them have."""

    each: int
    over: int


def split(total: int, payers: int, step: int, rounding: str) -> Share:
    """`total` by `payers`, each part a multiple of `step`. Nobody who pays leaves the whole bill open.

    >>> split(48_300, 23, 100, Rounding.UP)
    Share(each=2100, over=0)
    """
    if payers <= 0:
        return Share(0, -total)
    whole = payers * step
    if rounding == Rounding.UP:
        steps = -(-total // whole)
    elif rounding == Rounding.DOWN:
        steps = total // whole
    else:
        steps = (2 * total + whole) // (2 * whole)
    return Share(steps * step, steps * whole - total)
