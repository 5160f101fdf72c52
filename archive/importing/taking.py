"""Talks that were read become mornings of a series that is there: by day, with guests and places; and go again."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Max

from archive.importing import plan
from archive.importing.plan import MINUTES_OF_A_TALK, Day, guest_source, talk_source
from archive.importing.rows import Row
from events import recurrence
from events.models import Series, Session, Talk, TalkSpeaker, Venue
from search import sources
from speakers.models import Speaker

# In the order in which they may go: what stands on another first.
MADE: dict[str, type[models.Model]] = {"talks": Talk, "sessions": Session, "speakers": Speaker, "venues": Venue}
Made = dict[str, list[int]]


def group_of(series: Series) -> str:
    """Within one series one id, one day and title, one name of a guest are one thing; elsewhere they are another."""
    return f"series {series.pk}"


def data_of(row: Row) -> dict[str, Any]:
    """A row as JSON."""
    found = {name: value for name, value in asdict(row).items() if name not in {"line", "left_out", "group"}}
    return found | {"on": row.on.isoformat(), "at": row.at.isoformat() if row.at else None}


def row_from(number: int, data: Mapping[str, Any]) -> Row:
    """The row again; its group is that of the series it is taken into."""
    lists = {name: tuple(data[name]) for name in ("speakers", "tags", "recordings")}
    lists["readings"] = tuple(tuple(one) for one in data.get("readings", ()))
    at = time.fromisoformat(data["at"]) if data["at"] else None
    return Row(**{**data, **lists, "line": number, "group": "", "on": date.fromisoformat(data["on"]), "at": at})


def take_in(series: Series, rows: Sequence[Row], *, now: datetime) -> Made:
    """Add these talks to the mornings of their days, in the caller's transaction; what was made, by its keys.

    A talk that is there already is passed over. A day of the past becomes a morning that is over, a coming one a draft.
    """
    Series.objects.select_for_update().get(pk=series.pk)
    rows = [_in_series(series, row) for row in rows]
    known = set(Talk.objects.filter(source__in=[talk_source(row) for row in rows]).values_list("source", flat=True))
    rows = [row for row in rows if talk_source(row) not in known]
    made: Made = {name: [] for name in MADE}
    days = _days(rows)
    sessions = _sessions(series, days, made, now=now)
    guests = _guests(series, rows, made)
    last = dict(Talk.objects.filter(session__in=sessions.values()).values_list("session").annotate(Max("position")))
    talks: list[Talk] = []
    named: list[TalkSpeaker] = []
    for day in days:
        session = sessions[day.on]
        for position, row in enumerate(day.talks, start=last.get(session.pk, 0) + 1):
            talk = _talk(session, series, row, position)
            talks.append(talk)
            people = {guest_source(row.group, name) for name in row.speakers}
            ordered = sorted(people, key=[guest_source(row.group, name) for name in row.speakers].index)
            named += [TalkSpeaker(talk=talk, speaker=guests[one], position=n) for n, one in enumerate(ordered, start=1)]
    Talk.objects.bulk_create(talks)
    TalkSpeaker.objects.bulk_create(named)
    made["talks"] = [talk.pk for talk in talks]
    codes = [session.code for session in sessions.values()]
    Session.objects.filter(code__in=codes).update(changed_at=now)
    sources.refresh(codes)
    return made


def take_back(series: Series, made: Mapping[str, Sequence[int]]) -> int:
    """Remove what was made, in the caller's transaction; how many mornings stay because more hangs on them."""
    Series.objects.select_for_update().get(pk=series.pk)
    sessions = list(Session.objects.filter(series=series, pk__in=made.get("sessions", [])))
    touched = Session.objects.filter(talks__in=made.get("talks", [])).values_list("code", flat=True)
    codes = {*touched, *(session.code for session in sessions)}
    Talk.objects.filter(pk__in=made.get("talks", [])).delete()
    edited = {session.pk for session in sessions if session.edited_at is not None}
    stay = 0
    for name, model in list(MADE.items())[1:]:
        keys = set(made.get(name, []))
        kept = _hung_upon(model, keys) | (edited if name == "sessions" else set())
        model._base_manager.filter(pk__in=keys - kept).delete()  # noqa: SLF001 - Django's name
        stay += len(kept) if name == "sessions" else 0
    sources.refresh(codes)
    return stay


def _hung_upon(model: type[models.Model], keys: set[int]) -> set[int]:
    """Which of these rows another row points at."""
    found: set[int] = set()
    for relation in model._meta.related_objects:  # noqa: SLF001 - Django's name
        column = relation.field.attname if relation.field.concrete and not relation.many_to_many else None
        if column is not None:
            other = relation.related_model._base_manager  # noqa: SLF001 - rows hidden by a manager count too
            found.update(other.filter(**{f"{column}__in": keys}).values_list(column, flat=True))
    return found


def _in_series(series: Series, row: Row) -> Row:
    return Row(**{**vars(row), "group": group_of(series)})


def _days(rows: Iterable[Row]) -> list[Day]:
    held: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        held[row.on].append(row)
    return [Day(on, tuple(sorted(talks, key=_order))) for on, talks in sorted(held.items())]


def _order(row: Row) -> tuple[bool, time, int]:
    return row.at is None, row.at or time(), row.line


def _sessions(series: Series, days: Sequence[Day], made: Made, *, now: datetime) -> dict[date, Session]:
    """The morning of each day; what is missing is made."""
    if not days:
        return {}
    first, last = (recurrence.localise(day.on, time(), series.timezone) for day in (days[0], days[-1]))
    near = Session.objects.filter(series=series, starts_at__range=(first, last + timedelta(days=1)))
    found = {session.local_start.date(): session for session in near.order_by("-starts_at", "-pk")}
    ruled = Session.objects.filter(series=series, recurrence_id__in=[day.on for day in days])
    found |= {session.recurrence_id: session for session in ruled if session.recurrence_id}
    taken = set(Session.objects.filter(series=series).exclude(number=None).values_list("number", flat=True))
    places = _places(days, made)
    missing = {day.on: _session(series, day, taken, places, now=now) for day in days if day.on not in found}
    Session.objects.bulk_create(missing.values())
    made["sessions"] = [session.pk for session in missing.values()]
    return {day.on: missing.get(day.on) or found[day.on] for day in days}


def _session(
    series: Series, day: Day, taken: set[int | None], places: Mapping[str, Venue], *, now: datetime
) -> Session:
    at = next((row.at for row in day.talks if row.at), series.at)
    minutes = max((row.minutes for row in day.talks if row.minutes), default=series.duration_minutes)
    number = next((row.number for row in day.talks if row.number and row.number not in taken), None)
    taken.add(number)
    session = Session(
        series=series,
        title=next((row.morning for row in day.talks if row.morning), "") or day.title(series.name),
        language=_language(series, day.talks),
        number=number,
        recurrence_id=day.on,
        starts_at=recurrence.localise(day.on, at, series.timezone),
        timezone=series.timezone,
        duration_minutes=max(minutes, 10),
        venue=next((places[row.place] for row in day.talks if row.place), series.venue),
        capacity=series.capacity,
        created_at=now,
        changed_at=now,
    )
    session.complete()
    if session.ends_at <= now:
        # What is to come has the hour of the series until the host says another; what was has none that nobody wrote.
        session.is_day_only = not any(row.at for row in day.talks)
        session.published_at = session.roster_closed_at = session.ends_at
    return session


def _language(series: Series, rows: Iterable[Row]) -> str:
    said = plan.commonest(row.language for row in rows)
    return series.language if said == plan.UNDETERMINED else said


def _places(days: Iterable[Day], made: Made) -> dict[str, Venue]:
    """Places by name, or by name and address as calendars write them; what the club does not know yet is made."""
    names = {row.place for day in days for row in day.talks if row.place}
    venues = list(Venue.objects.order_by("-pk")) if names else []
    known = {_bare(text): venue for venue in venues for text in (venue.name + venue.address, venue.name)}
    found = {name: known[_bare(name)] for name in names if _bare(name) in known}
    missing = [Venue(name=name) for name in sorted(names - {*found})]
    Venue.objects.bulk_create(missing)
    made["venues"] = [venue.pk for venue in missing]
    return found | {venue.name: venue for venue in missing}


def _bare(place: str) -> str:
    """What makes two spellings one place: no case, no width, no spaces or commas."""
    return re.sub(r"[\s,、]+", "", unicodedata.normalize("NFKC", place).casefold())


def _guests(series: Series, rows: Iterable[Row], made: Made) -> dict[str, Speaker]:
    """Guests by what they are known again."""
    named = {
        guest_source(row.group, name): (name, row.language or series.language) for row in rows for name in row.speakers
    }
    found = {str(one.source): one for one in Speaker.objects.filter(source__in=named)}
    read = {guest_source(row.group, name): (yomi, romaji) for row in rows for name, yomi, romaji in row.readings}
    missing = [
        Speaker(name=name, language=language, source=source, yomi=sounds[0], romaji=sounds[1])
        for source, (name, language) in named.items()
        if source not in found and (sounds := read.get(source, ("", "")))
    ]
    Speaker.objects.bulk_create(missing)
    made["speakers"] = [one.pk for one in missing]
    return found | {str(one.source): one for one in missing}


def _talk(session: Session, series: Series, row: Row, position: int) -> Talk:
    return Talk(
        session=session,
        position=position,
        title=row.title,
        abstract=row.abstract,
        language=row.language or series.language,
        minutes=row.talk_minutes or MINUTES_OF_A_TALK,
        recordings=list(row.recordings),
        tags=list(row.tags),
        source=talk_source(row),
    )
