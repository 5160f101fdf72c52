"""A private link is the key to one page: at another page it is as good as nonsense, and it goes when its key goes."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from tests.test_access import TABLE, things

# What is secret in an address, by the name the table has for it.
SECRETS = (
    *("answer", "ask_mail", "asked", "badge", "becoming", "every_time", "favour_mail", "feed", "following", "friend"),
    *("letter", "listed", "mails", "square", "undo", "yes"),
)
# Each page that opens by one, where a stranger may look at it.
PAGES = {
    secret: next(row for row in TABLE if f"{{{secret}}}" in row.page.split() and row.get == "200")
    for secret in SECRETS
    if secret not in {"badge", "square", "following", "letter"}
} | {secret: next(row for row in TABLE if f"{{{secret}}}" in row.page.split()) for secret in ("following", "letter")}
NONSENSE = "x" * 60


def opened(secret: str, named: dict[str, str], token: str) -> tuple[int, str]:
    """What somebody who is not signed in is answered at that page with that token."""
    cache.clear()
    answer = Client().get(PAGES[secret].url(named | {secret: token}))
    body = answer.content.decode().replace(token, "") if answer.headers["Content-Type"].startswith("text/html") else ""
    return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body)


def test_a_link_of_another_kind_is_nonsense(request: pytest.FixtureRequest, db: None) -> None:
    named = things(request)
    wrong = []
    for page in PAGES:
        nothing = opened(page, named, NONSENSE)
        assert (page, opened(page, named, named[page]) == nothing) == (page, False)
        wrong += [
            (page, other) for other in SECRETS
            if other != page and "/" not in named[other] and opened(page, named, named[other]) != nothing
        ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("page", PAGES)
def test_it_lasts_as_long_as_its_key(request: pytest.FixtureRequest, db: None, settings, page: str) -> None:
    named = things(request)
    right, nothing = opened(page, named, named[page]), opened(page, named, NONSENSE)
    settings.LINK_KEYS = ["another key, put before the one of the links", *settings.LINK_KEYS]
    assert opened(page, named, named[page])[0] == right[0]
    settings.LINK_KEYS = settings.LINK_KEYS[:1]
    assert opened(page, named, named[page]) == nothing
