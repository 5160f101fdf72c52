"""Past sessions in a list, page by page, as browsing and searching show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive import narrowing
from archive.forms import Wish
from events import programme
from events.models import Attendance, Session
from events.models.series import Viewer
from events.programme import Programme, TalkCard
from members import folding
from members.templatetags.people import called_in_text
from search.templatetags.highlights import marked

ON_A_PAGE = 20
# What a row is made of: a session and its series have many columns more, and a page has twenty of each.
SHOWN = (
    *("code", "title", "number", "language", "starts_at", "is_day_only", "timezone", "recurrence_id", "published_at"),
    *("series__slug", "series__name", "series__name_en"),
)


@dataclass(frozen=True)
class Found:
    """Where in a session something was found, and the address of that place."""

    where: str
    what: SafeString
    language: str
    href: str


@dataclass(frozen=True)
class Row:
    """Everything the list shows of a session, so that the template works nothing out."""

    session: Session
    href: str
    title: str
    label: str
    who: str
    came: str = ""
    state: str = "past"
    found: Sequence[Found] = ()
    more: int = 0


@dataclass(frozen=True)
class Listing:
    """A page of rows; `page` knows how many there are in all."""

    page: Page[int]
    rows: Sequence[Row]

    @property
    def pages(self) -> list[str | int]:
        """1 2 3 … 9: the numbers between which one may choose."""
        return list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1))


def cut(total: int, number: int, size: int) -> Page[int]:
    """A page of so many that are counted already."""
    return Paginator(range(total), size).get_page(number)


def browse(viewer: Viewer, wish: Wish, *, total: int, several: bool, now: datetime) -> Listing:
    """The newest first: one query. `several`: rows of more than one series."""
    page = cut(total, wish.page, ON_A_PAGE)
    past = narrowing.sessions(Session.objects.visible_to(viewer).on().past(now), wish)
    past = programme.along(past.select_related("series").only(*SHOWN))
    came = Attendance.objects.came().filter(session=OuterRef("pk")).order_by().values("session")
    counted = past.annotate(came=Subquery(came.annotate(n=Count("pk")).values("n"), output_field=IntegerField()))
    sessions = list(counted[page.start_index() - 1 : page.end_index()]) if total else []
    return Listing(page, [row(one, viewer, several=several, guest=wish.guest) for one in sessions])


def row(session: Session, viewer: Viewer, *, several: bool, text: str = "", guest: str = "") -> Row:
    """The row of a session that has its series and programme with it; what `text` asks for is marked.

    It is about the talk of the guest that is looked for, where that morning had several.
    """
    of_session = programme.brought(session)
    title, who = programme.title(session, of_session), _who(of_session, names=viewer.is_authenticated)
    talk = _talk_of(guest, of_session) if guest else None
    if talk:
        title = talk.title or title
    came = vars(session).get("came") or 0
    return Row(
        session=session,
        href=session.get_absolute_url() + (f"#talk-{talk.pk}" if talk else ""),
        title=marked(title, text) if text else title,
        label=_label(session, title, several=several),
        who=marked(who, text) if text else who,
        came=ngettext("%(figure)s came", "%(figure)s came", came) % {"figure": came} if came else "",
    )


def _talk_of(guest: str, of_session: Programme) -> TalkCard | None:
    """The first talk somebody gave who is called so; nothing where there is one talk, or no such name."""
    if len(of_session.talks) < 2:
        return None
    words = folding.fold(guest).split()
    for talk in of_session.talks:
        names = [folding.fold(f"{one.name} {one.yomi} {one.romaji}") for one in talk.guests]
        if any(all(word in name for word in words) for name in names):
            return talk
    return None


def _label(session: Session, title: str, *, several: bool) -> str:
    """第132回, with the series where there are several or no numbers, unless the title says it already."""
    number = _("No. %(number)s") % {"number": session.number} if session.number else ""
    series = session.series.display_name if several or not number else ""
    return " ".join(filter(None, [series if series != title else "", number]))


def _who(of_session: Programme, *, names: bool) -> str:
    """The guests with the book, or the members who spoke; a stranger hears that it was a member, as on its page."""
    if not of_session.guests:
        if not names:
            return _("A member’s talk") if any(talk.member for talk in of_session.talks) else ""
        return _(", ").join(called_in_text(talk.member) for talk in of_session.talks if talk.member)
    if of_session.book is None:
        return of_session.who
    return _("%(who)s, “%(book)s”") % {"who": of_session.who, "book": of_session.book.title}
