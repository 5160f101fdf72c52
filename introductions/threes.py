"""Three who meet at once: two introductions of a morning with one person in both, joined when all three like threes.

Pairs are what is solved for and what is asked; a three is made of pairs that were accepted, so a no leaves a pair. The
rule, also in docs/introductions.md: when a pair is made, and one of the two was introduced to a third after the same
morning, the three are introduced together if each likes threes, is in no other three of that morning, takes
introductions, and nothing stands between any of them; the two who were not asked about each other must never have been
proposed to each other in vain. Among several thirds it is the one with the smallest id.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import combinations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from introductions import consent, openness
from introductions.acquaintance import Exchange
from introductions.models import Introduction, Round
from members.models import Block, Member
from outbox.models import Delivery, Lane

Pair = frozenset[int]


class ThreeQuerySet(models.QuerySet["Three"]):
    def of(self, *members: int) -> ThreeQuerySet:
        """Those in which all of these are."""
        found = self
        for one in members:
            found = found.filter(Q(first=one) | Q(second=one) | Q(third=one))
        return found

    def with_people(self) -> ThreeQuerySet:
        return self.select_related("first", "second", "third", "round__session__series")


class Three(models.Model):
    """Three of one round, in the order of their ids."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="threes")
    first = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    third = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()

    objects = ThreeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="three_ordered", condition=Q(first__lt=F("second")) & Q(second__lt=F("third"))),
            models.UniqueConstraint(fields=["round", "first", "second", "third"], name="three_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} – {self.second_id} – {self.third_id}"

    @property
    def people(self) -> tuple[Member, Member, Member]:
        return self.first, self.second, self.third


def third_of(
    pair: Pair, made: Collection[Pair], likes: Collection[int], apart: Collection[Pair], taken: Collection[int]
) -> int | None:
    """Who joins a pair that was just made, by the rule above. Pure.

    `made` are the pairs of the round that were accepted, `apart` those that must not be brought together, `taken` who
    is in a three already.
    """
    joined = {one for known in made if known != pair and known & pair for one in known - pair}
    fits = (
        one
        for one in sorted(joined)
        if not {one, *pair} - set(likes)
        and not {one, *pair} & set(taken)
        and not any(frozenset(two) in apart for two in combinations((one, *pair), 2))
    )
    return next(fits, None)


def join(introduction: Introduction, *, now: datetime) -> bool:
    """Introduce three at once where the rule says so, in the caller's transaction; whether it was done.

    The round is locked: nobody comes into two threes.
    """
    round_ = Round.objects.select_for_update(of=("self",)).get(pk=introduction.round_id)
    rows = Introduction.objects.filter(round=round_, made_at__isnull=False).exclude(pk=introduction.pk)
    pair = frozenset((introduction.first_id, introduction.second_id))
    made = {frozenset(two) for two in rows.values_list("first", "second")} | {pair}
    people = {one for two in made if two & pair for one in two}
    if people == pair:
        return False
    likes = openness.asked_for(Member.objects.joined().shown_around().filter(pk__in=people), "threes")
    likes = likes.filter(pk__in=consent.in_force().values("member"))
    taken = {one for three in round_.threes.all() for one in (three.first_id, three.second_id, three.third_id)}
    third = third_of(pair, made, set(likes.values_list("pk", flat=True)), _apart(people, introduction), taken)
    if third is None:
        return False
    low, middle, high = sorted({*pair, third})
    three = Three.objects.create(round=round_, first_id=low, second_id=middle, third_id=high, made_at=now)
    for two in map(frozenset, combinations((low, middle, high), 2)):
        if two not in made:
            _exchange(*two, now=now)
    Delivery.objects.owe_many([_mail(three, one) for one in three.people])
    return True


def _apart(people: Collection[int], made: Introduction) -> set[Pair]:
    """Blocks of either side, and who was proposed to each other and not introduced."""
    blocks = Block.objects.filter(member__in=people, other__in=people).values_list("member", "other")
    in_vain = Introduction.objects.filter(first__in=people, second__in=people, made_at=None)
    # The pair that is being made at this moment is not written down as made yet.
    in_vain = in_vain.exclude(pk=made.pk)
    return {frozenset(two) for two in [*blocks, *in_vain.values_list("first", "second")]}


def _exchange(one: int, other: int, *, now: datetime) -> None:
    """The two who met through the third: each has the other's card."""
    people = Member.objects.get_queryset().in_bulk([one, other])
    for member, whom in ((one, other), (other, one)):
        Exchange.say(people[member], people[whom], session=None, now=now)


def _mail(three: Three, member: Member) -> Delivery:
    return Delivery(
        kind="intro.three",
        key=f"intro.three:{three.pk}:{member.pk}",
        to=member.email,
        language=member.language,
        context={"three": three.pk, "member": member.pk},
        lane=Lane.ANSWER,
    )
