"""My badge: a square to scan. Whoever scans it may say that we exchanged cards; it takes both to say so."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from members import links, squares
from members.models import Member

PURPOSE = "badge"


def address(member: Member) -> str:
    """What the square on this member's badge says; void once the member makes all links void."""
    return links.absolute("badge_scan", member.code, links.derive(PURPOSE, _subject(member)))


def is_of(member: Member, token: str) -> bool:
    return links.is_derived(PURPOSE, _subject(member), token)


def picture(member: Member) -> SafeString:
    """The square on the badge as SVG."""
    return squares.square(address(member), _("A square to scan with the camera of a phone"))


def _subject(member: Member) -> str:
    return f"{member.code}:{member.link_version}"
