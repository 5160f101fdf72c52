"""Who sits at the table: trades for everybody, names for those who come themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from config.prepared import Prepared, number
from events.models import Attendance, Details, Rsvp, Session
from events.models.series import Viewer
from members import portraits
from members.industries import Industry
from members.levels import Level
from members.models import Member
from members.profile import photo_url
from members.readers import Reader

# Below this, a picture of the trades would point at persons.
MIX_FROM = 5
COLUMNS = tuple(
    f"member__{name}" for name in ("name", "yomi", "romaji", "role", "role_level", "industry", "industry_level")
)
PICTURED = (*COLUMNS, "member__code", "photo")


@dataclass(frozen=True)
class Person:
    """Somebody who lets those of the same morning see their name."""

    name: str
    romaji: str
    trade: str
    photo_url: str = ""

    @property
    def called(self) -> str:
        """As a mail calls people: 有馬 花さん, Hana Arima."""
        return f"{self.name}さん" if get_language() == "ja" else self.romaji or self.name


@dataclass(frozen=True)
class Question:
    """A question to the guest. Who asks is not told: it was written for the guest."""

    text: str


@dataclass(frozen=True)
class Room:
    """The people of one morning as far as this reader may know them."""

    number: int = 0
    mix: Sequence[tuple[str, int]] = ()
    people: Sequence[Person] = ()
    questions: Sequence[Question] = ()
    shows_people: bool = False

    @property
    def unnamed(self) -> int:
        """How many let nobody see the name, or not this reader."""
        return self.number - len(self.people)

    @property
    def trades(self) -> int:
        return len(self.mix)


def preview(member: Member) -> Person:
    """How somebody would stand in the list of those who come."""
    row = {column: getattr(member, column.removeprefix("member__")) for column in COLUMNS}
    return Person(member.name, member.romaji, _trade(row))


def come(session: Session, viewer: Viewer | None = None, *, names: bool) -> Room:
    """Those who have a seat, in one query, of as many rows as there are trades unless names are shown."""
    if not names or not isinstance(viewer, Member):
        return Room(number=session.seats_taken, mix=_mix(_by_trade(COMING, session)))
    rows = _coming(Reader.of(viewer)).dicts(session=session.pk, reader=viewer.pk)
    questions = tuple(Question(row["question"]) for row in rows if row["question"])
    return Room(session.seats_taken, _mix(_counted(rows)), _people(rows), questions, shows_people=True)


def for_guest(session: Session) -> Room:
    """Whom the guests of the morning meet: without those they bring, and nobody by name."""
    room = come(session, names=False)
    return replace(room, number=room.number - session.guest_seats)


def were_there(session: Session, viewer: Viewer, *, names: bool) -> Room:
    """Those who came, as the door marked them."""
    if not names or not isinstance(viewer, Member):
        counts = _by_trade(CAME, session)
        return Room(number=sum(counts.values()), mix=_mix(counts))
    rows = _came(Reader.of(viewer)).dicts(session=session.pk, reader=viewer.pk)
    return Room(len(rows), _mix(_counted(rows)), _people(rows), shows_people=True)


def company(session: Session, reader: Member) -> Room:
    """Whom this reader had breakfast with: the others who came, for the mail of that day. One query."""
    others = Attendance.objects.came().filter(session=session).exclude(member=reader)
    rows = list(_named(others, reader).values(*COLUMNS, "named"))
    return Room(len(rows), people=_people(rows), shows_people=True)


@cache
def _coming(reader: Reader) -> Prepared[Rsvp]:
    seated = Rsvp.objects.filter(session=number("session")).seated()
    return Prepared(lambda: _pictured(seated, reader.member).values(*PICTURED, "named", "question"))


@cache
def _came(reader: Reader) -> Prepared[Attendance]:
    came = Attendance.objects.came().filter(session=number("session"))
    return Prepared(lambda: _pictured(came, reader.member).values(*PICTURED, "named"))


def _named(rows: QuerySet[Any], viewer: Member) -> QuerySet[Any]:
    """By reading, and of whom this reader may be told the name: who agreed to be listed, this time or in general."""
    near = Member.objects.get_queryset().visible_to(viewer).shown_around(viewer).filter(pk=OuterRef("member"))
    told = Details.objects.filter(rsvp__session=OuterRef("session"), rsvp__member=OuterRef("member"))
    in_general = Case(When(member__listed_at__isnull=False, then=True), default=False)
    agreed = Coalesce(Subquery(told.values("is_listed")[:1]), in_general, output_field=BooleanField())
    named = Q(agreed) & Q(Exists(near))
    found: QuerySet[Any] = rows.annotate(named=named).order_by("member__reading", "pk")
    return found


def _pictured(rows: QuerySet[Any], viewer: Member) -> QuerySet[Any]:
    """The same with photos. Being listed says nothing of one: it is there for who is as near as its owner said."""
    found: QuerySet[Any] = _named(rows, viewer).annotate(photo=portraits.of(viewer, "member"))
    return found


def _trades(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """How many of each trade; friends, and people without one or who show it to nobody, count under an empty code."""
    shown = Case(When(member__industry_level__gt=Level.NOBODY, then=F("member__industry")), default=Value(""))
    of_session = rows.filter(session=number("session")).order_by()
    counted: QuerySet[Any, Any] = of_session.values(shown=shown).annotate(n=Count("pk"))
    return counted


COMING, CAME = (
    Prepared(lambda: _trades(Rsvp.objects.seated())),
    Prepared(lambda: _trades(Attendance.objects.came())),
)


def _by_trade(rows: Prepared[Any], session: Session) -> Counter[str]:
    return Counter({row["shown"] or "": row["n"] for row in rows.dicts(session=session.pk)})


def _counted(rows: Sequence[dict[str, Any]]) -> Counter[str]:
    return Counter(row["member__industry"] if row["member__industry_level"] else "" for row in rows)


def _mix(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    known = sorted(((code, number) for code, number in counts.items() if code), key=lambda one: (-one[1], one[0]))
    if sum(number for _code, number in known) < MIX_FROM:
        return ()
    return tuple((str(Industry(code).label), number) for code, number in known)


def _people(rows: Sequence[dict[str, Any]]) -> tuple[Person, ...]:
    """Only those who were asked and agreed to be listed, as far as the reader may meet them."""
    return tuple(
        Person(row["member__name"], row["member__romaji"], _trade(row), _photo(row)) for row in rows if row["named"]
    )


def _photo(row: dict[str, Any]) -> str:
    return photo_url(row["member__code"], row["photo"]) if row.get("photo") else ""


def _trade(row: dict[str, Any]) -> str:
    """As far as the room may know it."""
    role = str(row["member__role"]) if row["member__role_level"] >= Level.MORNING else ""
    industry = row["member__industry"] if row["member__industry_level"] >= Level.MORNING else ""
    if role and get_language() == "ja":
        return role
    return str(Industry(industry).label) if industry else role
