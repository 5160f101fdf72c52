"""docs/reliability.md names tests that are there."""

import re

import pytest

from tests.config.test_house import ROOT

PAGE = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([MS]\d+) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)


def test_each_promise_stands_once() -> None:
    numbers = [*(f"M{number}" for number in range(1, 19)), *(f"S{number}" for number in range(1, 31))]
    assert [number for number, _held in ROWS] == numbers


@pytest.mark.parametrize(("number", "held"), ROWS)
def test_what_holds_it_is_there(number: str, held: str) -> None:
    """`events/test_x.py `begin…`, `another…`; …`: each file, and in it a test that has these words in its name."""
    for part in held.split(";"):
        name = re.match(r"\s*([\w/]+\.py)", part)
        assert name, part
        source = (ROOT / "tests" / name[1]).read_text(encoding="utf-8")
        for words in re.findall(r"`([\w]+)…?`", part):
            assert (name[1], words, bool(re.search(rf"def test_\w*{words}", source))) == (name[1], words, True)
