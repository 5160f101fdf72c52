"""The letter to a guest: a draft that reads well before anything is edited, and the whole of it for page and mail.

Everything here speaks the active language: the caller switches to that of the letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from events import dates, programme
from events.fees import fee
from events.models import Attendance, Series, Session
from events.models.session import SessionQuerySet
from invitations import honorarium, kanji
from invitations.models import Invitation, states
from members.industries import Industry
from members.models import Club, Member
from speakers.models import Book, Speaker

# What a host settled once holds for the next guest of the series too.
TERMS = (
    "length", "is_paid", "fee", "honorarium", "is_withheld", "tax", "travel", "meal", "companions", "recording",
    "off_record", "approval", "book_sales", "equipment",
)  # fmt: skip
DATES_OFFERED, LOOKED_THROUGH = 5, 30
SESSIONS_SHOWN = 3
# Fewer people than this would be told apart by their trades.
TRADES_FROM = 5
TRADES_NAMED = 4
FULL_STOPS = ("。", ".", "！", "!", "？", "?")
ENDINGS = {"拝啓": "敬具", "謹啓": "謹白", "前略": "草々"}


@dataclass(frozen=True)
class Term:
    """One line under 記: what, how, and what belongs to it in smaller type."""

    label: str
    text: str
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Letter:
    """A letter as page and mail show it."""

    written_on: str
    to: str
    care_of: str
    sender: str
    title: str
    paragraphs: Sequence[str]
    ending: str
    # Whose name stands below the ending where the language wants it.
    signed: str = ""
    terms: Sequence[Term] = field(default=())
    last: str = ""


def draft(session: Session, speaker: Speaker, book: Book | None, host: Member, *, now: datetime) -> dict[str, Any]:
    """Fields of a new invitation: what the club knows, what the last letter of this series said, the rest in words."""
    club = gathering(session.series)
    return _usual_terms(session) | {
        "subject": _("Would you speak at %(club)s? %(host)s") % {"club": club, "host": host.display_name},
        "greeting": _greeting(session, speaker, host, club, now=now),
        "why_you": _why(session, book),
        "who_comes": who_comes(session, now=now),
        "closing": _closing(host),
    }


def who_comes(session: Session, *, now: datetime) -> str:
    """How many and of which trades, from the last mornings whose door list is closed; else the number of seats."""
    past = Session.objects.on().filter(series=session.series_id, roster_closed_at__isnull=False, ends_at__lt=now)
    last = past.order_by("-starts_at").values("pk")[:6]
    came = Attendance.objects.came().filter(session__in=last)
    rows = came.exclude(member__industry="").order_by().values_list("member__industry")
    trades = list(
        rows.exclude(member=None).annotate(n=Count("member", distinct=True)).order_by("-n", "member__industry")
    )
    mornings = came.values("session").distinct().count()
    if not mornings or sum(n for _trade, n in trades) < TRADES_FROM:
        return _("up to %(number)d people") % {"number": session.capacity}
    names = _(", ").join(_in_a_sentence(str(Industry(trade).label)) for trade, _n in trades[:TRADES_NAMED])
    return _("about %(number)d people, so far of %(trades)d trades (%(names)s and others)") % {
        "number": round(came.count() / mornings),
        "trades": len(trades),
        "names": names,
    }


def _in_a_sentence(word: str) -> str:
    """Without a capital at its beginning; IT stays IT."""
    return word if word[1:2].isupper() else word[:1].lower() + word[1:]


def without_guest(sessions: SessionQuerySet, *, now: datetime) -> SessionQuerySet:
    """Those to come that have nobody to speak, and for which no letter is out; no outing that a member proposed."""
    asked = Invitation.objects.filter(session=OuterRef("pk"), state__in=states.ASKED_FOR)
    return sessions.filter(~Exists(asked), cancelled_at=None, starts_at__gt=now, talks=None, gathering=None)


def dates_to_offer(session: Session, *, now: datetime) -> list[Session]:
    """Coming mornings of the series at the same hour that have nobody to speak yet, without this one.

    The letter names one hour for all of them; an outing at half past five is nothing one is asked to speak at.
    """
    free = without_guest(Session.objects.filter(series=session.series_id), now=now)
    others = free.exclude(pk=session.pk).order_by("starts_at")[:LOOKED_THROUGH]
    at = session.local_start.time()
    return [one for one in others if one.local_start.time() == at][:DATES_OFFERED]


def compose(invitation: Invitation, *, now: datetime) -> Letter:
    """The whole letter, from the invitation as it stands."""
    session = invitation.session
    written = (invitation.asked_at or now).astimezone(session.zone).date()
    opening = invitation.greeting[:2]
    host = invitation.host.display_name if invitation.host else ""
    prose = [invitation.greeting, invitation.why_you, invitation.closing]
    return Letter(
        written_on=f"{kanji.year(written)}{kanji.day(written)}" if _japanese() else dates.day(written, "en", year=True),
        to=pgettext("letter", "Dear %(name)s,") % {"name": invitation.speaker.display_name},
        care_of=_care_of(invitation),
        sender=_("%(club)s, %(host)s") % {"club": gathering(session.series), "host": host},
        title=_("An invitation to speak"),
        paragraphs=[line for text in prose for line in re.split(r"\n+", text) if line.strip()],
        ending=ENDINGS.get(opening, "") if _japanese() else _("With kind regards"),
        signed="" if _japanese() else host,
        terms=_terms(invitation, written=written, now=now),
        last="以上" if _japanese() else "",
    )


def gathering(series: Series) -> str:
    """What the letter calls us: the series' name; the club's, in both languages, where the two are the same."""
    club = Club.current()
    return club.display_name if series.name == club.name else series.display_name


def day(at: datetime, *, written: date) -> str:
    """A date of the letter: 十二月二十四日(木), Thu 24 Dec; with the year where it is not that of writing."""
    on, year = at.date(), at.year != written.year
    if not _japanese():
        return dates.day(on, "en", year=year)
    return f"{kanji.year(on) if year else ''}{kanji.day_and_week(on)}"


def _japanese() -> bool:
    return get_language() == "ja"


def _usual_terms(session: Session) -> dict[str, Any]:
    asked = Invitation.objects.filter(
        session__series=session.series_id, language=get_language(), asked_at__isnull=False
    )
    last = asked.order_by("-asked_at").values(*TERMS).first()
    if last:
        return dict(last)
    undecided = dict.fromkeys(TERMS, "") | dict.fromkeys(("is_paid", "fee", "is_withheld"))
    return undecided | {
        "length": _("about 30 minutes, then questions"),
        "meal": _("breakfast is on us"),
        "companions": _("you are welcome to bring somebody"),
        "recording": _("no sound or video is recorded; you see photos before they are published"),
        "off_record": _("what you say off the record stays in the room"),
        "approval": _("you see the report before it is published, and may correct it"),
        "book_sales": _("welcome, and signing too"),
    }


def _greeting(session: Session, speaker: Speaker, host: Member, club: str, *, now: datetime) -> str:
    # In running Japanese text a name has no space.
    names = {"club": club, "host": host.display_name.replace(" ", "" if _japanese() else " ")}
    theirs = Session.objects.visible_to(host).filter(cancelled_at=None, talks__speakers=speaker).exclude(pk=session.pk)
    if promised := theirs.filter(starts_at__gt=now).order_by("starts_at").first():
        on = day(promised.local_start, written=now.astimezone(session.zone).date())
        said = _("This is %(host)s of %(club)s. Thank you for having agreed to speak to us on %(day)s.")
        return said % (names | {"day": on})
    if theirs.on().filter(ends_at__lt=now).exists():
        return _("This is %(host)s of %(club)s. Thank you once more for the morning you gave us.") % names
    past = Session.objects.on().filter(series=session.series_id, ends_at__lt=now)
    parts = [_("Please forgive a letter out of the blue. My name is %(host)s, and I host %(club)s.") % names]
    if sentence := _sentence(session):
        parts.append(sentence)
    count = _so_many(past)
    if count >= SESSIONS_SHOWN:
        parts.append(_("We have met %(count)d times so far.") % {"count": count})
    return ("" if _japanese() else " ").join(parts)


def _sentence(session: Session) -> str:
    """What the gathering is, in the language of the letter or not at all; with its full stop."""
    club, series = Club.current(), session.series
    if series.summary and series.language == get_language():
        said = series.summary
    elif series.summary and series.name != club.name:
        # The club's sentence may be of another gathering than this one.
        said = ""
    else:
        said = club.sentence if _japanese() else club.sentence_en
    stop = "。" if _japanese() else "."
    return said if not said or said.endswith(FULL_STOPS) else f"{said}{stop}"


def _so_many(past: SessionQuerySet) -> int:
    """How often we have met: the highest number, for not every numbered morning is stored; else those that are."""
    return past.aggregate(highest=Max("number"))["highest"] or past.count()


def _why(session: Session, book: Book | None) -> str:
    number = {"number": session.capacity}
    if book:
        return _(
            "I have read “%(title)s”, and I would like people from other trades to hear from you what lies behind it. "
            "Would you tell it to a table of some %(number)d people, at an hour when the day has not begun?"
        ) % ({"title": book.title} | number)
    return (
        _(
            "I would like people from other trades to hear about your work from yourself. "
            "Would you tell of it to a table of some %(number)d people, at an hour when the day has not begun?"
        )
        % number
    )


def _closing(host: Member) -> str:
    """How to answer; by telephone only where there is a number, which the host sees before anything is sent."""
    if host.phone:
        return _(
            "You can answer by replying to the mail, by telephone (%(phone)s), or on your own page. "
            "If it is not possible, a short word would be a kindness too."
        ) % {"phone": host.phone}
    return _(
        "You can answer by replying to the mail, or on your own page. "
        "If it is not possible, a short word would be a kindness too."
    )


def _care_of(invitation: Invitation) -> str:
    if not invitation.to_contact or not invitation.speaker.contact_name:
        return ""
    return _("care of %(name)s") % {"name": invitation.speaker.contact_name}


def _terms(invitation: Invitation, *, written: date, now: datetime) -> list[Term]:
    session, venue = invitation.session, invitation.session.venue
    others = _(", ").join(day(at.astimezone(session.zone), written=written) for at in invitation.dates[1:])
    terms = [
        Term(
            _("Date"),
            _when(session, written),
            [_("%(dates)s would be possible too") % {"dates": others}] if others else [],
        ),
        Term(pgettext("letter", "Place"), venue.display_name if venue else _open(""), _where(session)),
        Term(pgettext("letter", "Talk"), _open(invitation.length)),
        Term(_("Who comes"), _open(invitation.who_comes)),
        Term(
            _("Honorarium"),
            _honorarium(invitation),
            [*_tax(invitation), _note(_("travel"), invitation.travel)],
        ),
        Term(_("Meal"), _open(invitation.meal), [_note(pgettext("letter", "companions"), invitation.companions)]),
        Term(
            pgettext("letter", "Recording"),
            _open(invitation.recording),
            [_note(_("off the record"), invitation.off_record)],
        ),
        Term(pgettext("letter", "Report"), _open(invitation.approval)),
        Term(_("Book sales"), _open(invitation.book_sales)),
        Term(_("Equipment"), _open(invitation.equipment)),
    ]
    so_far = _so_far(session, now=invitation.asked_at or now)
    return [*terms, Term(_("So far"), so_far[0], so_far[1:])] if so_far else terms


def _honorarium(invitation: Invitation) -> str:
    """Whether, how much, and what the host adds to it."""
    if invitation.is_paid is None:
        return _open(invitation.honorarium)
    if not invitation.is_paid:
        said = _("we regret that we have none to offer")
    elif invitation.fee:
        said = fee(invitation.fee, invitation.session.fee_currency)
    else:
        said = _("yes; the amount is not yet decided")
    return _("%(said)s (%(note)s)") % {"said": said, "note": invitation.honorarium} if invitation.honorarium else said


def _tax(invitation: Invitation) -> list[str]:
    """Withheld or not, and what is then handed over; nothing where there is no honorarium."""
    label, currency = _("withholding tax"), invitation.session.fee_currency
    if invitation.is_paid is False:
        return []
    if invitation.is_withheld is None:
        return [_note(label, invitation.tax)]
    if not invitation.is_withheld:
        said = _("none is withheld")
    elif invitation.fee and currency == "JPY":
        left = fee(invitation.fee - honorarium.withheld(invitation.fee), currency)
        said = _("withheld; %(amount)s is handed to you") % {"amount": left}
    else:
        said = _("withheld")
    return [_note(label, _("%(said)s (%(note)s)") % {"said": said, "note": invitation.tax} if invitation.tax else said)]


def _open(text: str) -> str:
    return text or _("not yet decided")


def _note(label: str, text: str) -> str:
    return _("%(label)s: %(text)s") % {"label": label, "text": _open(text)}


def _when(session: Session, written: date) -> str:
    start, end = session.local_start, session.local_end
    if _japanese():
        return f"{day(start, written=written)} {kanji.hours(start, end)}"
    return f"{day(start, written=written)}, {dates.clock(start)}–{dates.clock(end)}"


def _where(session: Session) -> list[str]:
    venue = session.venue
    return [line for line in (venue.display_address, venue.display_directions) if line] if venue else []


def _so_far(session: Session, *, now: datetime) -> list[str]:
    """The last mornings with a guest, so that an author sees in whose company the name will stand."""
    past = Session.objects.on().filter(series=session.series_id, ends_at__lt=now, talks__speakers__isnull=False)
    last = list(
        past.filter(starts_at__gt=now - timedelta(days=1100)).distinct().order_by("-starts_at")[:SESSIONS_SHOWN]
    )
    told = programme.programmes(last)
    return [
        _("“%(title)s”, %(who)s") % {"title": programme.title(one, told[one.pk]), "who": told[one.pk].who}
        for one in last
    ]
