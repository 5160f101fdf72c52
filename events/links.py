"""Links of a session that work without signing in: answering from a mail, and the meeting-point card."""

from datetime import timedelta

from events.models import Session
from members import links
from members.models import Member

ANSWER, LEAVE = "rsvp", "leave"
# A moved session keeps the links already mailed: the page asks the session itself whether it is over.
ANSWER_FOR, LEAVE_FOR = timedelta(days=120), timedelta(days=400)


def answer_link(member: Member, session: Session) -> str:
    """Where this member answers for this session from a mail: works until the day after it, and GET says nothing."""
    payload = {"m": member.pk, "s": session.pk, "v": member.link_version}
    return links.absolute("answer", links.sign(ANSWER, payload, until=session.ends_at + ANSWER_FOR))


def leave_link(member: Member, session: Session) -> str:
    """Where this member leaves the session's series and hears no more of it, with one click of the mail program."""
    payload = {"m": member.pk, "s": session.series_id, "v": member.link_version}
    return links.absolute("leaving", links.sign(LEAVE, payload, until=session.ends_at + LEAVE_FOR))


def meeting_link(session: Session) -> str:
    """The meeting-point card, to be passed on to a friend."""
    return links.absolute("meeting_point", session.meeting_code)


def session_link(session: Session) -> str:
    """The session's page."""
    return links.absolute("session", session.code)
