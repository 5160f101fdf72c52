"""/mailbox/ of local mode: every mail as it would have gone out."""

import base64
import email
import email.policy
import hashlib
from email.message import EmailMessage
from html.parser import HTMLParser

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from outbox.models import MailboxMessage

PER_PAGE = 50
# Links of a mail open beside the mailbox; nothing in it runs.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """All mails, the newest first."""
    pages = Paginator(MailboxMessage.objects.defer("raw"), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    shown = pages.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return render(request, "mailbox/list.html", {"page": page, "pages": shown})


@require_safe
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: headers, text, HTML in a frame, the calendar part."""
    kept = get_object_or_404(MailboxMessage, pk=pk)
    message = parse(kept)
    return render(
        request,
        "mailbox/mail.html",
        {
            "mail": kept,
            "headers": list(message.items()),
            "text": content(message, "text/plain"),
            "has_html": bool(content(message, "text/html")),
            "calendar": content(message, "text/calendar"),
            "sandbox": SANDBOX,
        },
    )


@require_safe
def mail_page(_request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, for the frame; only the styles of this very mail are let through."""
    html = content(parse(get_object_or_404(MailboxMessage, pk=pk)), "text/html")
    if not html:
        raise Http404
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Content-Security-Policy"] = policy(html)
    return response


def parse(kept: MailboxMessage) -> EmailMessage:
    """The bytes as a message."""
    return email.message_from_bytes(bytes(kept.raw), policy=email.policy.default)


def content(message: EmailMessage, kind: str) -> str:
    """The first part of this kind as text, or nothing."""
    for part in message.walk():
        if part.get_content_type() == kind:
            found = part.get_content()
            return found.decode() if isinstance(found, bytes) else str(found)
    return ""


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
