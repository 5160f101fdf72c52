"""Absences without a word: counted for twelve months, told to hosts alone, so that they can ask."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Attendance, Series
from members.models import Member
from members.panels import Panel


def panel(reader: Member, member: Member, now: datetime) -> Iterable[Panel]:
    """On a member's page, for whoever hosts the series where it happened: one query."""
    missed = Attendance.objects.without_word(now=now).filter(member=member)
    times = missed.filter(session__series__in=Series.objects.hosted_by(reader)).count()
    if times:
        yield Panel(_("For the hosts"), [words(times)])


def words(times: int) -> str:
    """連絡のないお休み、この1年に2回."""
    said = ngettext("%(times)s absence without word this year", "%(times)s absences without word this year", times)
    return said % {"times": times}
