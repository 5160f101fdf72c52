"""Links of a session that work without signing in: answering from a mail, and the meeting-point card."""

from datetime import timedelta

from events.models import Session
from members import links
from members.models import Member

ANSWER = "rsvp"


def answer_link(member: Member, session: Session) -> str:
    """Where this member answers for this session from a mail: works until the day after, and says nothing by GET."""
    payload = {"m": member.pk, "s": session.pk, "v": member.link_version}
    token = links.sign(ANSWER, payload, until=session.ends_at + timedelta(days=1))
    return links.absolute("answer", token)


def meeting_link(session: Session) -> str:
    """The meeting-point card, to be passed on to a friend."""
    return links.absolute("meeting_point", session.meeting_code)


def session_link(session: Session) -> str:
    """The session's page."""
    return links.absolute("session", session.code)
