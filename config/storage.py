"""The stylesheet is written as one file per component and served as one file."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, FileSystemFinder
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/app.css"
IMPORT = re.compile(r'@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>[a-z]+)\);')


def joined(stylesheet: Path) -> str:
    """A stylesheet, each `@import url("…") layer(…);` replaced by that file inside its `@layer`."""

    def inlined(match: re.Match[str]) -> str:
        text = (stylesheet.parent / match["path"]).read_text(encoding="utf-8").strip()
        return f"@layer {match['layer']} {{\n{text}\n}}"

    return IMPORT.sub(inlined, stylesheet.read_text(encoding="utf-8"))


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """For collectstatic: joins the stylesheet, then hashes and compresses; its parts are not served."""

    def post_process(
        self, paths: dict[str, tuple[Any, str]], dry_run: bool = False, **options: object
    ) -> Iterator[Any]:
        """Join from the sources, because what was collected the last time is joined already."""
        if STYLESHEET not in paths or dry_run:
            yield from super().post_process(paths, dry_run=dry_run, **options)
            return
        source, name = paths[STYLESHEET]
        Path(self.path(STYLESHEET)).write_text(joined(Path(source.path(name))), encoding="utf-8")
        served = {path: where for path, where in paths.items() if not _is_part(path)}
        served[STYLESHEET] = (self, STYLESHEET)
        yield from super().post_process(served, dry_run=dry_run, **options)


def _is_part(path: str) -> bool:
    """Our own css folder holds the stylesheet and its parts, nothing else."""
    return path.startswith("css/") and path != STYLESHEET


class JoinedStylesheetFinder(BaseFinder):
    """For pages served without collectstatic (local mode, tests): stands first in STATICFILES_FINDERS.

    The joined file lies in STATIC_ROOT and is written anew whenever a part is younger.
    """

    def find(self, path: str, find_all: bool = False, **_: object) -> Any:
        """The joined stylesheet's place; nothing for any other path, or where there are no sources."""
        source = FileSystemFinder().find(STYLESHEET) if path == STYLESHEET else None
        if not isinstance(source, str):
            return []
        found = _fresh(Path(source), Path(settings.STATIC_ROOT) / STYLESHEET)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:  # noqa: ARG002 (as inherited)
        """Nothing: collectstatic gathers the sources and the storage joins them."""
        return []


def _fresh(source: Path, target: Path) -> str:
    """Write the joined file unless it is younger than every part."""
    youngest = max(part.stat().st_mtime_ns for part in source.parent.rglob("*.css"))
    if not target.exists() or target.stat().st_mtime_ns < youngest:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(f".{youngest}")
        beside.write_text(joined(source), encoding="utf-8")
        beside.replace(target)
    return str(target)
