"""How often something may be asked for: by one address or person, and from one place on the net."""

from allauth.core.internal.ratelimit import consume
from allauth.core.ratelimit import respond_429
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError


def refused(request: HttpRequest, action: str, key: str = "") -> HttpResponse | None:
    """What to answer when this was asked for too often (settings.ACCOUNT_RATE_LIMITS); without Redis nothing is."""
    try:
        is_fine = bool(consume(request, app="allauth.account", action=action, key=key, limit_get=True))
    except RedisError:
        return None
    return None if is_fine else respond_429(request)
