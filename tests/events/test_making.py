from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from events.making import make_ahead
from events.models import Series, Session

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2027, 1, 5, 10, 0, tzinfo=TOKYO)


def days(series: Series) -> list[str]:
    starts = series.sessions.order_by("starts_at").values_list("starts_at", flat=True)
    return [f"{start.astimezone(series.zone):%Y-%m-%d %H:%M}" for start in starts]


def test_sessions_are_made_ahead_up_to_the_horizon_and_only_once(series: Series) -> None:
    made = make_ahead(series, now=NOW)
    assert days(series) == ["2027-01-14 07:00", "2027-02-11 07:00", "2027-03-11 07:00", "2027-04-08 07:00"]
    assert [session.is_draft for session in made] == [True] * 4
    assert make_ahead(series, now=NOW) == []


def test_the_horizon_rolls(series: Series) -> None:
    make_ahead(series, now=NOW)
    make_ahead(series, now=NOW.replace(month=2))
    assert days(series)[-1] == "2027-05-13 07:00"


def test_a_moved_or_cancelled_session_is_not_made_again(series: Series) -> None:
    first, second, *_rest = make_ahead(series, now=NOW)
    first.move(datetime(2027, 1, 20, 8, 0, tzinfo=TOKYO), now=NOW)
    second.cancel("台風", now=NOW)
    assert make_ahead(series, now=NOW) == []
    assert first.recurrence_id == date(2027, 1, 14)


def test_a_session_takes_the_values_of_its_series(series: Series) -> None:
    Series.objects.filter(pk=series.pk).update(capacity=12, fee_amount=1500, duration_minutes=90)
    series.refresh_from_db()
    session: Session = make_ahead(series, now=NOW)[0]
    assert (session.capacity, session.fee_amount, session.venue_id) == (12, 1500, series.venue_id)
    assert session.ends_at == datetime(2027, 1, 13, 23, 30, tzinfo=UTC)


def test_a_holiday_is_skipped_where_the_series_says_so(series: Series) -> None:
    series.rule += "\nX-HOLIDAYS:skip"
    series.save()
    make_ahead(series, now=NOW)
    assert days(series) == ["2027-01-14 07:00", "2027-03-11 07:00", "2027-04-08 07:00"]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "Australia/Lord_Howe"])
def test_seven_oclock_stays_seven_oclock(series: Series, zone: str) -> None:
    series.timezone = zone
    series.save()
    make_ahead(series, now=NOW)
    assert {day[-5:] for day in days(series)} == {"07:00"}


def test_a_series_without_rule_makes_nothing(series: Series, django_assert_num_queries: Callable[..., object]) -> None:
    series.rule = ""
    with django_assert_num_queries(0):
        assert make_ahead(series, now=NOW) == []
