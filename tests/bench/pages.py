"""What is asked of the site, and how many statements it may need. Imported once Django is set up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Partstat, Series, Session
from members.models import Member
from tests.bench.site import HEADERS

PEOPLE = 60
CLIENT = Client()
# Somebody who has begun to write to us: not signed in, and yet shown no page that is kept for strangers.
ANEW = {"Cookie": f"{settings.CSRF_COOKIE_NAME}=begun"}
NO_STATEMENT = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@dataclass
class Page:
    """A page and its limits; one without is told, not judged."""

    name: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    most_statements: int | None = None
    least_ratio: float | None = None


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of a block; BEGIN, COMMIT and savepoints are none."""
    seen: list[str] = []

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(NO_STATEMENT):
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield seen


def asked(page: Page) -> HttpResponse:
    """One answer, in this process; the client is kept, because a new one sets up all middleware anew."""
    CLIENT.cookies.clear()
    return CLIENT.get(page.path, headers=HEADERS | page.headers)


def statements(page: Page) -> int:
    """How many the page needs the second time, in this process: the club's card lies in the cache by then."""
    asked(page)
    with counted() as seen:
        response = asked(page)
    assert response.status_code == page.status, f"{page.name}: {response.status_code}"
    return len(seen)


def pages() -> list[Page]:
    """The pages of the bench, on a coming session that PEOPLE come to."""
    coming = fill()
    address = reverse("session", args=[coming.code])
    etag = {"If-None-Match": asked(Page("", address))["ETag"]}
    past = Session.objects.visible_to(AnonymousUser()).on().past(timezone.now()).filter(series=coming.series)[1]
    return [
        Page(f"coming session, {PEOPLE} people", address, most_statements=5, least_ratio=0.05),
        Page("the same, made anew", address, ANEW, most_statements=5),
        Page("the same, seen before (304)", address, etag, status=304, least_ratio=0.4),
        Page("the same, signed in", address, signed_in(), most_statements=7),
        Page("past session, made anew", reverse("session", args=[past.code]), ANEW, most_statements=10),
        Page("50 past sessions", reverse("archive"), most_statements=3, least_ratio=0.05),
        Page("the same, made anew", reverse("archive"), ANEW, most_statements=3),
    ]


def signed_in() -> dict[str, str]:
    client = Client(headers=HEADERS)
    client.force_login(_people()[PEOPLE])
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def fill() -> Session:
    """Have PEOPLE come to the next public session, one after the other; the person after them has not answered."""
    session, now = coming(), timezone.now()
    session.set_capacity(PEOPLE + 10, now=now)
    for member in _people()[:PEOPLE]:
        session.rsvp(member, Partstat.ACCEPTED, now=now)
    session.refresh_from_db()
    assert session.rsvps.seated().count() >= PEOPLE
    return session


def coming() -> Session:
    now = timezone.now()
    public = Session.objects.on().filter(series__audience=Series.Audience.PUBLIC, starts_at__gt=now).upcoming(now)
    return public.exclude(rsvp_closes_at__lte=now)[0]


def _people() -> list[Member]:
    """PEOPLE, and one more."""
    people = list(Member.objects.joined().order_by("pk")[: PEOPLE + 1])
    while len(people) <= PEOPLE:
        name = f"bench{len(people)}"
        people.append(Member.objects.create_user(f"{name}@example.com", name=name, joined_at=timezone.now()))
    return people
