"""A day, and perhaps a time of it, as people write them.

2024-05-09T07:00:00+09:00, 2024年5月9日(木) 午前7時30分, 令和6年5月9日, ２０２４／５／９.
"""

import re
import unicodedata
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

# The year before the first of each era.
ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "H": 1988, "R": 2018, "S": 1925}
ERA = re.compile(r"(明治|大正|昭和|平成|令和|[HRS])\s*(元|\d{1,2})(?=\s*[-/.年])")
WEEKDAY = re.compile(
    r"\s*\((?:[日月火水木金土](?:曜日?)?(?:[・,]?祝)?|[A-Za-z]{2,9}\.?)\)|(?<=日)\s*[日月火水木金土]曜日?"
)
CLOCK = (
    r"(?P<half>午前|午後|AM|PM)?\s*(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?|時(?:(?P<minutes>\d{1,2})分|(?P<thirty>半))?)"
)
WHEN = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?"
    rf"(?:[T\s,]*{CLOCK}\s*(?P<after>[AP]M)?\s*(?P<zone>Z|UTC|[+-]\d{{2}}:?\d{{2}})?)?(?:\s*(?:[~〜-]|から).*)?",
    re.IGNORECASE,
)
# 20240509, as programs write it.
PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})")
ONLY_CLOCK = re.compile(rf"{CLOCK}\s*(?P<after>[AP]M)?(?:\s*(?:[~〜-]|から).*)?", re.IGNORECASE)
LONGEST = 60


def when(typed: str, zone: str | None = None) -> tuple[date, time | None]:
    """Day and time as the clocks on the wall show them; where a zone was typed, the clocks of `zone`.

    Without `zone` a typed one is passed over: the day is what counts. Raises ValueError.
    """
    text = _tidied(typed)
    found = WHEN.fullmatch(PLAIN.sub(r"\1-\2-\3", text, count=1) if text[:8].isdecimal() else text)
    if found is None:
        raise ValueError(typed)
    on = date(int(found["year"]), int(found["month"]), int(found["day"]))
    at = _time(found) if found["hour"] else None
    if zone and at and found["zone"]:
        offset = found["zone"].upper().replace("UTC", "+00:00").replace("Z", "+00:00")
        moment = datetime.fromisoformat(f"{on}T{at}{offset[:3]}:{offset[-2:]}").astimezone(ZoneInfo(zone))
        return moment.date(), moment.time()
    return on, at


def clock(typed: str) -> time:
    """A time of day: 7:00, 午前7時, 7:00〜8:20, 7:30 PM. Raises ValueError."""
    found = ONLY_CLOCK.fullmatch(_tidied(typed))
    if found is None:
        raise ValueError(typed)
    return _time(found)


def _tidied(typed: str) -> str:
    """Full-width digits and signs as plain ones, the weekday gone, years of an era counted from Christ's."""
    if len(typed) > LONGEST:
        raise ValueError(typed[:LONGEST])
    text = WEEKDAY.sub(" ", unicodedata.normalize("NFKC", typed)).strip()
    return ERA.sub(lambda era: str(ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))), text, count=1)


def _time(found: re.Match[str]) -> time:
    half = (found["half"] or found["after"] or "").upper()
    hour = int(found["hour"])
    if half:
        hour = hour % 12 + (12 if half in {"午後", "PM"} else 0)
    return time(hour, 30 if found["thirty"] else int(found["minute"] or found["minutes"] or 0))
