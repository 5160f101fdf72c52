"""Searching: documents found by their words, shown under the sessions they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from archive import audiences, narrowing
from archive.forms import KINDS, Order, Wish
from archive.listing import ON_A_PAGE, Found, Listing, Row, cut, row
from events import programme
from events.models import Session
from events.models.series import Viewer
from search import tokens
from search.models import COUNTED, RANKED, Document
from search.templatetags.highlights import excerpt, marked

LINES = 4  # of one session
Kind = Document.Kind
# What is shown of a session when more is found than there is room for.
FIRST = (Kind.REPORT, Kind.TAKEAWAY, Kind.BOOK, Kind.SPEAKER, Kind.TALK, Kind.SESSION)
Hit = tuple[int, str, str]  # document, session, kind


@dataclass(frozen=True)
class Results:
    """A page of sessions in which it was found. `is_capped`: there is more than is looked through."""

    listing: Listing
    mornings: int
    is_capped: bool = False
    asks_nothing: bool = False
    # Of so many places, the newest, some were left out for a word that is excluded; what is older was not looked at.
    thinned: int = 0


def find(viewer: Viewer, wish: Wish, *, several: bool, now: datetime) -> Results:
    """Two queries, one where nothing is found."""
    if wish.text and tokens.query(wish.text) is None:
        return Results(Listing(cut(0, 1, ON_A_PAGE), []), 0, asks_nothing=True)
    limit = RANKED if _by_rank(wish) else COUNTED
    of_sessions: dict[str, list[Hit]] = defaultdict(list)
    hits, is_capped = ([], False) if wish.number else _hits(viewer, wish, limit)
    for hit in hits:
        of_sessions[hit[1]].append(hit)
    if wish.number:
        of_sessions = {code: [] for code in _numbered(viewer, wish)}
    page = cut(len(of_sessions), wish.page, ON_A_PAGE)
    chosen = {code: of_sessions[code] for code in list(of_sessions)[page.start_index() - 1 : page.end_index()]}
    listing = Listing(page, _rows(viewer, chosen, wish, several=several, now=now) if chosen else [])
    if is_capped and len(hits) < limit:
        return Results(listing, len(of_sessions), thinned=min(limit, COUNTED - 1))
    return Results(listing, len(of_sessions), is_capped=is_capped)


def _hits(viewer: Viewer, wish: Wish, limit: int) -> tuple[list[Hit], bool]:
    """The newest or the best, without those of a morning that has what is excluded; and whether there is more."""
    visible = audiences.visible_to(viewer).filter(session_code__isnull=False)
    documents = narrowing.documents(visible.matching(wish.text) if wish.text else visible, wish)
    if KINDS[wish.place]:
        documents = documents.filter(kind__in=KINDS[wish.place])
    ordered = documents.by_rank(wish.text) if _by_rank(wish) else documents.newest_first()[:limit]
    looked_at = list(
        ordered.annotate(out=visible.with_excluded(wish.text)).values_list("pk", "session_code", "kind", "out")
    )
    hits = [(pk, code or "", kind) for pk, code, kind, out in looked_at if out is None]
    return hits, len(looked_at) == limit


def _by_rank(wish: Wish) -> bool:
    """Without words nothing is better than another."""
    return wish.order is Order.BEST and bool(wish.text)


def _numbered(viewer: Viewer, wish: Wish) -> QuerySet[Session, str]:
    numbered = narrowing.sessions(Session.objects.visible_to(viewer).on().filter(number=wish.number), wish)
    return numbered.order_by("-starts_at", "-pk").values_list("code", flat=True)[:COUNTED]


def _rows(viewer: Viewer, hits: dict[str, list[Hit]], wish: Wish, *, several: bool, now: datetime) -> list[Row]:
    """In the order of the hits. A session this reader may not see is left out, whatever the index says."""
    shown = [pk for of_session in hits.values() for pk, _code, _kind in sorted(of_session, key=_first)[:LINES]]
    sessions = {session.code: session for session in _sessions(viewer, shown, list(hits))}
    rows = {
        code: row(session, viewer, several=several, text=wish.text, guest=wish.guest)
        for code, session in sessions.items()
    }
    return [
        _with_lines(rows[code], wish.text, len(of_session), now=now)
        for code, of_session in hits.items()
        if code in rows
    ]


def _first(hit: Hit) -> tuple[int, int]:
    return FIRST.index(Kind(hit[2])), hit[0]


def _sessions(viewer: Viewer, documents: Sequence[int], codes: Sequence[str]) -> QuerySet[Session]:
    """The sessions, each with its documents and its programme as JSON values."""
    texts = JSONObject(**{name: F(name) for name in ("kind", "title", "who", "body", "language", "url")})
    found = Document.objects.filter(pk__in=documents, session_code=OuterRef("code")).order_by("pk")
    seen = Session.objects.visible_to(viewer).on().filter(code__in=codes).select_related("series")
    return programme.along(seen).annotate(documents=ArraySubquery(found.values(found=texts)))


def _with_lines(shown: Row, text: str, hits: int, *, now: datetime) -> Row:
    values: list[dict[str, Any]] = vars(shown.session)["documents"] or []  # of none asked for, nothing is selected
    documents = sorted((Document(**one) for one in values), key=lambda one: FIRST.index(Kind(one.kind)))
    lines = [(document, _line(document, shown, text)) for document in documents]
    return replace(
        shown,
        found=[Found(_where(document), line, document.language, document.url) for document, line in lines if line],
        more=hits - len(documents),
        state="past" if shown.session.is_over(now) else "",
    )


def _where(document: Document) -> str:
    return _("What was announced") if document.kind == Kind.SESSION else str(document.get_kind_display())


def _line(document: Document, shown: Row, text: str) -> SafeString:
    """What of the document the row does not say already; nothing where it says it all."""
    title, body = marked(document.title, text), excerpt(document, text)
    if document.kind == Kind.TAKEAWAY and not text:
        return marked(document.body, text)
    if document.kind in {Kind.REPORT, Kind.TAKEAWAY}:
        return body
    says_who = document.kind == Kind.SPEAKER or not document.title
    names = marked(document.who, text) if says_who and not _hit(title) else ""
    parts = [
        title if document.title and title != shown.title else "",
        names if _hit(names) else "",
        body if _hit(body) else "",
    ]
    said = list(dict.fromkeys(part for part in parts if part))
    if not any(map(_hit, said)):
        return SafeString("")
    return format_html(" — ".join(["{}"] * len(said)), *said)


def _hit(html: str) -> bool:
    return "<mark>" in html
