from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Attendance, Membership, OldSlug, Partstat, Rsvp, Series, Talk
from events.pages.creed import columns, upright
from speakers.models import Book, Speaker

BOUNDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def statements(client: Client, url: str, **post: str) -> int:
    """How many statements one request needs, without those that bound transactions."""
    with CaptureQueriesContext(connection, ) as queries:
        response = client.post(url, post) if post else client.get(url)
    assert response.status_code in {200, 302, 304}
    return len([query for query in queries if not query["sql"].startswith(BOUNDS)])


def test_the_front_page_shows_the_next_morning(club, client, session) -> None:
    print(statements(client, "/"))
    print(client.get("/").content.decode())
    print(statements(client, session.get_absolute_url()))
    print(client.get(session.get_absolute_url()).content.decode())
