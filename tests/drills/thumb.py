"""A phone that counts what its owner does: taps, fields typed, swipes down to what is tapped, pages and seconds."""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

WIDTH, HEIGHT = 390, 844
PICTURES = os.environ.get("PICTURES")


@dataclass
class Cost:
    """What one step cost the host."""

    taps: int = 0
    fields: int = 0
    swipes: int = 0
    pages: int = 0
    seconds: float = 0.0


@dataclass
class Phone:
    """The host's phone: taps and types, and counts while it does."""

    page: Page
    language: str
    costs: dict[str, Cost] = field(default_factory=dict)
    step: str = ""

    @property
    def cost(self) -> Cost:
        return self.costs[self.step]

    def begin(self, step: str, *, goes_on: bool = False) -> None:
        """Each step begins on the desk, where the host's bookmark leads; or goes on where the last one ended."""
        self.step = step
        self.costs[step] = Cost()
        if not goes_on:
            self._wait(lambda: self.page.goto("/desk/"))

    def tap(self, selector: str, *, leads: bool = True) -> None:
        """The first such thing that is to be seen; `leads`: to another page."""
        target = self.page.locator(selector).locator("visible=true").first
        target.wait_for(state="visible")
        self._swipe(target.bounding_box() or {})
        self.cost.taps += 1
        if leads:
            self._wait(lambda: self._follow(target))
        else:
            target.click()

    def _follow(self, target: Locator) -> None:
        with self.page.expect_navigation():
            target.click()

    def type(self, selector: str, text: str) -> None:
        self.cost.fields += 1
        self.page.locator(selector).first.fill(text)

    def _swipe(self, box: Any) -> None:
        below = box["y"] + box["height"] - HEIGHT
        self.cost.swipes += math.ceil(below / HEIGHT) if below > 0 else 0

    def _wait(self, act: Callable[[], Any]) -> None:
        began = time.perf_counter()
        act()
        self.page.wait_for_load_state("load")
        self.cost.seconds += time.perf_counter() - began
        self.cost.pages += 1
        self._picture()

    def _picture(self) -> None:
        if PICTURES:
            name = f"{self.language}-{list(self.costs).index(self.step):02}-{self.step}-{self.cost.pages}.png"
            self.page.screenshot(path=Path(PICTURES) / name.replace(" ", "-"), full_page=True)


def table(phone: Phone, taps: dict[str, int]) -> None:
    """What it cost; fails where a step took more taps than it has to."""
    names = ("taps", "fields", "swipes", "pages", "seconds")
    phone.costs.pop("nothing is left", None)
    rows = [(step, *(getattr(cost, name) for name in names)) for step, cost in phone.costs.items()]
    sums = [sum(getattr(cost, name) for cost in phone.costs.values()) for name in names]
    lines = [f"{phone.language:28}" + "".join(f"{name:>8}" for name in names)]
    for step, *figures, seconds in [*rows, ("together", *sums)]:
        lines.append(f"{step:28}" + "".join(f"{figure:8}" for figure in figures) + f"{seconds:8.2f}")
    print("\n", *lines, sep="\n")
    if PICTURES:
        (Path(PICTURES) / f"{phone.language}.txt").write_text("\n".join(lines), encoding="utf-8")
    assert {step: cost.taps for step, cost in phone.costs.items() if cost.taps > taps[step]} == {}
    assert set(taps) == set(phone.costs)
