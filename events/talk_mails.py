"""The one mail about members' own talks: a host asks whether one would speak."""

from __future__ import annotations

from django.utils.translation import gettext as _

from events.models import Idea
from members.links import absolute
from members.models import Member
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic


def register_kinds() -> None:
    """Like every question of one member to another it can be stopped; it stands on the page all the same."""
    register(Kind("talk.asked", letter=asked, topic=Topic.ASK))


def asked(delivery: Delivery) -> Letter:
    """Raises `Unwanted` once it is answered, or nobody is asked any more."""
    told = delivery.context
    waiting = Idea.objects.open().filter(pk=told["idea"], speaker=told["member"], agreed_at=None)
    idea = waiting.select_related("speaker").first()
    if idea is None or idea.speaker is None or not idea.speaker.is_active:
        raise Unwanted("answered")
    by = Member.objects.filter(pk=told["by"]).first()
    context = {
        "name": idea.speaker.display_name,
        "by": by.display_name if by else _("A host"),
        "idea": idea,
        "label": _("Say yes, or leave it to somebody else"),
        "url": f"{absolute('talks')}#{idea.code}",
    }
    return Letter(context, reply_to=by.email if by else "")
