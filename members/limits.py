"""How often something may be asked for: by one address, and from one place on the net."""

from allauth.core.ratelimit import consume
from django.http import HttpRequest
from redis.exceptions import RedisError


def may_ask(request: HttpRequest, address: str) -> bool:
    """Whether a mail to this address may be asked for now (settings.ACCOUNT_RATE_LIMITS); without Redis, it may."""
    try:
        return bool(consume(request, action="visit", key=address))
    except RedisError:
        return True
