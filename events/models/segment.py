"""Which people of a session somebody speaks to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Segment(models.TextChoices):
    """Before the morning four answers, after it three outcomes. Who is in one is asked in events/segments.py."""

    COMING = "coming", _("those who come")
    WAITING = "waiting", _("those who wait for a seat")
    DECLINED = "declined", _("those who said: not this time")
    UNANSWERED = "unanswered", _("members who have not answered")
    CAME = "came", _("those who came")
    FIRST = "first", _("those who came for the first time")
    ABSENT = "absent", _("those who did not come")


# What these are told is about a seat: it is not counted among a month's mails.
SEATED: frozenset[str] = frozenset({Segment.COMING, Segment.WAITING})
# Known only once the list at the door is closed.
AFTERWARDS: frozenset[str] = frozenset({Segment.CAME, Segment.FIRST, Segment.ABSENT})
