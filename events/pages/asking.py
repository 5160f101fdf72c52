"""What is asked once somebody has answered: none of it is needed, all of it is read with the session's own query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, JSONField, OuterRef, Subquery, Value
from django.db.models.functions import JSONObject

from events.models import Details, Question, Remembered, Reply
from events.pages.people import Person, preview

if TYPE_CHECKING:
    from members.models import Member

# What the form asks of everybody, beside the host's questions.
TOLD = ("diet", "phone", "no_pictures", "near_door", "with_known")
# What a stranger is asked, without asking the database.
NOTHING_ASKED = {"details": Value(None, JSONField()), "remembered": Value(None, JSONField())}


@dataclass(frozen=True)
class Asked:
    """One question of the host, with the reader's reply."""

    pk: int
    text: str
    kind: str
    choices: Sequence[str]
    reply: str = ""


@dataclass(frozen=True)
class Asking:
    """What the form begins with. `asks_listing`: whether to be listed was never asked; `shown` is how it would look."""

    diet: str = ""
    phone: str = ""
    no_pictures: bool = False
    near_door: bool = False
    with_known: bool = False
    listed: bool = False
    is_told: bool = False
    asks_listing: bool = False
    shown: Person | None = None
    questions: Sequence[Asked] = field(default_factory=tuple)

    @property
    def initial(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in TOLD}
        replies = {f"question{one.pk}": one.reply for one in self.questions}
        return told | replies | ({} if self.asks_listing else {"listed": self.listed})


def columns(viewer: Member) -> dict[str, Any]:
    """Columns of a query for sessions: what this viewer told before, and what the host asks."""
    mine = {"rsvp__session": OuterRef("pk"), "rsvp__member": viewer.pk}
    told = JSONObject(is_listed=F("is_listed"), **{name: F(name) for name in TOLD})
    kept = JSONObject(diet=F("diet"), was_asked=F("listing_asked_at"))
    reply = Reply.objects.filter(question=OuterRef("pk"), rsvp__member=viewer.pk).values("text")[:1]
    asked = JSONObject(pk=F("pk"), text=F("text"), kind=F("kind"), choices=F("choices"), reply=Subquery(reply))
    questions = Question.objects.filter(session=OuterRef("pk")).order_by("position", "pk")
    return {
        "details": Subquery(Details.objects.filter(**mine).values(found=told)[:1]),
        "remembered": Subquery(Remembered.objects.filter(member=viewer.pk).values(found=kept)[:1]),
        "asks": ArraySubquery(questions.values(found=asked)),
    }


def of(session: Any, viewer: Member) -> Asking:
    """What this viewer is asked, from a session as `columns` makes it."""
    told, kept = session.details or {}, session.remembered or {}
    listed = told.get("is_listed")
    return Asking(
        diet=told["diet"] if told else kept.get("diet", ""),
        phone=told.get("phone", ""),
        no_pictures=told.get("no_pictures", False),
        near_door=told.get("near_door", False),
        with_known=told.get("with_known", False),
        listed=viewer.listed_at is not None if listed is None else listed,
        is_told=bool(told),
        asks_listing=viewer.listed_at is None and not kept.get("was_asked"),
        shown=preview(viewer),
        questions=[Asked(**{**one, "reply": one["reply"] or ""}) for one in session.asks],
    )
