"""Answering a question of the club from its mail, without signing in."""

from datetime import datetime

from introductions.asks import Reply
from introductions.links import REMEMBERED
from members import links
from members.models import Member

PURPOSE = "ask"


def link(row: Reply) -> str:
    """Where this member answers; it shows by GET and acts by POST alone."""
    payload = {"r": row.pk, "m": row.member_id, "v": row.member.link_version}
    return links.absolute("ask_by_mail", links.sign(PURPOSE, payload, until=row.ask.until + REMEMBERED))


def read(token: str, *, now: datetime) -> Reply | None:
    """To whom which question went; nothing for a link that is not ours, is old, or was made void."""
    try:
        ids = links.read(PURPOSE, token, now=now)
    except links.BadLink:
        return None
    members = Member.objects.joined().of_link(ids)
    return Reply.objects.reaching().with_people().filter(pk=ids["r"], member__in=members).first()
