"""Before a breakfast: whom to look for. Chosen on the day before by the rules of every round, shown only as long
as both come and agree.

Two are named to each other, each to the other alone. Everybody has one, and a second where somebody else would
have nobody; nobody is named whom one has met as long as there is somebody else. Who is named stays: a later answer is
given somebody without taking anybody away.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from events.along import Passage, Section
from events.models import Session
from events.this_morning import LookFor, Word
from introductions import consent, reasons, rounds, trades
from introductions.lookouts import Lookout, LookoutRun
from introductions.matching import Pair, match
from introductions.models import Introduction
from introductions.policy import Policy
from introductions.rounds import Room, Two
from members import portraits
from members.levels import Level
from members.models import Member

# How many people somebody is told to look for.
AT_MOST = 2
# No day before begins longer ahead of its morning than this, wherever people meet.
AHEAD = timedelta(hours=50)


def tick(*, now: datetime) -> None:
    """Choose for every morning of the next day, and again where somebody has answered or agreed since.

    What was chosen is forgotten when the morning is over.
    """
    at = F("lookout_run__at")
    said = Q(rsvps__answered_at__gt=at) | Q(rsvps__seated_at__gt=at)
    agreed = Q(rsvps__member__consents__kind=consent.KIND, rsvps__member__consents__given_at__gt=at)
    near = Session.objects.on().filter(starts_at__gt=now, starts_at__lt=now + AHEAD)
    for session in near.filter(Q(lookout_run=None) | said | agreed).distinct().order_by("pk"):
        if now.astimezone(session.zone).date() >= session.local_start.date() - timedelta(days=1):
            choose(session, now=now)
    Lookout.objects.filter(session__ends_at__lte=now).delete()


@transaction.atomic
def choose(session: Session, *, now: datetime) -> None:
    """Somebody to look for, for everybody who has nobody yet; who was named and still stands stays."""
    run, _made = LookoutRun.objects.select_for_update().get_or_create(session=session, defaults={"at": now})
    known = Lookout.objects.filter(session=session)
    have = set(known.standing(now).values_list("first", "second"))
    known.exclude(pk__in=known.standing(now).values("pk")).delete()
    room = rounds.read_room(session, rounds.with_a_seat(session), now=now)
    found: list[Pair] = []
    # Each time one more at most for everybody: the second is for who would have nobody.
    for also_known in (False, False, True, True):
        more = _more(room, have, session, also_known=also_known)
        have |= {_ids(pair) for pair in more}
        found += more
    Lookout.objects.bulk_create(_row(session, pair) for pair in found)
    run.at = now
    run.save(update_fields=["at"])


def look_for(session: Session, members: Collection[Member], *, now: datetime) -> Mapping[int, list[Introduction]]:
    """Whom each of these members may look for, the best first. One query; nothing is chosen here, nothing saved."""
    rows = Lookout.objects.filter(session=session).of(members).standing(now).counted("session__starts_at")
    found: dict[int, list[Introduction]] = defaultdict(list)
    wanted = {one.pk for one in members}
    for row in rows.select_related("first", "second").order_by("-value", "pk"):
        for pk in wanted & {row.first_id, row.second_id}:
            found[pk].append(_as_introduction(row))
    return found


def word(session: Session, member: Member) -> Word:
    """For the page of the morning, for this member alone."""
    found = look_for(session, [member], now=timezone.now()).get(member.pk, ())
    portraits.show(member, (pair.other(member) for pair in found))
    return Word(look_for=tuple(_told(pair, member) for pair in found))


def section(session: Session, members: Collection[Member]) -> Mapping[int, Section]:
    """For the mail of the evening before: asked when it goes, so that what was taken back since is not said."""
    found = look_for(session, members, now=timezone.now())
    return {
        one.pk: Section(_("Whom to look for"), [_passage(pair, one) for pair in found[one.pk]], _foot())
        for one in members
        if one.pk in found
    }


def _told(pair: Introduction, me: Member) -> LookFor:
    other = pair.other(me).as_seen_at(Level.HOSTS)
    why, question = reasons.beforehand(pair, me)
    return LookFor(other.name, other.yomi, other.romaji, trades.word(other), why, question, other.photo_url)


def _passage(pair: Introduction, me: Member) -> Passage:
    why, question = reasons.beforehand(pair, me)
    other = pair.other(me).as_seen_at(Level.HOSTS)
    words = _("A first question:") + " " + _("“%(question)s”") % {"question": question}
    return Passage(reasons.called(other), trades.word(other), (why, words))


def _foot() -> str:
    return _("You are named to each other, and to nobody else. The badge says who is who.")


def _more(room: Room, have: Collection[Two], session: Session, *, also_known: bool) -> Sequence[Pair]:
    """The best further pairs, one for each person at most, each of use to somebody who has none."""
    taken = Counter(one for pair in have for one in pair)
    people = [rounds.person_of(one, room.mornings[one.pk], int(taken[one.pk] < AT_MOST)) for one in room.members]
    served = combinations(map(rounds.key_of, sorted(taken)), 2)
    apart = room.exclusions.apart | set(served) | (frozenset() if also_known else frozenset(room.exclusions.met))
    rules = replace(room.exclusions, apart=apart)
    return match(people, seed=session.code, exclusions=rules, weights=Policy.of(session.series_id).weights).pairs


def _ids(pair: Pair) -> Two:
    first, second = (int(key) for key in pair.key)
    return first, second


def _row(session: Session, pair: Pair) -> Lookout:
    first, second = _ids(pair)
    return Lookout(session=session, first_id=first, second_id=second, value=pair.value, terms=dict(pair.terms))


def _as_introduction(row: Lookout) -> Introduction:
    """The same two as the reasons read them; never saved."""
    pair = Introduction(first=row.first, second=row.second, value=row.value, terms=row.terms)
    vars(pair).update({name: vars(row)[name] for name in ("first_came", "second_came")})
    return pair
