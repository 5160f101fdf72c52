"""The frame of every answer of the API: who asks, how often, in pages, and errors by RFC 9457."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError

from archive.api.tokens import ApiToken, Scope
from events.models.series import Viewer
from members.adapter import place_on_the_net
from members.models import Member

METHODS = ("GET", "HEAD")
# How often within a minute: with a token, and from one place on the net without.
OFTEN, OFTEN_UNKNOWN, WINDOW = 120, 60, 60
LIMIT, MOST = 50, 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What `after` may be: the time of a row (microseconds since 1970) and its code, or the name of a series.
MARKS = r"^-?[0-9]{1,16}_[a-z2-7]{10}$"
NAMES = r"^[-a-zA-Z0-9_]{1,60}$"
MARK, NAME = re.compile(MARKS, re.ASCII), re.compile(NAMES, re.ASCII)
NUMBER = re.compile(r"[0-9]{1,5}", re.ASCII)
TITLES = {
    400: "Bad request",
    401: "No valid token",
    403: "The token does not open this",
    404: "Not found",
    405: "Only GET and HEAD",
    429: "Too many requests",
}


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """An error to be told as application/problem+json."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(frozen=True)
class Asking:
    """Who asks: with a token's scopes, or as anybody. `viewer` is what visibility goes by."""

    token: ApiToken | None

    @property
    def viewer(self) -> Viewer:
        return self.token.member if self.token and Scope.CLUB in self.token.scopes else AnonymousUser()

    def member(self, scope: Scope) -> Member:
        """Whose token it is, if it opens this."""
        if self.token is None:
            raise Problem(401, "This needs a token.")
        if scope not in self.token.scopes:
            raise Problem(403, f"This needs a token with the scope {scope.value}.")
        return self.token.member


View = Callable[..., Any]


def api(view: View) -> Callable[..., HttpResponse]:
    """An address of the API: `view(request, asking, …)` gives back what becomes JSON, or raises `Problem`.

    Exempt from the token against forged posts: it takes no posts, and reads no cookie.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        headers: dict[str, str] = {}
        try:
            asking = _asking(request)
            headers = _counted(request, asking)
            response = _json(view(request, asking, *args, **kwargs))
        except Problem as problem:
            response = _problem(problem)
            headers |= {"Retry-After": str(_left())} if problem.status == 429 else {}
        except Http404:
            response = _problem(Problem(404))
        for name, value in headers.items():
            response[name] = value
        # What one token sees is nobody else's; what nobody needs a token for may be asked again with its ETag.
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Authorization"])
        return response

    return answer


@dataclass(frozen=True)
class By:
    """The order of a list: the latest first where it has a time `at`, then by what names a row for ever."""

    code: str
    at: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        return (f"-{self.at}", self.code) if self.at else (self.code,)

    def mark(self, row: Any) -> str:
        """Where this row stands in the order, as `?after=` says it."""
        code = str(_along(row, self.code))
        return f"{(_along(row, self.at) - EPOCH) // timedelta(microseconds=1)}_{code}" if self.at else code

    def after(self, mark: str) -> Q:
        """The rows behind that place, whatever has come or gone before it meanwhile."""
        if not (MARK if self.at else NAME).fullmatch(mark):
            raise Problem(400, "after must be as in next.")
        if not self.at:
            return Q(**{f"{self.code}__gt": mark})
        when, _sign, code = mark.partition("_")
        at = EPOCH + timedelta(microseconds=int(when))
        return Q(**{f"{self.at}__lt": at}) | Q(**{self.at: at, f"{self.code}__gt": code})


def _along(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def page(
    request: HttpRequest, rows: QuerySet[Any], shape: Callable[[list[Any]], Iterable[Any]], by: By
) -> dict[str, Any]:
    """So many rows as `?limit=` says, those after `?after=`, with how many there are in all and where the next are."""
    limit, mark = _number(request, "limit", LIMIT, MOST), request.GET.get("after")
    behind = rows.order_by(*by.order) if mark is None else rows.filter(by.after(mark)).order_by(*by.order)
    total, found = rows.count(), list(behind[: limit + 1])
    following = None
    if len(found) > limit:
        more = {name: value for name, value in request.GET.items() if name != "after"} | {
            "after": by.mark(found[limit - 1])
        }
        following = f"{settings.SITE_URL}{request.path}?{urlencode(more)}"
    return {"items": list(shape(found[:limit])), "total": total, "next": following}


def _number(request: HttpRequest, name: str, default: int, most: int) -> int:
    typed = request.GET.get(name)
    if typed is None:
        return default
    if not NUMBER.fullmatch(typed) or not 1 <= int(typed) <= most:
        raise Problem(400, f"{name} must be a number from 1 to {most}.")
    return int(typed)


def _asking(request: HttpRequest) -> Asking:
    if request.method not in METHODS:
        raise Problem(405)
    said = request.headers.get("Authorization")
    if said is None:
        return Asking(None)
    kind, _space, text = said.partition(" ")
    token = ApiToken.objects.of(text.strip(), timezone.now()) if kind.lower() == "bearer" else None
    if token is None:
        raise Problem(401, "This token is unknown, has ended, or was taken back.")
    return Asking(token)


def _counted(request: HttpRequest, asking: Asking) -> dict[str, str]:
    """Count this one, and say how many are left. Without Redis nothing is counted."""
    who, most = (asking.token.code, OFTEN) if asking.token else (place_on_the_net(request), OFTEN_UNKNOWN)
    try:
        key = f"api:{who}:{int(time.time()) // WINDOW}"
        cache.add(key, 0, WINDOW * 2)
        used = cache.incr(key)
    except (RedisError, ValueError):
        return {}
    if used > most:
        raise Problem(429, f"At most {most} requests a minute.")
    return {"RateLimit-Limit": str(most), "RateLimit-Remaining": str(most - used), "RateLimit-Reset": str(_left())}


def _left() -> int:
    """Seconds until one may ask again."""
    return WINDOW - int(time.time()) % WINDOW


def _json(found: Any) -> JsonResponse:
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})


def _problem(problem: Problem) -> JsonResponse:
    told = {"type": "about:blank", "title": TITLES[problem.status], "status": problem.status}
    response = JsonResponse(told | ({"detail": problem.detail} if problem.detail else {}), status=problem.status)
    response["Content-Type"] = "application/problem+json"
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="asakai"'
    if problem.status == 405:
        response["Allow"] = ", ".join(METHODS)
    return response
