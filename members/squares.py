"""Squares to scan, drawn by the server."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

QUIET = 2


def square(text: str, label: str) -> SafeString:
    """The text as SVG, one path, dark on light whatever the page's colours are: cameras want it so."""
    # Where Pillow is installed, qrcode brings all of it: only who draws a square needs it.
    import qrcode  # noqa: PLC0415

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return format_html(
        '<svg class="badge__code" viewBox="0 0 {} {}" role="img" aria-label="{}"><path d="{}"/></svg>',
        len(rows),
        len(rows),
        label,
        path,
    )
