"""A morning that is over and closed, and people who agreed to be introduced."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Attendance, Session
from introductions import consent
from introductions.models import Introduction, Round
from members.models import Member


@pytest.fixture(autouse=True)
def _all_by_day(by_day: None) -> None:
    """What is sent here mostly keeps the night."""


@pytest.fixture
def agree() -> Callable[..., None]:
    """agree(hana, ken): they want to be introduced."""

    def say(*members: Member) -> None:
        for member in members:
            consent.give(member, now=timezone.now())

    return say


@pytest.fixture
def make_morning(make_session: Callable[..., Session]) -> Callable[..., Session]:
    """make_morning(hana, ken, days=30): those came, so long ago, and the roster is closed."""

    def make(*members: Member, days: int = 0, **fields) -> Session:
        start = timezone.now() - timedelta(days=days, hours=3)
        closed = start + timedelta(hours=2)
        session = make_session(**{"starts_at": start, "roster_closed_at": closed, "number": None} | fields)
        Attendance.objects.bulk_create(Attendance(session=session, member=member) for member in members)
        return session

    return make


@pytest.fixture
def morning(make_morning: Callable[..., Session], agree: Callable[..., None], hana: Member, ken: Member) -> Session:
    """hana and ken came this morning, and both agreed."""
    agree(hana, ken)
    return make_morning(hana, ken, number=36)


@pytest.fixture
def asked(morning: Session, hana: Member, ken: Member) -> Introduction:
    """hana and ken have been asked about each other."""
    from introductions import rounds

    round_ = rounds.compute(morning, now=timezone.now())
    assert isinstance(round_, Round)
    round_.release(now=timezone.now(), actor=None)
    return Introduction.objects.get()
