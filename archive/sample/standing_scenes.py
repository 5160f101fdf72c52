"""What makes the club write to who comes every time: a seat, none, asked, passed on, absent twice, three times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.models import Attendance, Session, StandingRsvp
from outbox.models import Delivery

if TYPE_CHECKING:
    from archive.sample.scenes import Stage
    from members.models import Member


def seat(stage: Stage) -> Delivery:
    session, holder = _seated(stage, days=9)
    return _newest("standing.seat", session, holder)


def full(stage: Stage) -> Delivery:
    session = stage.morning(days=9)
    holder = stage.member(session)
    StandingRsvp.begin(stage.series, holder, now=stage.now)
    return Delivery(to=holder.email, context={"session": session.pk, "member": holder.pk})


def ask(stage: Stage) -> Delivery:
    session, holder = _wanted(stage)
    return _newest("standing.ask", session, holder)


def passed(stage: Stage) -> Delivery:
    session, holder = _wanted(stage)
    session.pass_standing_on(asked_until=stage.now, now=stage.now)
    return _newest("standing.passed", session, holder)


def warned(stage: Stage) -> Delivery:
    word = _absent(stage)
    return Delivery(to=word.member.email, context={"standing": word.pk})


def ended(stage: Stage) -> Delivery:
    word = _absent(stage)
    word.finish(StandingRsvp.End.ABSENT, now=stage.now)
    return Delivery(to=word.member.email, context={"standing": word.pk})


SCENES = {
    "standing.ask": ask,
    "standing.ended": ended,
    "standing.full": full,
    "standing.passed": passed,
    "standing.seat": seat,
    "standing.warned": warned,
}


def _seated(stage: Stage, *, days: int) -> tuple[Session, Member]:
    """A morning in which somebody has a seat because they come every time; the word of the others is left out."""
    StandingRsvp.objects.all().delete()
    session = stage.morning(days=days)
    holder = stage.member(session)
    StandingRsvp.begin(stage.series, holder, now=stage.now)
    session.seat_standing(now=stage.now)
    return session, holder


def _wanted(stage: Stage) -> tuple[Session, Member]:
    """The same without a free seat, and somebody waits."""
    session, holder = _seated(stage, days=3)
    session.set_capacity(session.seats_taken, now=stage.now)
    stage.seated(session)
    session.ask_standing(session.rsvps.silent(), mails=True, now=stage.now)
    return session, holder


def _absent(stage: Stage) -> StandingRsvp:
    """Somebody expected in vain twice since they said that they come every time."""
    past = Session.objects.filter(series=stage.series, roster_closed_at__isnull=False).past(stage.now)[:2]
    word = StandingRsvp.begin(stage.series, stage.host(), now=min(one.starts_at for one in past))
    StandingRsvp.objects.filter(pk=word.pk).update(since=stage.series.created_at)
    for session in past:
        absent = {"status": Attendance.Status.ABSENT}
        Attendance.objects.update_or_create(session=session, member=word.member, defaults=absent)
    return word


def _newest(kind: str, session: Session, holder: Member) -> Delivery:
    return Delivery.objects.filter(kind=kind, context__rsvp=session.rsvps.get(member=holder).pk).latest("pk")
