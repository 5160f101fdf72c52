"""What a reader may see of what remains of a session: the report, and what people took home."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import CharField, Q, QuerySet, Value
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from events.models import Session
from events.models.series import Viewer
from members.levels import Level
from members.models import Member
from members.names import Surname
from members.templatetags.people import called, called_in_text
from records.forms import TakeawayForm
from records.markdown import html
from records.models import Handout, Picture, Report, Takeaway

# How far the trade beside a line goes: no further than its author lets it.
READERS = {
    Takeaway.Audience.HOSTS: Level.HOSTS,
    Takeaway.Audience.MEMBERS: Level.MEMBERS,
    Takeaway.Audience.PUBLIC: Level.PUBLIC,
}


@dataclass(frozen=True)
class ReportCard:
    """The report as the page shows it. `author` is told to members only."""

    html: SafeString
    language: str
    author: str


@dataclass(frozen=True)
class Line:
    """What one person took home; `person` and `who` only as far as they chose. `pk` is for the host's button."""

    text: str
    language: str
    person: Member | Surname | None
    who: str
    pk: int
    audience: str = ""


@dataclass(frozen=True)
class Remains:
    """`form` is there for those who came; `has_draft` is told to hosts."""

    report: ReportCard | None
    takeaways: Sequence[Line]
    pictures: Sequence[Picture]
    handouts: Sequence[Handout]
    mine: Takeaway | None = None
    form: TakeawayForm | None = None
    has_draft: bool = False


def of(session: Session, viewer: Viewer, *, was_there: bool = False) -> Remains:
    """Report, lines, and photos with files of one session: three queries."""
    report = Report.objects.visible_to(viewer).filter(session=session).select_related("author").first()
    takeaways = list(_lines(session, viewer))
    mine = next((one for one in takeaways if one.member_id is not None and one.member_id == viewer.pk), None)
    pictures, handouts = _keepsakes(session, viewer)
    return Remains(
        report=_card(report, viewer, pictures) if report and report.is_published else None,
        takeaways=[_line(one) for one in takeaways if one.hidden_at is None],
        pictures=pictures,
        handouts=handouts,
        mine=mine,
        form=TakeawayForm(instance=mine, member=viewer) if was_there and isinstance(viewer, Member) else None,
        has_draft=report is not None and not report.is_published,
    )


def _keepsakes(session: Session, viewer: Viewer) -> tuple[list[Picture], list[Handout]]:
    """Photos and files in one query, with what the page shows of them."""
    pictures = Picture.objects.visible_to(viewer).filter(session=session).order_by()
    handouts = Handout.objects.visible_to(viewer).filter(session=session).order_by()
    nothing = Value("", output_field=CharField())
    rows = pictures.values_list(Value(0), "pk", "code", "caption", "width", "height", nothing).union(
        handouts.values_list(Value(1), "pk", "code", "title", "size", Value(0), "file"), all=True
    )
    found = sorted(rows)
    return (
        [Picture(code=code, caption=words, width=w, height=h) for kind, _pk, code, words, w, h, _ in found if not kind],
        [
            Handout(code=code, title=words, size=size, file=file)
            for kind, _pk, code, words, size, _, file in found
            if kind
        ],
    )


def for_guest(session: Session) -> list[Line]:
    """For the guest of that morning: all lines, and whose they are where the guest or everyone may know. One query."""
    return [_to_guest(one) for one in Takeaway.objects.for_guest(session)]


def _to_guest(takeaway: Takeaway) -> Line:
    """What was signed for members alone has no name here: a guest is none."""
    is_for_members = takeaway.audience == Takeaway.Audience.MEMBERS
    person = None if is_for_members else takeaway.signature
    who = called_in_text(person) if person else ""
    return Line(takeaway.text, takeaway.language, person, who, takeaway.pk)


def latest(viewer: Viewer) -> Line | None:
    """A line for the front page: the newest that this reader may see."""
    newest = Takeaway.objects.visible_to(viewer).select_related("member")
    found = newest.filter(session__cancelled_at=None).order_by("-session__starts_at", "pk").first()
    return _line(found) if found else None


def _lines(session: Session, viewer: Viewer) -> QuerySet[Takeaway]:
    """What the reader may see, and the reader's own even if a host has hidden it: it can still be changed."""
    of_session = Takeaway.objects.filter(session=session).select_related("member")
    seen = Q(pk__in=Takeaway.objects.visible_to(viewer).filter(session=session))
    return of_session.filter(seen | Q(member=viewer.pk) if viewer.pk else seen)


def _card(report: Report, viewer: Viewer, pictures: Iterable[Picture]) -> ReportCard:
    """A photo this reader may not see is not in the text either."""
    author = called(report.author) if report.author and isinstance(viewer, Member) else ""
    return ReportCard(html(report.body, pictures), report.language, author)


def _line(takeaway: Takeaway) -> Line:
    person = takeaway.signature
    public = takeaway.audience == Takeaway.Audience.PUBLIC
    audience = "" if public else takeaway.get_audience_display()
    if person is None or takeaway.member is None:
        return Line(takeaway.text, takeaway.language, None, "", takeaway.pk, audience)
    level = READERS[Takeaway.Audience(takeaway.audience)]
    trade = takeaway.member.as_seen_at(level).trade
    # The name may bring markup of its own, a Japanese one on an English page.
    both = _("%(name)s (%(trade)s)") % {"name": "{name}", "trade": "{trade}"}
    who = format_html(both if trade else "{name}", name=called(person), trade=trade)
    return Line(takeaway.text, takeaway.language, person, who, takeaway.pk, audience)
