"""The broker is no clock and no memory: who may send a task, and how far ahead (reliability M2)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.test_house import ROOT, files

SENDS = {"delay", "apply_async", "delay_on_commit", "apply_async_on_commit", "send_task"}
# Where a task may be sent from: tasks themselves, and the one module that wakes the mailer.
MAY = ("config/celery.py", "outbox/wake.py")
AHEAD_AT_MOST = 60


def faults(path: str, source: str) -> Iterator[str]:
    """`line: what` for each call that sends a task from elsewhere, or too far ahead."""
    may = path in MAY or Path(path).name == "tasks.py" or "/tasks/" in path
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in SENDS and not may:
            yield f"{node.lineno}: {name}"
        for word in node.keywords:
            if word.arg == "eta" or (word.arg == "countdown" and not _is_soon(word.value)):
                yield f"{node.lineno}: {word.arg}"


def _is_soon(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float) and value.value <= AHEAD_AT_MOST


def test_no_task_is_sent_from_elsewhere_or_far_ahead() -> None:
    ours = [name for name in files() if name.endswith(".py") and not name.startswith("tests/")]
    found = {name: list(faults(name, (ROOT / name).read_text(encoding="utf-8"))) for name in ours}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("events/rules.py", "remind.delay(1)", ["1: delay"]),
        ("events/rules.py", "x = [remind.apply_async(args=[1])]", ["1: apply_async"]),
        ("events/tasks.py", "remind.delay(1)", []),
        ("events/tasks.py", "remind.apply_async(countdown=60)", []),
        ("events/tasks.py", "remind.apply_async(countdown=61)", ["1: countdown"]),
        ("events/tasks.py", "remind.apply_async(countdown=wait)", ["1: countdown"]),
        ("events/tasks.py", "self.retry(countdown=3600)", ["1: countdown"]),
        ("outbox/wake.py", "bell.send_task('x', eta=later)", ["1: eta"]),
        ("events/rules.py", "delivery.retry(now=now)", []),
    ],
)
def test_what_breaks_it_is_seen(path: str, source: str, found: list[str]) -> None:
    assert list(faults(path, source)) == found
