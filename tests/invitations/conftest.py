from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from events.models import Session
from invitations import letters
from invitations.models import Invitation
from members.models import Club, Member
from speakers.models import Speaker
from tests.invitations.test_letter_page import accept


@pytest.fixture
def invite(session: Session, sato: Speaker, kosuke: Member, club: Club) -> Callable[..., Invitation]:
    """Make an invitation as the page makes it: drafted, not sent. invite(session=…, language="en")."""

    def make(**fields: Any) -> Invitation:
        values: dict[str, Any] = {"session": session, "speaker": sato, "book": sato.books.first(), "host": kosuke}
        values |= fields
        with translation.override(values.get("language", "ja")):
            drafted = letters.draft(
                values["session"], values["speaker"], values["book"], values["host"], now=timezone.now()
            )
        return Invitation.objects.create(**drafted | values)

    return make


@pytest.fixture
def sent(invite: Callable[..., Invitation], now: datetime) -> Invitation:
    """A letter that is on its way to sato."""
    invitation = invite()
    invitation.send(now=now)
    return invitation


@pytest.fixture
def guest(sent: Invitation) -> Client:
    """A browser in which sato has accepted."""
    client = Client()
    accept(sent, client)
    return client
