"""What the host's desk says about guests: whom to ask, who has not answered, what waits, which cover is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Session, Talk, TalkSpeaker
from events.next_steps import Step
from invitations import details
from invitations.details import AHEAD
from invitations.models import Invitation

# A morning without anybody to speak is asked about when it comes this near, and presses when nearer.
ASK_BEFORE = timedelta(days=60)
ASK_SOON = timedelta(days=28)
NUDGE_AFTER = timedelta(days=7)
TELEPHONE_BEFORE = timedelta(days=5)
DETAILS_BEFORE = timedelta(days=14)

# A book whose cover is only drawn is named so long before its morning.
COVER_BEFORE = timedelta(days=42)

# A series has guests if at least half of so many mornings had one; in others the members speak.
LOOKED_BACK = 6

LAST, LATER, SOON, NOW = 5, 3, 1, 0

# Urgency, what, why, where to, and the button's word.
Said = tuple[int, str, str, str, str]


def steps(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """For all sessions of the desk in three queries."""
    coming = [session for session in sessions if not session.is_cancelled and session.starts_at > now]
    by_session: dict[int, list[Invitation]] = {session.pk: [] for session in coming}
    named = TalkSpeaker.objects.filter(talk__session=OuterRef("session"), speaker=OuterRef("speaker"))
    invitations = Invitation.objects.filter(session__in=coming).select_related("speaker")
    for one in invitations.annotate(named=Exists(named)).order_by("pk"):
        by_session[one.session_id].append(one)
    planned = set(Talk.objects.filter(session__in=coming).values_list("session", flat=True))
    asked_for = _without_guests(coming, now=now)
    for session in sorted(coming, key=lambda session: session.starts_at):
        told = by_session[session.pk]
        for one in told:
            yield from _of_invitation(session, one, now=now)
        open_ones = [one for one in told if not one.has_declined]
        recurs = session.recurrence_id is not None
        if recurs and session.pk not in planned and not open_ones and session.series_id not in asked_for:
            # One question per series: a weekly series has eight such mornings ahead.
            asked_for.add(session.series_id)
            yield from _nobody_yet(session, now=now)


def drawn_covers(sessions: list[Session], now: datetime) -> Iterable[Step]:
    """Last of all: a book whose cover nobody gave, one in each series, of the next such morning."""
    near = {
        session.pk: session
        for session in sessions
        if not session.is_cancelled and now < session.starts_at < now + COVER_BEFORE
    }
    talks = Talk.objects.filter(session__in=near, book__isnull=False, book__cover="").select_related("book__speaker")
    asked_for: set[int] = set()
    for talk in talks.order_by("session__starts_at", "session", "position", "pk") if near else []:
        session, book = near[talk.session_id], talk.book
        if book and session.series_id not in asked_for:
            asked_for.add(session.series_id)
            author = book.speaker
            yield Step(
                session=session,
                urgency=LAST,
                what=_("The book by %(name)s has no cover yet") % {"name": f"{author.display_name}{author.san}"},
                why=_("Without one, a cover drawn from its title is shown."),
                url=f"{reverse('speaker_edit', args=[author.code])}?book={book.code}#book-{book.code}",
                label=_("Choose a picture"),
            )


def _without_guests(coming: list[Session], *, now: datetime) -> set[int]:
    """Series in which fewer than half of the last mornings had a guest to speak. One query."""
    latest = Window(RowNumber(), partition_by=[F("series")], order_by=[F("starts_at").desc(), F("pk").desc()])
    past = Session.objects.on().filter(series__in={session.series_id for session in coming}, ends_at__lte=now)
    guest = Exists(TalkSpeaker.objects.filter(talk__session=OuterRef("pk")))
    last = past.annotate(guest=guest, nth=latest).filter(nth__lte=LOOKED_BACK).order_by()
    had_guest: dict[int, list[bool]] = defaultdict(list)
    for series, had in last.values_list("series", "guest"):
        had_guest[series].append(had)
    return {series for series, had in had_guest.items() if 2 * sum(had) < len(had)}


def _nobody_yet(session: Session, *, now: datetime) -> Iterable[Step]:
    left = session.starts_at - now
    if left < ASK_BEFORE:
        yield Step(
            session=session,
            urgency=SOON if left < ASK_SOON else LATER,
            what=_("Nobody is to speak yet"),
            why=_("Enter a name, and the letter is drafted for you."),
            url=reverse("invitation_new", args=[session.code]),
            label=_("Ask a guest"),
        )


def _of_invitation(session: Session, one: Invitation, *, now: datetime) -> Iterable[Step]:
    name = {"name": f"{one.speaker.display_name}{one.speaker.san}"}
    said = (
        _unanswered(session, one, name, now=now) if one.waits_for_answer else _for_the_host(session, one, name, now=now)
    )
    if said:
        urgency, what, why, url, label = said
        yield Step(session, urgency, what, why, url, label)


def _for_the_host(session: Session, one: Invitation, name: dict[str, str], *, now: datetime) -> Said | None:
    """A letter to send, or an accepted date to prepare."""
    url = one.get_absolute_url()
    if one.state == Invitation.State.IDEA:
        return SOON, _("The letter to %(name)s is not sent yet") % name, _("It is ready."), url, _("Look and send")
    other = one.chosen_start is not None and one.chosen_start != session.starts_at
    elsewhere = other and not getattr(one, "named", False)
    if one.has_accepted and elsewhere:
        why = _("Accepted, for another date of the letter.")
        return SOON, _("%(name)s would rather come on another date") % name, why, url, _("Look at the answer")
    left = session.starts_at - now
    if one.has_accepted and one.brings and session.guest_seats < session.guest_party:
        missing = session.guest_party - session.guest_seats
        what = ngettext(
            "No seat for %(n)d person who comes with %(name)s",
            "No seat for %(n)d people who come with %(name)s",
            missing,
        ) % {"n": missing, **name}
        why = _("The next seat that becomes free is theirs; or you make room.")
        return SOON, what, why, reverse("session_edit", args=[session.code]), _("More seats")
    if one.has_accepted and not elsewhere and left < DETAILS_BEFORE and details.lacks(one, session):
        why = _("Who meets the guest, when they speak, a phone number. It is sent to them automatically.")
        what, label = _("The morning, for %(name)s") % name, _("Fill in")
        return (SOON if left < AHEAD else LATER), what, why, reverse("invitation_morning", args=[one.code]), label
    return None


def _unanswered(session: Session, one: Invitation, name: dict[str, str], *, now: datetime) -> Said | None:
    """A reminder after some days, the telephone after that and when the morning is near."""
    url, days = one.get_absolute_url(), _days(one, now=now)
    if is_telephoned(session, one, now=now):
        is_near = session.starts_at - now < TELEPHONE_BEFORE
        why = _("The morning is near; record the answer in one tap.")
        if not is_near:
            why = _("No answer for %(days)d days.") % {"days": days}
        urgency, what = NOW if is_near else SOON, _("Telephone %(name)s: not confirmed") % name
        return urgency, what, why, f"{url}#heard", _("Record the answer")
    if days < NUDGE_AFTER.days:
        return None
    why = _("No answer for %(days)d days. A reminder is ready; nothing is sent automatically.") % {"days": days}
    return SOON, _("%(name)s is not confirmed") % name, why, f"{url}#standing", _("Read the reminder")


def is_telephoned(session: Session, one: Invitation, *, now: datetime) -> bool:
    """Whether the telephone is what is left: the morning is near, or no further letter goes."""
    if not one.waits_for_answer:
        return False
    is_long = _days(one, now=now) >= NUDGE_AFTER.days
    return session.starts_at - now < TELEPHONE_BEFORE or (is_long and (one.letters > 1 or not one.addressee))


def _days(one: Invitation, *, now: datetime) -> int:
    """For how long nobody answered."""
    return (now - (one.written_at or one.asked_at or one.created_at)).days
