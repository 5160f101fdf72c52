"""Message catalogues without gettext: `python -m config.messages compile | check`.

English is what stands in the code. Each app keeps its Japanese beside it in `<app>/locale/ja/LC_MESSAGES/django.po`,
for its Python, templates and mails; what belongs to no app is in `locale/`. A message is translated once, wherever it
stands: `check` looks over all catalogues together.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["ja"]
CALLS = {
    "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "_": 1, "_t": 1,
    "ngettext": 2, "ngettext_lazy": 2, "pgettext": 1, "pgettext_lazy": 1, "npgettext": 2, "npgettext_lazy": 2,
}  # fmt: skip
CALL_IN_TEMPLATE = re.compile(r"\b(gettext|ngettext|pgettext|npgettext|_)\((?=\s*u?['\"])")
LITERAL = re.compile(r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?\s*", re.DOTALL)

# (context or None, text, plural or "")
Message = tuple[str | None, str, str]


def sources() -> Iterator[Path]:
    """Every file of ours that may hold messages."""
    for pattern in ("*/**/*.py", "templates/**/*.html", "templates/**/*.txt"):
        for path in sorted(ROOT.glob(pattern)):
            first = path.relative_to(ROOT).parts[0]
            if first not in {"tests", "var", ".venv", ".ci"} and "migrations" not in path.parts:
                yield path


def messages_in(path: Path) -> Iterator[Message]:
    """The messages one file asks for."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _in_python(text)
    elif "{%" in text:
        yield from _in_template(text, path)


def _in_python(text: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        literals = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in CALLS and literals:
            yield _message(name, literals)


def _in_template(text: str, path: Path) -> Iterator[Message]:
    code = templatize(text, origin=str(path))
    for call in CALL_IN_TEMPLATE.finditer(code):
        literals, at = [], call.end()
        while found := LITERAL.match(code, at):
            literals.append(ast.literal_eval(found[1]))
            at = found.end()
        yield _message(call[1], literals)


def _message(name: str, literals: list[str]) -> Message:
    context = literals.pop(0) if "pgettext" in name else None
    plural = literals[1] if name.startswith("n") and len(literals) > 1 else ""
    return context, literals[0], plural


def catalogues(language: str) -> list[Path]:
    """The catalogues of a language, the project's own first."""
    return sorted(ROOT.glob(f"locale/{language}/LC_MESSAGES/django.po")) + sorted(
        path for path in ROOT.glob(f"*/locale/{language}/LC_MESSAGES/django.po") if path.parts[len(ROOT.parts)] != "var"
    )


def compile_all() -> None:
    """Write a .mo beside every .po that is newer than it."""
    for language in LANGUAGES:
        for path in catalogues(language):
            target = path.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime <= path.stat().st_mtime:
                # Written aside and renamed: a process that starts meanwhile reads the old one or the new one whole.
                aside = target.with_suffix(f".{os.getpid()}")
                polib.pofile(str(path)).save_as_mofile(str(aside))
                aside.replace(target)


def wanted() -> dict[Message, Path]:
    """Every message the code asks for, with a file that does."""
    return {message: path for path in sources() for message in messages_in(path)}


def faults(language: str) -> Iterator[str]:
    """What is wrong with the catalogues of a language, a line each."""
    asked = wanted()
    have: dict[Message, str | tuple[str, ...]] = {}
    for path in catalogues(language):
        where = path.relative_to(ROOT)
        for entry in polib.pofile(str(path)):
            message: Message = (entry.msgctxt, entry.msgid, entry.msgid_plural or "")
            said = entry.msgstr or tuple(entry.msgstr_plural.values())
            if entry.fuzzy or not entry.translated():
                yield f"{where}: fuzzy or empty: {entry.msgid!r}"
            if have.setdefault(message, said) != said:
                yield f"{where}: translated differently elsewhere: {entry.msgid!r}"
            if message not in asked:
                yield f"{where}: nobody asks for it: {entry.msgid!r}"
            yield from _placeholders(where, entry)
    for message, path in asked.items():
        if message not in have and message[1].strip():
            yield f"{path.relative_to(ROOT)}: not translated into {language}: {message[1]!r}"


def _placeholders(where: Path, entry: polib.POEntry) -> Iterator[str]:
    pattern = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
    for said in [entry.msgstr, *entry.msgstr_plural.values()]:
        lost = set(pattern.findall(entry.msgid_plural or entry.msgid)) ^ set(pattern.findall(said))
        if said and lost - {"%(counter)s", "%(count)s", "%(n)s"}:
            yield f"{where}: placeholders differ {sorted(lost)}: {entry.msgid!r}"


def main(arguments: list[str]) -> int:
    if arguments == ["compile"]:
        compile_all()
        return 0
    if arguments != ["check"]:
        print(__doc__, file=sys.stderr)
        return 2
    if not settings.configured:
        settings.configure()
    found = [fault for language in LANGUAGES for fault in faults(language)]
    print("\n".join(found) or "All messages are translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
