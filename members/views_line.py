"""LINE as a second channel: linking and unlinking an account, what LINE tells us, and how the month's quota stands."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.access import joined_required, me
from members.line import LineAccount, LineCode
from outbox import by_line, line
from outbox.by_line import Channel
from outbox.models import Delivery

# What somebody writes into LINE to end it.
STOP = {"stop", "解除", "停止", "やめる"}
View = Callable[..., HttpResponse]


def where_line_is_on(view: View) -> View:
    """A club without an official account has no such page."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not by_line.is_on():
            raise Http404
        return view(request, *args, **kwargs)

    return asked


@where_line_is_on
@joined_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_line(request: HttpRequest) -> HttpResponse:
    """Whether my account is linked; POST gives a code to type into LINE."""
    code = LineCode.give(me(request), now=timezone.now()) if request.method == "POST" else ""
    linked = LineAccount.objects.filter(member=me(request)).first()
    context = {"code": code, "linked": linked, "account": settings.LINE_ACCOUNT}
    return render(request, "members/line.html", context)


@where_line_is_on
@joined_required
@require_POST
def line_removal(request: HttpRequest) -> HttpResponse:
    """No more messages in LINE; mails stay as they are."""
    LineAccount.unlink(LineAccount.objects.filter(member=me(request)), now=timezone.now())
    messages.success(request, _("Nothing comes by LINE any more. Mails come as before."))
    return redirect("line")


@csrf_exempt  # LINE's server posts; its signature over the body is the key
@where_line_is_on
@require_POST
def line_webhook(request: HttpRequest) -> HttpResponse:
    """What people write to the club's account: a code links, "stop" and leaving unlink, the rest is not read.

    https://developers.line.biz/en/reference/messaging-api/#signature-validation
    """
    signature = hmac.new(settings.LINE_SECRET.encode(), request.body, hashlib.sha256).digest()
    given = request.headers.get("X-Line-Signature", "")
    if not hmac.compare_digest(base64.b64encode(signature), given.encode()):
        return HttpResponseBadRequest()
    try:
        events = json.loads(request.body)["events"]
    except (ValueError, KeyError, TypeError):
        return HttpResponseBadRequest()
    for event in events if isinstance(events, list) else []:
        _heard(event)
    return HttpResponse()


def _heard(event: Any) -> None:
    """One thing that happened; whatever else LINE may tell us is let be."""
    event = _object(event)
    source, message = _object(event.get("source")), _object(event.get("message"))
    account = source.get("userId") if source.get("type") == "user" else None
    if not isinstance(account, str) or not 0 < len(account) <= 64:
        return
    typed = message.get("text") if message.get("type") == "text" else None
    typed = typed if isinstance(typed, str) else ""
    if event.get("type") == "unfollow" or typed.strip().lower() in STOP:
        LineAccount.unlink(LineAccount.objects.filter(account=account), now=timezone.now())
    elif event.get("type") == "message":
        LineAccount.link(typed, account, now=timezone.now())


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


@login_required
@where_line_is_on
@require_safe
def line_health(request: HttpRequest) -> HttpResponse:
    """For the operator: the month's quota as LINE counts it, and how our messages fare."""
    if not me(request).is_staff:
        raise Http404
    month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    sent = Delivery.objects.filter(channel=Channel.LINE, created_at__gte=month)
    try:
        quota, trouble = line.quota(), ""
    except (OSError, line.Trouble, ValueError, KeyError) as error:
        quota, trouble = None, f"{type(error).__name__}: {error}"[:200]
    context = {
        "quota": quota,
        "trouble": trouble,
        "linked": LineAccount.objects.count(),
        "sent": sent.filter(sent_at__isnull=False).count(),
        "waiting": sent.open().count(),
        "failures": sent.filter(failed_at__isnull=False).order_by("-pk")[:20],
        "dropped": sent.filter(dropped_at__isnull=False).count(),
        "webhook": f"{settings.SITE_URL}/line/webhook/",
    }
    return render(request, "members/line_health.html", context)
