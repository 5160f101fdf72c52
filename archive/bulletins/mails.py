"""The monthly letter as a mail. What is in it is read when it goes out: a line hidden since then is not in it."""

from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from archive.bulletins.parts import read
from archive.models import Bulletin
from events import nights
from members import links
from members.models import Member
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic


def register_kinds() -> None:
    """One kind; who stops it is asked by the outbox."""
    register(Kind("bulletin", letter=letter, topic=Topic.LETTER))


def letter(delivery: Delivery) -> Letter:
    """Read anew. Raises `Unwanted` for who left."""
    bulletins = Bulletin.objects.sent().select_related("series", "session")
    bulletin = bulletins.filter(pk=delivery.context["bulletin"]).first()
    if bulletin is None:
        raise Unwanted("gone")
    member = bulletin.audience().filter(pk=delivery.context["member"]).first()
    if member is None:
        raise Unwanted("no longer wanted")
    now = timezone.now()
    if (by_day := nights.by_day(now, bulletin.session.zone)) != now:
        raise NotNow(by_day)
    return compose(bulletin, member)


def compose(bulletin: Bulletin, member: Member) -> Letter:
    """The letter as this member gets it, in the active language; also for the host's preview."""
    context: dict[str, Any] = {
        "bulletin": bulletin,
        "parts": read(bulletin.chosen, member),
        "bulletin_url": links.absolute("bulletin", bulletin.session.code),
        "is_foreign": bulletin.language != get_language(),
    }
    return Letter(context, sender_name=bulletin.series.display_name, about=f"series:{bulletin.series_id}")
