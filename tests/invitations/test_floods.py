"""A host's letters cannot flood one guest, nor many at once (reliability M15)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from events.models import Session
from invitations.models import Invitation
from outbox.models import Delivery
from speakers.models import Speaker


def test_three_letters_to_one_address_in_a_day_are_enough(
    invite: Callable[..., Invitation], make_session: Callable[..., Session], now: datetime
) -> None:
    for days in range(3):
        invite(session=make_session(starts_at=now + timedelta(days=30 + days))).send(now=now)
    fourth = invite(session=make_session(starts_at=now + timedelta(days=40)))
    with pytest.raises(ValidationError, match="3通まで"):
        fourth.send(now=now)
    fourth.refresh_from_db()
    assert (Delivery.objects.filter(kind="guest.letter").count(), fourth.state) == (3, Invitation.State.IDEA)
    Delivery.objects.update(created_at=now - timedelta(days=1))
    fourth.send(now=now)
    assert Delivery.objects.filter(kind="guest.letter").count() == 4


def test_twenty_letters_of_one_host_in_an_hour_are_enough(
    invite: Callable[..., Invitation], make_session: Callable[..., Session], now: datetime
) -> None:
    def letter(number: int) -> Invitation:
        speaker = Speaker.objects.create(name=f"著者 {number}", email=f"author{number}@example.com")
        return invite(session=make_session(starts_at=now + timedelta(days=30 + number)), speaker=speaker, book=None)

    for number in range(20):
        letter(number).send(now=now)
    last = letter(20)
    with pytest.raises(ValidationError, match="20通まで"):
        last.send(now=now)
    last.refresh_from_db()
    last.send(now=now + timedelta(hours=1, seconds=1))
    assert Delivery.objects.filter(kind="guest.letter").count() == 21
