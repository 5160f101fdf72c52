import logging

import pytest

from config.logs import MaskSecrets, mask

TOKEN = "eyJtIjo1OTQxfQ:-eiCXvRoQSwi"


@pytest.mark.parametrize(
    "address",
    ["/answer/{}/", "/mails/{}/stop/", "/inbound/{}/", "/introductions/answer/{}/", "/letters/abcdefghij/{}/"],
)
def test_the_secret_of_an_address_is_masked(address: str) -> None:
    assert mask("Not Found: " + address.format(TOKEN)) == "Not Found: " + address.format("…")


def test_the_secret_of_a_calendar_is_masked() -> None:
    assert mask(f"/calendar/abcdefghij/{TOKEN}.ics") == "/calendar/abcdefghij/…"


def test_other_addresses_stay() -> None:
    assert mask("/sessions/abcdefghij/introductions/release/") == "/sessions/abcdefghij/introductions/release/"


def test_a_record_is_masked_in_its_arguments() -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Gone", f"/answer/{TOKEN}/"), None)
    assert MaskSecrets().filter(record)
    assert record.getMessage() == "Gone: /answer/…/"
