"""Looking is free: no GET writes anything, whoever looks. Mail programs and previews follow every link."""

import pytest
from django.core.cache import cache

from outbox.models import Heartbeat
from tests.crawl import ROLES, Row, as_before, by_package, client_of, state_of_the_club
from tests.test_access import TABLE, people, things

SEEN = [row for row in TABLE if row.get != "405"]


@pytest.mark.parametrize("rows", by_package(SEEN).values(), ids=by_package(SEEN))
def test_looking_changes_nothing(rows: list[Row], request: pytest.FixtureRequest, db: None) -> None:
    named, cast = things(request), people(request)
    clients = {role: client_of(role, cast) for role in ROLES}
    before = state_of_the_club()
    for row in rows:
        cache.clear()
        for role in ROLES:
            as_before(clients[role]).get(row.url(named))
        assert (row.page, row.note, state_of_the_club()) == (row.page, row.note, before)


def test_a_write_would_be_seen(db: None, now) -> None:
    before = state_of_the_club()
    Heartbeat.beat("worker", now=now)
    Heartbeat.beat("mailer", now=now)
    after = state_of_the_club()
    assert {name for name in after if after[name] != before[name]} == {"outbox_heartbeat"}
