"""A reminder to oneself: on the day one chose, the next step one wrote down about somebody. To nobody else."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from events import nights
from introductions import memories, reasons
from introductions.acquaintance import Memory
from members.links import absolute
from members.models import Club
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery, Lane
from outbox.topics import Topic

KIND = "memory.reminder"
# A reminder that could not go out for so long is useless.
USEFUL_FOR = timedelta(days=3)


def register_kinds() -> None:
    register(Kind(KIND, letter=letter, topic=Topic.MEMORY))


@transaction.atomic
def tick(*, now: datetime) -> int:
    """Owe each next step whose day has come its one mail, outside the quiet hours; how many."""
    local = timezone.localtime(now)
    if nights.is_night(local.time()):
        return 0
    found = list(memories.due(local.date()).select_for_update(of=("self",), skip_locked=True)[:200])
    for memory in found:
        memory.reminded_for = memory.next_on
    Memory.objects.bulk_update(found, ["reminded_for"])
    Delivery.objects.owe_many([_mail(memory, now=now) for memory in found])
    return len(found)


def letter(delivery: Delivery) -> Letter:
    """Read anew: a step that was done or moved to another day is not reminded of, nor somebody who is gone."""
    found = Memory.objects.filter(pk=delivery.context["memory"]).select_related("owner", "other").first()
    if found is None or not found.next_step or str(found.next_on) != delivery.context["on"]:
        raise Unwanted("changed")
    other = memories.known(found.owner, found.other)
    if other is None:
        raise Unwanted("gone")
    context = {
        "name": reasons.called(found.owner),
        "other": reasons.called(other),
        "next_step": found.next_step,
        "url": absolute("memory", other.code),
    }
    return Letter(context, sender_name=Club.current().display_name)


def _mail(memory: Memory, *, now: datetime) -> Delivery:
    return Delivery(
        kind=KIND,
        key=f"{KIND}:{memory.pk}:{memory.next_on}",
        to=memory.owner.email,
        language=memory.owner.language,
        context={"memory": memory.pk, "on": str(memory.next_on)},
        lane=Lane.BULK,
        useful_until=now + USEFUL_FOR,
    )
