"""The circle as a picture: me in the middle, a ring of seals for every band, like the rings of a tree.

A seal has room for one character; it is a link with the whole name, for a finger, a mouse and the keyboard alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import asin, cos, floor, pi, sin, tau

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from introductions import reasons
from introductions.circle import Band, Circle, Near
from members.models import Member

SEAL, ME = 16, 21
# The ring of somebody one was introduced to, with its stroke: no two of these touch.
RING = SEAL + 3
INNERMOST, APART, MARGIN = 54, 2 * RING + 2, 22
# At least so wide, so that three people are not drawn like plates.
HALF_AT_LEAST = 130
# Each ring begins a little further round, so that seals do not stand in rows.
TURN = 0.618


@dataclass(frozen=True)
class Dot:
    """Where somebody stands, from the middle."""

    near: Near
    x: float
    y: float


@dataclass(frozen=True)
class Ring:
    """One circle of seals."""

    radius: int
    people: Sequence[Near]


def rings(bands: Sequence[Band]) -> list[Ring]:
    """Every band begins a ring of its own; one that is too full spreads over several as their lengths allow."""
    found: list[Ring] = []
    for band in bands:
        radii = _radii(len(band.people), INNERMOST + APART * len(found))
        people = list(band.people)
        for place, radius in enumerate(radii):
            share = round(len(people) * radius / sum(radii[place:]))
            found.append(Ring(radius, people[:share]))
            people = people[share:]
    return found


def dots(found: Sequence[Ring]) -> Iterator[Dot]:
    """Everybody of a ring at equal distances, beginning at the top."""
    for number, ring in enumerate(found):
        for place, near in enumerate(ring.people):
            angle = tau * (place / len(ring.people) + TURN * number) - pi / 2
            yield Dot(near, ring.radius * cos(angle), ring.radius * sin(angle))


def picture(circle: Circle, me: Member) -> SafeString:
    """The drawing with its text alternative; what stands beside the names is in the list behind it."""
    found = rings(circle.drawn)
    half = max(found[-1].radius + MARGIN if found else 0, HALF_AT_LEAST)
    return format_html(
        '<svg class="circle__drawing" viewBox="{} {} {} {}" role="group" aria-label="{}">{}{}'
        '<circle class="circle__me" r="{}"/><text class="circle__mine" aria-hidden="true">{}</text></svg>',
        -half,
        -half,
        2 * half,
        2 * half,
        _spoken(circle),
        format_html_join("", '<circle class="circle__orbit" r="{}"/>', ((ring.radius,) for ring in found)),
        format_html_join("", "{}", ((_seal(dot),) for dot in dots(found))),
        ME,
        me.name[:1],
    )


def _radii(people: int, first: int) -> list[int]:
    radii = [first]
    while sum(map(_holds, radii)) < people:
        radii.append(radii[-1] + APART)
    return radii


def _holds(radius: int) -> int:
    """How many seals stand on a ring without touching, each with a ring of its own."""
    return floor(pi / asin((RING + 0.5) / radius))


def _seal(dot: Dot) -> SafeString:
    where = f"{dot.x:.0f}", f"{dot.y:.0f}"
    ring = format_html('<circle class="circle__ring" cx="{}" cy="{}" r="{}"/>', *where, SEAL + 2)
    return format_html(
        '<a class="circle__link tone-{}" href="{}" aria-label="{}"><title>{}</title>{}'
        '<circle class="circle__seal" cx="{}" cy="{}" r="{}"/><text x="{}" y="{}" aria-hidden="true">{}</text></a>',
        dot.near.tone,
        dot.near.member.get_absolute_url(),
        reasons.called(dot.near.member),
        reasons.called(dot.near.member),
        ring if dot.near.introduced else "",
        *where,
        SEAL,
        *where,
        dot.near.name[:1],
    )


def _spoken(circle: Circle) -> str:
    """You in the middle, 36 people around you. Five mornings and more: 4; …"""
    number = len(circle.people)
    around = ngettext(
        "You in the middle, %(n)d person around you.", "You in the middle, %(n)d people around you.", number
    )
    bands = _("; ").join(_("%(band)s: %(n)d") % {"band": band.label, "n": len(band.people)} for band in circle.bands)
    return f"{around % {'n': number}} {bands}".strip()
