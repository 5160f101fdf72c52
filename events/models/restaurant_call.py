"""What a restaurant was told of a morning: how many, and what some do not eat; never who."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from events.models.session import Session
from members.fields import LineField
from members.models import Activity, Member

# A second tap within this time is the same call.
SAME_CALL_WITHIN = timedelta(minutes=2)


class RestaurantCall(models.Model):
    """One time the restaurant was told, on the telephone or otherwise."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="restaurant_calls")
    told_at = models.DateTimeField(default=timezone.now)
    caller = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="restaurant_calls"
    )
    # Who took it down there.
    to = LineField(max_length=80, blank=True)
    number = models.PositiveSmallIntegerField()
    # Of these, how many were neither guests nor seats: hosts without one.
    others = models.PositiveSmallIntegerField(default=0)
    # {what is not eaten: by how many}; erased with what members told (events/erasure.py).
    diets = models.JSONField(default=dict)

    class Meta:
        ordering = ["-told_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.session_id} {self.number}"

    @classmethod
    @transaction.atomic
    def note(
        cls, session: Session, *, number: int, others: int, diets: dict[str, int], to: str, now: datetime, actor: Member
    ) -> RestaurantCall:
        """Keep what was said; the same said twice in two minutes was said once."""
        Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        said = {"session": session, "caller": actor, "to": to, "number": number, "others": others, "diets": diets}
        same = cls.objects.filter(**said, told_at__gt=now - SAME_CALL_WITHIN).first()
        if same is not None:
            return same
        Activity.record(actor, "session.restaurant", f"session:{session.code}", now=now, number=number)
        return cls.objects.create(**said, told_at=now)
