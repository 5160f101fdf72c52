"""The record of the whole club, for operators: every change, who made it and when. What it held is not repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archive.activity import WORDS
from events.models import Series, Session
from members.models import Activity, Member

PER_PAGE = 50

# What is done to no series.
CLUB_WORDS: Mapping[str, Promise] = {
    "account.app-removal": _("took an authenticator app off an account"),
    "account.closing": _("closed an account"),
    "account.opening": _("opened an account again"),
    "account.operator": _("made somebody operator"),
    "account.operator-removal": _("took an operator’s task away"),
    "account.signing-out": _("signed somebody out everywhere"),
    "archive.import": _("took in sessions from elsewhere"),
    "club.export": _("had the whole club made into a file"),
    "club.export.taken": _("took the whole club along as a file"),
    "club.save": _("changed what the club says of itself"),
    "concern.look": _("looked at what was told to the hosts"),
    "feed.rotate": _("changed the secret address of their calendar"),
    "member.app_off": _("had an authenticator app taken off on the server"),
    "member.erase": _("An account was deleted"),
    "member.move": _("changed their mail address"),
    "picture.hide": _("A photo was hidden by somebody on it"),
    "refusal.add": _("refused an address"),
    "refusal.remove": _("took a refusal back"),
    "speaker.book": _("put a guest’s book on the shelf"),
    "speaker.book-removal": _("took a guest’s book off the shelf"),
    "speaker.edit": _("changed what is known of a guest"),
    "speaker.face": _("changed a guest’s photo"),
    "talk.ask": _("asked a member for a talk"),
    "venue.archive": _("put a place away"),
    "venue.edit": _("changed a place"),
    "venue.make": _("added a place"),
    "venue.move": _("moved mornings to another place"),
    "venue.return": _("brought a place back"),
    "wish.close": _("answered a wish for an author"),
    "wish.invite": _("turned a wish into a letter"),
}


@dataclass(frozen=True)
class Line:
    """One change. `who` is empty where nobody is named any more, `url` where there is nothing to look at."""

    pk: int
    at: datetime
    who: str
    what: str
    about: str
    url: str


def lines(*, before: int | None = None) -> list[Line]:
    """The latest, or those before the row of that number: four queries at most."""
    found = list(Activity.objects.select_related("actor").latest_first(before=before)[:PER_PAGE])
    places = _places(found)
    return [_line(row, places) for row in found]


def _line(row: Activity, places: Mapping[str, tuple[str, str]]) -> Line:
    who = (row.actor.display_name or row.actor.email) if row.actor and row.actor.erased_at is None else ""
    about, url = places.get(row.target, ("", ""))
    what = WORDS.get(row.verb) or CLUB_WORDS.get(row.verb) or row.verb
    return Line(row.pk, row.at, who, str(what), about, url)


def _places(rows: list[Activity]) -> dict[str, tuple[str, str]]:
    """By target: what it is called, and where it stands."""
    codes: dict[str, set[str]] = {"session": set(), "series": set(), "member": set()}
    for row in rows:
        kind, _colon, code = row.target.partition(":")
        codes.get(kind, set()).add(code)
    sessions = Session.objects.filter(code__in=codes["session"])
    series = Series.objects.filter(slug__in=codes["series"])
    members = Member.objects.get_queryset().filter(code__in=codes["member"], erased_at=None)
    found = {f"session:{one.code}": (str(one), one.get_absolute_url()) for one in sessions}
    found |= {f"series:{one.slug}": (one.display_name, one.get_absolute_url()) for one in series}
    return found | {
        f"member:{one.code}": (one.display_name or one.email, f"/operator/accounts/{one.code}/") for one in members
    }
