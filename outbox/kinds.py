"""The kinds of mail there are. An app registers its kinds in `AppConfig.ready()`; the outbox knows none of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from outbox.topics import Subject, Topic

if TYPE_CHECKING:
    from outbox.models import Delivery


@dataclass(frozen=True)
class Letter:
    """What a kind says about one mail once it is claimed: the values of its templates and what surrounds them.

    `version` changes when what the mail is about has changed, so that a later attempt does not tell what was true at
    the first. `about` names what the topic of its kind is about ("series:7"), where people choose by that; several
    mails in one name all their `subjects`.
    Letters to many share one `context`, the very object, and have beside it what is their reader's `own`: words the
    templates print as they are and do nothing else with. What is said to all is then rendered once (outbox/blanks.py).
    """

    context: dict[str, Any]
    own: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""
    sender_name: str = ""
    calendar: tuple[str, bytes] | None = None
    cc: tuple[str, ...] = ()
    version: str = ""
    about: str = ""
    subjects: tuple[Subject, ...] = ()


class NotNow(Exception):  # noqa: N818
    """The mail is wanted, but later: it is night where its reader is."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until:%Y-%m-%d %H:%M}")
        self.until = until


class Unwanted(Exception):  # noqa: N818
    """The mail has become useless since it was owed: moved, cancelled, left, withdrawn. The reason is kept."""


# What a kind says about one mail: what stands in it, or why it does not go.
Said = Letter | NotNow | Unwanted


@dataclass(frozen=True)
class Kind:
    """One kind of mail.

    `template` names the trio `emails/<template>_subject.txt`, `_message.txt`, `_message.html`.
    `letter(delivery)` is asked after the claim, re-reads what the mail is about, and raises `Unwanted` when it is off.
    `letters(deliveries)`, for a kind that goes to many at once, says the same for a whole list in one language, by the
    row's number and in a number of queries that does not grow with it.
    `topic` says whether people can stop it, and under which words.
    """

    name: str
    letter: "Callable[[Delivery], Letter]"
    topic: Topic
    template: str = ""
    letters: "Callable[[Sequence[Delivery]], dict[int, Said]] | None" = None

    @property
    def template_name(self) -> str:
        return self.template or self.name.replace(".", "_")

    def subjects(self, letter: Letter) -> tuple[Subject, ...]:
        """What this mail is about; empty where nothing of it can be stopped."""
        if letter.subjects:
            return letter.subjects
        return ((self.topic.value, letter.about),) if self.topic.can_stop else ()


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; each name once."""
    if kind.name in _kinds and _kinds[kind.name] != kind:
        raise ValueError(f"The kind of mail {kind.name!r} is registered twice.")
    _kinds[kind.name] = kind


def get(name: str) -> Kind:
    """The kind of that name; a row of an unknown kind is a mistake that must be seen."""
    return _kinds[name]


def all_kinds() -> list[Kind]:
    """Every kind, by name: for the gallery and for tests."""
    return [_kinds[name] for name in sorted(_kinds)]
