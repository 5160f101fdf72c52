"""What a host prints for a morning."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.models import Session
from events.pages.front import label
from events.templatetags.sessions import session_when
from introductions.papers import badges, sheet, table_cards
from introductions.papers.people import Someone, guests, people


@login_required
@require_safe
def papers(request: HttpRequest, code: str) -> HttpResponse:
    """The three papers, and for how many people."""
    session = _session(request, code)
    invited, seated = guests(session), people(session)
    everybody = [*invited, *seated]
    context = {
        "session": session,
        "people": everybody,
        "guests": invited,
        "sheets": -(-len(everybody) // (badges.COLUMNS * badges.ROWS)),
        "tables": len({someone.table for someone in everybody if someone.table}),
        "without_table": sum(not someone.table for someone in seated),
        "listed": sum(someone.is_listed for someone in everybody),
    }
    return render(request, "introductions/papers.html", context)


@login_required
@require_safe
def paper(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """One of them, as PDF in the reader's language."""
    session = _session(request, code)
    if kind not in MADE:
        raise Http404
    language = get_language() or "ja"
    heading = f"{label(session)} {session_when(session, 'year')}"
    response = HttpResponse(
        MADE[kind]([*guests(session), *people(session)], language, heading), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="{session.local_start:%Y-%m-%d}-{kind}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _session(request: HttpRequest, code: str) -> Session:
    return get_object_or_404(Session.objects.hosted_by(request.user).select_related("series"), code=code)


def _badges(everybody: list[Someone], language: str, heading: str) -> bytes:
    words = {"title": _("Name badges"), "table_word": _("Table %(number)s")}
    return badges.pdf(everybody, language=language, heading=heading, **words)


def _table_cards(everybody: list[Someone], language: str, heading: str) -> bytes:
    words = {"title": _("Cards for the tables"), "table_word": _("Table %(number)s")}
    return table_cards.pdf(everybody, language=language, heading=heading, **words)


def _sheet(everybody: list[Someone], language: str, heading: str) -> bytes:
    return sheet.pdf(everybody, title=_("Who takes part"), language=language, heading=heading)


MADE: dict[str, Callable[[list[Someone], str, str], bytes]] = {
    "badges": _badges,
    "tables": _table_cards,
    "people": _sheet,
}
