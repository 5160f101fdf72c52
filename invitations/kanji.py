"""Dates and times as a Japanese letter writes them: 令和八年十二月二十四日, 朝七時から八時二十分. Pure."""

from datetime import date, datetime

DIGITS = "〇一二三四五六七八九"
WEEKDAYS = "月火水木金土日"
REIWA_BEGINS = 2019


def number(n: int) -> str:
    """1 to 99 in kanji: 七, 十, 二十四."""
    tens, ones = divmod(n, 10)
    text = ("" if tens == 1 else DIGITS[tens]) + "十" if tens else ""
    return text + (DIGITS[ones] if ones or not tens else "")


def year(on: date) -> str:
    """令和八年, 令和元年."""
    of_era = on.year - REIWA_BEGINS + 1
    return f"令和{'元' if of_era == 1 else number(of_era)}年"


def day(on: date) -> str:
    """十二月二十四日."""
    return f"{number(on.month)}月{number(on.day)}日"


def day_and_week(on: date) -> str:
    """十二月二十四日(木)."""
    return f"{day(on)}({WEEKDAYS[on.weekday()]})"


def clock(at: datetime) -> str:
    """七時, 八時半, 八時二十分; hours of the afternoon count from twelve."""
    hour = f"{number(at.hour - 12 if at.hour > 12 else at.hour)}時"
    if at.minute == 30:
        return f"{hour}半"
    return hour + (f"{number(at.minute)}分" if at.minute else "")


def hours(start: datetime, end: datetime) -> str:
    """朝七時から八時二十分; the part of the day is named again where it changes."""
    first, last = _part(start), _part(end)
    return f"{first}{clock(start)}から{last if last != first else ''}{clock(end)}"


def _part(at: datetime) -> str:
    if at.hour < 4:
        return "深夜"
    if at.hour < 11:
        return "朝"
    if at.hour < 17:
        return "昼" if at.hour == 12 else "午後" if at.hour > 12 else "午前"
    return "夜"
