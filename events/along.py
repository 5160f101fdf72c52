"""What apps above have to say to somebody in a reminder that goes anyway: what falls together is one mail."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from events.models import Session
from members.models import Member


@dataclass(frozen=True)
class Passage:
    """One thing under a heading of its own; `standing` stands small beside it, the link last."""

    title: str
    standing: str = ""
    lines: Sequence[str] = ()
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Section:
    """What one app says, below what the reminder itself says."""

    heading: str = ""
    passages: Sequence[Passage] = ()
    foot: str = ""


# What is said of that session to each of these members, by their id; nothing to who is not among the keys.
Provider = Callable[[Session, Collection[Member]], Mapping[int, Section]]
_providers: dict[str, list[Provider]] = {}


def register(template: str, provider: Provider) -> None:
    """Add a provider to one kind of reminder; it answers for all its readers in one query, in the active language."""
    known = _providers.setdefault(template, [])
    if provider not in known:
        known.append(provider)


def sections(template: str, session: Session, members: Collection[Member]) -> dict[int, tuple[Section, ...]]:
    """All there is to say to each of them, in the order the apps registered."""
    told = [provider(session, members) for provider in _providers.get(template, ())]
    return {one.pk: tuple(found[one.pk] for found in told if one.pk in found) for one in members}


def version(said: Sequence[Section]) -> str:
    """Changes with what is said: a mail that has to be sent once more does not say what was taken back meanwhile."""
    return blake2b(repr(said).encode(), digest_size=8).hexdigest() if said else ""
