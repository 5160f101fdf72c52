"""The jobs of a morning as its page shows them: no query of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from events.models import Job, Session

WHAT = {
    Job.Kind.DOOR: _("greets people and keeps the list"),
    Job.Kind.CHAIR: _("opens, watches the clock, closes"),
    Job.Kind.PHOTOS: _("of those who like to be in them"),
    Job.Kind.REPORT: _("a draft is put together beforehand"),
}


@dataclass(frozen=True)
class Row:
    """One job: whose, or whether the reader may take it."""

    kind: str
    label: str
    what: str
    name: str
    romaji: str
    is_mine: bool
    may_take: bool


def column() -> ArraySubquery:
    """Who has which job, as a column of a query for sessions."""
    held = Job.objects.filter(session=OuterRef("pk")).order_by("pk")
    person = JSONObject(kind=F("kind"), member=F("member"), name=F("member__name"), romaji=F("member__romaji"))
    return ArraySubquery(held.values(found=person))


def rows(
    session: Session, held: Iterable[Mapping[str, Any]] | None, member: int | None, *, may_take: bool
) -> list[Row]:
    """Every job the series has, in its usual order."""
    by_kind = {one["kind"]: one for one in held or ()}
    found = []
    for kind in Job.Kind:
        if kind in session.series.jobs:
            one = by_kind.get(kind, {})
            mine = bool(one) and one["member"] == member
            name, romaji = one.get("name", ""), one.get("romaji", "")
            found.append(Row(kind, str(kind.label), str(WHAT[kind]), name, romaji, mine, may_take))
    return found
