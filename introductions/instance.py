"""Running an engine alone on a file: one instance as JSON comes in, one answer goes out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def main(answered: Callable[[Json], Json]) -> int:
    """Answer stdin on stdout. What is no instance is told on stderr in one line, with exit status 2."""
    try:
        answer = answered(_object(json.load(sys.stdin)))
    except KeyError as missing:
        return _refused(f"{missing} is missing")
    except RecursionError:
        return _refused("lists within too many lists")
    except (ValueError, TypeError) as error:
        return _refused(str(error))
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def whole(number: object, what: str, *, least: int, most: int) -> int:
    """A whole number within limits. Raises TypeError or ValueError, and says what it was for."""
    if not isinstance(number, int) or isinstance(number, bool):
        raise TypeError(f"{what}: {number!r} is not a whole number")
    if not least <= number <= most:
        raise ValueError(f"{what}: {number} is not between {least} and {most}")
    return number


def listed(found: object, what: str, *, length: int | None = None) -> list[Any]:
    """A list, of so many where that is known. Raises TypeError or ValueError, and says what it was for."""
    if not isinstance(found, list):
        raise TypeError(f"{what}: not a list")
    if length is not None and len(found) != length:
        raise ValueError(f"{what}: {len(found)} where {length} are wanted")
    return found


def _object(found: object) -> Json:
    if not isinstance(found, dict):
        raise TypeError("an instance is an object")
    return found


def _refused(why: str) -> int:
    sys.stderr.write(f"instance: {' '.join(why.split())[:300]}\n")
    return 2
