"""One stylesheet, however many files it is written in."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.staticfiles import finders
from django.core.management import call_command

from config.storage import JoinedStylesheetFinder, joined

SOURCES = Path(project.BASE_DIR) / "static" / "css"


@pytest.fixture
def sheet(tmp_path: Path, settings: Any) -> Path:
    """A stylesheet of two parts, in a static folder of its own."""
    css = tmp_path / "sources" / "css"
    css.mkdir(parents=True)
    (css / "app.css").write_text(
        '@layer base, late;\n\n@import url("a.css") layer(base);\n@import url("b.css") layer(late);\n'
    )
    (css / "a.css").write_text("a { color: red; }\n")
    (css / "b.css").write_text("b { color: blue; }\n")
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_FINDERS = [
        "config.storage.JoinedStylesheetFinder",
        "django.contrib.staticfiles.finders.FileSystemFinder",
    ]
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.storage.JoinedStaticFilesStorage"}}
    finders.get_finder.cache_clear()
    return css / "app.css"


JOINED = "@layer base, late;\n\n@layer base {\na { color: red; }\n}\n@layer late {\nb { color: blue; }\n}\n"


def test_each_part_stands_in_its_layer_in_the_order_of_the_imports(sheet: Path) -> None:
    assert joined(sheet) == JOINED


def served(settings: Any) -> str:
    manifest = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())["paths"]
    assert list(manifest) == ["css/app.css"]
    return str((settings.STATIC_ROOT / manifest["css/app.css"]).read_text())


def test_collecting_serves_one_hashed_and_compressed_stylesheet_and_no_parts(sheet: Path, settings: Any) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    assert served(settings) == JOINED
    assert len(list((settings.STATIC_ROOT / "css").glob("app.*.css.gz"))) == 1


def test_collecting_again_takes_up_a_changed_part(sheet: Path, settings: Any) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    (sheet.parent / "b.css").write_text("b { color: green; }\n")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert served(settings) == JOINED.replace("blue", "green")


def test_without_collecting_the_finder_gives_the_joined_file_and_follows_changes(sheet: Path) -> None:
    found = finders.find("css/app.css")
    assert found is not None
    assert Path(found).read_text() == JOINED
    part = sheet.parent / "a.css"
    part.write_text("a { color: black; }\n")
    os.utime(part, ns=(part.stat().st_atime_ns, Path(found).stat().st_mtime_ns + 1))
    assert Path(str(finders.find("css/app.css"))).read_text() == JOINED.replace("red", "black")


def test_the_finder_answers_for_nothing_else(sheet: Path) -> None:
    finder = JoinedStylesheetFinder()
    assert finder.find("css/a.css") == []
    assert list(finder.list(None)) == []


def test_every_component_is_in_the_stylesheet_and_nothing_is_imported_at_run_time() -> None:
    imported = set(re.findall(r'@import url\("components/([^"]+)"\)', (SOURCES / "app.css").read_text()))
    assert imported == {path.name for path in (SOURCES / "components").glob("*.css")}
    whole = joined(SOURCES / "app.css")
    assert "@import" not in whole
    assert "!important" not in whole
    assert "url(" not in whole
