"""Sessions as calendars read them: feeds, and the parts of mails."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from events import ics
from events.ics import Entry, Person, Status
from events.recurrence import Freq, Rule, localise, occurrences

BREAKFAST = Entry(
    uid="k3xq7mfa2p@asakai.example",
    sequence=2,
    starts_at=datetime(2026, 12, 9, 22, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 9, 23, 20, tzinfo=UTC),
    timezone="Asia/Tokyo",
    summary="第124回 河口の朝会",
    description="佐藤朝子さん「夜明けの帳場」\n受付は6:40からです。",
    location="喫茶みなと, 東京都かもめ区1-2-3",
    url="https://asakai.example/sessions/k3xq7mfa2p/",
    last_modified=datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
    organizer=Person(name="河口の朝会", mail="asakai@example.com"),
    attendee=Person(name="花", mail="hana@example.com", partstat="ACCEPTED"),
)
VEVENT = """\
BEGIN:VEVENT
SUMMARY:第124回 河口の朝会
DTSTART;TZID=Asia/Tokyo:20261210T070000
DTEND;TZID=Asia/Tokyo:20261210T082000
DTSTAMP:20261120T030000Z
UID:k3xq7mfa2p@asakai.example
SEQUENCE:2
{}DESCRIPTION:佐藤朝子さん「夜明けの帳場」\\n受付は6:40からです。
LAST-MODIFIED:20261120T030000Z
LOCATION:喫茶みなと\\, 東京都かもめ区1-2-3
ORGANIZER;CN=河口の朝会:mailto:asakai@example.com
STATUS:{}
URL:https://asakai.example/sessions/k3xq7mfa2p/
END:VEVENT
END:VCALENDAR
"""
TOKYO = """\
BEGIN:VTIMEZONE
TZID:Asia/Tokyo
BEGIN:STANDARD
DTSTART:19900101T090000
TZNAME:JST
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
END:STANDARD
END:VTIMEZONE
"""
HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Asakai//Asakai//EN\nCALSCALE:GREGORIAN\n"
HANA = "ATTENDEE;CN=花;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:hana@example.com\n"


def unfolded(data: bytes) -> str:
    return data.replace(b"\r\n ", b"").decode().replace("\r\n", "\n")


def texts(data: bytes, name: str) -> list[str]:
    """The values of a TEXT property, read by the letter of RFC 5545, 3.1 and 3.3.11, without the library."""
    found = re.findall(rf"^{name}(?:;[^:\n]*)?:([^\n]*)$", unfolded(data), re.MULTILINE)
    return [re.sub(r"\\(.)", lambda one: "\n" if one[1] in "nN" else one[1], value) for value in found]


def feed(*entries: Entry, name: str = "河口の朝会", color: str = "") -> bytes:
    return ics.calendar(entries, name=name, url="https://asakai.example/breakfast/", color=color)


def test_a_session_of_which_only_the_day_is_known_is_a_whole_day() -> None:
    """RFC 5545, 3.6.1: DTEND is the day after. No zone is needed for it."""
    data = feed(replace(BREAKFAST, is_day_only=True))
    assert re.findall(r"DT(?:START|END)[^\n]*", unfolded(data)) == [
        "DTSTART;VALUE=DATE:20261210",
        "DTEND;VALUE=DATE:20261211",
    ]
    assert b"VTIMEZONE" not in data
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 10), date(2026, 12, 11))


def test_a_feed_is_written_to_the_letter() -> None:
    data = ics.calendar(
        [BREAKFAST],
        name="河口の朝会",
        url="https://asakai.example/breakfast/",
        color="teal",
        refresh_minutes=90,
    )
    assert unfolded(data) == (
        f"{HEAD}METHOD:PUBLISH\nNAME:河口の朝会\nX-WR-CALNAME:河口の朝会\nCOLOR:teal\n"
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H30M\nURL:https://asakai.example/breakfast/\n"
        f"X-PUBLISHED-TTL:PT1H30M\n{TOKYO}{VEVENT.format('', 'CONFIRMED')}"
    )


def test_a_request_carries_the_attendee_s_own_answer() -> None:
    assert unfolded(ics.request(BREAKFAST)) == f"{HEAD}METHOD:REQUEST\n{TOKYO}{VEVENT.format(HANA, 'CONFIRMED')}"


def test_a_cancellation_names_the_same_session_and_frees_the_time() -> None:
    expected = VEVENT.format(HANA, "CANCELLED\nTRANSP:TRANSPARENT")
    assert unfolded(ics.cancel(BREAKFAST)) == f"{HEAD}METHOD:CANCEL\n{TOKYO}{expected}"


@pytest.mark.parametrize("without", ["organizer", "attendee"])
def test_a_mail_part_needs_who_asks_and_who_is_asked(without: str) -> None:
    with pytest.raises(ValueError, match="needs an organizer and an attendee"):
        ics.request(replace(BREAKFAST, **{without: None}))


def test_a_personal_feed_keeps_its_entries_to_itself() -> None:
    assert texts(feed(replace(BREAKFAST, private=True)), "CLASS") == ["PRIVATE"]
    assert texts(feed(BREAKFAST), "CLASS") == []


def test_a_cancelled_session_stays_in_the_feed_as_cancelled() -> None:
    data = feed(replace(BREAKFAST, status=Status.CANCELLED), replace(BREAKFAST, status=Status.TENTATIVE))
    assert texts(data, "STATUS") == ["CANCELLED", "TENTATIVE"]
    assert texts(data, "TRANSP") == ["TRANSPARENT"]


def test_the_same_entries_give_the_same_bytes() -> None:
    assert feed(BREAKFAST, BREAKFAST) == feed(BREAKFAST, BREAKFAST)


def test_each_zone_is_defined_once_before_the_sessions() -> None:
    zones = ["Europe/Berlin", "Asia/Tokyo", "UTC", "Asia/Tokyo", "Europe/London", "America/New_York", "Asia/Seoul"]
    components = Calendar.from_ical(feed(*(replace(BREAKFAST, timezone=zone) for zone in zones))).subcomponents
    assert [one.name for one in components] == ["VTIMEZONE"] * 5 + ["VEVENT"] * 7
    assert [str(one["TZID"]) for one in components[:5]] == sorted({*zones} - {"UTC"})


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Tokyo"],
)
def test_a_client_that_knows_only_our_definition_sees_the_same_instants(zone: str) -> None:
    """Each quarter of an hour around the changes of 2011 and 2026, by the VTIMEZONE against the tz database."""
    real = ZoneInfo(zone)
    onsets = sorted(
        (at - part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td)
        for part in Calendar.from_ical(feed(replace(BREAKFAST, timezone=zone))).timezones[0].subcomponents
        for at in [part["DTSTART"].dt, *(one.dt for one in (part["RDATE"].dts if "RDATE" in part else []))]
    )
    for change in [*changes(real, 2011), *changes(real, 2026)]:
        for at in (change + timedelta(minutes=15 * quarter) for quarter in range(-12, 13)):
            offset = [to for onset, to in onsets if onset <= at.replace(tzinfo=None)][-1]
            assert offset == at.astimezone(real).utcoffset(), at


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(8760)]
    offsets = [at.astimezone(zone).utcoffset() for at in hours]
    return [at for at, before, after in zip(hours[1:], offsets, offsets[1:], strict=False) if before != after]


def test_seven_o_clock_in_berlin_is_seven_on_both_sides_of_the_change() -> None:
    mornings = [
        replace(BREAKFAST, timezone="Europe/Berlin", starts_at=at, ends_at=at + timedelta(minutes=80))
        for one in occurrences(Rule(freq=Freq.WEEKLY), date(2026, 10, 22), limit=2)
        for at in [localise(one.on, BREAKFAST_TIME, "Europe/Berlin")]
    ]
    assert [entry.starts_at.hour for entry in mornings] == [5, 6]
    assert re.findall(r"DTSTART;(.*)", unfolded(feed(*mornings))) == [
        "TZID=Europe/Berlin:20261022T070000",
        "TZID=Europe/Berlin:20261029T070000",
    ]


BREAKFAST_TIME = datetime(2026, 12, 10, 7).time()

TYPED = st.text(max_size=120) | st.text(
    st.sampled_from("aN\\nN;:,\"'^%=\r\n\t\x00\x0b\x0c\x85\u2028\u2029\x7f\ufeff\ud800朝食会👨‍👩‍👧 BEGIN:VEND"),
    max_size=200,
)


def clean(text: str) -> str:
    """What is left of a typed text: line ends as they are meant, no control character."""
    text = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", text)
    kept = [
        one
        for one in text
        if one in "\t\n" or (ord(one) >= 32 and not 0x7F <= ord(one) < 0xA0 and one not in "\ufeff\ufffe\uffff")
    ]
    return "".join(one for one in kept if not 0xD800 <= ord(one) < 0xE000).strip()


def in_a_line(text: str) -> str:
    return re.sub(r"[\n\t]+", " ", clean(text)).strip()


@given(summary=TYPED, description=TYPED, location=TYPED, url=TYPED, name=TYPED, person=TYPED, mail=TYPED)
@settings(max_examples=300)
def test_nothing_that_is_typed_breaks_out_of_its_place(
    summary: str, description: str, location: str, url: str, name: str, person: str, mail: str
) -> None:
    entry = replace(
        BREAKFAST,
        summary=summary,
        description=description,
        location=location,
        url=url,
        organizer=Person(name=person, mail=mail),
        attendee=Person(name=person, mail=mail, partstat="DECLINED"),
    )
    data = feed(entry, BREAKFAST, name=name)
    assert [one.name for one in Calendar.from_ical(data).subcomponents] == ["VTIMEZONE", "VEVENT", "VEVENT"]
    assert [one.name for one in Calendar.from_ical(ics.request(entry)).subcomponents] == ["VTIMEZONE", "VEVENT"]
    said_of = {"SUMMARY": in_a_line(summary), "DESCRIPTION": clean(description), "LOCATION": in_a_line(location)}
    for field, said in said_of.items():
        assert texts(data, field)[:-1] == [said] * bool(said)
    assert texts(data, "NAME") == texts(data, "X-WR-CALNAME") == [in_a_line(name)]
    event = Calendar.from_ical(ics.request(entry)).events[0]
    assert event["ATTENDEE"].params.get("CN", "") == in_a_line(person).replace('"', "'").replace("\\", "/")
    assert [str(event["ATTENDEE"].params[key]) for key in ("PARTSTAT", "RSVP")] == ["DECLINED", "FALSE"]


@given(text=TYPED)
@settings(max_examples=200)
def test_no_line_is_longer_than_75_octets_or_holds_a_control_character(text: str) -> None:
    data = feed(replace(BREAKFAST, summary=text, description=text * 3, location=text, url=text), name=text)
    lines = data.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]", "".join(line.decode() for line in lines))


@pytest.mark.parametrize("sign", ["a", "é", "朝", "𠮷", "a;"])
def test_lines_of_any_length_are_the_bytes_that_the_library_writes(sign: str) -> None:
    """Short ones are not looked through, and each value is given with its type (icalendar 7.3 takes long over both)."""
    several = [replace(BREAKFAST, summary=sign * n, location=f"{n}{sign}", status=Status.CANCELLED) for n in range(90)]
    for data in (feed(*several), feed(*(replace(one, private=True) for one in several)), ics.request(BREAKFAST)):
        assert Calendar.from_ical(data).to_ical() == data


def test_a_backslash_before_a_capital_n_is_not_a_line_end() -> None:
    assert texts(feed(replace(BREAKFAST, summary=r"C:\New")), "SUMMARY") == [r"C:\New"]
