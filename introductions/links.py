"""Answering an introduction from its mail, without signing in."""

from datetime import datetime, timedelta

from introductions.models import Introduction
from members import links
from members.models import Member

PURPOSE = "intro"
# The page still says that the time is over for so long.
REMEMBERED = timedelta(days=14)


def answer_link(introduction: Introduction, member: Member) -> str:
    """Where this member answers; it shows by GET and acts by POST alone."""
    assert introduction.answer_until is not None  # noqa: S101 - only those that were asked have a link
    payload = {"i": introduction.pk, "m": member.pk, "v": member.link_version}
    token = links.sign(PURPOSE, payload, until=introduction.answer_until + REMEMBERED)
    return links.absolute("introduction_by_mail", token)


def read(token: str, *, now: datetime) -> tuple[Introduction, Member] | None:
    """Whose answer to which introduction; nothing for a link that is not ours, is old, or was made void."""
    try:
        ids = links.read(PURPOSE, token, now=now)
    except links.BadLink:
        return None
    member = Member.objects.of_link(ids).first()
    if member is None:
        return None
    found = Introduction.objects.of(member).shown().with_people().filter(pk=ids["i"]).first()
    return (found, member) if found else None
