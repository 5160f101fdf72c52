"""What is installed is what was looked at: each package in one version, with its hash; our own code by every rule."""

import re
import tomllib

import pytest

from tests.config.test_house import ROOT

LOCKS = ("base", "local", "dev")


def locked(text: str) -> dict[str, list[str]]:
    """Each package of a lock file, as `name==version`, and its hashes; a line that is none of both is kept as it is."""
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE).replace("\\\n", " ").strip())
    return {entry.split()[0]: re.findall(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_one_version_and_its_hashes(name: str) -> None:
    packages = locked((ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8"))
    assert [
        one for one, hashes in packages.items() if not hashes or not re.fullmatch(r"[\w.\-\[\]]+==[\w.]+", one)
    ] == []
    assert len(packages) > 30


@pytest.mark.parametrize(
    "line", ["django>=5.2", "django==5.2.19", "git+https://example.com/x.git", "django @ https://example.com/x.whl"]
)
def test_one_without_would_be_seen(line: str) -> None:
    (name, hashes), *_rest = locked(f"# why\n{line}\n").items()
    assert not hashes or "==" not in name


def test_what_was_asked_for_is_locked() -> None:
    for name in LOCKS:
        asked = re.findall(r"^([\w.-]+)", (ROOT / f"requirements/{name}.in").read_text(encoding="utf-8"), re.MULTILINE)
        packages = {
            one.split("==")[0].lower() for one in locked((ROOT / f"requirements/{name}.txt").read_text("utf-8"))
        }
        assert {one.lower() for one in asked if one != "-r"} - {re.sub(r"\[.*", "", one) for one in packages} == set()


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile"])
def test_nothing_is_installed_without_its_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if re.search(r"pip\b.* install\b", line)]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line or "--no-deps" not in line] == []
    assert re.findall(r"(?:curl|wget)\b.*", text) == []


def test_the_rules_of_bandit_hold_everywhere_but_in_tests() -> None:
    """ruff has them as S. One place may be let off, with its reason beside it; a whole rule or folder may not."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    let_off = {place for place, codes in rules["per-file-ignores"].items() if any(c.startswith("S") for c in codes)}
    assert (rules["select"], let_off) == (["ALL"], {"tests/**", "config/local/*"})
    assert [code for code in rules["ignore"] if re.match(r"S\d", code)] == []
