"""Answering from the mail whether to pass a request on, or to be introduced, without signing in."""

from datetime import datetime

from introductions.favours import Favour
from introductions.links import REMEMBERED
from members import links
from members.models import Member

PURPOSE = "favour"


def link(favour: Favour, member: Member) -> str:
    """Where this member answers, or looks afterwards; it shows by GET and acts by POST alone."""
    payload = {"f": favour.pk, "m": member.pk, "v": member.link_version}
    return links.absolute("favour_by_mail", links.sign(PURPOSE, payload, until=favour.ends_at + REMEMBERED))


def read(token: str, *, now: datetime) -> tuple[Favour, Member] | None:
    """Whose link to which request; nothing for a link that is not ours, is old, or was made void."""
    try:
        ids = links.read(PURPOSE, token, now=now)
    except links.BadLink:
        return None
    member = Member.objects.joined().of_link(ids).first()
    if member is None:
        return None
    found = Favour.objects.of(member).with_people().filter(pk=ids["f"]).first()
    return (found, member) if found else None
