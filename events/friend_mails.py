"""What a friend gets who wants mails: of this one morning the seat, given or given back, the evening before, a change.

A walk-in who left an address gets one mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from events import concerned, due_times, mails, programme, reminder_mails, reminder_words
from events.links import friend_link, walk_in_link
from events.models import Attendance, Companion, ReminderRule, Series, Session
from events.models.attendance import ASKS
from events.models.companion import address_key
from events.templatetags.sessions import session_when
from events.together import Pair
from members.models import Member
from outbox.kinds import Kind, Letter, NotNow, Unwanted, register
from outbox.models import Delivery, DeliveryQuerySet, Lane
from outbox.topics import Topic

ASK_AGAIN = timedelta(minutes=2)


def register_kinds() -> None:
    """Four kinds for a friend, which lead to where they are stopped or are the last; and the one mail to a walk-in."""
    register(Kind("friend.coming", letter=coming, topic=Topic.FRIEND))
    register(Kind("friend.evening", letter=evening, topic=Topic.FRIEND))
    register(Kind("friend.changed", letter=changed, topic=Topic.FRIEND))
    register(Kind("friend.left", letter=left, topic=Topic.FRIEND))
    register(Kind(ASKS, letter=welcome, topic=Topic.FRIEND))
    concerned.register(friends)


def friends(session: Session) -> Iterable[concerned.Person]:
    """Friends who have a seat and want the mails."""
    for one in Companion.objects.mailed().filter(rsvp__session=session).select_related("rsvp__member").order_by("pk"):
        context = {"friend": one.pk}
        yield concerned.Person(f"f{one.pk}", one.email, one.language, kind="friend.changed", context=context)


def owe_evening(pairs: Sequence[Pair]) -> None:
    """When those who come are told on the evening before, so are their friends. Once for a friend and a day."""
    telling = [pair for pair in pairs if pair.rule.template == ReminderRule.Template.TOMORROW]
    if not telling:
        return
    by_session = {pair.session.pk: pair for pair in telling}
    found = Companion.objects.mailed().filter(rsvp__session__in=by_session).select_related("rsvp__member")
    Delivery.objects.owe_many([_evening(one, by_session[one.rsvp.session_id]) for one in found.order_by("pk")])


def _evening(friend: Companion, pair: Pair) -> Delivery:
    return Delivery(
        kind="friend.evening",
        key=f"friend.evening:{friend.pk}:{pair.day}",
        to=friend.email,
        language=friend.language,
        context={**pair.ids, "friend": friend.pk},
        lane=Lane.BULK,
        useful_until=due_times.useful_until(pair.rule, pair.session),
    )


def coming(delivery: Delivery) -> Letter:
    """A seat, on whose word, and the way there."""
    friend = _friend(delivery)
    if friend.rsvp.session.is_cancelled:
        raise Unwanted("called off")
    if _knows_of_seat(friend.rsvp.session, friend.email):
        raise Unwanted("told already")
    return _letter(friend)


def left(delivery: Delivery) -> Letter:
    """The seat is given back: to somebody who was told of it, and for whom none is kept since."""
    session = Session.objects.select_related("series").get(pk=delivery.context["session"])
    if Companion.objects.mailed().filter(rsvp__session=session, email=delivery.to).exists():
        raise Unwanted("comes after all")
    if not _knows_of_seat(session, delivery.to):
        if _seat_mails(session, delivery.to).open().filter(kind="friend.coming", attempts__gt=0).exists():
            # Another worker has it in hand: it may be on the wire.
            raise NotNow(timezone.now() + ASK_AGAIN)
        raise Unwanted("never told of the seat")
    member = Member.objects.filter(pk=delivery.context["member"]).first()
    context = {
        **mails.told(session),
        "with_whom": member.display_name if member else "",
        "can_ask": session.series.audience == Series.Audience.PUBLIC and not session.is_cancelled,
    }
    return Letter(context, sender_name=session.series.display_name, version=str(session.sequence))


def evening(delivery: Delivery) -> Letter:
    """See you tomorrow."""
    rule, session = reminder_mails.pair_of(delivery.context)
    friend = _friend(delivery)
    reminder_mails.not_at_night(session, now=timezone.now())
    day = reminder_words.on_which_day(session, timezone.now().astimezone(session.zone).date())
    return _letter(friend, on_which_day=day, greeting=rule.greeting)


def changed(delivery: Delivery) -> Letter:
    """Another time or place, called off, or on again: how it stands now."""
    mails.news(delivery, mails.unchanged(delivery))
    return _letter(_friend(delivery))


def welcome(delivery: Delivery) -> Letter:
    """To a walk-in, after the morning: one tap makes a member, to whom that morning belongs."""
    came = Attendance.objects.came().filter(pk=delivery.context["attendance"], email=delivery.to, member=None)
    row = came.select_related("session__series").first()
    if row is None:
        raise Unwanted("struck out, or a member by now")
    session = row.session
    context = {
        "name": row.name,
        "session": session,
        "start": session.local_start,
        "when": session_when(session),
        "title": programme.title(session, programme.of(session)),
        "join_url": walk_in_link(row),
    }
    return Letter(context, sender_name=session.series.display_name)


def _knows_of_seat(session: Session, email: str) -> bool:
    """Whether the last mail of a seat to this address says that there is one."""
    told = _seat_mails(session, email).filter(sent_at__isnull=False).order_by("-sent_at", "-pk")
    return told.values_list("kind", flat=True).first() == "friend.coming"


def _seat_mails(session: Session, email: str) -> DeliveryQuerySet:
    """Of a seat given or given back, to this address for this morning."""
    key = address_key(session.pk, email)
    mine = Q(key__startswith=f"friend.coming:{key}") | Q(key__startswith=f"friend.left:{key}")
    return Delivery.objects.filter(mine, to=email)


def _friend(delivery: Delivery) -> Companion:
    found = Companion.objects.mailed().filter(pk=delivery.context["friend"], email=delivery.to)
    friend = found.select_related("rsvp__member", "rsvp__session__series", "rsvp__session__venue").first()
    if friend is None:
        raise Unwanted("no seat any more, or no mails wanted")
    return friend


def _letter(friend: Companion, **more: Any) -> Letter:
    session, member = friend.rsvp.session, friend.rsvp.member
    context = {
        **mails.told(session),
        "name": friend.name,
        "with_whom": member.display_name if member else friend.rsvp.name,
        "end_url": friend_link(friend),
        **more,
    }
    return Letter(context, sender_name=session.series.display_name, version=str(session.sequence))
