"""Books: the cover somebody gave, or cover and spine drawn from title and author. Nothing here asks the database."""

import re
from collections.abc import Mapping
from functools import lru_cache
from math import ceil
from unicodedata import east_asian_width

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from members.tones import draw, tone
from speakers.covers import Shown

register = template.Library()

SIZES: Mapping[str, str] = {"": "", "s": " cover--s", "l": " cover--l"}
PATTERNS = ("sun", "waves", "rule", "grid")
# A subtitle is left to the cover; a spine has room for the title alone.
SUBTITLE = re.compile(r"\s*(?:[―—–:：]|\s-\s).*$")
SPINE_HOLDS = 20


def _width(text: str) -> int:
    """How many full-width characters the text fills."""
    return ceil(sum(1 if east_asian_width(character) in "WFA" else 0.55 for character in text))


def _is_latin(text: str) -> bool:
    return not any(east_asian_width(character) in "WF" for character in text)


def _is_pale(title: str) -> bool:
    return draw(title, lots=3, for_="pale") == 0


@register.simple_tag
def cover(title: str, author: str = "", obi: str = "", size: str = "", picture: Shown | None = None) -> SafeString:
    """The picture, or a cover with a band (帯) when there are words for it; `size` is s, l or nothing."""
    spoken = _("Cover of “%(title)s”, %(author)s") if author else _("Cover of “%(title)s”")
    if picture:
        words = spoken % {"title": title, "author": author}
        return _picture(picture, "jacket jacket--s" if size == "s" else "jacket", words)
    return _cover(title, author, obi, size, spoken)


def _picture(picture: Shown, classes: str, spoken: str) -> SafeString:
    return format_html(
        '<img class="{}" src="{}" width="{}" height="{}" alt="{}" loading="lazy" decoding="async">',
        classes,
        picture.url,
        picture.width,
        picture.height,
        spoken,
    )


@lru_cache(maxsize=2048)
def _cover(title: str, author: str, obi: str, size: str, spoken: str) -> SafeString:
    return format_html(
        '<span class="cover cover--{} tone-{}{}{}" role="img" aria-label="{}">{}{}{}</span>',
        PATTERNS[draw(title, lots=len(PATTERNS), for_="pattern")],
        tone(title),
        SIZES[size],
        (" cover--pale" if _is_pale(title) else "")
        + (" cover--latin" if _is_latin(title) else "")
        + ("" if obi else " cover--bare"),
        spoken % {"title": title, "author": author},
        format_html('<span class="cover__title{}">{}</span>', _title_size(title), title),
        format_html('<span class="cover__author">{}</span>', author) if author else "",
        format_html('<span class="cover__obi">{}</span>', obi) if obi else "",
    )


def _title_size(title: str) -> str:
    width = _width(title)
    if width >= 20:
        return " cover__title--longest"
    return " cover__title--long" if width >= 10 else ""


@register.simple_tag
def spine(title: str, author: str = "") -> SafeString:
    """The back of a book. On a shelf use `shelf_place`, which also gives it the room it needs."""
    return _spine(title, author)


@lru_cache(maxsize=2048)
def _spine(title: str, author: str) -> SafeString:
    short = _short(title)
    width = _width(short)
    return format_html(
        '<span class="spine tone-{}{}"><span class="spine__title">{}</span> '
        '<span class="spine__author">{}</span></span>',
        tone(title),
        (" spine--pale" if _is_pale(title) else "")
        + (" spine--long" if width >= 10 else "")
        + (" spine--thick" if width >= 13 else "")
        + (" spine--latin" if _is_latin(short) else ""),
        short,
        author,
    )


def _short(title: str) -> str:
    """What a spine has room for: the title without its subtitle, cut where even that is too long."""
    main = SUBTITLE.sub("", title) or title
    if _width(main) <= SPINE_HOLDS:
        return main
    kept = ""
    for character in main:
        if _width(kept + character) >= SPINE_HOLDS:
            break
        kept += character
    return f"{kept.rstrip()}…"


@register.simple_tag
def shelf_place(title: str, author: str = "", url: str = "", picture: Shown | None = None) -> SafeString:
    """A whole `<li>` of `.shelf`: a place as tall and thick as the title asks for, with the spine in it.

    A book of which there is a picture shows its face.
    """
    if picture:
        face = _picture(picture, "jacket", f"{title} {author}".rstrip())
        lies = " shelf__face--wide" if picture.width > picture.height else ""
        return format_html('<li class="shelf__face{}"><a href="{}">{}</a></li>', lies, url, face)
    place = _place(title, author)
    whole = _spine(title, author)
    return format_html(
        '<li{}><a href="{}"{}>{}</a></li>',
        format_html(' class="{}"', place) if place else "",
        url,
        "" if _short(title) == title else format_html(' title="{}"', title),
        whole,
    )


def _place(title: str, author: str) -> str:
    """As tall as the two names together ask for, and as wide as the title; where any height will do, by lot."""
    width = _width(_short(title))
    if width >= 13:
        return "shelf__tall shelf__thick"
    both = width + 0.75 * _width(author)
    if width >= 9 or both > 12:
        return "shelf__tall"
    return ("", "shelf__short" if both <= 11 else "", "", "shelf__tall")[draw(title, lots=4, for_="height")]
