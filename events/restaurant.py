"""How many covers a morning needs, what some do not eat, and what the restaurant knows of it so far."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from events import dates
from events import restaurant_words as words
from events.models import Details, RestaurantCall, Rsvp, Session, TalkSpeaker
from events.next_steps import Step

# So long before the day on which a first number is due the desk begins to ask.
ASK_BEFORE = timedelta(days=2)
# The hour of the final number is on the desk so long before.
NUMBER_BEFORE = timedelta(days=2)
# From here on a difference is urgent.
SOON = timedelta(days=2)


@dataclass(frozen=True)
class Order:
    """What a kitchen needs to know. `diets` says by how many something is not eaten; no name is in it."""

    seats: int = 0
    guests: int = 0
    others: int = 0
    diets: Mapping[str, int] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.seats + self.guests + self.others

    @property
    def special(self) -> int:
        """How many do not eat everything."""
        return sum(self.diets.values())


@dataclass(frozen=True)
class Standing:
    """A morning's order as it is now, and the last call, if there was one."""

    order: Order
    last: RestaurantCall | None

    @property
    def is_known(self) -> bool:
        """Whether the restaurant knows it as it is."""
        said = (self.last.number, dict(self.last.diets)) if self.last else None
        return said == (self.order.number, self.order.diets)


def standings(sessions: list[Session]) -> dict[int, Standing]:
    """Orders and last calls by session id: three queries for any number of sessions.

    Who is neither guest nor has a seat is as many as in the last call.
    """
    pks = [session.pk for session in sessions]
    calls = RestaurantCall.objects.filter(session__in=pks).order_by("session", "-told_at", "-pk").distinct("session")
    last = {call.session_id: call for call in calls}
    for session in sessions:
        if session.pk in last:
            last[session.pk].session = session
    guests, diets = _guests(pks), _diets(pks)
    return {
        session.pk: Standing(
            Order(
                session.seats_taken,
                guests[session.pk],
                call.others if (call := last.get(session.pk)) else 0,
                _by_number(diets.get(session.pk, Counter()) + Counter(map(_written, session.guest_diets))),
            ),
            last.get(session.pk),
        )
        for session in sessions
    }


def _guests(pks: list[int]) -> Counter[int]:
    """How many speak who have no seat of their own."""
    seated = Rsvp.objects.seated().filter(session=OuterRef("talk__session"), member=OuterRef("speaker__member"))
    speaking = TalkSpeaker.objects.filter(~Exists(seated), talk__session__in=pks)
    return Counter(session for session, _one in speaking.values_list("talk__session", "speaker").distinct())


def _diets(pks: list[int]) -> dict[int, Counter[str]]:
    """What those with a seat told, the same words counted together."""
    told = Details.objects.filter(rsvp__session__in=pks, rsvp__seated_at__isnull=False).exclude(diet="")
    found: dict[int, Counter[str]] = {}
    for session, diet in told.values_list("rsvp__session", "diet"):
        found.setdefault(session, Counter())[_written(diet)] += 1
    return found


def _written(diet: str) -> str:
    """The same words, however they are typed, are the same."""
    return unicodedata.normalize("NFKC", diet).strip(" 。.")


def _by_number(diets: Counter[str]) -> dict[str, int]:
    """The most frequent first, then by their words."""
    return dict(sorted(diets.items(), key=lambda one: (-one[1], one[0])))


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """The first number when the restaurant wants it, the final one by its hour, and every difference since.

    Three queries for any number of sessions.
    """
    ahead = [one for one in sessions if not one.is_draft and not one.is_cancelled and one.starts_at > now]
    known = standings(ahead) if ahead else {}
    for session in ahead:
        standing = known[session.pk]
        if _final_is_due(session, standing, now=now):
            yield _final(session, standing, now=now)
        elif standing.last is None:
            if _first_is_due(session, now=now):
                yield _step(session, 1, _("Tell the restaurant how many"), words.since(standing.last, standing.order))
        elif not standing.is_known:
            urgency = 0 if session.starts_at - now < SOON else 1
            what = _("The restaurant has a different number")
            yield _step(session, urgency, what, words.since(standing.last, standing.order))


def _final_is_due(session: Session, standing: Standing, *, now: datetime) -> bool:
    """In the last days before the hour, unless it was told in these days and still holds."""
    due = session.headcount_at
    if due is None or not due - NUMBER_BEFORE <= now < due:
        return False
    last = standing.last
    return not (last and standing.is_known and last.told_at >= due - NUMBER_BEFORE)


def _final(session: Session, standing: Standing, *, now: datetime) -> Step:
    assert session.headcount_at is not None  # noqa: S101 - it is due
    local = session.headcount_at.astimezone(session.zone)
    today = local.date() == now.astimezone(session.zone).date()
    what = _("Tell the restaurant the number by %(when)s") % {"when": dates.instant(local)}
    step = _step(session, 0 if today else 1, what, words.since(standing.last, standing.order))
    return replace(step, chip=_("Today") if today else "")


def _first_is_due(session: Session, *, now: datetime) -> bool:
    venue = session.venue
    if venue is None or venue.provisional_days is None:
        return False
    return now >= session.starts_at - timedelta(days=venue.provisional_days) - ASK_BEFORE


def _step(session: Session, urgency: int, what: str, why: str) -> Step:
    return Step(
        session=session,
        urgency=urgency,
        what=what,
        why=why,
        url=reverse("restaurant", args=[session.code]),
        label=_("What to say"),
    )
