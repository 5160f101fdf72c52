"""Stopping the monthly letter from the mail itself, without signing in."""

from datetime import datetime, timedelta

from archive.models import Bulletin
from events.models import Series
from members import links
from members.models import Member

STOP = "bulletin"
STOP_FOR = timedelta(days=400)


def bulletin_link(bulletin: Bulletin) -> str:
    """The letter's page."""
    return links.absolute("bulletin", bulletin.session.code)


def stop_link(member: Member, bulletin: Bulletin) -> str:
    """Where this member stops the letters of this series, with one click of the mail program (RFC 8058)."""
    payload = {"m": member.pk, "s": bulletin.series_id, "v": member.link_version}
    return links.absolute("bulletin_stop", links.sign(STOP, payload, until=bulletin.month + STOP_FOR))


def read(token: str, *, now: datetime) -> tuple[Member, Series] | None:
    """Whose link it is and for which series; none for a wrong or an old one."""
    try:
        ids = links.read(STOP, token, now=now)
    except links.BadLink:
        return None
    member = Member.objects.filter(pk=ids["m"], link_version=ids["v"]).first()
    series = Series.objects.filter(pk=ids["s"]).first()
    return (member, series) if member and series else None
