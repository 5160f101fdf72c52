"""Links of a session that work without signing in: answering from a mail, and the meeting-point card."""

from datetime import datetime, timedelta

from events.models import Rsvp, Series, Session, Visit
from members import links
from members.models import Member

ANSWER, UNDERSTOOD, VISIT, EVERY_TIME = "rsvp", "understood", "visit", "every_time"
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


def meeting_link(session: Session) -> str:
    """The meeting-point card, to be passed on to a friend."""
    return links.absolute("meeting_point", session.meeting_code)


def session_link(session: Session) -> str:
    """The session's page."""
    return links.absolute("session", session.code)
