"""A room that is corrected, or that moves: what was stays true of the mornings that were."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from events import passing_on, windows
from events.models import Series, Session, Venue
from events.models.session import SessionQuerySet
from events.models.window import Hour
from members.models import Activity, Member

# What changes when a restaurant moves house; its rules and its people come along.
ENGLISH = ("name_en", "address_en", "directions_en", "entrance_en")
NOT_TYPED = ("door_photo", "archived_at", "moved_to")
MOVED = ("name", "address", "map_url", "directions", "entrance", *ENGLISH)


def begin_at(series: Series, venue: Venue) -> None:
    """Take over what was agreed with the restaurant: when it has its number, what it asks then, spare covers."""
    series.spare_covers = venue.spare_covers
    if venue.final_days is not None:
        number = Hour(venue.final_days, venue.final_at)
        series.terms = replace(series.terms, headcount=number, late=venue.late_amount)


def _has_rules(venue: Venue) -> bool:
    """Whether anything was agreed that a series takes over."""
    return venue.final_days is not None or bool(venue.spare_covers)


def _agree(series: Series, venue: Venue, *, now: datetime, actor: Member) -> None:
    """The same for a series whose mornings are made already."""
    begin_at(series, venue)
    terms, spare = series.terms, series.spare_covers
    series.refresh_from_db()
    windows.choose(series, terms, now=now, actor=actor)
    way, kept, passes_on = series.near_start, series.seats_for_new, series.standing_passes_on
    passing_on.choose(series, way, kept, spare, passes_on, now=now, actor=actor)


def coming_at(venue: Venue, *, now: datetime) -> SessionQuerySet:
    """The mornings to come that meet there, called-off ones and drafts included."""
    sessions: SessionQuerySet = Session.objects.filter(venue=venue, starts_at__gt=now)
    return sessions.order_by("pk")


@transaction.atomic
def correct(venue: Venue, *, now: datetime, actor: Member) -> None:
    """Save what a host put right: nobody is told, calendars fetch the words anew.

    Rules that are agreed for the first time hold for the series that meet there and have none.
    """
    is_new = venue.pk is None
    stands = venue if is_new else Venue.objects.select_for_update().get(pk=venue.pk)
    had_rules = not is_new and _has_rules(stands)
    for name in NOT_TYPED:
        # It may be another's since the form read the row: the photo, and whether the restaurant has moved.
        setattr(venue, name, getattr(stands, name))
    venue.save()
    if not is_new:
        coming_at(venue, now=now).update(changed_at=now)
    if _has_rules(venue) and not had_rules:
        for series in Series.objects.filter(venue=venue, headcount_days=None, spare_covers=0).order_by("pk"):
            _agree(series, venue, now=now, actor=actor)
    Activity.record(actor, "venue.make" if is_new else "venue.edit", f"venue:{venue.code}", now=now)


@transaction.atomic
def move(venue: Venue, to: dict[str, Any], *, now: datetime, actor: Member) -> Venue:
    """The restaurant has moved: mornings that were keep their room, those to come have the new one.

    Those concerned are told once, by the verb that moves a morning, and calendars follow. `to` holds the fields of
    MOVED. Moving twice is moving once: the second caller gets the room that is there already.
    """
    old = Venue.objects.select_for_update().get(pk=venue.pk)
    if old.moved_to is not None:
        return old.moved_to
    new = Venue.objects.create(**_kept(old), **{name: to[name] for name in MOVED})
    Venue.objects.filter(pk=old.pk).update(moved_to=new, archived_at=now)
    Series.objects.filter(venue=old).update(venue=new)
    for session in coming_at(old, now=now):
        by_hand = session.edited_at
        session.move(session.starts_at, now=now, actor=actor, venue=new)
        Session.objects.filter(pk=session.pk).update(edited_at=by_hand)
    Activity.record(actor, "venue.move", f"venue:{old.code}", now=now, to=new.code)
    return new


def _kept(old: Venue) -> dict[str, Any]:
    """What comes along to the new room: all but where it is, its door, and what names the row."""
    gone = {*MOVED, *NOT_TYPED, "id", "code"}
    fields = (field.name for field in old._meta.concrete_fields)  # noqa: SLF001 - Django's documented Model._meta
    return {name: getattr(old, name) for name in fields if name not in gone}
