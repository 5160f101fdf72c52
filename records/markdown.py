"""What members write in Markdown, as HTML that can do no harm. The door to markdown-it and nh3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import TYPE_CHECKING

import nh3
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

if TYPE_CHECKING:
    from records.keepsakes import Picture

TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h3", "h4", "hr", "code", "pre"}
# A page has one h1 and the report's own heading above: what people write begins below them.
LOWERED = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})


def html(text: str, pictures: Iterable[Picture] = ()) -> SafeString:
    """Paragraphs, lists, quotations and links to web pages; HTML that was typed is shown as text.

    `![what it shows](code)` is one of these photos; of any other image only the words are left.
    """
    # What stands for a photo until all else is clean is made anew each time: nobody can have typed it.
    places = {picture.code: (f"photo{token_hex()}", picture) for picture in pictures}
    tokens = _markdown.parse(text)
    for token in tokens:
        token.tag = LOWERED.get(token.tag, token.tag)
        token.children = token.children and [_placed(child, places) for child in token.children]
    rendered = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(
        rendered,
        tags=TAGS,
        attributes={"*": set(), "a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )
    for place, picture in places.values():
        clean = clean.replace(place, _image(picture))
    return SafeString(clean)


def _placed(token: Token, places: Mapping[str, tuple[str, Picture]]) -> Token:
    """An image as its place, or as its words."""
    if token.type != "image":
        return token
    place, _picture = places.get(str(token.attrs.get("src", "")), (token.content, None))
    return Token("text", "", 0, content=place)


def _image(picture: Picture) -> str:
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
        reverse("picture", args=[picture.code]), picture.width, picture.height, picture.caption,
    )  # fmt: skip


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
