"""Is it alive, and is everything it needs alive? For load balancers, compose health checks and the operator."""

from datetime import datetime

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from outbox.health import PARTS, SILENT_AFTER
from outbox.models import Heartbeat


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """How database, broker, worker, mailer and scheduler are, as JSON; 503 when one of them is not well."""
    parts = {"database": _database(), "broker": _broker(), **_heartbeats()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('default_transaction_isolation'), current_setting('lock_timeout')")
            isolation, patience = cursor.fetchone()
    except DatabaseError:
        return "unreachable"
    if isolation != "read committed":
        return f"isolation level is {isolation}"
    # Behind a pool the role has to have it (docs/operating.md).
    return "ok" if patience != "0" else "no lock_timeout"


def _broker() -> str:
    try:
        cache.get("readyz")
    except RedisError:
        return "unreachable"
    return "ok"


def _heartbeats() -> dict[str, str]:
    try:
        seen = dict(Heartbeat.objects.values_list("name", "at"))
    except DatabaseError:
        return dict.fromkeys(PARTS, "unknown")
    since = timezone.now() - SILENT_AFTER
    return {name: _state(name, seen, since) for name in PARTS}


def _state(name: str, seen: dict[str, datetime], since: datetime) -> str:
    if name not in seen:
        return "never seen"
    return "ok" if seen[name] >= since else f"silent since {seen[name]:%Y-%m-%dT%H:%M:%SZ}"
