"""/mailbox/ of local mode: every mail as it would have gone out."""

import email
import email.policy
from email.message import EmailMessage

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from outbox.frame import SANDBOX, framed
from outbox.models import MailboxMessage

PER_PAGE = 50


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
    return framed(html)


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
