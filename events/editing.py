"""What a host changes about a session, for this one or for all later ones nobody edited by hand."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from events.models import Question, Series, Session
from members.models import Activity, Member
from search import sources

# What makes sense for a whole row of sessions; a title, a number and a guest belong to one.
PUSHED = ("summary", "programme", "fee_amount")


def later_ones(session: Session, *, now: datetime) -> list[Session]:
    """The sessions a change would be pushed to: still to come, later, made by the series' rule, edited by nobody."""
    later = Session.objects.filter(series=session.series_id, starts_at__gt=max(session.starts_at, now))
    return list(later.filter(recurrence_id__isnull=False, edited_at=None, cancelled_at=None).order_by("starts_at"))


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

    Returns the later sessions. Capacity goes through the seat verb everywhere: more seats go to the queue, fewer turn
    nobody away.
    """
    Series.objects.select_for_update(no_key=True).get(pk=session.series_id)
    for name in ("title", "number", *PUSHED):
        setattr(session, name, values[name])
    session.edited_at = session.changed_at = now
    session.save(update_fields=["title", "number", *PUSHED, "edited_at", "changed_at"])
    later = later_ones(session, now=now) if later_too else []
    pushed = [name for name in PUSHED if name in changed]
    for one in later:
        for name in pushed:
            setattr(one, name, values[name])
        one.changed_at = now
        one.save(update_fields=[*pushed, "changed_at"])
    for one in (session, *later) if "capacity" in changed else ():
        one.set_capacity(values["capacity"], now=now)
    Activity.record(actor, "session.edit", f"session:{session.code}", now=now, later=len(later))
    sources.refresh([one.code for one in (session, *later)])
    return later


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
