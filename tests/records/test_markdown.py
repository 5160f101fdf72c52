"""What members write cannot do harm, and looks as they meant it."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.markdown import TAGS, html, plain, quoted
from tests.attacks import LINES, TEXTS

REL = 'rel="noopener noreferrer nofollow"'


class Strict(HTMLParser):
    """Collects whatever is not allowed: a tag, an attribute, an address."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.bad.append(tag)
        for name, value in attrs:
            fine = (tag, name) == ("a", "rel") or (
                (tag, name) == ("a", "href") and (value or "").startswith(("https://", "http://", "mailto:"))
            )
            if not fine:
                self.bad.append((tag, name, value))


def bad(rendered: str) -> list[object]:
    parser = Strict()
    parser.feed(rendered)
    return parser.bad


@pytest.mark.parametrize("attack", [*TEXTS, *LINES])
def test_no_attack_gets_through(attack: str) -> None:
    assert bad(html(attack)) == []


@given(st.lists(st.sampled_from([*TEXTS, *LINES, *"<>\"'`[]()!\\\n#*_&;", "href=", "a"]), max_size=8).map("".join))
def test_nor_any_mixture_of_them(text: str) -> None:
    assert bad(html(text)) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("朝です。\n二行目\n\n次の段", "<p>朝です。<br>\n二行目</p>\n<p>次の段</p>\n"),
        ("# 大\n## 中\n### 小", "<h3>大</h3>\n<h3>中</h3>\n<h4>小</h4>\n"),
        ("- 一\n- 二", "<ul>\n<li>一</li>\n<li>二</li>\n</ul>\n"),
        ("> **強** *弱* `x`", "<blockquote>\n<p><strong>強</strong> <em>弱</em> <code>x</code></p>\n</blockquote>\n"),
        (
            "[本](https://a.example/b) [便り](mailto:a@example.com)",
            f'<p><a href="https://a.example/b" {REL}>本</a> <a href="mailto:a@example.com" {REL}>便り</a></p>\n',
        ),
        ("<b>太字</b>", "<p>&lt;b&gt;太字&lt;/b&gt;</p>\n"),
    ],
)
def test_what_is_meant_is_shown(text: str, shown: str) -> None:
    assert html(text) == shown


def test_the_words_alone() -> None:
    text = "## 夜\n\n冷凍食品の**流通**は\n夜中に。\n\n- [本](https://a.example)\n- `x`\n\n```\ny\n```\n\n<b>太</b>"
    assert plain(text).split("\n") == ["夜", "冷凍食品の流通は", "夜中に。", "本", "x", "y", "<b>太</b>"]


@given(st.text(alphabet="ab*_`[]()<>#+-!.&\\ 朝", min_size=1, max_size=30).map(str.strip).filter(bool))
def test_a_quoted_line_is_shown_as_it_was_written(line: str) -> None:
    assert plain(f"- {quoted(line)}") == line
