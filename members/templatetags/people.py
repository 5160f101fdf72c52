"""People as faces, names and readings. Nothing here asks the database."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from typing import Protocol

from django import template
from django.template.defaultfilters import linebreaks_filter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from members.tones import tone

register = template.Library()

SIZES: Mapping[str, str] = {"": "", "s": " face--s", "l": " face--l", "xl": " face--xl"}
PIXELS: Mapping[str, int] = {"": 48, "s": 36, "l": 72, "xl": 120}
# One character with what modifies it: variation selectors (葛 has two shapes), combining marks.
FIRST_CHARACTER = re.compile(r"\s*(\S[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]*)")

ITEM = re.compile(r"[-*•]\s+|・\s*")
KANA = re.compile(r"[\u3041-\u309f\u30a0-\u30ff]+")


class Person(Protocol):
    """Whoever has a name: a member, a guest, a friend."""

    @property
    def name(self) -> str: ...


def _japanese() -> bool:
    return (get_language() or "ja").startswith("ja")


@register.simple_tag
def face(person: Person, size: str = "") -> SafeString:
    """The photo, or the name's first character set like a seal, the name beside it; `size` is s, l, xl or nothing."""
    url = getattr(person, "photo_url", "")
    if size == "xl":
        url = getattr(person, "large_photo_url", url)
    if not url:
        return _seal(person.name, size)
    side = PIXELS[size]
    picture = '<span class="face{}"><img src="{}" width="{}" height="{}" alt="" loading="lazy" decoding="async"></span>'
    return format_html(picture, SIZES[size], url, side, side)


@lru_cache(maxsize=4096)
def _seal(name: str, size: str) -> SafeString:
    found = FIRST_CHARACTER.match(name)
    return format_html(
        '<span class="face tone-{}{}" aria-hidden="true">{}</span>',
        tone(name),
        SIZES[size],
        found[1] if found else "・",
    )


@register.simple_tag
def ruby(name: str, yomi: str = "") -> SafeString:
    """The name with its reading above: part by part where both have as many parts, else as one."""
    return _with_reading(name, yomi.strip())


@lru_cache(maxsize=4096)
def _with_reading(name: str, yomi: str) -> SafeString:
    if not yomi:
        return format_html("{}", name)
    names, readings = name.split(), yomi.split()
    pairs = list(zip(names, readings, strict=True)) if len(names) == len(readings) else [(name, yomi)]
    return format_html_join(" ", "{}", ((_part(written, reading),) for written, reading in pairs))


def _part(written: str, reading: str) -> SafeString:
    """Kana read themselves: イネス has nothing above it, and may be broken where the line is full."""
    if KANA.fullmatch(written):
        return format_html("{}", written)
    return format_html("<ruby>{}<rt>{}</rt></ruby>", written, reading)


@register.filter
def breakable(mail: str) -> SafeString:
    """A mail address for a narrow column: it may break after its @, sooner than within a word."""
    before, at, after = mail.partition("@")
    return format_html("{}{}<wbr>{}", before, at, after)


@register.filter
def called(person: Person, honorific: str | None = None) -> str:
    """How a page calls people: 有馬 花さん, a guest as the host set it (先生); in English Hana Arima."""
    if _japanese():
        return person.name + (getattr(person, "san", "さん") if honorific is None else honorific)
    return _in_english(person)


def called_in_text(person: Person) -> str:
    """The same for mails and sentences: no markup."""
    return person.name + getattr(person, "san", "さん") if _japanese() else getattr(person, "romaji", "") or person.name


def _in_english(person: Person) -> SafeString:
    """The name in Latin letters, or the Japanese one marked as Japanese."""
    name = getattr(person, "romaji", "") or person.name
    return format_html("{}" if name.isascii() else '<span lang="ja">{}</span>', name)


@register.filter
def with_lists(text: str) -> SafeString:
    """Paragraphs as `linebreaks` makes them; lines that begin with - or ・ are items of a list."""
    parts = []
    for is_list, lines in groupby(text.strip().splitlines(), key=lambda line: bool(ITEM.match(line))):
        if is_list:
            items = format_html_join("", "<li>{}</li>", ((ITEM.sub("", line),) for line in lines))
            parts.append(format_html("<ul>{}</ul>", items))
        elif said := "\n".join(lines).strip():
            parts.append(linebreaks_filter(said))
    return format_html_join("", "{}", ((part,) for part in parts))


@register.simple_tag
def person_line(person: Person, trade: str = "", url: str = "") -> SafeString:
    """What stands in an `<li>` of `.people`: face, name, and the trade if this reader may see it."""
    japanese = _japanese()
    name = format_html("{}", person.name) if japanese else _in_english(person)
    return format_html(
        '{}<span class="people__name">{}<span class="visually-hidden">{}</span></span>{}',
        face(person),
        format_html('<a href="{}">{}</a>', url, name) if url else name,
        ("さん、" if trade else "さん") if japanese else (", " if trade else ""),
        format_html('<span class="people__trade">{}</span>', trade) if trade else "",
    )
