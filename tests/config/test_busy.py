"""Whoever waits too long for a lock is told so with 503, nothing is half done, and the next try works."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from config.busy import waited_too_long
from events.models import Membership, Rsvp, Session
from members.models import Member
from outbox.models import Delivery
from tests.drills.crew import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other(session: Session) -> Iterator[psycopg.Connection]:
    """Somebody else, who has the session's row and does not let go; here nobody waits longer than a moment."""
    with psycopg.connect(database_url()) as line:
        line.execute("SELECT 1 FROM events_session WHERE id = %s FOR UPDATE", [session.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        yield line
        line.rollback()
        connection.close()


def test_who_waits_too_long_is_told_so_and_nothing_is_half_done(
    client: Client, session: Session, ken: Member, other: psycopg.Connection
) -> None:
    client.force_login(ken)
    page, answer = session.get_absolute_url(), {"partstat": "ACCEPTED"}
    refused = client.post(f"{page}rsvp/", answer)
    said = refused.content.decode()
    assert (refused.status_code, refused["Retry-After"], refused["Cache-Control"]) == (503, "5", "no-store")
    assert "何も変わっていません" in said
    left = [Rsvp.objects.count(), Delivery.objects.count(), Membership.objects.filter(member=ken).count()]
    assert left == [0, 0, 0]
    other.rollback()
    assert (client.post(f"{page}rsvp/", answer).status_code, Rsvp.objects.get().is_seated) == (302, True)


def test_of_a_series_changed_while_one_morning_is_held_nothing_is_changed(
    client: Client, session: Session, make_session: Callable[..., Session], kosuke: Member, other: psycopg.Connection
) -> None:
    """The first of two mornings gets its new hours, the second is held: both stay as they were."""
    earlier = make_session(starts_at=session.starts_at.replace(hour=1))
    client.force_login(kosuke)
    sent = {"closes_days": "1", "closes_time": "12:00"}
    assert client.post(f"/series/{session.series.slug}/answers/", sent).status_code == 503
    earlier.refresh_from_db()
    session.series.refresh_from_db()
    assert (earlier.rsvp_closes_at, session.series.closes_days) == (None, None)


def test_another_failure_of_the_database_is_no_wait() -> None:
    error = OperationalError()
    error.__cause__ = psycopg.errors.AdminShutdown()
    assert [waited_too_long(error), waited_too_long(ValueError())] == [False, False]
