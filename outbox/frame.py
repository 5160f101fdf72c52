"""A mail's HTML shown inside one of our pages: a frame in which nothing runs, with the styles of this very mail."""

import base64
import hashlib
from html.parser import HTMLParser

from django.http import HttpResponse

# Links of a mail open beside the page; nothing in it runs.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"


def framed(html: str) -> HttpResponse:
    """The page for the frame: only this site may frame it, and only the styles of this very mail are let through."""
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Content-Security-Policy"] = policy(html)
    return response


def policy(html: str) -> str:
    """A content security policy (CSP level 3, section 8.3) that names the hash of each style in this page."""
    parser = _Styles()
    parser.feed(html)
    hashes = sorted({f"'sha256-{_digest(style)}'" for style in parser.found})
    styles = f"'unsafe-hashes' {' '.join(hashes)}" if hashes else "'none'"
    return (
        f"default-src 'none'; style-src {styles}; img-src data:; form-action 'none'; base-uri 'none';"
        f" frame-ancestors 'self'; sandbox {SANDBOX}"
    )


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


class _Styles(HTMLParser):
    """The text of each style attribute and style element, as a browser sees it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "style"
        self.found += [value for name, value in attrs if name == "style" and value]

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)

    def handle_endtag(self, _tag: str) -> None:
        self._inside = False
