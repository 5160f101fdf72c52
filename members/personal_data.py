"""What each model holds about a person, what of it is handed out to them, and what becomes of it when they leave.

Every model of the project has a policy here; a new one without fails tests/members/test_my_data.py. Apps register
their own in `AppConfig.ready()`, from a module named `personal`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import FileField, Model, Q

if TYPE_CHECKING:
    from members.models import Member

Rows = Callable[["Member"], Q]
# Rows whose files this person has sent since then.
Sent = Callable[["Member", datetime], Q]
# Codes of the sessions that are found by somebody's name.
Named = Callable[["Member"], Collection[str]]
# Done before anything is erased: raises ValidationError where it cannot be, and gives back what is held.
Leaving = Callable[["Member", datetime], None]


@dataclass(frozen=True)
class Step:
    """One thing that happens to rows when their person leaves: they are deleted, or these columns are overwritten."""

    rows: Rows
    clear: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Policy:
    """One model, by its label. `exports` are the rows handed out, without the columns in `secret`.

    `addresses` are columns by which rows belong to whoever has that mail address: they move when it does
    (members/moving.py). `opens` is the column that says since when a row opens the account: young ones go when a change
    of address is taken back.
    `named_at` are the sessions that are found by the name of the person; they follow when it changes or goes.
    `sends` are the rows whose files count towards what one person may send (members/quota.py).
    What is neither exported nor erased says `why`.
    """

    model: str
    exports: Rows | None = None
    erases: tuple[Step, ...] = ()
    secret: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    opens: str = ""
    named_at: Named | None = None
    sends: Sent | None = None
    why: str = ""


@dataclass
class _Known:
    policies: dict[str, Policy] = field(default_factory=dict)
    leaving: list[Leaving] = field(default_factory=list)


_known = _Known()


def register(*policies: Policy) -> None:
    """Make policies known; a model has one."""
    for policy in policies:
        if _known.policies.setdefault(policy.model, policy) != policy:
            raise ValueError(f"{policy.model} has two policies.")


def register_leaving(step: Leaving) -> None:
    """What an app does before one of its people is erased."""
    if step not in _known.leaving:
        _known.leaving.append(step)


def policies() -> Iterator[Policy]:
    """All of them, the last registered first: higher apps stand upon lower ones."""
    yield from reversed(_known.policies.values())


def leaving() -> list[Leaving]:
    return list(_known.leaving)


def named_at(member: Member) -> list[str]:
    """The sessions that are found by this person's name, in order: one query a model that names anybody."""
    return sorted({code for policy in policies() if policy.named_at for code in policy.named_at(member)})


def of(*names: str) -> Rows:
    """Rows in which one of these columns names the person."""

    def rows(member: Member) -> Q:
        found = Q(pk__in=[])
        for name in names:
            found |= Q(**{name: member})
        return found

    return rows


def file_columns(model: type[Model]) -> list[str]:
    """The columns of a model that lead to files."""
    return [column.name for column in model._meta.concrete_fields if isinstance(column, FileField)]  # noqa: SLF001 - Django documents it


def sent(by: str, at: str = "") -> Sent:
    """Files of whom `by` names: those sent since, by the time in `at`; without it the one there is, however old."""
    return lambda member, since: Q(**{by: member}) & (Q(**{f"{at}__gte": since}) if at else Q())


def deleted(*names: str) -> tuple[Step, ...]:
    return (Step(of(*names)),)


def cleared(name: str, /, **columns: Any) -> tuple[Step, ...]:
    return (Step(of(name), columns),)


def nothing(why: str, *models: str) -> Iterator[Policy]:
    """Models that hold nothing about a person."""
    return (Policy(model, why=why) for model in models)
