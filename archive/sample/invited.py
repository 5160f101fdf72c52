"""The invitations of guests: those of the past thanked, one of last month still to be, and the letters that are out."""

from datetime import time, timedelta
from typing import Any

from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.dice import Dice
from archive.sample.mornings import Morning
from events.models import Session
from invitations.models import Invitation
from members.models import Member
from speakers.models import Speaker

State = Invitation.State


def past(remembered: list[tuple[Session, Morning]], guests: dict[str, Speaker], host: Member) -> None:
    """Every guest of the past was asked, came and was thanked; the last one is still to be."""
    dice = Dice("invited")
    rows = [
        _thanked(session, guests[morning.words["guest"]], host, dice)
        for session, morning in remembered
        if "guest" in morning.words
    ]
    rows[-1].state, rows[-1].thanked_at = State.CONFIRMED, None
    Invitation.objects.bulk_create(rows)


def _thanked(session: Session, guest: Speaker, host: Member, dice: Dice) -> Invitation:
    asked_at = session.starts_at - timedelta(days=75)
    return Invitation(
        **_letter(session, guest, host, dice),
        state=State.THANKED,
        created_at=asked_at,
        asked_at=asked_at,
        answered_how=Invitation.Told.MAIL,
        answered_at=asked_at + timedelta(days=4),
        chosen_start=session.starts_at,
        confirmed_at=asked_at + timedelta(days=30),
        thanked_at=session.ends_at + timedelta(days=3),
    )


def invite(
    session: Session, words: dict[str, Any], guest: Speaker, host: Member, days: Days, *, or_else: list[Session]
) -> Invitation:
    """The letter of a coming session. One that was answered went by hand; one that is to be asked waits to be sent.

    `or_else` are sessions whose dates are open to the guest as well.
    """
    is_asked = words["invitation"] == State.ASKED
    invitation = Invitation.objects.create(
        **_letter(session, guest, host, Dice(f"letter {guest.name}")),
        why_you=words["why_you"],
        other_dates=[other.starts_at for other in or_else] if is_asked else [],
        created_at=days.ago(48, time(21, 30)),
    )
    if not is_asked:
        how = Invitation.Told.EDITOR if guest.contact_email else Invitation.Told.MAIL
        invitation.hand_over(now=days.ago(45, time(21, 40)), actor=host)
        invitation.record(State.ACCEPTED, how=how, now=days.ago(38, time(10, 15)), actor=host)
        if words["invitation"] == State.CONFIRMED:
            invitation.record(State.CONFIRMED, how=how, now=days.ago(35, time(12, 20)), actor=host)
    return invitation


def _letter(session: Session, guest: Speaker, host: Member, dice: Dice) -> dict[str, Any]:
    """What every letter says."""
    return {
        **read("club")["letter"],
        "code": dice.code(),
        "session": session,
        "speaker": guest,
        "book": guest.books.first(),
        "host": host,
        "goes_to": Invitation.GoesTo.CONTACT if guest.contact_email else Invitation.GoesTo.GUEST,
    }
