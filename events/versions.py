"""Which version of a session's public page somebody would see now: one query, so that a repeated view costs no more.

`xmin` is the number of the transaction that last wrote a row (PostgreSQL, "System Columns"): whoever wrote it, and
however, it is another number then. Every table that hangs on a session counts, also those of higher apps.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.models import Model
from django.utils.translation import get_language

from events.models import Session
from members.models import Club

# The session, its neighbours in the pager, and the next morning at the end of a past one: title, date, seats.
NEAR = """
WITH here AS (
  SELECT s.*, s.xmin AS written FROM events_session s JOIN events_series r ON r.id = s.series_id
   WHERE s.code = %(code)s AND s.published_at IS NOT NULL AND r.audience = 'public'
), line AS (
  SELECT o.*, o.xmin AS written FROM events_session o JOIN here ON o.series_id = here.series_id
   WHERE o.published_at IS NOT NULL AND o.cancelled_at IS NULL AND o.id <> here.id
), near AS (
  (SELECT * FROM here)
  UNION ALL (SELECT line.* FROM line, here WHERE line.starts_at < here.starts_at
             ORDER BY line.starts_at DESC, line.id DESC LIMIT 1)
  UNION ALL (SELECT line.* FROM line, here WHERE line.starts_at >= here.starts_at
             ORDER BY line.starts_at, line.id LIMIT 1)
  UNION ALL (SELECT * FROM line WHERE starts_at > %(now)s ORDER BY starts_at, id LIMIT 1)
)
SELECT r.xmin::text, v.xmin::text,
  (SELECT string_agg(concat_ws(' ', id, written, starts_at > %(now)s, ends_at > %(now)s, rsvp_opens_at > %(now)s,
     rsvp_closes_at < %(now)s, headcount_at <= %(now)s), ',' ORDER BY id) FROM near),
  (SELECT count(*) FROM events_rsvp k WHERE k.session_id = here.id AND k.hold_until <= %(now)s),
  (SELECT string_agg(concat_ws(' ', t.id, t.xmin, b.xmin, p.id, p.xmin, g.xmin), ',' ORDER BY t.id, p.id)
     FROM near JOIN events_talk t ON t.session_id = near.id LEFT JOIN speakers_book b ON b.id = t.book_id
     LEFT JOIN events_talkspeaker p ON p.talk_id = t.id LEFT JOIN speakers_speaker g ON g.id = p.speaker_id)"""
FROM = """
FROM here JOIN events_series r ON r.id = here.series_id LEFT JOIN events_venue v ON v.id = here.venue_id"""


def public_page(code: str, *, now: datetime) -> str | None:
    """A text that changes whenever the page of somebody signed out may change; nothing where there is no such page."""
    with connection.cursor() as cursor:
        cursor.execute(_query(), {"code": code, "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    club = Club.current()
    parts = (*row, get_language(), club.name, club.name_en, club.sentence, club.sentence_en, _release())
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()


@lru_cache(maxsize=1)
def _query() -> str:
    """The query, with a column for every table that has a foreign key to a session."""
    related = Session._meta.related_objects  # noqa: SLF001 - Django's documented Model._meta
    relations = [relation for relation in related if not relation.many_to_many]
    columns = [_rows_of(relation.related_model, str(relation.field.column)) for relation in relations]
    return ",\n".join([NEAR, *columns]) + FROM


def _rows_of(model: type[Model], key: str) -> str:
    """Every row of a table that belongs to the session, and the person it names: a trade or a name may be shown."""
    meta = model._meta  # noqa: SLF001 - Django's documented Model._meta
    columns = {field.name: field.column for field in meta.concrete_fields}
    member = f"LEFT JOIN members_member m ON m.id = a.{columns['member']}" if "member" in columns else ""
    person = ", m.industry, m.name, m.romaji" if member else ""
    table = connection.ops.quote_name(meta.db_table)
    return f"""  (SELECT string_agg(concat_ws(' ', a.id, a.xmin{person}), ',' ORDER BY a.id)
     FROM {table} a {member} WHERE a.{key} = here.id)"""  # noqa: S608 - names from our own models


@lru_cache(maxsize=1)
def _release() -> str:
    """What changes when another version of the program is installed: templates, words, stylesheet."""
    files = [*settings.BASE_DIR.glob("templates/**/*.html"), *settings.BASE_DIR.glob("*/locale/**/*.po")]
    youngest = max(file.stat().st_mtime_ns for file in files)
    return f"{youngest} {staticfiles_storage.url('css/app.css')}"
