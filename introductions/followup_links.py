"""Answering from the mail what came of an introduction, without signing in."""

from datetime import datetime, timedelta

from introductions.followups import FollowUp
from introductions.models import Introduction
from members import links
from members.models import Member

PURPOSE = "followup"
LASTS = timedelta(days=90)


def link(row: FollowUp, *, now: datetime) -> str:
    """Where this member answers; it shows by GET and acts by POST alone."""
    payload = {"i": row.introduction_id, "m": row.member_id, "v": row.member.link_version}
    return links.absolute("introduction_followup", links.sign(PURPOSE, payload, until=now + LASTS))


def read(token: str, *, now: datetime) -> FollowUp | None:
    """Whose word on which introduction; nothing for a link that is not ours, is old, or was made void."""
    try:
        ids = links.read(PURPOSE, token, now=now)
    except links.BadLink:
        return None
    rows = FollowUp.objects.filter(
        introduction=ids["i"],
        member__in=Member.objects.of_link(ids),
        introduction__in=Introduction.objects.not_apart(),
    )
    return rows.select_related("member", "introduction__first", "introduction__second").first()
