"""What may stand between two people, as conditions on rows that name a `first` and a `second`: asked anew each time."""

from __future__ import annotations

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery

from events.models import Attendance
from introductions import consent
from introductions.acquaintance import Exchange
from introductions.pauses import Pause
from members.concerns import Concern
from members.models import Block

_Row_co = TypeVar("_Row_co", bound=models.Model, covariant=True)


class PairQuerySet(models.QuerySet[_Row_co]):
    def not_apart(self) -> Self:
        """Both are here, and neither keeps the other away: what came later counts as much as what came before."""
        either = Q(member=OuterRef("first"), other=OuterRef("second")) | Q(
            member=OuterRef("second"), other=OuterRef("first")
        )
        return self.filter(~Exists(Block.objects.filter(either)), first__is_active=True, second__is_active=True)

    def willing(self) -> Self:
        """Nothing stands between the two, and both agree to be introduced at all."""
        return self.not_apart().in_order().filter(both_agree())

    def in_order(self) -> Self:
        """Of neither of the two were the hosts told something at which none has looked yet."""
        told = Concern.objects.open().filter(Q(about=OuterRef("first")) | Q(about=OuterRef("second")))
        return self.filter(~Exists(told))

    def strangers(self) -> Self:
        """They have not exchanged cards: who has needs no introduction any more."""
        said = Exchange.objects.filter(member=OuterRef("first"), other=OuterRef("second"))
        return self.exclude(Exists(said.mutual()))

    def awake(self, now: datetime) -> Self:
        """Neither of the two takes a rest."""
        resting = Pause.objects.in_force(now)
        return self.exclude(Exists(resting.filter(Q(member=OuterRef("first")) | Q(member=OuterRef("second")))))

    def counted(self, starts_at: str) -> Self:
        """How often each had come by the morning whose start is at that path: `first_came`, `second_came`."""
        return self.annotate(**{f"{side}_came": _came(side, starts_at) for side in ("first", "second")})


def both_agree() -> Q:
    first, second = (Exists(consent.in_force().filter(member=OuterRef(side))) for side in ("first", "second"))
    return Q(first) & Q(second)


def _came(side: str, starts_at: str) -> Subquery:
    until = Attendance.objects.came().filter(member=OuterRef(side), session__starts_at__lte=OuterRef(starts_at))
    return Subquery(until.order_by().values("member").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
