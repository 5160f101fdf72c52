"""How fast the pages are: beside an empty page in the same run, and in statements. `make bench`; exit code 1 on a miss.

The figures of a machine are worth little, ratios much: page and empty page are asked in short turns, so that what else
the machine does falls on both. With ASAKAI_TALKS=talks.jsonl.gz that archive is taken in as well, and search and
browsing are timed and judged over it. `make bench PARTS=mails` measures one part alone.
"""

import os
import sys
from importlib import import_module
from statistics import mean

from tests.bench import load, site

ROW = "{:34} {:>8} {:>8} {:>9} {:>8} {:>11} {:>10}  {}"


PARTS = ["club", "answering", "ticks", "mails", "engines", "archive", "judged", "documents", "calendars"]


def main(wanted: list[str]) -> int:
    """All parts, or those named; that of the archive only where there is one."""
    site.prepare()
    missed = 0
    for part in wanted or PARTS:
        missed += measured(part)
        print(flush=True)
    print(f"{missed} missed" if missed else "all limits held")
    return 1 if missed else 0


def measured(part: str) -> int:
    """One part; how many limits were missed."""
    if part == "club":
        return club()
    if part != "archive":
        return int(import_module(f"tests.bench.{part}").main())
    if talks := os.environ.get("ASAKAI_TALKS"):
        return int(import_module("tests.bench.archive").main(talks))
    print("NOT MEASURED: search and browsing over a real archive. ASAKAI_TALKS=talks.jsonl.gz make bench")
    return 0


def club() -> int:
    """The pages of the sample club; how many limits were missed."""
    bench = import_module("tests.bench.pages")
    pages = bench.pages()
    print(f"{load.AT_ONCE} at once, {load.TURNS} turns of {load.SECONDS_A_TURN} s each, two sync workers\n")
    print(ROW.format("page", "per s", "p95 ms", "of hello", "at least", "statements", "at most", ""))
    with site.web() as address:
        hello, hellos, missed = bench.Page("hello", "/bench/hello/"), [], 0
        for page in pages:
            result, empty = load.in_turn(address, [asked(page), asked(hello)])
            assert (set(result.statuses), set(empty.statuses)) == ({page.status}, {200}), (page.name, result.statuses)
            hellos.append(empty.per_second)
            missed += row(page, result, result.per_second / empty.per_second, bench.statements(page))
    print(ROW.format("hello", f"{mean(hellos):.0f}", "", "1", "", "0", "", ""))
    return missed


def asked(page) -> bytes:
    return load.request(page.path, site.HEADERS | page.headers)


def row(page, result, ratio, statements) -> bool:
    """Print a page; whether it missed a limit."""
    slow = page.least_ratio is not None and ratio < page.least_ratio
    chatty = page.most_statements is not None and statements > page.most_statements
    print(
        ROW.format(
            page.name,
            f"{result.per_second:.0f}" if result else "",
            f"{result.within(0.95):.0f}" if result else "",
            f"{ratio:.3f}" if ratio else "",
            page.least_ratio or "",
            statements,
            page.most_statements or "",
            "MISSED" if slow or chatty else "",
        ),
        flush=True,
    )
    return slow or chatty


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
