"""Whoever waited too long for somebody else's change is told to try again, not that something broke."""

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# SQLSTATE: lock_not_available (lock_timeout), query_canceled (statement_timeout), deadlock_detected. PostgreSQL has
# undone the whole transaction: nothing is half done.
WAITED = {"55P03", "57014", "40P01"}
RETRY_AFTER_SECONDS = 5


class Busy:
    """503 with Retry-After where PostgreSQL broke off a wait."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not waited_too_long(exception):
            return None
        response = render(request, "503.html", status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        response.headers["Cache-Control"] = "no-store"
        return response


def waited_too_long(error: Exception) -> bool:
    """Whether PostgreSQL gave up waiting; every other failure of the database is one."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) in WAITED
