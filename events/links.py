"""Links of a session that work without signing in: answering from a mail, and the meeting-point card."""

from datetime import datetime, timedelta

from events.models import Attendance, Companion, Rsvp, Series, Session, Visit
from events.models.attendance import WALK_IN_FOR
from members import links
from members.models import Member

ANSWER, UNDERSTOOD, VISIT, FRIEND = "rsvp", "understood", "visit", "friend"
WALK_IN, SQUARE, DOOR, EVERY_TIME = "walk-in", "square", "door", "every_time"
# A moved session keeps the links already mailed: the page asks the session itself whether it is over.
ANSWER_FOR = timedelta(days=120)


def answer_link(member: Member, session: Session) -> str:
    """Where this member answers for this session from a mail: works until the day after it, and GET says nothing."""
    return links.absolute("answer", answer_token(member, session))


def answer_token(member: Member, session: Session) -> str:
    """What the address of that page is made of."""
    payload = {"m": member.pk, "s": session.pk, "v": member.link_version}
    return links.sign(ANSWER, payload, until=session.ends_at + ANSWER_FOR)


def every_time_link(member: Member, series: Series, *, until: datetime) -> str:
    """Where this member pauses or ends "I come every time", or begins it anew; works for some months after `until`."""
    payload = {"m": member.pk, "s": series.pk, "v": member.link_version}
    return links.absolute("every_time", links.sign(EVERY_TIME, payload, until=until + ANSWER_FOR))


def visit_link(visit: Visit) -> str:
    """Where somebody without an account says yes from the mail."""
    until = visit.session.ends_at + ANSWER_FOR
    return links.absolute("visit_confirmation", links.sign(VISIT, {"v": visit.pk}, until=until))


def understood_link(rsvp: Rsvp, session: Session) -> str:
    """Where this person says that a change at the last hour has reached them; GET says nothing."""
    version = rsvp.member.link_version if rsvp.member else 0
    payload = {"r": rsvp.pk, "q": session.sequence, "v": version}
    return links.absolute("understood", links.sign(UNDERSTOOD, payload, until=session.ends_at + ANSWER_FOR))


def friend_link(friend: Companion) -> str:
    """Where a friend sees the morning and stops its mails: the mail itself is the key, and GET says nothing."""
    until = friend.rsvp.session.ends_at + ANSWER_FOR
    return links.absolute("friend", links.sign(FRIEND, {"f": friend.pk}, until=until))


def walk_in_link(row: Attendance) -> str:
    """Where a walk-in becomes a member, with that morning: whoever opens it has read the mail."""
    until = row.session.ends_at + WALK_IN_FOR
    return links.absolute(
        "walk_in", links.sign(WALK_IN, {"a": row.pk, "e": links.derive(WALK_IN, row.email)}, until=until)
    )


def is_for(row: Attendance, digest: str) -> bool:
    """Whether a walk-in's link went to the address that is written there now."""
    return bool(row.email) and links.is_derived(WALK_IN, row.email, digest)


def square_link(member: Member, session: Session) -> str:
    """Where somebody finds the square that is scanned at the door, without signing in."""
    payload = {"m": member.pk, "s": session.pk, "v": member.link_version}
    return links.absolute("square", links.sign(SQUARE, payload, until=session.ends_at + ANSWER_FOR))


def door_link(member: Member) -> str:
    """What the square says: the same for every morning, and of use to nobody but the door."""
    return links.absolute("check_in", member.code, links.derive(DOOR, _at_door(member)))


def is_at_door(member: Member, token: str) -> bool:
    """Whether this is the square of this member; void once the member makes all links void."""
    return links.is_derived(DOOR, _at_door(member), token)


def _at_door(member: Member) -> str:
    return f"{member.code}:{member.link_version}"


def meeting_link(session: Session) -> str:
    """The meeting-point card, to be passed on to a friend."""
    return links.absolute("meeting_point", session.meeting_code)


def session_link(session: Session) -> str:
    """The session's page."""
    return links.absolute("session", session.code)
