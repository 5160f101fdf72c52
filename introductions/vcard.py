"""A card for the address book of a phone: vCard 3.0 (RFC 2426) or 4.0 (RFC 6350), with how the name is read. Pure.

What is read of the name: X-PHONETIC-* is what phones take; SORT-STRING (3.0) and SORT-AS (4.0) are the standards' own.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from members.models import Member

VERSIONS = ("3.0", "4.0")
# RFC 6350, 3.2: a line holds 75 octets, and a character is not cut.
LINE_OCTETS = 75


def card(person: Member, *, version: str = "3.0", photo: bytes = b"") -> str:
    """Of somebody as the reader sees them (`seen_by`): what is hidden is empty and stays out. `photo` is a JPEG."""
    lines = ["BEGIN:VCARD", f"VERSION:{version}", *_lines(person, version), *_photo(photo, version), "END:VCARD"]
    return "".join(f"{fold(line)}\r\n" for line in lines)


def _lines(person: Member, version: str) -> Iterator[str]:
    family, given = _parts(person.name)
    family_read, given_read = _parts(person.yomi)
    is_new = version == "4.0"
    sort_as = f';SORT-AS="{_parameter(family_read)},{_parameter(given_read)}"' if is_new and person.yomi else ""
    yield f"FN:{escape(person.name)}"
    yield f"N{sort_as}:{escape(family)};{escape(given)};;;"
    if person.yomi:
        yield f"X-PHONETIC-LAST-NAME:{escape(family_read)}"
        yield f"X-PHONETIC-FIRST-NAME:{escape(given_read)}"
        if not is_new:
            yield f"SORT-STRING:{escape(person.yomi)}"
    named = [("ORG", person.organisation), ("TITLE", person.role), ("EMAIL", person.email)]
    yield from (f"{name}:{escape(text)}" for name, text in named if text)
    if person.phone:
        yield f"TEL;VALUE=uri:tel:{_number(person.phone)}" if is_new else f"TEL;TYPE=CELL:{escape(person.phone)}"
    yield from (f"URL:{link}" for link in person.link_list)
    notes = [person.one_line, f"LINE: {person.line_id}" if person.line_id else "", person.hours]
    if said := "\n".join(note for note in notes if note):
        yield f"NOTE:{escape(said)}"


def _photo(photo: bytes, version: str) -> Iterator[str]:
    if photo:
        kind = "PHOTO:data:image/jpeg;base64," if version == "4.0" else "PHOTO;ENCODING=b;TYPE=JPEG:"
        yield kind + b64encode(photo).decode()


def escape(text: str) -> str:
    """A text value: backslash, comma, semicolon and newline are written with a backslash."""
    for character in "\\,;":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", "\\n")


def fold(line: str) -> str:
    """A long line goes on after a line break and a space."""
    parts, part, octets = [], "", 0
    for character in line:
        width = len(character.encode())
        if octets + width > LINE_OCTETS:
            parts.append(part)
            part, octets = "", 1
        part, octets = part + character, octets + width
    return "\r\n ".join([*parts, part])


def _parts(name: str) -> tuple[str, str]:
    """Family name and the rest, as Japanese names stand; a name of one word is all family name."""
    family, _space, given = name.partition(" ")
    return family, given


def _parameter(text: str) -> str:
    """In a parameter between quotes, neither quotes nor commas of one's own (RFC 6350, 5)."""
    return text.replace('"', "").replace(",", " ")


def _number(phone: str) -> str:
    return "".join(c for c in phone if c.isdigit() or c == "+")
