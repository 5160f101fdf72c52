"""This morning: the hours from the evening before until the end. Apps above say what they know of it by registering."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from events.models import Session
from members.models import Member

# From this hour of the evening before, the page of the morning is on.
EVENING = time(18, 0)


@dataclass(frozen=True)
class Neighbour:
    """Somebody at the same table who lets the room see their name."""

    name: str
    yomi: str
    romaji: str
    trade: str
    photo_url: str = ""


@dataclass(frozen=True)
class LookFor:
    """Somebody to look for at breakfast: why, and with which first question."""

    name: str
    yomi: str
    romaji: str
    trade: str
    why: str
    question: str
    photo_url: str = ""


@dataclass(frozen=True)
class Word:
    """What an app above says to one person about this morning. `table` counts from 1, 0 is none."""

    table: int = 0
    people: int = 0
    neighbours: Sequence[Neighbour] = ()
    look_for: Sequence[LookFor] = ()


@dataclass(frozen=True)
class Company:
    """What an app above knows of a guest for the door, in the guest's own words: with how many, whom, and how."""

    people: int = 0
    names: str = ""
    arrival: str = ""


Provider = Callable[[Session, Member], Word]
# By the code of the guest.
Escort = Callable[[Session], Mapping[str, Company]]
_providers: list[Provider] = []
_escorts: list[Escort] = []


def register(provider: Provider) -> None:
    """Add a provider; it answers for one person and one session in one query."""
    if provider not in _providers:
        _providers.append(provider)


def register_company(escort: Escort) -> None:
    """Add who knows whom the guests of a session bring; it answers for all of them in one query."""
    if escort not in _escorts:
        _escorts.append(escort)


def company(session: Session) -> dict[str, Company]:
    """Who comes in with each guest, by the guest's code."""
    return {code: found for escort in _escorts for code, found in escort(session).items()}


def word(session: Session, member: Member) -> Word:
    """All that is said to this person: the first table there is, everybody to look for."""
    words = [provider(session, member) for provider in _providers]
    at_table = next((one for one in words if one.table), Word())
    look_for = tuple(found for one in words for found in one.look_for)
    return Word(at_table.table, at_table.people, at_table.neighbours, look_for)


def begins_at(session: Session) -> datetime:
    """From when on the page of the morning is there: the evening before, by the clock where people meet."""
    evening = session.local_start.date() - timedelta(days=1)
    return datetime.combine(evening, EVENING, tzinfo=session.zone)


def is_on(session: Session, *, now: datetime) -> bool:
    """Whether it is that evening or that morning of a session that takes place."""
    takes_place = session.published_at is not None and session.cancelled_at is None
    return takes_place and begins_at(session) <= now < session.ends_at
