"""How seats are passed on as the morning comes near: hours of the wall clock, without a database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import nights
from events.models import near_start as near
from events.models.near_start import NearStart

TOKYO = ZoneInfo("Asia/Tokyo")
WALL = datetime(2026, 12, 10, 7, 0, tzinfo=TOKYO)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(7, 8), at(7, 20)),
        (at(7, 12), at(8, 8)),  # midnight: until somebody who slept has read it
        (at(7, 20, 30), at(8, 8, 30)),
        (at(7, 22), at(8, 19)),  # the mail goes at seven
        (at(8, 2), at(8, 19)),
        (at(9, 7), at(9, 19)),
        (at(9, 9), at(9, 20)),  # the evening before ends every offer
        (at(9, 17, 59), at(9, 20)),
    ],
)
def test_an_offer_stands_twelve_hours_and_ends_by_day(now: datetime, until: datetime) -> None:
    assert near.offer_until(WALL, now=now) == until


@pytest.mark.parametrize(
    ("now", "ways"),
    [
        (at(7, 6, 59), ["at_once", "at_once", "at_once"]),
        (at(7, 7), ["at_once", "offer", "first_tap"]),
        (at(9, 17, 59), ["at_once", "offer", "first_tap"]),
        (at(9, 18), ["at_once", "first_tap", "first_tap"]),  # too late to be asked
        (at(9, 20, 59), ["at_once", "first_tap", "first_tap"]),
        (at(9, 21), ["", "", ""]),
        (at(10, 6), ["", "", ""]),
    ],
)
def test_which_way_a_seat_goes(now: datetime, ways: list[str]) -> None:
    assert [near.way(WALL, chosen, now=now) for chosen in NearStart] == ways


ZONES = st.sampled_from(["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"])


@given(ZONES, st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 20)), st.integers(14 * 60, 72 * 60))
def test_who_is_asked_has_time_to_answer_by_day(zone: str, start: datetime, before: int) -> None:
    wall = start.replace(second=0, microsecond=0, hour=7, tzinfo=ZoneInfo(zone))
    now = wall.astimezone(UTC) - timedelta(minutes=before)
    if near.way(wall, NearStart.OFFER, now=now) != NearStart.OFFER:
        return
    until = near.offer_until(wall, now=now)
    told_at = nights.by_day(now, wall.tzinfo)
    assert near.ANSWER_FROM <= until.time() < near.QUIET_FROM
    assert until <= near.offers_until(wall)
    assert until - told_at >= timedelta(hours=2)
    assert until - told_at >= timedelta(hours=12) or until == near.offers_until(wall)
