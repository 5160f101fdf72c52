"""The running order as a host writes it: a line each, "6:40 doors open". Pure."""

import re
from datetime import timedelta

CLOCK = re.compile(r"^(\s*)(\d{1,2})([:：])(\d{2})", re.MULTILINE)
DAY = 24 * 60


def shifted(text: str, by: timedelta) -> str:
    """The same order later or earlier on the clock; lines without a time stay as they are."""
    minutes = round(by.total_seconds() / 60)

    def moved(found: re.Match[str]) -> str:
        indent, hour, colon, minute = found.groups()
        clock = (int(hour) * 60 + int(minute) + minutes) % DAY
        return f"{indent}{clock // 60}{colon}{clock % 60:02}"

    return CLOCK.sub(moved, text) if minutes else text
