"""The mails of a seat and of a session that changed. Each asks once more, when it is claimed, whether it is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from events import calendar_replies, concerned, dates, ics, programme, terms
from events.fees import fee
from events.links import answer_link, every_time_link, meeting_link, session_link, understood_link
from events.models import Notice, Partstat, Rsvp, Session, StandingRsvp
from members.models import Club, Member
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic

# The mails of a change; guests have theirs under the same keys, in other words.
CHANGES = ("session.changed", "session.cancelled")
# Why a mail of a change did not go where there was nothing to tell: its reader knows it as it stands.
AS_IT_WAS, TOLD_ALREADY = "as it was", "told already"


def register_kinds() -> None:
    """Seats: confirmed, promoted, left; of the queue: waiting, offer, free, smaller. Sessions: changed, cancelled."""
    register(Kind("rsvp.confirmed", letter=seat_given, topic=Topic.SEAT))
    register(Kind("rsvp.promoted", letter=seat_given, topic=Topic.SEAT))
    register(Kind("rsvp.left", letter=seat_left, topic=Topic.SEAT))
    register(Kind("rsvp.waiting", letter=joined_queue, topic=Topic.SEAT))
    register(Kind("rsvp.offer", letter=seat_offered, topic=Topic.SEAT))
    register(Kind("rsvp.free", letter=seat_free, topic=Topic.SEAT))
    register(Kind("rsvp.smaller", letter=seats_for_fewer, topic=Topic.SEAT))
    register(Kind("session.changed", letter=session_changed, topic=Topic.SEAT))
    register(Kind("session.cancelled", letter=session_cancelled, topic=Topic.SEAT))
    concerned.register(who_answered)


def who_answered(session: Session) -> Iterable[concerned.Person]:
    """Whoever has a seat or waits for one."""
    coming = Rsvp.objects.filter(session=session, partstat=Partstat.ACCEPTED, member__isnull=False).order_by("pk")
    columns = ("member", "member__email", "member__language", "version")
    for member, email, language, version in coming.values_list(*columns):
        yield concerned.Person(f"m{member}", email, language, context={"member": member, "answer": version})


def seat_given(delivery: Delivery) -> Letter:
    """A seat: with everything one needs that morning, and a calendar entry."""
    rsvp, member = answer(delivery)
    if not rsvp.is_seated:
        raise Unwanted("no seat any more")
    entry = calendar_entry(rsvp.session, member, partstat="ACCEPTED")
    friends = _(", ").join(friend.name for friend in rsvp.companions.all())
    context = personal(rsvp.session, member) | {"friends": friends}
    return letter(rsvp.session, context, calendar=("REQUEST", ics.request(entry)))


def seat_left(delivery: Delivery) -> Letter:
    """The seat was given back: thanks, and the entry leaves the calendar."""
    rsvp, member = answer(delivery)
    if rsvp.partstat != Partstat.DECLINED:
        raise Unwanted("comes after all")
    entry = calendar_entry(rsvp.session, member, partstat="DECLINED")
    owed = fee(rsvp.owes_amount, rsvp.session.fee_currency) if rsvp.owes_amount else ""
    context = personal(rsvp.session, member) | {"owed": owed}
    return letter(rsvp.session, context, calendar=("CANCEL", ics.cancel(entry)))


def joined_queue(delivery: Delivery) -> Letter:
    """A place in the queue, as it is when the mail goes."""
    rsvp, context = _waiting(delivery)
    before = Rsvp.objects.waiting().filter(session=rsvp.session_id, queue_no__lte=rsvp.queue_no)
    return letter(rsvp.session, context | {"place": before.count(), "terms": terms.passing_on(rsvp.session)})


def seat_offered(delivery: Delivery) -> Letter:
    """Seats are kept: does the day still suit?"""
    rsvp, context = _waiting(delivery)
    if rsvp.offered_until is None:
        raise Unwanted("no longer offered")
    return letter(rsvp.session, context | {"until": dates.instant(rsvp.offered_until.astimezone(rsvp.session.zone))})


def seat_free(delivery: Delivery) -> Letter:
    """All who wait are told at the same moment."""
    rsvp, context = _waiting(delivery)
    if context["party"] > context["left"]:
        raise Unwanted("taken meanwhile")
    again = Delivery.objects.filter(kind=delivery.kind, to=delivery.to, pk__gt=delivery.pk)
    if again.filter(context__rsvp=rsvp.pk).exists():
        raise Unwanted("told anew")
    return letter(rsvp.session, context)


def seats_for_fewer(delivery: Delivery) -> Letter:
    """What is left is too small for the party: fewer of them could come."""
    rsvp, context = _waiting(delivery)
    if rsvp.is_offered or not 0 < context["left"] < context["party"]:
        raise Unwanted("no longer so")
    return letter(rsvp.session, context)


def session_changed(delivery: Delivery) -> Letter:
    """Another time, place or fee, or on again after all: what was, what is, and a calendar entry that moves along."""
    session = unchanged(delivery)
    if session.is_cancelled:
        raise Unwanted("called off")
    member, rsvp = _addressee(delivery, session)
    entry = calendar_entry(session, member, partstat=_partstat(rsvp))
    context = personal(session, member) | news(delivery, session) | _asked(rsvp, session)
    return letter(session, context, calendar=("REQUEST", ics.request(entry)))


def session_cancelled(delivery: Delivery) -> Letter:
    """Called off, with the reason; the entry leaves the calendar."""
    session = unchanged(delivery)
    if not session.is_cancelled:
        raise Unwanted("on again")
    member, rsvp = _addressee(delivery, session)
    news(delivery, session)
    entry = calendar_entry(session, member, partstat=_partstat(rsvp))
    context = personal(session, member) | {"reason": session.off_because} | _asked(rsvp, session)
    return letter(session, context, calendar=("CANCEL", ics.cancel(entry)))


def letter(session: Session, context: dict[str, Any], *, calendar: tuple[str, bytes] | None = None) -> Letter:
    """In the series' name; written anew if the session changes before a later attempt."""
    name = session.series.display_name
    return Letter(context, sender_name=name, calendar=calendar, version=str(session.sequence))


def answer(delivery: Delivery) -> tuple[Rsvp, Member]:
    """The answer as it stands, and whose; the mail of an earlier one is not wanted any more."""
    answers = Rsvp.objects.select_related("session__series", "session__venue", "member")
    rsvp = answers.filter(pk=delivery.context["rsvp"]).first()
    known = {name: delivery.context[name] for name in ("version", "queue_no") if name in delivery.context}
    if rsvp is None or any(getattr(rsvp, name) != value for name, value in known.items()):
        raise Unwanted("answered anew")
    if rsvp.member is None or not rsvp.member.is_active:
        raise Unwanted("gone")
    if rsvp.session.is_cancelled:
        raise Unwanted("called off")
    return rsvp, rsvp.member


def _waiting(delivery: Delivery) -> tuple[Rsvp, dict[str, Any]]:
    """The answer of somebody who waits still, how many seats they ask for, and how many are left."""
    rsvp, member = answer(delivery)
    if not rsvp.is_waiting:
        raise Unwanted("does not wait any more")
    context = personal(rsvp.session, member) | {"facts": _facts(rsvp.session, way_in=False)}
    left = rsvp.session.room_for_party(new=rsvp.is_new, now=timezone.now())
    return rsvp, context | {"party": 1 + rsvp.companions.count(), "left": left}


def unchanged(delivery: Delivery) -> Session:
    """The session, unless another change has come since: that one has a mail of its own."""
    session = (
        Session.objects.published().select_related("series", "venue").filter(pk=delivery.context["session"]).first()
    )
    if session is None or session.sequence != delivery.context["sequence"]:
        raise Unwanted("changed again")
    return session


def _addressee(delivery: Delivery, session: Session) -> tuple[Member, Rsvp]:
    """Who is told, and the answer they gave."""
    answers = Rsvp.objects.filter(session=session, partstat=Partstat.ACCEPTED).select_related("member")
    rsvp = answers.filter(member=delivery.context["member"], member__is_active=True).first()
    if rsvp is None or rsvp.member is None:
        raise Unwanted("does not come any more")
    return rsvp.member, rsvp


def _partstat(rsvp: Rsvp) -> str:
    """The PARTSTAT of the calendar entry: whoever waits has it as tentative."""
    return "ACCEPTED" if rsvp.is_seated else "TENTATIVE"


def _asked(rsvp: Rsvp, session: Session) -> dict[str, str]:
    """Where to say "understood", for a change told at the last hour."""
    asked = Notice.objects.filter(rsvp=rsvp, sequence=session.sequence, understood_at=None).exists()
    return {"understood_url": understood_link(rsvp, session) if asked else ""}


def told(session: Session, *, way_in: bool = True) -> dict[str, Any]:
    """What every one of these mails tells of the session, whoever reads it."""
    return {
        "session": session,
        "title": _title(session),
        "start": session.local_start,
        "when": dates.instant(session.local_start),
        "facts": _facts(session, way_in=way_in),
        "session_url": session_link(session),
        "meeting_url": meeting_link(session),
    }


def personal(session: Session, member: Member) -> dict[str, Any]:
    """The same, and the links of this person."""
    words = StandingRsvp.objects.standing().filter(series=session.series_id, member=member)
    every_time = every_time_link(member, session.series, until=session.ends_at) if words.exists() else ""
    mine = {"member": member, "answer_url": answer_link(member, session), "every_time_url": every_time}
    return told(session) | mine


def _facts(session: Session, *, way_in: bool = True) -> list[tuple[str, str]]:
    """When, where, with whom, for how much; the way in is for who has a seat."""
    times = {"when": dates.instant(session.local_start), "doors": dates.clock(session.doors_at)}
    venue = session.venue
    return [
        (_("When"), _("%(when)s, doors open %(doors)s") % times),
        (_("Where"), _place(session)),
        (_("Way in"), venue.way_in if venue and way_in else ""),
        (_("Guest"), programme.of(session).who),
        (_("Fee"), fee(session.fee_amount, session.fee_currency)),
        (_("If you cannot come"), terms.late_terms(session, now=timezone.now())),
    ]


def _place(session: Session) -> str:
    return session.venue.whereabouts if session.venue else ""


def _title(session: Session) -> str:
    """第132回 値札のない朝."""
    title = programme.title(session, programme.of(session))
    return _("No. %(number)s %(title)s") % {"number": session.number, "title": title} if session.number else title


def news(delivery: Delivery, session: Session) -> dict[str, Any]:
    """What a mail of a change has to say, to a friend and a guest too. Raises `Unwanted` where it is nothing."""
    was = _known(delivery, session)
    if not session.is_cancelled:
        return _before(session, was)
    if was["off"]:
        raise Unwanted(TOLD_ALREADY)
    return {}


def _known(delivery: Delivery, session: Session) -> dict[str, Any]:
    """How the session stood when its reader last heard of it: {"starts_at", "venue", "off", "fee"}.

    A change whose mail never went, because the next one overtook it, is not news they have: they know what was before
    it. A seat given since then was told of with a mail of its own.
    """
    person = delivery.key.rsplit(":", 1)[1]
    numbers = range(int(delivery.context["sequence"]))
    keys = [f"{kind}:{session.pk}:{number}:{person}" for number in numbers for kind in CHANGES]
    earlier = Delivery.objects.filter(key__in=keys)
    was: dict[str, Any] = delivery.context["was"]
    for row in sorted(earlier, key=lambda row: int(row.context["sequence"]), reverse=True):
        if row.sent_at is not None or row.context.get("answer") != delivery.context.get("answer"):
            break
        was = row.context["was"]
    return was


def _before(session: Session, was: dict[str, Any]) -> dict[str, Any]:
    """What is different from what the reader knows: `was` the hour, `elsewhere` the place, `fee_was`; or on again.

    Raises `Unwanted` where it stands as they know it: moved and moved back, or called off and on, before any mail went.
    """
    before, price = datetime.fromisoformat(was["starts_at"]), was.get("fee", session.fee_amount)
    moved, elsewhere, costs = before != session.starts_at, was["venue"] != session.venue_id, price != session.fee_amount
    if not (was["off"] or moved or elsewhere or costs):
        raise Unwanted(AS_IT_WAS)
    return {
        "on_again": was["off"],
        "was": dates.instant(before.astimezone(session.zone)) if moved and not was["off"] else "",
        "elsewhere": elsewhere,
        "fee_was": fee(price, session.fee_currency) if costs else "",
        "fee_now": fee(session.fee_amount, session.fee_currency),
    }


def calendar_entry(session: Session, member: Member, *, partstat: str) -> ics.Entry:
    """The session as this person's calendar keeps it. A later mail has a later stamp (RFC 5546, 2.1.5)."""
    return ics.Entry(
        uid=session.uid,
        sequence=session.sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        timezone=session.timezone,
        summary=f"{session.series.display_name}: {programme.title(session, programme.of(session))}",
        last_modified=session.changed_at,
        description=session_link(session),
        location=_place(session),
        url=session_link(session),
        organizer=ics.Person(
            name=Club.current().display_name,
            mail=calendar_replies.address(session, member) or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        ),
        attendee=ics.Person(name=member.display_name, mail=member.email, partstat=partstat),
    )
