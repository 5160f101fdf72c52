"""Rounds of introductions: who is proposed to whom after a morning, and what becomes of proposals by themselves."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from events.models import Attendance, Rsvp, Session
from introductions import consent
from introductions import policy as policy_module
from introductions.acquaintance import Exchange
from introductions.matching import CHOICES, Exclusions, PairKey, Person, Plan, Weights, match, topics
from introductions.models import LAPSES_AFTER, NEWCOMER_UP_TO, Introduction, Round, TooLate
from introductions.pauses import Pause
from introductions.policy import Policy
from members.levels import Level
from members.models import Block, Member

log = logging.getLogger(__name__)

# Two members' ids, the smaller one first.
Two = tuple[int, int]

# A roster closed longer ago than this gets no round any more: an import, or a scheduler that stood still.
WITHIN = timedelta(days=7)
# How many people somebody is introduced to in one round: one more than one, so that an odd number leaves nobody out.
AT_MOST = 2
# How many pairs the host's sheet names to bring together by hand.
BY_HAND = 5


@dataclass(frozen=True)
class Room:
    """Who came and may be matched, and everything that stands between two of them."""

    members: list[Member]
    mornings: Counter[int]
    resting: frozenset[int]
    exclusions: Exclusions


@transaction.atomic
def compute(session: Session, *, now: datetime, anew: bool = False, also: Two | None = None) -> Round | None:
    """The round of a closed roster: made if there is none, or if the roster was opened again since.

    `anew` chooses again as long as nothing was sent; what the host dropped stays dropped, what he locked stays if the
    rules allow it, and so do the two he wants `also`. None while it is open.
    """
    session.refresh_from_db(from_queryset=Session.objects.select_for_update())
    if session.roster_closed_at is None:
        return None
    known = Round.objects.filter(session=session).select_related("session").first()
    if known and not known.is_stale() and not (anew and known.is_waiting):
        return known
    round_ = known or Round(session=session)
    policy = Policy.of(session.series_id)
    if known is None or known.is_stale():
        round_.goes_at = policy_module.set_time(session, now=now) if _goes_by_itself(policy) else None
    round_.seed, round_.computed_at, round_.lapsed_at = session.code, now, None
    round_.choice, round_.choice_version = policy.choice, policy.version
    round_.save()
    locked = _locked(round_) | ({also: now} if also else {})
    round_.introductions.filter(dropped_at=None).delete()
    round_.pauses.update(round=None)
    room = read_room(session, _came(session), now=now)
    _keep(round_, room, _plan(room, policy.weights, locked, seed=session.code), locked, now=now)
    return round_


@transaction.atomic
def swap(introduction: Introduction, stays: Member, other: int, *, now: datetime, actor: Member | None) -> None:
    """Not these two; who `stays` meets the `other` instead, and the rest is chosen around them.

    Raises `TooLate` once it was sent, ValidationError where a rule keeps the two apart: which one is nobody's business.
    """
    introduction.side_of(stays)
    introduction.drop(now=now, actor=actor)
    low, high = sorted((stays.pk, other))
    if introduction.dropped_at is None:
        raise TooLate(_("These proposals were sent, or have lapsed."), code="late")
    round_ = compute(introduction.round.session, now=now, anew=True, also=(low, high))
    if round_ is None or not round_.introductions.filter(first=low, second=high, dropped_at=None).exists():
        raise ValidationError(_("These two cannot be introduced this time."), code="apart")


def tick(*, now: datetime) -> None:
    """Give every closed roster its round; let what the host did not send in a week lapse."""
    closed = Session.objects.filter(roster_closed_at__gt=now - WITHIN, roster_closed_at__lte=now)
    stale = Q(introduction_round__released_at=None, introduction_round__computed_at__lt=F("roster_closed_at"))
    for session in closed.filter(Q(introduction_round=None) | stale).order_by("pk"):
        compute(session, now=now)
    for round_ in Round.objects.waiting().filter(goes_at__lte=now).order_by("pk"):
        _send(round_, now=now)
    for round_ in Round.objects.filter(released_at=None, lapsed_at=None, computed_at__lte=now - LAPSES_AFTER):
        lapse(round_, now=now)
    for introduction in Introduction.objects.held_up(now).order_by("pk"):
        introduction.make_late(now=now)


@dataclass(frozen=True)
class Effect:
    """What a choice of the host's would have made of a morning: pairs, and what stands behind them."""

    choice: str
    pairs: int
    across: int
    newcomers: int
    shared: int


def effects(session: Session, *, now: datetime) -> list[Effect]:
    """All three choices on one morning, as if nobody had been introduced after it yet."""
    room = read_room(session, _came(session), now=now, afresh=True)
    plans = {name: _plan(room, weights, seed=session.code).pairs for name, weights in CHOICES.items()}
    shared = {"a_learns", "b_learns", "common_ground"}
    return [
        Effect(
            choice=name,
            pairs=len(pairs),
            across=sum("other_trade" in pair.terms for pair in pairs),
            newcomers=sum("newcomer" in pair.terms for pair in pairs),
            shared=sum(not shared.isdisjoint(pair.terms) for pair in pairs),
        )
        for name, pairs in plans.items()
    ]


@transaction.atomic
def lapse(round_: Round, *, now: datetime) -> None:
    """Nobody was asked in time. The pairs are forgotten, so that another morning may bring them together."""
    late = Round.objects.filter(pk=round_.pk, released_at=None, lapsed_at=None)
    if late.update(lapsed_at=now):
        round_.introductions.filter(asked_at=None, dropped_at=None).delete()


def _send(round_: Round, *, now: datetime) -> None:
    """At its time. Opened again in this very minute it is chosen again, and waits."""
    try:
        round_.release(now=now, actor=None)
    except ValidationError as error:
        log.info("round %s did not go: %s", round_.pk, error.messages[0])


def _goes_by_itself(policy: Policy) -> bool:
    sent = Round.objects.filter(session__series=policy.series_id, released_at__isnull=False)
    return policy.by_itself_since is not None and sent.count() >= policy_module.BY_HAND_FIRST


def _locked(round_: Round) -> dict[Two, datetime]:
    """Which pairs the host locked, and when."""
    found = round_.introductions.filter(locked_at__isnull=False, dropped_at=None)
    return {(first, second): at for first, second, at in found.values_list("first", "second", "locked_at") if at}


def in_person(session: Session, *, now: datetime) -> list[Introduction]:
    """Before and during a morning: whom the host may introduce by hand, the best first; nothing is kept.

    Of those who have a seat and agreed, by the rules of every round, each person in one pair at most.
    """
    room = read_room(session, with_a_seat(session), now=now)
    member_of = {one.pk: one for one in room.members}
    pairs = _plan(room, Policy.of(session.series_id).weights, seed=session.code, at_most=1).pairs
    found = []
    for pair in sorted(pairs, key=lambda pair: -pair.value)[:BY_HAND]:
        first, second = (member_of[int(key)] for key in pair.key)
        row = Introduction(first=first, second=second, value=pair.value, terms=dict(pair.terms))
        # As `with_people` counts: with the morning it is about.
        vars(row).update(first_came=room.mornings[first.pk] + 1, second_came=room.mornings[second.pk] + 1)
        found.append(row)
    return found


def with_a_seat(session: Session) -> list[Member]:
    """The members who are expected, in the order of their ids."""
    seated = Rsvp.objects.filter(session=session, member__is_active=True, member__joined_at__isnull=False).seated()
    return list(Member.objects.filter(rsvps__in=seated).order_by("pk"))


def _came(session: Session) -> list[Member]:
    came = Attendance.objects.came().filter(session=session, member__is_active=True, member__joined_at__isnull=False)
    return list(Member.objects.filter(attendances__in=came).order_by("pk"))


def read_room(session: Session, members: list[Member], *, now: datetime, afresh: bool = False) -> Room:
    """Read in seven queries, however many there are; `afresh` as if this session had had no introductions yet."""
    shown = Member.objects.joined().shown_around()
    agreed = set(
        consent.in_force().filter(member__in=members).filter(member__in=shown).values_list("member", flat=True)
    )
    resting = frozenset(Pause.objects.in_force(now).filter(member__in=members).values_list("member", flat=True))
    mornings = Attendance.objects.came().filter(member__in=members, session__starts_at__lte=session.starts_at)
    counted = mornings.order_by().values_list("member").annotate(n=Count("pk"))
    rules = Exclusions(
        opted_out=frozenset(key_of(one.pk) for one in members if one.pk in resting or one.pk not in agreed),
        apart=_apart(members, session if afresh else None),
        met=_met(members, session),
    )
    return Room(members, Counter(dict(counted)), resting, rules)


def _apart(members: list[Member], afresh: Session | None) -> frozenset[PairKey]:
    """Pairs that are never made: blocks of either side, who was proposed before, who has the other's card already."""
    blocks = Block.objects.filter(member__in=members, other__in=members).values_list("member", "other")
    proposed = Introduction.objects.filter(first__in=members, second__in=members)
    cards = Exchange.objects.mutual().filter(member__in=members, other__in=members)
    if afresh:
        proposed = proposed.exclude(round__session=afresh)
        cards = cards.filter(said_at__lt=afresh.starts_at)
    earlier = proposed.values_list("first", "second")
    have = cards.values_list("member", "other")
    return frozenset((key_of(a), key_of(b)) for a, b in [*blocks, *earlier, *have])


def _met(members: list[Member], session: Session) -> dict[PairKey, int]:
    """How often each two of them have been at the same earlier morning."""
    together = Attendance.objects.came().filter(
        member__in=members,
        session__starts_at__lt=session.starts_at,
        session__roster_closed_at__isnull=False,
        session__attendances__member__in=members,
        session__attendances__member__gt=F("member"),
        session__attendances__status=Attendance.Status.CAME,
    )
    counted = together.order_by().values_list("member", "session__attendances__member").annotate(n=Count("pk"))
    return {(key_of(a), key_of(b)): n for a, b, n in counted}


def _plan(room: Room, weights: Weights, locked: Iterable[Two] = (), *, seed: str, at_most: int = AT_MOST) -> Plan:
    people = [person_of(one, room.mornings[one.pk], at_most) for one in room.members]
    kept = frozenset((key_of(low), key_of(high)) for low, high in locked)
    return match(people, seed=seed, exclusions=room.exclusions, weights=weights, locked=kept)


def person_of(member: Member, mornings: int, at_most: int) -> Person:
    """What a member shows to nobody, nobody is matched by."""
    member = member.as_seen_at(Level.HOSTS)
    return Person(
        key=key_of(member.pk),
        industry=member.industry,
        newcomer=mornings <= NEWCOMER_UP_TO,
        teaches=topics(member.ask_me),
        learns=topics(member.want_to_learn),
        limit=at_most,
    )


def _keep(round_: Round, room: Room, plan: Plan, locked: Mapping[Two, datetime], *, now: datetime) -> None:
    round_.covered, round_.value = plan.covered, plan.value
    round_.left_out = {str(int(key)): reason.value for key, reason in plan.left_out.items()}
    round_.save(update_fields=["covered", "value", "left_out"])
    Introduction.objects.bulk_create(
        Introduction(
            round=round_,
            first_id=(two := (int(pair.key[0]), int(pair.key[1])))[0],
            second_id=two[1],
            value=pair.value,
            terms=dict(pair.terms),
            locked_at=locked.get(two),
        )
        for pair in plan.pairs
    )
    # Whoever rests from one round has now rested from this one.
    Pause.objects.in_force(now).filter(member__in=room.resting, until=None).update(round=round_)


def key_of(pk: int) -> str:
    """Of one length, so that the engine's order is that of the ids and `a` is the first of a pair."""
    return f"{pk:012}"
