"""What the programme of a session says about an invited guest: named while they have accepted its date, else not."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Max

from events.models import Session, Talk, TalkSpeaker
from events.this_morning import Company
from search import sources

if TYPE_CHECKING:
    from invitations.models.telling import Telling


def names(invitation: Telling) -> bool:
    """Whether the session's programme names the guest."""
    return TalkSpeaker.objects.filter(talk__session=invitation.session_id, speaker=invitation.speaker_id).exists()


def follow(invitation: Telling, *, now: datetime) -> None:
    """Make the programme say what the invitation says. The caller holds the invitation's lock."""
    comes = invitation.has_accepted and invitation.chosen_start in {None, invitation.session.starts_at}
    if comes and not names(invitation):
        _put_in(invitation)
    elif not comes:
        _take_out(invitation)
    touch(invitation.session_id, now=now)
    seat_party(invitation.session, now=now)


def company(session: Session) -> dict[str, Company]:
    """Who comes in with each guest, for the door: by the guest's code, as the guest wrote it. One query."""
    rows = session.invitations.accepted().values_list("speaker__code", "brings", "brings_names", "arrival")
    return {code: Company(brings, names if brings else "", arrival) for code, brings, names, arrival in rows}


def seat_party(session: Session, *, now: datetime) -> None:
    """Who comes with the guests of this morning takes seats, and what they do not eat is the restaurant's to know."""
    coming = [one for one in session.invitations.accepted().order_by("pk") if not one.wants_other_date]
    session.seat_guest_party(sum(one.brings for one in coming), [text for one in coming for text in one.diets], now=now)


def show_book(invitation: Telling, *, now: datetime) -> None:
    """The guest's book stands beside their talk; a talk that had no title yet but the guest's name takes the book's."""
    talks = Talk.objects.filter(session=invitation.session_id, speakers=invitation.speaker_id, book=None)
    if invitation.book is not None:
        named = talks.filter(title=invitation.speaker.name)
        Talk.objects.filter(pk__in=list(named.values_list("pk", flat=True))).update(title=invitation.book.title)
        talks.update(book=invitation.book)
    mine = Talk.objects.filter(session=invitation.session_id, speakers=invitation.speaker_id)
    mine.update(reads_first=invitation.reads_first)
    touch(invitation.session_id, now=now)


def touch(session: int, *, now: datetime) -> None:
    """The session's page shows something else from now on, and is found by something else."""
    Session.objects.filter(pk=session).update(changed_at=now)
    sources.refresh(list(Session.objects.filter(pk=session).values_list("code", flat=True)))


def _put_in(invitation: Telling) -> None:
    book = invitation.book.title if invitation.book else ""
    title = invitation.session.title or book or invitation.speaker.name
    last = Talk.objects.filter(session=invitation.session_id).aggregate(last=Max("position"))["last"] or 0
    talk = Talk.objects.create(
        session_id=invitation.session_id,
        position=last + 1,
        title=title,
        book=invitation.book,
        language=invitation.language,
        reads_first=invitation.reads_first,
    )
    TalkSpeaker.objects.create(talk=talk, speaker_id=invitation.speaker_id)


def _take_out(invitation: Telling) -> None:
    """A talk that nobody gives any more goes too; what the host planned without a name stays."""
    named = TalkSpeaker.objects.filter(talk__session=invitation.session_id, speaker=invitation.speaker_id)
    talks = list(named.values_list("talk", flat=True))
    named.delete()
    Talk.objects.filter(pk__in=talks, speakers=None, member=None).delete()
