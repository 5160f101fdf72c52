"""Pages of nobody in particular, kept for a few seconds: what many strangers look at is made once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from redis.exceptions import RedisError

View = Callable[..., HttpResponse]


def kept(view: View) -> View:
    """Answer a reader who is not signed in from what another such reader was just shown, in the same language.

    A change is seen at most `settings.KEPT_SECONDS` later by strangers, and at once by members. A page with a form of
    its own (it has a token) is never kept; without Redis every page is made anew.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.KEPT_SECONDS or _is_somebody(request):
            return view(request, *args, **kwargs)
        key = _key(request)
        found = _read(key)
        if found is None:
            # The whole page is made even for somebody who may have it: the next stranger may not.
            asked = request.META.pop("HTTP_IF_NONE_MATCH", None)
            response = view(request, *args, **kwargs)
            if asked is not None:
                request.META["HTTP_IF_NONE_MATCH"] = asked
            if response.status_code != 200 or response.streaming or _has_token(request):
                return response
            found = _keep(key, response)
        etag, content = found
        response = HttpResponse(content, headers={"ETag": etag, "Vary": "Cookie, Accept-Language"})
        return get_conditional_response(request, etag, None, response) or response

    return answered


def _keep(key: str, response: HttpResponse) -> tuple[str, bytes]:
    response.headers.setdefault("ETag", quote_etag(hashlib.blake2b(response.content).hexdigest()[:24]))
    kept_page = response.headers["ETag"], response.content
    with suppress(RedisError):
        cache.set(key, kept_page, settings.KEPT_SECONDS)
    return kept_page


def _is_somebody(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES or settings.CSRF_COOKIE_NAME in request.COOKIES


def _has_token(request: HttpRequest) -> bool:
    return bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))


def _key(request: HttpRequest) -> str:
    whole = f"{get_language()} {request.get_host()} {request.get_full_path()}"
    return f"kept:{hashlib.blake2b(whole.encode(), digest_size=16).hexdigest()}"


def _read(key: str) -> tuple[str, bytes] | None:
    try:
        found: tuple[str, bytes] | None = cache.get(key)
    except RedisError:
        return None
    return found
