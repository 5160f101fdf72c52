"""What describes the API: OpenAPI 3.1, kept by hand and held to the answers by tests/archive/test_api.py."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from archive.api import answers
from archive.api.tokens import Scope

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ADDRESS: Schema = {"type": "string", "format": "uri"}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _object(**properties: Schema) -> Schema:
    """All of these, and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


BOOK = _object(title=TEXT, publisher=TEXT, author=TEXT)
PLACE = _object(name=TEXT, address=TEXT, map_url=TEXT)
NAMED = {"code": TEXT, "name": TEXT, "yomi": TEXT, "romaji": TEXT, "url": ADDRESS}
TALK = _object(
    title=TEXT,
    abstract=TEXT,
    language=TEXT,
    guests=_list(_object(**NAMED)),
    is_members=FLAG | {"description": "A member's own talk; members are not named here."},
    book=_maybe(BOOK),
    recordings=_list(TEXT),
)
SESSION = {
    "code": TEXT,
    "series": TEXT | {"description": "The slug of its series."},
    "number": _maybe(COUNT),
    "title": TEXT,
    "summary": TEXT,
    "language": TEXT | {"description": "BCP 47, of what was written."},
    "starts_at": MOMENT,
    "ends_at": MOMENT,
    "is_day_only": FLAG | {"description": "Nobody wrote down the hour of this older morning: the day alone is true."},
    "timezone": TEXT | {"description": "IANA: where people meet."},
    "place": _maybe(PLACE),
    "capacity": COUNT,
    "seats_taken": COUNT,
    "fee": _object(amount=COUNT | {"description": "In the smallest unit."}, currency=TEXT),
    "is_cancelled": FLAG,
    "cancel_reason": TEXT,
    "talks": _list(TALK),
    "url": ADDRESS,
}
SCHEMAS = {
    "Series": _object(
        slug=TEXT,
        name=TEXT,
        name_en=TEXT,
        summary=TEXT,
        about=TEXT,
        language=TEXT,
        audience={"enum": ["public", "members", "series"]},
        timezone=TEXT,
        url=ADDRESS,
    ),
    "Session": _object(**SESSION),
    "HostedSession": _object(
        **SESSION,
        published_at=_maybe(MOMENT),
        waiting=COUNT,
        came=COUNT,
        roster_closed_at=_maybe(MOMENT),
    ),
    "Guest": _object(
        **NAMED,
        title=TEXT,
        bio=TEXT,
        language=TEXT,
        books=_list(_object(title=TEXT, publisher=TEXT, isbn=TEXT)),
    ),
    "Answer": _object(
        session=TEXT,
        starts_at=MOMENT,
        partstat={"enum": ["NEEDS-ACTION", "ACCEPTED", "DECLINED"]},
        has_seat=FLAG,
        is_waiting=FLAG,
        answered_at=MOMENT,
    ),
    "Attendance": _object(session=TEXT, starts_at=MOMENT, status=TEXT),
    "Problem": {
        "type": "object",
        "properties": {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
        "required": ["type", "title", "status"],
        "additionalProperties": False,
    },
}
PAGE: list[Schema] = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": answers.MOST}},
]
AFTER = "Where to go on: as in `next`. What comes or goes meanwhile moves no row from one answer into another."
DAYS, SLUGS = "^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$", "^[-a-zA-Z0-9_]{1,60}$"
DAY: Schema = {"type": "string", "format": "date", "pattern": DAYS}
NARROW: list[Schema] = [
    {"name": "series", "in": "query", "schema": {"type": "string", "pattern": SLUGS}},
    {"name": "from", "in": "query", "description": "A day in UTC.", "schema": DAY},
    {"name": "until", "in": "query", "description": "A day in UTC, itself too.", "schema": DAY},
]
HEADERS = {
    name: {"schema": {"type": "integer"}, "required": False}
    for name in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
}


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1 of everything under /api/v1/."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Asakai",
            "version": "1",
            "description": "Read-only. Without a token what everybody may see; with a member's, more by its scopes. "
            f"At most {answers.OFTEN} requests a minute with a token, {answers.OFTEN_UNKNOWN} without. "
            "Answers have an ETag: ask again with If-None-Match.",
        },
        "servers": [{"url": f"{settings.SITE_URL}/api/v1"}],
        "security": [{}, {"token": []}],
        "paths": {
            "/series": _listing("Series", "Series one may see"),
            "/series/{slug}": _single("Series", "One series", "slug"),
            "/sessions": _listing("Session", "Announced mornings, the latest first", *NARROW),
            "/sessions/{code}": _single("Session", "One morning", "code"),
            "/guests/{code}": _single("Guest", "One guest", "code"),
            "/me/answers": _listing("Answer", "My answers", scope=Scope.MINE),
            "/me/attendances": _listing("Attendance", "Mornings where I was", scope=Scope.MINE),
            "/hosted/sessions": _listing("HostedSession", "Mornings of my series", *NARROW, scope=Scope.HOSTING),
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _listing(name: str, summary: str, *parameters: Schema, scope: Scope | None = None) -> Schema:
    schema = _object(items=_list(_ref(name)), total=COUNT, next=_maybe(ADDRESS))
    pattern = answers.NAMES if name == "Series" else answers.MARKS
    after = {"name": "after", "in": "query", "description": AFTER, "schema": {"type": "string", "pattern": pattern}}
    return _operation(summary, [*PAGE, after, *parameters], schema, [400, 401, *([403] if scope else []), 429], scope)


def _single(name: str, summary: str, key: str) -> Schema:
    code = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 60}
    return _operation(
        summary, [{"name": key, "in": "path", "required": True, "schema": code}], _ref(name), [401, 404, 429]
    )


def _operation(
    summary: str, parameters: list[Schema], schema: Schema, problems: list[int], scope: Scope | None = None
) -> Schema:
    told = {"description": "As asked.", "headers": HEADERS, "content": {"application/json": {"schema": schema}}}
    wrong = {"content": {"application/problem+json": {"schema": _ref("Problem")}}}
    responses = {"200": told, "304": {"description": "Unchanged."}}
    responses |= {str(status): {"description": answers.TITLES[status], **wrong} for status in problems}
    needs = {"security": [{"token": []}], "description": f"Needs the scope {scope.value}."} if scope else {}
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses, **needs}}
