"""Plain text from what may be HTML, reStructuredText, Markdown or nothing of it; nobody says which.

Marks are taken out only where they can be nothing else: `__init__`, 2 * 3 and List<int> stay as they are.
"""

import html
import re
from html.parser import HTMLParser

from members.names import clean_text

BLOCKS = {
    *("p", "div", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "table", "tr", "pre", "blockquote", "section"),
    *("article", "header", "footer", "figure", "h1", "h2", "h3", "h4", "h5", "h6"),
}
INLINE = {
    *("a", "b", "i", "u", "s", "em", "strong", "span", "font", "small", "sup", "sub", "code", "tt", "img", "td", "th"),
    *("center", "iframe", "object", "embed", "svg", "abbr", "cite", "q", "del", "ins", "mark", "tbody", "thead"),
}
SILENT = {"script", "style"}
KNOWN = BLOCKS | INLINE | SILENT
TAG = re.compile(rf"</?(?:{'|'.join(sorted(KNOWN, key=len, reverse=True))})(?:\s[^<>]*)?/?>", re.IGNORECASE)

RULES = [
    # reStructuredText: pictures, options and targets of a directive; what a directive says stays.
    (r"^[ \t]*\.\. (?:image|figure|raw|contents|youtube|vimeo|meta)::.*$", ""),
    (r"^[ \t]+:(?:alt|width|height|target|align|class|scale|name|depth|local):.*$", ""),
    (r"^[ \t]*\.\. (?:code-block|sourcecode|code|highlight)::.*$", ""),
    (r"^[ \t]*\.\. _[^:\n]+:[ \t]*\S*[ \t]*$", ""),
    (r"^([ \t]*)\.\. [\w-]+::[ \t]*", r"\1"),
    (r":[\w-]+:`([^`<\n]+?)(?:[ \t]*<[^`>\n]*>)?`", r"\1"),
    (r"``([^`\n]+)``", r"\1"),
    # The rule under a heading, the fence around code.
    (r"^[ \t]*([=\-~^\"'#*+_`.:])\1{2,}[ \t]*$", ""),
    (r"^[ \t]*```[\w-]*[ \t]*$", ""),
    # Markdown.
    (r"!\[([^\]\n]*)\]\([^()\s]*(?:[ \t]+\"[^\"\n]*\")?\)", r"\1"),
    (r"^[ \t]*#{1,6}[ \t]+([^\n]*[^#\s])[ \t]*#*[ \t]*$", r"\1"),
    (r"<(https?://[^\s<>]+)>", r"\1"),
    # In both.
    (r"\*\*(?=[^\s*])([^*\n]+)(?<=[^\s*])\*\*", r"\1"),
    (r"(?<![\w*\\])\*(?=[^\s*])([^*\n]+)(?<=[^\s*])\*(?![\w*])", r"\1"),
    (r"(?<!\w)__(?=\S)([^_\n]*\s[^_\n]*)(?<=\S)__(?!\w)", r"\1"),
    (r"`([^`\n]+)`_{0,2}", r"\1"),
    (r"::[ \t]*$", ":"),
    (r"\\([*_`|\\#\[\]()<>+.!-])", r"\1"),
]
PATTERNS = [(re.compile(pattern, re.MULTILINE), replacement) for pattern, replacement in RULES]
LINKS = [
    re.compile(r"`([^`<\n]+(?:\n[^`<\n]+)?)\s<(https?://[^\s<>`]+)>`_{0,2}"),
    re.compile(r"\[([^\[\]\n]+)\]\((https?://[^()\s]+)(?:[ \t]+\"[^\"\n]*\")?\)"),
]
GAPS = re.compile(r"\n(?:[ \t]*\n){2,}")
# A paragraph that was wrapped at a fixed width, without lists, tables or verse in it.
WRAPPED = re.compile(r"(?:^(?![ \t]|[-*+•>|]|\d+[.)])[^\n]{45,100}\n)+^(?![ \t]|[-*+•>|]|\d+[.)])[^\n]+$", re.MULTILINE)


def plain(text: str) -> str:
    """The words, in paragraphs; links as "words (address)"."""
    text = clean_text(text)
    text = _without_tags(text) if TAG.search(text) else html.unescape(text)
    for pattern in LINKS:
        text = pattern.sub(lambda found: _link(found[1], found[2]), text)
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    lines = "\n".join(line.rstrip() for line in clean_text(text).split("\n"))
    return GAPS.sub("\n\n", WRAPPED.sub(_unwrapped, lines)).strip()


def _unwrapped(found: re.Match[str]) -> str:
    """One line, where words have spaces between them."""
    return " ".join(found[0].split("\n")) if found[0].count(" ") * 12 > len(found[0]) else found[0]


def _link(words: str, address: str) -> str:
    words = " ".join(words.split())
    return address if words in {"", address} else f"{words} ({address})"


class _Text(HTMLParser):
    """Collects the text of known tags; what only looks like a tag stays text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[tuple[str, int]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n\n" if tag == "p" else "\n")
        elif tag == "a":
            self.links.append((dict(attrs).get("href") or "", len(self.pieces)))
        elif tag in SILENT:
            self.silent += 1
        elif tag not in KNOWN:
            self.pieces.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n\n" if tag == "p" else "\n")
        elif tag == "a" and self.links:
            address, start = self.links.pop()
            if address.startswith(("http://", "https://")):
                self.pieces[start:] = [_link("".join(self.pieces[start:]), address)]
        elif tag in SILENT:
            self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def _without_tags(text: str) -> str:
    parser = _Text()
    parser.feed(text)
    parser.close()
    return "".join(parser.pieces)
