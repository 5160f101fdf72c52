"""The plan beside the database: what is there already stays as it is, what is missing is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from archive.importing import plan as plans
from archive.importing.plan import Day, Group, Plan, guest_source, talk_source
from archive.importing.rows import Row
from events import recurrence
from events.models import Membership, Series, Session, Talk, TalkSpeaker
from members.models import Activity, Member
from speakers.models import Speaker

SLUG_LENGTH = 60
BATCH = 1000
Place = tuple[str, date]  # a group and a day


@dataclass(frozen=True)
class Known:
    """What of the plan is in the database, by where it came from."""

    series: Mapping[str, Series]
    sessions: Mapping[Place, Session]
    talks: frozenset[str]
    speakers: Mapping[str, Speaker]


@dataclass
class Missing:
    """The rows that are to be added. A session known already may get talks all the same."""

    series: dict[str, Series] = field(default_factory=dict)
    sessions: dict[Place, Session] = field(default_factory=dict)
    speakers: dict[str, Speaker] = field(default_factory=dict)
    talks: list[Talk] = field(default_factory=list)
    talk_speakers: list[TalkSpeaker] = field(default_factory=list)

    @property
    def touched(self) -> list[str]:
        """Codes of the sessions that get talks."""
        return list(dict.fromkeys(talk.session.code for talk in self.talks))


def known(plan: Plan) -> Known:
    """Look up what is there: four queries."""
    series = {one.source: one for one in Series.objects.filter(source__in=[group.source for group in plan.groups])}
    names = {one.pk: str(source) for source, one in series.items()}
    sessions = Session.objects.filter(series__in=names, recurrence_id__isnull=False).select_related("series")
    guests = Speaker.objects.filter(
        source__in={guest_source(row.group, name) for row in plan.rows for name in row.speakers}
    )
    talks = Talk.objects.filter(source__in=[talk_source(row) for row in plan.rows])
    return Known(
        series={str(source): one for source, one in series.items()},
        sessions={(names[one.series_id], one.recurrence_id): one for one in sessions if one.recurrence_id},
        talks=frozenset(str(source) for source in talks.values_list("source", flat=True)),
        speakers={str(one.source): one for one in guests},
    )


def missing(plan: Plan, there: Known, *, now: datetime) -> Missing:
    """The rows to add, not written yet."""
    rows = Missing()
    slugs = set(Series.objects.values_list("slug", flat=True))
    last = dict(
        Talk.objects.filter(session__in=there.sessions.values()).values_list("session").annotate(Max("position"))
    )
    for group in plan.groups:
        series = there.series.get(group.source) or rows.series.setdefault(group.source, _series(group, slugs, now=now))
        for day in group.days:
            fresh = [row for row in day.talks if talk_source(row) not in there.talks]
            place = (group.source, day.on)
            session = there.sessions.get(place)
            if session is None:
                session = rows.sessions[place] = _session(series, group, day, now=now)
            talks = _talks(session, group, fresh, first=last.get(session.pk, 0) + 1)
            rows.talks += talks
            for talk, row in zip(talks, fresh, strict=True):
                _add_guests(rows, talk, guests_of(group, row), there)
    return rows


@transaction.atomic
def write(rows: Missing, *, owner: Member | None, now: datetime) -> None:
    """Add the rows, in the order in which they stand on each other. New series belong to the operator."""
    Series.objects.bulk_create(rows.series.values())
    if owner is not None:
        role = Membership.Role.OWNER
        Membership.objects.bulk_create(
            Membership(series=series, member=owner, role=role, joined_at=now) for series in rows.series.values()
        )
    Session.objects.bulk_create(rows.sessions.values(), batch_size=BATCH)
    Speaker.objects.bulk_create(rows.speakers.values(), batch_size=BATCH)
    Talk.objects.bulk_create(rows.talks, batch_size=BATCH)
    TalkSpeaker.objects.bulk_create(rows.talk_speakers, batch_size=BATCH)
    known_before = [code for code in rows.touched if code not in {one.code for one in rows.sessions.values()}]
    Session.objects.filter(code__in=known_before).update(changed_at=now)
    if rows.talks:
        Activity.record(owner, "archive.import", "archive", now=now, talks=len(rows.talks))


def _series(group: Group, slugs: set[str], *, now: datetime) -> Series:
    first = group.days[0]
    return Series(
        slug=_slug(group.source, slugs),
        name=group.name,
        language=group.language,
        audience=Series.Audience.PUBLIC,
        numbered=False,
        starts_on=first.on,
        at=first.starts.time(),
        timezone=settings.TIME_ZONE,
        source=group.source,
        created_at=now,
    )


def _slug(source: str, taken: set[str]) -> str:
    """An address for the series that no other has."""
    stem = slugify(source)[: SLUG_LENGTH - 4] or f"series-{blake2b(source.encode(), digest_size=4).hexdigest()}"
    slug = next(one for n in range(1, 10_000) if (one := stem if n == 1 else f"{stem}-{n}") not in taken)
    taken.add(slug)
    return slug


def _session(series: Series, group: Group, day: Day, *, now: datetime) -> Session:
    """A session that is over: its roster is closed and it has no number. Its date is what it is known again by."""
    starts = day.starts
    session = Session(
        series=series,
        title=day.title(group.name),
        language=plans.commonest(row.language or group.language for row in day.talks),
        recurrence_id=day.on,
        starts_at=recurrence.localise(starts.date(), starts.time(), settings.TIME_ZONE),
        is_day_only=not any(row.at for row in day.talks),
        timezone=settings.TIME_ZONE,
        duration_minutes=day.minutes,
        created_at=now,
        changed_at=now,
    )
    over_at = session.starts_at + timedelta(minutes=day.minutes)
    session.published_at = session.roster_closed_at = over_at
    session.complete()
    return session


def _talks(session: Session, group: Group, rows: Sequence[Row], *, first: int) -> list[Talk]:
    return [
        Talk(
            session=session,
            position=position,
            title=row.title,
            abstract=row.abstract,
            language=row.language or group.language,
            minutes=plans.MINUTES_OF_A_TALK,
            recordings=list(row.recordings),
            tags=list(row.tags),
            source=talk_source(row),
        )
        for position, row in enumerate(rows, start=first)
    ]


def _add_guests(rows: Missing, talk: Talk, names: Mapping[str, str], there: Known) -> None:
    for position, (source, name) in enumerate(names.items(), start=1):
        speaker = there.speakers.get(source) or rows.speakers.get(source)
        if speaker is None:
            speaker = rows.speakers[source] = Speaker(name=name, language=talk.language, source=source)
        rows.talk_speakers.append(TalkSpeaker(talk=talk, speaker=speaker, position=position))


def guests_of(group: Group, row: Row) -> dict[str, str]:
    """By what each guest of a talk is known again, and the name."""
    return {guest_source(group.source, name): name for name in row.speakers}
