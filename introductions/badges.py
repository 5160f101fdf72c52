"""My badge: a square to scan. Whoever scans it may say that we exchanged cards; it takes both to say so."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from members import links
from members.models import Member

PURPOSE = "badge"
QUIET = 2


def address(member: Member) -> str:
    """What the square on this member's badge says; void once the member makes all links void."""
    return links.absolute("badge_scan", member.code, links.derive(PURPOSE, _subject(member)))


def is_of(member: Member, token: str) -> bool:
    return links.is_derived(PURPOSE, _subject(member), token)


def picture(member: Member) -> SafeString:
    """The square as SVG, one path, dark on light whatever the page's colours are: cameras want it so."""
    # Where Pillow is installed, qrcode brings all of it: only who draws a square needs it.
    import qrcode  # noqa: PLC0415

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET)
    code.add_data(address(member))
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return format_html(
        '<svg class="badge__code" viewBox="0 0 {} {}" role="img" aria-label="{}"><path d="{}"/></svg>',
        len(rows),
        len(rows),
        _("A square to scan with the camera of a phone"),
        path,
    )


def _subject(member: Member) -> str:
    return f"{member.code}:{member.link_version}"
