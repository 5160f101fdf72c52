"""The webhook for what comes back: a mail service posts to an address that holds the club's secret."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from events import inbound
from outbox import providers

# The names under which services post a whole mail in a form.
MAIL_FIELDS = ("email", "body-mime", "message")


@csrf_exempt  # a service posts it; the secret in the address is the key
@require_POST
def posted(request: HttpRequest, secret: str) -> HttpResponse:
    """One mail as it came (message/rfc822, or a field of a form), or what a service tells as JSON."""
    if not settings.INBOUND_SECRET or not constant_time_compare(secret, settings.INBOUND_SECRET):
        raise Http404
    try:
        said = _take(request)
    except RequestDataTooBig:
        return HttpResponse(status=413)
    return HttpResponse(said, content_type="text/plain")


def _take(request: HttpRequest) -> str:
    now = timezone.now()
    if request.content_type in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        mail = next((request.POST[name] for name in MAIL_FIELDS if name in request.POST), "")
        return inbound.take(mail.encode(errors="surrogateescape"), now=now)
    # SNS posts its JSON as text/plain; no mail begins with a brace.
    if request.body.lstrip()[:1] in {b"{", b"["}:
        return providers.take(request.body, now=now).value
    return inbound.take(request.body, now=now)
