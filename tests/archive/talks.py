"""Invented talks with the dirt real files have: names typed three ways, marks of every kind, dates nobody agrees on."""

import gzip
import json
from pathlib import Path
from typing import Any

SPOKE = ["Nora Quill", "Ivo Marrow", "Théa Lindqvist", "Павел Ольхин", "葉月 澪", "Ana Prado y Vega", "Tomasz Brzoza"]
GROUPS = ["harbour-python", "kamome-study-2014", "python_tea", "夜の勉強会"]
LANGUAGES = ["eng", "jpn", "fra", "rus", None]
MARKED = [
    "Plain words, wrapped by hand at some width that nobody remembers any\nmore, and gone on with here.",
    "Heading\n=======\n\nSee `notes <https://example.com/n>`_ and ``code``.\n\n.. image:: cat.png\n   :alt: a cat",
    "## Why\n\n**Bold** [words](https://example.com/w) and `code`, but 2 * 3 * 4 and __init__ stay.",
    "<p>First &amp; last.<br>Second <b>line</b></p><script>steal()</script><p>a &lt; b</p>",
    "",
    None,
]


def talk(
    group: str = GROUPS[0], title: str = "Small Boats", held_on: Any = "2014-05-08", **fields: Any
) -> dict[str, Any]:
    """One talk as a file has it."""
    values = {"group": group, "title": title, "held_on": held_on, "speakers": ["Nora Quill"], "language": "eng"}
    return {**values, "description": "", "tags": [], "recording": []} | fields


def sixty() -> list[dict[str, Any]]:
    """Sixty good talks of four groups; three of one group on each day."""
    return [
        talk(
            group=GROUPS[n % 4],
            title=f"Talk no. {n} &amp; more",
            held_on=f"201{n // 12}-0{1 + n // 12}-1{n % 12 // 4}{'T18:30:00' if n % 5 == 0 else ''}",
            speakers=[SPOKE[n % 7], SPOKE[n % 3].upper()][: 1 + n % 2],
            language=LANGUAGES[n % 5],
            description=MARKED[n % 6],
            tags=["boats", "tea"][: n % 3],
            recording=["https://video.example/v/1", f"https://video.example/v/{n}"][: n % 3],
        )
        for n in range(60)
    ]


# Each with the reason why it cannot be taken.
BAD: list[tuple[Any, str]] = [
    ("{not json", "not JSON"),
    ('["a list"]', "not a JSON object"),
    (b"\xff\xfe", "not UTF-8"),
    (talk(title="  "), "there is no title"),
    ({"group": GROUPS[0], "held_on": "2014-05-08"}, "there is no title"),
    (talk(title=7), "title is not a text"),
    (talk(group=""), "there is no group"),
    (talk(group="g" * 101), "the group's name is longer than 100"),
    (talk(held_on=None), "there is no date"),
    (talk(held_on="8 May 2014"), "held_on is no date: '8 May 2014'"),
    (talk(held_on="2014-02-30"), "held_on is no date: '2014-02-30'"),
    (talk(held_on="2014-05-08T25:00"), "held_on is no date: '2014-05-08T25:00'"),
    (talk(held_on=20140508), "held_on is no date: '20140508'"),
    (talk(held_on=["2014-05-08"]), "held_on is no date"),
    (talk(held_on="2999-01-01"), "2999-01-01 is not a day of the past"),
    (talk(held_on="0804-01-01"), "0804-01-01 is too long ago"),
    (talk(speakers=[7]), "speakers is not a list of texts"),
    (talk(speakers={"name": "Nora"}), "speakers is not a list of texts"),
    (talk(tags="boats", recording=[None]), "recording is not a list of texts"),
    (talk(description=["a"]), "description is not a text"),
]


def file(path: Path, rows: list[Any], *, zipped: bool = False) -> Path:
    """Write rows as JSON lines; a text or bytes stand as they are."""
    lines = [
        row if isinstance(row, bytes) else (row if isinstance(row, str) else json.dumps(row)).encode() for row in rows
    ]
    data = b"\n".join(lines)
    path.write_bytes(gzip.compress(data) if zipped else data)
    return path
