"""A whole series to take along, for its hosts: as JSON, of which another installation takes in talks and mornings."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from archive.api import shapes
from archive.importing.services import FORMAT
from events.models import Attendance, Series, Session, Talk
from records.models import Report, Takeaway
from speakers.models import Speaker

BATCH = 100


def whole(series: Series) -> Iterator[str]:
    """The JSON of a series, in pieces: what it is, and every session with programme, report, lines and who came.

    Who came stands there as in the table of attendance; of a line taken home only the words. Drafts are in it.
    """
    yield f'{{"format": {json.dumps(FORMAT)}, "series": {_json(_about(series))}, "sessions": ['
    keys = list(_all(series).values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        rows = list(shapes.for_hosts(_all(series).filter(pk__in=keys[start : start + BATCH])))
        for number, shape in enumerate(_told(rows)):
            yield (",\n" if start or number else "\n") + _json(shape)
    yield "\n]}\n"


def _all(series: Series) -> QuerySet[Session]:
    return Session.objects.filter(series=series).select_related("series", "venue").order_by("starts_at", "pk")


def _about(series: Series) -> dict[str, Any]:
    (shape,) = shapes.series([series])
    planned = {"rule": series.rule, "starts_on": series.starts_on.isoformat(), "at": f"{series.at:%H:%M}"}
    return shape | planned | {"duration_minutes": series.duration_minutes, "capacity": series.capacity}


def _told(rows: list[Session]) -> Iterator[dict[str, Any]]:
    """Five queries for however many."""
    pks = [row.pk for row in rows]
    speakers = Prefetch("speakers", Speaker.objects.order_by("talkspeaker__position", "talkspeaker__pk"))
    talks: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for talk in Talk.objects.filter(session__in=pks).prefetch_related(speakers).order_by("position", "pk"):
        talks[talk.session_id].append(_talk(talk))
    reports = {report.session_id: report for report in Report.objects.filter(session__in=pks)}
    lines: dict[int, list[dict[str, str]]] = defaultdict(list)
    for line in Takeaway.objects.filter(session__in=pks, hidden_at=None).order_by("pk"):
        lines[line.session_id].append({"text": line.text, "audience": line.audience})
    came: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in Attendance.objects.filter(session__in=pks).select_related("member").order_by("pk"):
        who = one.member or one
        came[one.session_id].append({"name": who.name, "yomi": who.yomi, "status": one.status})
    for row, shape in zip(rows, shapes.hosted(rows), strict=True):
        report = reports.get(row.pk)
        yield shape | {
            "local_start": row.local_start.date().isoformat() if row.is_day_only else row.local_start.isoformat(),
            "minutes": row.duration_minutes,
            "programme": row.programme,
            "talks": talks[row.pk],
            "report": {"text": report.body, "published_at": shapes.iso(report.published_at)} if report else None,
            "takeaways": lines[row.pk],
            "attendance": came[row.pk],
        }


def _talk(talk: Talk) -> dict[str, Any]:
    """As the API tells it, and with its minutes."""
    named = [{"name": one.name, "yomi": one.yomi, "romaji": one.romaji} for one in talk.speakers.all()]
    told = {"title": talk.title, "abstract": talk.abstract, "language": talk.language, "minutes": talk.minutes}
    return told | {"guests": named, "tags": talk.tags, "recordings": talk.recordings}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
