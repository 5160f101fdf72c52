"""When and to whom a reminder goes, in words: for the pages where a host sets it, and for the mail that says why."""

from datetime import date, time

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import dates
from events.models import ReminderRule, Segment, Session
from events.models.reminder import DAYS_AFTER, DAYS_BEFORE, Timing


def day(days_before: int) -> str:
    """前の日, 3日前, 次の日: seen from the session."""
    if days_before > 1:
        return ngettext("%(n)d day before", "%(n)d days before", days_before) % {"n": days_before}
    if days_before < -1:
        return ngettext("%(n)d day after", "%(n)d days after", -days_before) % {"n": -days_before}
    return {1: _("the day before"), 0: _("the same day"), -1: _("the day after")}[days_before]


def days() -> list[tuple[int, str]]:
    """Every day a rule may speak, the earliest first."""
    return [(number, day(number)) for number in range(DAYS_BEFORE, -DAYS_AFTER - 1, -1)]


def moment(timing: Timing) -> str:
    """前の日の 18:00, the day before at 18:00."""
    return _("%(day)s at %(clock)s") % {"day": day(timing.days_before), "clock": clock(timing.at)}


def clock(at: time) -> str:
    """18:00, 9:05."""
    return f"{at.hour}:{at.minute:02}"


def why(rule: ReminderRule) -> str:
    """Why the mail came: it stands at its foot."""
    when, people = moment(rule), Segment(rule.audience).label
    if rule.template == ReminderRule.Template.INVITE:
        series = rule.series.display_name
        return _("You belong to %(series)s and have not answered yet. Not answering is fine, too.") % {"series": series}
    if rule.template == ReminderRule.Template.STILL_COMING:
        return _("You said that you are coming. We ask once, because others may be waiting.")
    if rule.template == ReminderRule.Template.WORDS:
        return _("The host writes this to %(people)s, %(when)s.") % {"people": people, "when": when}
    return _("This goes to %(people)s, %(when)s.") % {"people": people, "when": when}


def on_which_day(session: Session, today: date) -> str:
    """本日, 明日の朝, 1月14日(木): how one speaks of the session's day, today."""
    start = session.local_start
    away = (start.date() - today).days
    if away == 0:
        return _("today")
    if away == 1:
        return _("tomorrow morning") if is_in_the_morning(session) else _("tomorrow")
    on = dates.day(start.date(), dates.language(), year=False)
    return _("on %(day)s") % {"day": on}


def is_in_the_morning(session: Session) -> bool:
    """Whether one may speak of its morning: a gathering may be at noon, or in the evening."""
    return session.local_start.hour < 11


def is_breakfast(session: Session) -> bool:
    """Whether people are asked to breakfast: not to a small gathering, whose page says what it is."""
    return is_in_the_morning(session) and not hasattr(session, "gathering")
