"""What is one person's is kept by no cache that serves another; what is secret is kept by none."""

import pytest

from tests.crawl import client_of, visit
from tests.test_access import TABLE, people, things

# The same for everybody, and without anything about anybody.
FOR_ALL = {"session_picture", "series_feed", "sitemap", "robots"}
# Whether parts live: it leaves no transaction it is asked in whole.
PARTS = {"healthz", "readyz"}


@pytest.mark.parametrize("role", ["member", "host", "operator"])
def test_no_shared_cache_keeps_a_page_of_somebody(request: pytest.FixtureRequest, db: None, role: str) -> None:
    named, client = things(request), client_of(role, people(request))
    kept = {}
    for row in TABLE:
        if row.name in PARTS:
            continue
        answer = visit(client, "get", row, named)
        said = answer.headers.get("Cache-Control", "")
        if answer.status_code == 200 and not {"private", "no-store"} & set(said.replace(",", " ").split()):
            kept[row.name] = said
    assert kept.keys() <= FOR_ALL, kept
