"""What a reader may see of what remains of a session: the report, and what people took home."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from django.db.models import CharField, F, Q, Value
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.prepared import Prepared, instant, number
from events.models import Session
from events.models.series import Viewer
from members import portraits
from members.levels import Level
from members.models import Member
from members.names import Surname
from members.readers import Reader
from members.templatetags.people import called, called_in_text
from records.forms import TakeawayForm
from records.markdown import html
from records.models import Handout, Intention, Picture, Report, Takeaway

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
    intention: Intention | None = None
    form: TakeawayForm | None = None
    has_draft: bool = False


def of(session: Session, viewer: Viewer, *, was_there: bool = False) -> Remains:
    """Report, lines, and photos with files of one session: three queries, and one for who was there.

    One more where somebody who signed has a photo.
    """
    reader, here = Reader.of(viewer), {"session": session.pk, "reader": viewer.pk}
    report = _report(reader).first(**here)
    takeaways = list(_lines(reader).rows(**here))
    portraits.show(viewer, (one.member for one in takeaways))
    mine = next((one for one in takeaways if one.member_id is not None and one.member_id == viewer.pk), None)
    pictures, handouts = _kept(_keepsakes(reader).dicts(**here, now=timezone.now()))
    intention = Intention.objects.filter(session=session, member=viewer).first() if was_there and viewer.pk else None
    return Remains(
        report=_card(report, viewer, pictures) if report and report.is_published else None,
        takeaways=[_line(one) for one in takeaways if one.hidden_at is None],
        pictures=pictures,
        handouts=handouts,
        mine=mine,
        intention=intention,
        form=form_of(viewer, mine, intention) if was_there and isinstance(viewer, Member) else None,
        has_draft=report is not None and not report.is_published,
    )


def form_of(member: Member, mine: Takeaway | None, intention: Intention | None, sent: Any = None) -> TakeawayForm:
    """Both lines as they stand."""
    return TakeawayForm(sent, instance=mine, member=member, initial={"will_do": intention.text if intention else ""})


@cache
def _report(reader: Reader) -> Prepared[Report]:
    of_session = Report.objects.filter(session=number("session")).select_related("author")
    return Prepared(lambda: of_session.visible_to(reader.stand_in))


@cache
def _lines(reader: Reader) -> Prepared[Takeaway]:
    """What the reader may see, and the reader's own even if a host has hidden it: it can still be changed."""
    of_session = Takeaway.objects.filter(session=number("session"))
    seen = Q(pk__in=of_session.visible_to(reader.stand_in))
    mine = Q(member=number("reader")) if reader.is_known else Q()
    return Prepared(lambda: of_session.filter(seen | mine).select_related("member"))


@cache
def _keepsakes(reader: Reader) -> Prepared[Picture]:
    """Photos and files in one query, with what the page shows of them."""
    here, viewer, nothing = number("session"), reader.stand_in, Value("", output_field=CharField())
    pictures = Picture.objects.visible_to(viewer).filter(session=here).order_by()
    handouts = Handout.objects.visible_to(viewer, now=instant("now")).filter(session=here).order_by()
    shown = {"is_file": Value(value=False), "words": F("caption"), "stored": nothing, "bytes": Value(0)}
    given = {"is_file": Value(value=True), "words": F("title"), "stored": F("file"), "bytes": F("size")}
    sizes = {"wide": Value(0), "high": Value(0)}
    rows = pictures.values("pk", "code", wide=F("width"), high=F("height"), **shown)
    return Prepared(lambda: rows.union(handouts.values("pk", "code", **sizes, **given), all=True))


def _kept(rows: Iterable[dict[str, Any]]) -> tuple[list[Picture], list[Handout]]:
    pictures, handouts = [], []
    for row in sorted(rows, key=itemgetter("pk")):
        if row["is_file"]:
            handouts.append(Handout(code=row["code"], title=row["words"], size=row["bytes"], file=row["stored"]))
        else:
            pictures.append(Picture(code=row["code"], caption=row["words"], width=row["wide"], height=row["high"]))
    return pictures, handouts


def for_guest(session: Session) -> list[Line]:
    """For the guest of that morning: all lines, and whose they are where the guest or everyone may know. One query."""
    return [_to_guest(one) for one in Takeaway.objects.for_guest(session)]


def _to_guest(takeaway: Takeaway) -> Line:
    """What was signed for members alone has no name here: a guest is none."""
    is_for_members = takeaway.audience == Takeaway.Audience.MEMBERS
    person = None if is_for_members else takeaway.signature
    who = called_in_text(person) if person else ""
    return Line(takeaway.text, takeaway.language, person, who, takeaway.pk)


@cache
def _newest(reader: Reader) -> Prepared[Takeaway]:
    shown = Takeaway.objects.visible_to(reader.stand_in).filter(session__cancelled_at=None)
    return Prepared(lambda: shown.select_related("member").order_by("-session__starts_at", "pk")[:1])


def latest(viewer: Viewer) -> Line | None:
    """A line for the front page: the newest that this reader may see."""
    found = _newest(Reader.of(viewer)).first(reader=viewer.pk)
    if found is None:
        return None
    portraits.show(viewer, [found.member])
    return _line(found)


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
