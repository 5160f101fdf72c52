"""What was expected and what was seen, side by side; a drill in which they differ fails."""

import os
from dataclasses import dataclass, field
from typing import Any, Self

# FULL=1 make drills: the sizes of the promises; without, those of every day.
FULL = bool(os.environ.get("FULL"))
ROW = "{:52} {:>22} {:>22}  {}"


@dataclass
class Figures:
    """One table, printed and judged at the end of its `with` block."""

    title: str
    rows: list[tuple[str, str, str, bool]] = field(default_factory=list)

    def equal(self, what: str, expected: Any, seen: Any) -> None:
        self.rows.append((what, str(expected), str(seen), expected == seen))

    def at_most(self, what: str, limit: float, seen: float) -> None:
        self.rows.append((what, f"<= {limit:g}", f"{seen:.4g}", seen <= limit))

    def at_least(self, what: str, limit: float, seen: float) -> None:
        self.rows.append((what, f">= {limit:g}", f"{seen:.4g}", seen >= limit))

    def note(self, what: str, seen: object) -> None:
        """Told, not judged."""
        self.rows.append((what, "", str(seen), True))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_error: object) -> None:
        print(f"\n{ROW.format(self.title, 'expected', 'seen', '').rstrip()}")
        for what, expected, seen, held in self.rows:
            print(ROW.format(what[:52], expected[:22], seen[:22], "" if held else "DIFFERS").rstrip(), flush=True)
        if kind is None:
            assert [row[:3] for row in self.rows if not row[3]] == []
