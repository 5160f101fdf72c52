"""Looking is free: no GET writes anything, whoever looks. Mail programs and previews follow every link."""

import pytest

from outbox.models import Heartbeat
from tests.crawl import ROLES, Row, client_of, state_of_the_club
from tests.test_access import TABLE, people, things

SEEN = [row for row in TABLE if row.get != "405"]


@pytest.mark.parametrize("row", SEEN, ids=lambda row: f"{row.page} {row.note}".strip())
def test_looking_changes_nothing(row: Row, request: pytest.FixtureRequest, db: None) -> None:
    url, cast = row.url(things(request)), people(request)
    clients = {role: client_of(role, cast) for role in ROLES}
    before = state_of_the_club()
    for role, client in clients.items():
        client.get(url)
        assert (role, state_of_the_club()) == (role, before)


def test_a_write_would_be_seen(db: None, now) -> None:
    before = state_of_the_club()
    Heartbeat.beat("worker", now=now)
    Heartbeat.beat("mailer", now=now)
    after = state_of_the_club()
    assert {name for name in after if after[name] != before[name]} == {"outbox_heartbeat"}
