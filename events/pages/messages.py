"""What a host has written to the people of a session, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q
from django.db.models.fields.json import KT

from events import host_messages
from events.models import HostMessage
from members.models import Member
from outbox import rendering
from outbox.models import Delivery


@dataclass(frozen=True)
class Written:
    """One message, and how many of its mails have really gone: nothing is called sent before it is."""

    message: HostMessage
    owed: int
    gone: int


def written(messages: Sequence[HostMessage]) -> list[Written]:
    """Each with its figures, in one query for all."""
    if not messages:
        return []
    keys = reduce(or_, (Q(key__startswith=f"{host_messages.KIND}:{message.pk}:") for message in messages))
    counted = Delivery.objects.filter(keys).values(message=KT("context__message")).annotate(gone=Count("sent_at"))
    gone = {int(row["message"]): row["gone"] for row in counted}
    return [Written(message, message.people, gone.get(message.pk, 0)) for message in messages]


def mail(message: HostMessage, reader: Member) -> dict[str, Any]:
    """The mail as this reader would get it. Nothing is owed."""
    delivery = Delivery(kind=host_messages.KIND, language=reader.language)
    return rendering.render(delivery, host_messages.composed(message, reader))
