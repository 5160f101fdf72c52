"""What a host changes about a session, for this one or for all later ones, field by field.

"Edited by hand" is kept per field: a later morning with a fee of its own takes the new running order all the same.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from events import running_order
from events.models import Question, Series, Session, Venue
from members.models import Activity, Member
from outbox import owing
from outbox.models import Delivery
from search import sources

# What makes sense for a whole row of sessions; a title, a number and a guest belong to one.
PUSHED = ("summary", "programme", "fee_amount", "capacity")
# Of these, what the series keeps for sessions that are not made yet.
OF_SERIES = ("programme", "fee_amount", "capacity")


def later_ones(session: Session, *, now: datetime) -> list[Session]:
    """The sessions a change can be pushed to: still to come, later, made by the series' rule, not called off."""
    later = Session.objects.filter(series=session.series_id, starts_at__gt=max(session.starts_at, now))
    return list(later.filter(recurrence_id__isnull=False, cancelled_at=None).order_by("starts_at"))


@transaction.atomic
def edit(
    session: Session,
    values: dict[str, Any],
    *,
    changed: Collection[str],
    later_too: bool,
    now: datetime,
    actor: Member,
) -> list[Session]:
    """Write a valid form's values into this session; what of it was `changed` and can be pushed, into the later ones.

    Each later session takes the fields nobody edited there by hand; those not made yet begin with them. Returns the
    later sessions that took something. Capacity goes through the seat verb everywhere: more seats go to the queue,
    fewer turn nobody away. Another fee is told to whoever comes or waits.
    """
    series = Series.objects.select_for_update(no_key=True).get(pk=session.series_id)
    pushed = [name for name in PUSHED if name in changed] if later_too else []
    for name in ("title", "number", "summary", "programme"):
        setattr(session, name, values[name])
    session.by_hand(set(changed) - set(pushed))
    session.edited_at = session.changed_at = now
    session.save(update_fields=["title", "number", "summary", "programme", "edited_at", "edited_fields", "changed_at"])
    _seats_and_fee(session, values, changed, now=now)
    later = [one for one in later_ones(session, now=now) if _take(one, values, pushed, now=now)] if pushed else []
    of_series = [name for name in OF_SERIES if name in pushed]
    for name in of_series:
        setattr(series, name, values[name])
    if of_series:
        series.save(update_fields=of_series)
    Activity.record(actor, "session.edit", f"session:{session.code}", now=now, later=len(later))
    sources.refresh([one.code for one in (session, *later)])
    return later


def _take(session: Session, values: dict[str, Any], pushed: Collection[str], *, now: datetime) -> bool:
    """What of it this later session takes: whether anything is different afterwards."""
    taken = [name for name in pushed if name not in session.edited_fields and getattr(session, name) != values[name]]
    columns = [name for name in taken if name not in {"fee_amount", "capacity"}]
    for name in columns:
        setattr(session, name, values[name])
    session.changed_at = now
    if columns:
        session.save(update_fields=[*columns, "changed_at"])
    _seats_and_fee(session, values, taken, now=now)
    return bool(taken)


def _seats_and_fee(session: Session, values: dict[str, Any], names: Collection[str], *, now: datetime) -> None:
    """Through their verbs, of these fields. Whoever gets a mail because of the seats reads the fee in that one."""
    with owing.noted() as keys:
        if "capacity" in names:
            session.set_capacity(values["capacity"], now=now)
    if "fee_amount" in names:
        knowing = set(Delivery.objects.filter(key__in=keys).values_list("to", flat=True))
        session.charge(values["fee_amount"], now=now, knowing=knowing)


@transaction.atomic
def move(
    session: Session,
    starts_at: datetime,
    venue: Venue | None,
    *,
    later_too: bool,
    now: datetime,
    actor: Member,
) -> list[Session]:
    """Another time or place; with `later_too` the hour and the place also for all later ones, each on its own day.

    Raises ValidationError for a time that is past, or, with `later_too`, for another day: days are the schedule's.
    """
    series = Series.objects.select_for_update(no_key=True).get(pk=session.series_id)
    before, place = session.local_start, session.venue_id
    local = starts_at.astimezone(session.zone)
    if later_too and local.date() != before.date():
        raise ValidationError(_("For the later ones only hour and place can change here; days are the schedule’s."))
    session.move(starts_at, now=now, actor=actor, venue=venue, by_hand=not later_too)
    if not later_too:
        return []
    hour = local.time() if local.time() != before.time() else None
    moved = []
    for one in later_ones(session, now=now):
        at = one.local_start
        if hour and "starts_at" not in one.edited_fields:
            at = datetime.combine(at.date(), hour, tzinfo=one.zone)
        takes_place = place != (venue.pk if venue else None) and "venue" not in one.edited_fields
        there = venue if takes_place else one.venue
        if (at, there) != (one.local_start, one.venue):
            one.move(at, now=now, actor=actor, venue=there, by_hand=False)
            moved.append(one)
    if hour:
        later_by = datetime.combine(before.date(), hour) - datetime.combine(before.date(), before.time())
        series.at, series.programme = hour, running_order.shifted(series.programme, later_by)
    series.venue = venue
    series.save(update_fields=["at", "venue", "programme"])
    return moved


@transaction.atomic
def again(session: Session, starts_at: datetime, *, now: datetime, actor: Member) -> Session:
    """A draft like this session at another time, with what the host asks; without its people, number and guests."""
    draft = Session(
        series=session.series,
        title=session.title,
        summary=session.summary,
        programme=session.programme,
        language=session.language,
        starts_at=starts_at,
        timezone=session.timezone,
        duration_minutes=session.duration_minutes,
        doors_minutes=session.doors_minutes,
        venue=session.venue,
        capacity=session.capacity,
        seats_for_new=session.seats_for_new,
        spare_covers=session.spare_covers,
        fee_amount=session.fee_amount,
        fee_currency=session.fee_currency,
        created_at=now,
        changed_at=now,
        window_set_at=session.window_set_at and now,
    )
    draft.take_terms(session.terms)
    draft.save()
    asked = [
        Question(session=draft, position=one.position, text=one.text, kind=one.kind, choices=one.choices)
        for one in session.questions.all()
    ]
    Question.objects.bulk_create(asked)
    Activity.record(actor, "session.again", f"session:{draft.code}", now=now)
    return draft
