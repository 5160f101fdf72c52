"""Marks what was looked for: `{% excerpt document query %}`, `{% marked document.title query %}`."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from search import highlights
from search.models import Document

register = template.Library()


@register.simple_tag
def excerpt(document: Document, query: str, length: int = 90) -> SafeString:
    """A stretch of the document's text around the best hit."""
    return _html(highlights.excerpt(document.body, query, length))


@register.simple_tag
def marked(text: str, query: str) -> SafeString:
    """A whole text, such as a title."""
    return _html(highlights.marked(text, query))


def _html(segments: highlights.Segments) -> SafeString:
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", text) if is_hit else text,) for text, is_hit in segments)
    )
