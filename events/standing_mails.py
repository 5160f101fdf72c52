"""The mails of who comes every time. Each asks once more, when it is claimed, whether it is wanted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import dates, every_time, ics, mails
from events.links import every_time_link
from events.models import Partstat, Rsvp, Session, StandingRsvp
from events.terms import sentences
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic

ENDED = "ended"


def register_kinds() -> None:
    """A seat by this word, none this time, asked, passed on; of the word itself: warned, ended."""
    register(Kind("standing.seat", letter=mails.seat_given, topic=Topic.SEAT))
    register(Kind("standing.full", letter=no_seat, topic=Topic.SEAT))
    register(Kind("standing.ask", letter=asked, topic=Topic.SEAT))
    register(Kind("standing.passed", letter=passed_on, topic=Topic.SEAT))
    register(Kind("standing.warned", letter=warned, topic=Topic.SEAT))
    register(Kind("standing.ended", letter=ended, topic=Topic.SEAT))


def no_seat(delivery: Delivery) -> Letter:
    """This time there were more of them than seats they may have: they can answer like everybody."""
    sessions = Session.objects.on().select_related("series", "venue")
    session = sessions.filter(pk=delivery.context["session"], starts_at__gt=timezone.now()).first()
    if session is None:
        raise Unwanted("called off")
    words = StandingRsvp.objects.on(session.local_start.date()).filter(series=session.series_id)
    word = words.filter(member=delivery.context["member"]).select_related("member").first()
    if word is None:
        raise Unwanted(ENDED)
    if Rsvp.objects.filter(session=session, member=word.member).exists():
        raise Unwanted("answered anew")
    return mails.letter(session, mails.personal(session, word.member) | {"half": session.standing_at_most})


def asked(delivery: Delivery) -> Letter:
    """Somebody waits for a seat: does the holder come? Silence keeps it, or, where the series says so, passes it on."""
    rsvp, member = mails.answer(delivery)
    beside = besides(rsvp.session, [member.pk]).get(member.pk, {})
    if not beside.get("asked"):
        raise Unwanted("answered, or nobody waits")
    return mails.letter(rsvp.session, mails.personal(rsvp.session, member) | beside)


def passed_on(delivery: Delivery) -> Letter:
    """Asked, and nothing said: somebody who waited has the seat, and the entry leaves the calendar."""
    rsvp, member = mails.answer(delivery)
    if rsvp.partstat != Partstat.NEEDS_ACTION:
        raise Unwanted("answered anew")
    entry = mails.calendar_entry(rsvp.session, member, partstat="DECLINED")
    return mails.letter(rsvp.session, mails.personal(rsvp.session, member), calendar=("CANCEL", ics.cancel(entry)))


def warned(delivery: Delivery) -> Letter:
    """After the second absence without a word: what the third does."""
    word = _word(delivery)
    if word.has_ended or every_time.missed(word, now=timezone.now()) < every_time.WARNED_AFTER:
        raise Unwanted(ENDED if word.has_ended else "excused")
    return _about(word)


def ended(delivery: Delivery) -> Letter:
    """After the third it holds no more; one tap begins anew."""
    word = _word(delivery)
    if word.end != StandingRsvp.End.ABSENT:
        raise Unwanted("begun anew")
    return _about(word)


def besides(session: Session, members: Collection[int]) -> dict[int, dict[str, Any]]:
    """For those of these members who come every time: where that is paused or ended, and whether somebody waits.

    One query where nobody does, three where somebody does.
    """
    words = StandingRsvp.objects.standing().filter(series=session.series_id, member__in=members)
    found = {
        word.member_id: {"every_time_url": every_time_link(word.member, session.series, until=session.ends_at)}
        for word in words.select_related("member")
    }
    if not found:
        return {}
    silent = set(Rsvp.objects.silent().filter(session=session, member__in=found).values_list("member", flat=True))
    waiting = Rsvp.objects.waiting().order_by().filter(session=session).count() if silent else 0
    for member in silent & found.keys() if waiting else ():
        found[member]["asked"] = _words(session, waiting)
    return found


def _words(session: Session, waiting: int) -> str:
    """That somebody waits, and what silence does."""
    waits = ngettext(
        "You have this seat because you come every time, and %(waiting)s person waits for one.",
        "You have this seat because you come every time, and %(waiting)s people wait for one.",
        waiting,
    ) % {"waiting": waiting}
    silence = _("If you cannot come, one tap passes it on. Without a word it stays yours.")
    if session.series.standing_passes_on and timezone.now() <= every_time.asked_until(session):
        by = {"when": dates.instant(every_time.passes_at(session))}
        silence = _("Please say by %(when)s whether you come: without a word it then goes to the queue.") % by
    return sentences(waits, silence)


def _word(delivery: Delivery) -> StandingRsvp:
    words = StandingRsvp.objects.select_related("series", "member").filter(pk=delivery.context["standing"])
    word = words.filter(member__is_active=True).first()
    if word is None:
        raise Unwanted("gone")
    return word


def _about(word: StandingRsvp) -> Letter:
    series = word.series.display_name
    link = every_time_link(word.member, word.series, until=timezone.now())
    return Letter({"member": word.member, "series": series, "every_time_url": link}, sender_name=series)
