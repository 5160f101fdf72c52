"""Sessions as calendars read them (RFC 5545, 5546, 7986): feeds to subscribe to, and the parts of our mails.

The door to icalendar. Each session is a VEVENT of its own with a stable UID; no RRULE is published. What
people typed is cleaned of control characters, and the same entries always give the same bytes.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDate,
    vDatetime,
    vDuration,
    vInt,
    vText,
    vUri,
)
from icalendar.parser import Contentline, Parameters

# An answer is some lines; a zone with all its changes may come along.
REPLY_AT_MOST, PARTS_AT_MOST = 50_000, 200
# No feed holds more, and so many entries of two are remembered as text.
MOST_IN_A_FEED = 1000
# Octets (RFC 5545, 3.1), as icalendar counts them.
FOLDED_FROM = 75
NO_PARAMETERS: Any = Parameters()
END = b"END:VCALENDAR\r\n"
PRODUCT = "-//Asakai//Asakai//EN"
LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
# The changes of the clocks that a VTIMEZONE tells: sessions of an imported archive, and beyond any plan.
FIRST_CHANGE, LAST_CHANGE = datetime(1990, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)


class Status(StrEnum):
    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, kw_only=True)
class Person:
    """An organizer, or with `partstat` (ACCEPTED, DECLINED, TENTATIVE, NEEDS-ACTION) an attendee."""

    name: str
    mail: str
    partstat: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One session in a calendar. Instants are aware and shown in `timezone`; empty texts are left out."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    # An older session of which only the day is known: a whole day (RFC 5545, 3.6.1).
    is_day_only: bool = False
    timezone: str
    summary: str
    last_modified: datetime
    description: str = ""
    location: str = ""
    url: str = ""
    status: Status = Status.CONFIRMED
    organizer: Person | None = None
    attendee: Person | None = None
    private: bool = False


def calendar(entries: Iterable[Entry], *, name: str, url: str, color: str = "", refresh_minutes: int = 60) -> bytes:
    """A feed to subscribe to, without attendees. `color` is the name of a CSS3 colour (RFC 7986, 5.9)."""
    feed = _calendar("PUBLISH")
    every = timedelta(minutes=refresh_minutes)
    feed.add("NAME", _Text(_line(name)))
    feed.add("X-WR-CALNAME", _Text(_line(name)))
    feed.add("URL", vUri(_line(url)))
    feed.add("REFRESH-INTERVAL", vDuration(every, params={"VALUE": "DURATION"}))
    feed.add("X-PUBLISHED-TTL", vDuration(every))
    if color:
        feed.add("COLOR", _Text(_line(color)))
    return _filled(feed, [replace(entry, attendee=None) for entry in entries])


def request(entry: Entry) -> bytes:
    """The part of a mail that puts a session into the attendee's calendar, or moves it there.

    RSVP=FALSE with the attendee's own PARTSTAT: they have answered already and need not be asked again.
    ValueError without organizer and attendee: a REQUEST must have both (RFC 5546, 3.2.2).
    """
    return _filled(_calendar("REQUEST"), [_addressed(entry)])


def cancel(entry: Entry) -> bytes:
    """The part of a mail that takes a session out of the attendee's calendar; its `sequence` has grown."""
    return _filled(_calendar("CANCEL"), [_addressed(replace(entry, status=Status.CANCELLED))])


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What an attendee's calendar answered. `attendee` is an address in lower case."""

    uid: str
    sequence: int
    attendee: str
    partstat: str
    stamp: datetime


def reply(raw: bytes) -> Reply | None:
    """A METHOD:REPLY with one event and one attendee (RFC 5546, 3.2.3); None for anything else.

    What is longer or deeper than any calendar's answer is not read at all.
    """
    if len(raw) > REPLY_AT_MOST or raw.upper().count(b"BEGIN:") > PARTS_AT_MOST:
        return None
    try:
        read = Calendar.from_ical(raw)
        event: Any
        (event,) = read.walk("VEVENT")
        attendee, stamp = event["ATTENDEE"], event["DTSTAMP"].dt
        if str(read["METHOD"]).upper() != "REPLY" or stamp.tzinfo is None:
            return None
        return Reply(
            uid=str(event["UID"]),
            sequence=int(event.get("SEQUENCE", 0)),
            attendee=str(attendee).lower().removeprefix("mailto:"),
            partstat=str(attendee.params["PARTSTAT"]).upper(),
            stamp=stamp,
        )
    except Exception:  # noqa: BLE001 - a stranger's text; whatever the reader makes of it, it is no answer
        return None


class _Event(Event):
    """An event whose lines are folded only where they are long: icalendar 7.3 looks at each character of every line."""

    def content_line(self, name: str, value: Any, sorted: bool = True) -> Contentline:  # noqa: A002 - its name there
        line: Contentline = _Line.from_parts(name, getattr(value, "params", NO_PARAMETERS), value, sorted=sorted)
        return line


class _Line(Contentline):
    def to_ical(self) -> bytes:
        written = self.encode()
        folded: bytes = written if len(written) < FOLDED_FROM else super().to_ical()  # type: ignore[no-untyped-call]
        return folded


class _Text(vText):
    r"""TEXT as RFC 5545, 3.3.11 escapes it: icalendar 7.3 makes a line end of the \N in C:\New."""

    def to_ical(self) -> bytes:
        text = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return text.replace("\n", "\\n").encode()


def _calendar(method: str) -> Calendar:
    made = Calendar()
    for name, value in (
        ("VERSION", "2.0"),
        ("PRODID", PRODUCT),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", method),
    ):
        made.add(name, value)
    return made


def _filled(made: Calendar, entries: list[Entry]) -> bytes:
    """The calendar with its events, each zone that they name defined once before them."""
    for tzid in sorted({entry.timezone for entry in entries if not entry.is_day_only} - {"UTC", "Etc/UTC"}):
        made.add_component(_timezone(tzid))
    written: bytes = made.to_ical()
    assert written.endswith(END)  # noqa: S101 - RFC 5545, 3.4
    return b"".join([written.removesuffix(END), *map(_written, entries), END])


@lru_cache(maxsize=2 * MOST_IN_A_FEED)
def _written(entry: Entry) -> bytes:
    """An event as text: feeds are asked for every hour and change little, and writing a thousand takes a while."""
    written: bytes = _event(entry).to_ical()
    return written


def _event(entry: Entry) -> Event:
    """Each value as its type is called here: `add` would find that out from 30 types, for each property."""
    event, zone = _Event(), ZoneInfo(entry.timezone)
    event["UID"] = _Text(_line(entry.uid))
    event["SEQUENCE"] = vInt(entry.sequence)
    event["DTSTAMP"] = event["LAST-MODIFIED"] = vDatetime(entry.last_modified.astimezone(UTC))
    if entry.is_day_only:
        day = entry.starts_at.astimezone(zone).date()
        event["DTSTART"], event["DTEND"] = _day(day), _day(day + timedelta(days=1))
    else:
        event["DTSTART"] = vDatetime(entry.starts_at.astimezone(zone))
        event["DTEND"] = vDatetime(entry.ends_at.astimezone(zone))
    event["STATUS"] = _Text(entry.status.value)
    if entry.status is Status.CANCELLED:
        event["TRANSP"] = _Text("TRANSPARENT")
    if entry.private:
        event["CLASS"] = _Text("PRIVATE")
    for name, text in (("SUMMARY", _line(entry.summary)), ("LOCATION", _line(entry.location))):
        if text:
            event[name] = _Text(text)
    if description := _lines(entry.description):
        event["DESCRIPTION"] = _Text(description)
    if url := _line(entry.url):
        event["URL"] = vUri(url)
    if entry.organizer:
        event["ORGANIZER"] = _address(entry.organizer)
    if entry.attendee:
        attendee = _address(entry.attendee)
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["PARTSTAT"] = entry.attendee.partstat
        attendee.params["RSVP"] = "FALSE"
        event["ATTENDEE"] = attendee
    return event


def _day(on: date) -> vDate:
    made = vDate(on)
    made.params["VALUE"] = "DATE"
    return made


def _addressed(entry: Entry) -> Entry:
    if not (entry.organizer and entry.attendee):
        raise ValueError("A calendar part of a mail needs an organizer and an attendee.")
    return entry


def _address(person: Person) -> vCalAddress:
    address = vCalAddress("mailto:" + quote(_line(person.mail), safe="@+=!$&'*~"))
    # A quotation mark ends a parameter, and some readers take a backslash in one for an escape.
    if name := _line(person.name).replace('"', "'").replace("\\", "/"):
        address.params["CN"] = name
    return address


def _line(text: str) -> str:
    return re.sub(r"[\n\t]+", " ", _lines(text)).strip()


def _lines(text: str) -> str:
    return CONTROLS.sub("", LINE_ENDS.sub("\n", text)).strip()


@lru_cache(maxsize=64)
def _timezone(tzid: str) -> Timezone:
    """A zone's VTIMEZONE (RFC 5545, 3.6.5): each onset in the wall clock that it ends.

    icalendar 7.3 writes the wall clock that it begins, so that daylight saving would come an hour late.
    """
    zone = ZoneInfo(tzid)
    onsets: defaultdict[tuple[timedelta | None, timedelta | None, str, bool], list[datetime]] = defaultdict(list)
    for at in (FIRST_CHANGE, *_changes(zone)):
        after = at.astimezone(zone)
        before = (at - timedelta(seconds=1)).astimezone(zone) if at > FIRST_CHANGE else after
        kind = (before.utcoffset(), after.utcoffset(), after.tzname() or "", bool(after.dst()))
        onsets[kind].append((at + (before.utcoffset() or timedelta())).replace(tzinfo=None))
    made = Timezone()
    made.add("TZID", tzid)
    for (offset_from, offset_to, name, is_daylight), starts in onsets.items():
        part = TimezoneDaylight() if is_daylight else TimezoneStandard()
        part.add("DTSTART", starts[0])
        part.add("TZOFFSETFROM", offset_from)
        part.add("TZOFFSETTO", offset_to)
        part.add("TZNAME", name)
        if starts[1:]:
            part.add("RDATE", starts[1:])
        made.add_component(part)
    return made


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The instants at which the zone's clocks are set, found to the second between one week and the next."""
    week, second = timedelta(weeks=1), timedelta(seconds=1)
    at = FIRST_CHANGE
    while at < LAST_CHANGE:
        early, late = at, at + week
        offset = early.astimezone(zone).utcoffset()
        if late.astimezone(zone).utcoffset() != offset:
            while late - early > second:
                middle = early + (late - early) // 2
                early, late = (middle, late) if middle.astimezone(zone).utcoffset() == offset else (early, middle)
            yield late.replace(microsecond=0)
        at += week
