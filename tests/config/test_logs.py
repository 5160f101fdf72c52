import logging
import re
from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from config.logs import MaskSecrets, mask

TOKEN = "eyJtIjo1OTQxfQ:-eiCXvRoQSwi"


def routes(patterns: Iterable[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for one in patterns:
        route = before + str(one.pattern)
        yield from routes(one.url_patterns, route) if isinstance(one, URLResolver) else [route]


def test_the_secret_of_every_address_is_masked() -> None:
    """Also of one that is added: whatever a route calls its token or its secret."""
    found = [route for route in routes(get_resolver().url_patterns) if re.search("<str:(token|secret)>", route)]
    addresses = [re.sub("<slug:[a-z]+>", "abcdefghij", route) for route in found]
    said = {mask(f"Gone: {re.sub('<str:[a-z]+>', TOKEN, one)}") for one in addresses}
    assert len(found) > 20
    assert [one for one in said if "…" not in one or TOKEN in one] == []


def test_the_secret_of_a_calendar_is_masked() -> None:
    assert mask(f"/calendar/abcdefghij/{TOKEN}.ics") == "/calendar/abcdefghij/…"


def test_other_addresses_stay() -> None:
    assert mask("/sessions/abcdefghij/introductions/release/") == "/sessions/abcdefghij/introductions/release/"


def test_a_record_is_masked_in_its_arguments() -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Gone", f"/answer/{TOKEN}/"), None)
    assert MaskSecrets().filter(record)
    assert record.getMessage() == "Gone: /answer/…/"
