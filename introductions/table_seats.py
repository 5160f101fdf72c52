"""Where everybody sits: one row for each chair of a table plan."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from events.models import Companion, Rsvp, Session
from members.models import Member


class TableSeatQuerySet(models.QuerySet["TableSeat"]):
    def held(self) -> TableSeatQuerySet:
        """Those of people who still come."""
        return self.filter(Q(rsvp__seated_at__isnull=False) | Q(companion__rsvp__seated_at__isnull=False))

    def of(self, member: Member) -> TableSeatQuerySet:
        return self.filter(rsvp__member=member)


class TableSeat(models.Model):
    """The table of one person at one session: of who answered, or of a friend who comes on their word."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="table_seats")
    rsvp = models.OneToOneField(Rsvp, null=True, blank=True, on_delete=models.CASCADE, related_name="table_seat")
    companion = models.OneToOneField(
        Companion, null=True, blank=True, on_delete=models.CASCADE, related_name="table_seat"
    )
    table_no = models.PositiveSmallIntegerField()
    # Put there by a host's hand: later plans leave it.
    pinned_at = models.DateTimeField(null=True, blank=True)

    objects = TableSeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="table_seat_one_person",
                condition=Q(rsvp__isnull=False, companion=None) | Q(rsvp=None, companion__isnull=False),
            ),
            models.CheckConstraint(name="table_seat_from_one", condition=Q(table_no__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.table_no}"

    @property
    def key(self) -> str:
        """Who it is, as plans and forms name people."""
        return f"r{self.rsvp_id}" if self.rsvp_id else f"c{self.companion_id}"
