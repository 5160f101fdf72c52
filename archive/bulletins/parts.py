"""What a letter is made of: the mornings with their reports, lines taken home, the next guest, members' news,
what came of introductions, open questions.

A thing to tell has a key, "line:12". `offer` says which keys there are for a letter, `read` reads what stands behind
keys, as it is now and as far as members may see it. An app that has more to tell adds a function to each
of the two lists at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.models import Bulletin
from events import programme
from events.links import session_link
from events.models import Membership, Session, TalkSpeaker
from events.templatetags.sessions import session_when
from introductions.asks import Ask
from introductions.followups import FollowUp
from members.levels import Level
from members.links import absolute
from members.models import Member
from members.names import Surname
from members.news import News
from members.templatetags.people import called_in_text
from records.markdown import plain
from records.models import Report, Takeaway

# A letter goes back so far where there was none before: one morning of a monthly series, four of a weekly one.
BACK = timedelta(days=27)
LINES, LINES_OFFERED = 3, 12
NEWS_OFFERED, STORIES_OFFERED, ASKS_OFFERED = 12, 6, 5
LOOKED_AHEAD = 8
EXCERPT = 140


@dataclass(frozen=True)
class Item:
    """One thing told. `is_public` is said of what may leave the club; `person` has a face beside the text."""

    key: str
    title: str = ""
    text: str = ""
    who: str = ""
    url: str = ""
    language: str = ""
    person: Member | Surname | None = None
    is_public: bool = False


@dataclass(frozen=True)
class Part:
    """Things of one sort under one heading."""

    name: str
    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Offer:
    """The keys a host can choose from, and those that are in unless dropped."""

    keys: tuple[str, ...]
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Period:
    """The time a letter tells of: the sessions since the last letter, and what was written since that went out."""

    series: int
    mornings: tuple[Session, ...]
    since: datetime
    now: datetime


def offer(session: Session, *, now: datetime) -> Offer:
    """What there is to tell in a letter up to this session: a fixed number of queries."""
    told = period(session, now=now)
    found = [list(part(told)) for part in OFFERS]
    chosen = [key for keys in found for key in keys[: LINES if keys and keys[0].startswith("line:") else None]]
    return Offer(tuple(key for keys in found for key in keys), tuple(chosen))


def read(keys: Iterable[str], reader: Member) -> list[Part]:
    """What stands behind these keys for this member, heading by heading; empty ones are left out."""
    by_name: dict[str, list[int]] = {}
    for key in keys:
        name, pk = key.split(":")
        by_name.setdefault(name, []).append(int(pk))
    parts = (part(by_name, reader) for part in READERS)
    return [part for part in parts if part.items]


def period(session: Session, *, now: datetime) -> Period:
    """Two queries."""
    sent = Bulletin.objects.sent().filter(series=session.series_id, session__starts_at__lt=session.starts_at)
    last = sent.order_by("-session__starts_at").values_list("session__starts_at", "sent_at").first()
    began = session.starts_at - BACK
    after, since = last if last and last[0] > began else (began, began)
    on = Session.objects.on().filter(series=session.series_id, starts_at__gt=after, starts_at__lte=session.starts_at)
    return Period(session.series_id, tuple(on.order_by("starts_at", "pk")), since or began, now)


def excerpt(text: str) -> str:
    """The beginning of a report: whole sentences up to about two lines, at least the first."""
    paragraph = next((line for line in text.splitlines() if len(line) > 30), text.strip().split("\n")[0])
    if len(paragraph) <= EXCERPT:
        return paragraph
    ends = [place + 1 for place, letter in enumerate(paragraph[:EXCERPT]) if letter in "。．.!?！？"]
    return paragraph[: ends[-1]] if ends else paragraph[: EXCERPT - 1] + "…"


def _offer_mornings(told: Period) -> Iterator[str]:
    yield from (f"morning:{one.pk}" for one in told.mornings)


def _offer_lines(told: Period) -> Iterator[str]:
    """Lines their writers let members read, those for everyone first."""
    lines = Takeaway.objects.filter(session__in=told.mornings, hidden_at=None)
    seen = lines.exclude(audience=Takeaway.Audience.HOSTS).values_list("audience", "pk")
    public_first = sorted(seen, key=lambda row: (row[0] != Takeaway.Audience.PUBLIC, row[1]))
    yield from (f"line:{pk}" for _audience, pk in public_first[:LINES_OFFERED])


def _offer_next(told: Period) -> Iterator[str]:
    """The next morning; and the next one with a guest, where that is another."""
    guest = Exists(TalkSpeaker.objects.filter(talk__session=OuterRef("pk")))
    upcoming = Session.objects.on().filter(series=told.series).upcoming(told.now).annotate(guest=guest)
    rows = list(upcoming.values_list("pk", "guest")[:LOOKED_AHEAD])
    with_guest = next((pk for pk, has_guest in rows if has_guest), None)
    for pk in dict.fromkeys([*(pk for pk, _guest in rows[:1]), *([with_guest] if with_guest else [])]):
        yield f"next:{pk}"


def _offer_news(told: Period) -> Iterator[str]:
    """What members of the series have written since, where the others of the series may read it."""
    belong = Membership.objects.active().filter(series=told.series).values("member")
    fresh = News.objects.filter(level__gte=Level.SERIES, member__in=belong, written_at__gt=told.since)
    yield from (f"news:{pk}" for pk in fresh.order_by("written_at", "pk").values_list("pk", flat=True)[:NEWS_OFFERED])


def _offer_stories(told: Period) -> Iterator[str]:
    """What people have told since of an introduction of this series, for everybody in the club."""
    stories = FollowUp.objects.stories(for_hosts=False).filter(
        introduction__round__session__series=told.series, story_at__gt=told.since
    )
    yield from (f"story:{pk}" for pk in stories.values_list("pk", flat=True)[:STORIES_OFFERED])


def _offer_asks(told: Period) -> Iterator[str]:
    """Open questions of members of the series who let the letter carry them."""
    belong = Membership.objects.active().filter(series=told.series).values("member")
    open_ones = Ask.objects.in_letters(told.now).filter(asker__in=belong)
    yield from (f"ask:{pk}" for pk in open_ones.values_list("pk", flat=True)[:ASKS_OFFERED])


def _read_mornings(keys: dict[str, list[int]], _reader: Member) -> Part:
    sessions = _sessions(keys.get("morning", []))
    reports = {one.session_id: one for one in Report.objects.published().filter(session__in=sessions)}
    programmes = programme.programmes(sessions)
    items = []
    for session in sessions:
        report, what = reports.get(session.pk), programmes.get(session.pk, programme.NOTHING)
        items.append(
            Item(
                key=f"morning:{session.pk}",
                title=_titled(session, what),
                text=excerpt(plain(report.body)) if report else "",
                who=what.who,
                url=session_link(session),
                language=report.language if report else "",
                is_public=True,
            )
        )
    return Part("morning", _("What was on"), tuple(items))


def _read_lines(keys: dict[str, list[int]], reader: Member) -> Part:
    lines = Takeaway.objects.filter(pk__in=keys.get("line", []), hidden_at=None, session__cancelled_at=None)
    seen = lines.exclude(audience=Takeaway.Audience.HOSTS).named_to(reader).select_related("member")
    by_pk = {line.pk: line for line in seen}
    items = (_line(by_pk[pk]) for pk in keys.get("line", []) if pk in by_pk)
    return Part("line", _("Taken home"), tuple(items))


def _line(line: Takeaway) -> Item:
    person = line.signature
    return Item(
        key=f"line:{line.pk}",
        text=line.text,
        who=called_in_text(person) if person else "",
        language=line.language,
        person=person,
        is_public=line.audience == Takeaway.Audience.PUBLIC,
    )


def _read_next(keys: dict[str, list[int]], _reader: Member) -> Part:
    sessions = _sessions(keys.get("next", []))
    programmes = programme.programmes(sessions)
    items = []
    for session in sessions:
        what = programmes.get(session.pk, programme.NOTHING)
        items.append(
            Item(
                key=f"next:{session.pk}",
                title=_("%(when)s: %(title)s") % {"when": session_when(session), "title": _titled(session, what)},
                text=_("Answer on its page, and write there what you would like to ask.") if what.guests else "",
                who=what.who,
                url=session_link(session),
                is_public=True,
            )
        )
    return Part("next", _("The next morning"), tuple(items))


def _read_news(keys: dict[str, list[int]], reader: Member) -> Part:
    """As far as this reader is near enough; what was told to fewer since is not in it."""
    seen = News.objects.seen_by(reader).filter(pk__in=keys.get("news", []), level__gte=Level.SERIES)
    items = (
        Item(f"news:{one.pk}", text=one.text, who=called_in_text(one.member), person=one.member)
        for one in seen.select_related("member").order_by("written_at", "pk")
    )
    return Part("news", _("What is new with members"), tuple(items))


def _read_stories(keys: dict[str, list[int]], reader: Member) -> Part:
    stories = FollowUp.objects.stories(for_hosts=False).filter(pk__in=keys.get("story", []))
    seen = stories.filter(member__in=Member.objects.joined().visible_to(reader).values("pk"))
    items = (
        Item(f"story:{one.pk}", text=excerpt(one.story), who=called_in_text(one.member), person=one.member)
        for one in seen
    )
    return Part("story", _("What came of it"), tuple(items))


def _read_asks(keys: dict[str, list[int]], reader: Member) -> Part:
    """Those still open; whoever reads one can answer it on its page."""
    asks = Ask.objects.in_letters(timezone.now()).filter(pk__in=keys.get("ask", [])).select_related("asker")
    seen = asks.filter(asker__in=Member.objects.joined().visible_to(reader).shown_around().values("pk"))
    items = (
        Item(
            f"ask:{one.pk}",
            one.question,
            one.more,
            called_in_text(one.asker),
            absolute("ask", one.code),
            person=one.asker,
        )
        for one in seen
    )
    return Part("ask", _("Somebody asks"), tuple(items))


def _sessions(pks: list[int]) -> list[Session]:
    """Those that are still on, in order of time."""
    found = Session.objects.on().filter(pk__in=pks).select_related("series", "venue")
    return list(found.order_by("starts_at", "pk"))


def _titled(session: Session, what: programme.Programme) -> str:
    title = programme.title(session, what)
    return _("No. %(number)s %(title)s") % {"number": session.number, "title": title} if session.number else title


OFFERS: list[Callable[[Period], Iterator[str]]] = [
    _offer_mornings,
    _offer_lines,
    _offer_next,
    _offer_news,
    _offer_stories,
    _offer_asks,
]
READERS: list[Callable[[dict[str, list[int]], Member], Part]] = [
    _read_mornings,
    _read_lines,
    _read_next,
    _read_news,
    _read_stories,
    _read_asks,
]
