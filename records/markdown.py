"""What members write in Markdown, as HTML that can do no harm. The door to markdown-it and nh3."""

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h3", "h4", "hr", "code", "pre"}
# A page has one h1 and the report's own heading above: what people write begins below them.
LOWERED = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


def html(text: str) -> SafeString:
    """Paragraphs, lists, quotations and links to web pages; HTML that was typed is shown as text."""
    tokens = _markdown.parse(text)
    for token in tokens:
        token.tag = LOWERED.get(token.tag, token.tag)
    rendered = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        rendered,
        tags=TAGS,
        attributes={"*": set(), "a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )
    return SafeString(clean)


def plain(text: str) -> str:
    """The words alone, for search and excerpts."""
    lines = []
    for token in _markdown.parse(text):
        spans = token.children or [token]
        lines.append("".join("\n" if span.type.endswith("break") else span.content for span in spans))
    return "\n".join(line.strip() for line in lines if line.strip())


def quoted(text: str) -> str:
    """Somebody's line as Markdown that shows it as it was written."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#+-!|~&" else letter for letter in text)
