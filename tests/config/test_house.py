"""Rules of the house that a search over the source can hold: what must not stand anywhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# name: (where, what must not stand there)
RULES = {
    "no text is trusted as HTML in a template": (r"templates/.*\.html", r"\|\s*safe\b|autoescape\s+off"),
    "no style in a page, the policy would drop it": (
        r"templates/(?!emails/).*\.html",
        r"\sstyle\s*=|<style\b",
    ),
    "no script in a page, the policy would drop it": (
        r"templates/(?!emails/).*\.html",
        r"<script(?![^>]*\ssrc=)(?![^>]*application/(?:ld\+)?json\b)|\son[a-z]+\s*=|\bhx-on\b|javascript:",
    ),
    "nothing is loaded from elsewhere": (
        r"(templates|static)/.*\.(html|css|js)",
        r"(src|srcset)=[\"'](https?:)?//|@import\s+(url\()?[\"']?(https?:)?//|url\([\"']?(https?:)?//",
    ),
    "tasks are called from tasks alone": (
        r"(?!tests/|config/celery\.py|outbox/wake\.py)(?!.*/tasks(\.py|/)).*\.py",
        r"\.delay\(|\.delay_on_commit\(|\.apply_async\(|\.send_task\(",
    ),
    "HTML made in Python goes through format_html": (r"(?!tests/).*\.py", r"\bmark_safe\("),
    "no text of somebody is cut or linked as HTML": (  # they take for ever over some texts (Django CVE-2026-1285)
        r"(templates|.*/templatetags)/.*\.(html|txt|py)",
        r"\b(urlize|urlizetrunc|truncatewords_html|truncatechars_html|striptags)\b",
    ),
    "a form takes the columns it names": (
        r"(?!tests/).*\.py",
        r"fields(: ClassVar)? = [\"']__all__|^ {8}exclude = |modelform_factory\(",
    ),
    "no work is left for later": (r".*\.(py|html|css|js)", r"\b(TODO|FIXME|XXX)\b"),
}


def files() -> list[str]:
    """What is, or would be, in the repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def breaches(rule: str, sources: dict[str, str]) -> list[str]:
    """`file:line: text` of each place that breaks the rule."""
    where, what = (re.compile(pattern, re.MULTILINE) for pattern in RULES[rule])
    return [
        f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {found[0].strip()}"
        for name, text in sources.items()
        if where.fullmatch(name) and name != "tests/config/test_house.py"
        for found in what.finditer(text)
    ]


@pytest.mark.parametrize("rule", RULES)
def test_the_source_keeps_the_rule(rule: str) -> None:
    where = re.compile(RULES[rule][0])
    sources = {name: (ROOT / name).read_text(encoding="utf-8") for name in files() if where.fullmatch(name)}
    assert breaches(rule, sources) == []


@pytest.mark.parametrize(
    ("rule", "name", "line"),
    [
        ("no text is trusted as HTML in a template", "templates/a.html", "{{ bio | safe }}"),
        ("no text is trusted as HTML in a template", "templates/emails/a.html", "{% autoescape off %}"),
        ("no style in a page, the policy would drop it", "templates/a.html", '<p style="color:red">'),
        ("no script in a page, the policy would drop it", "templates/a.html", "<script>alert(1)</script>"),
        ("no script in a page, the policy would drop it", "templates/a.html", '<a onclick="f()">'),
        ("no script in a page, the policy would drop it", "templates/a.html", '<a hx-on:click="f()">'),
        ("nothing is loaded from elsewhere", "templates/a.html", '<img src="https://cdn.example/a.png">'),
        ("nothing is loaded from elsewhere", "static/css/a.css", "src: url(//fonts.example/a.woff2)"),
        ("tasks are called from tasks alone", "events/rules.py", "remind.delay(1)"),
        ("HTML made in Python goes through format_html", "events/a.py", "mark_safe(text)"),
        ("no text of somebody is cut or linked as HTML", "templates/a.html", "{{ bio|urlize }}"),
        ("a form takes the columns it names", "events/forms.py", 'fields = "__all__"'),
        ("a form takes the columns it names", "events/forms.py", '        exclude = ["code"]'),
        ("no work is left for later", "static/js/a.js", "// TODO later"),
    ],
)
def test_the_rule_sees_what_breaks_it(rule: str, name: str, line: str) -> None:
    assert len(breaches(rule, {name: f"first\n{line}\n"})) == 1


def test_what_is_allowed_is_let_through() -> None:
    allowed = {
        "events/tasks.py": "remind.delay(1)",
        "templates/a.html": '<script src="/static/js/a.js"></script><p data-style="x">on time = now</p>'
        '<script type="application/json">{}</script>',
        "templates/emails/a.html": '<p style="color:red">',
    }
    assert [breach for rule in RULES for breach in breaches(rule, allowed)] == []
