"""What was asked for is erased in time: the telephone the day after, food and replies after fourteen days.

The address of a friend or walk-in stays sixty days, in which they may become members and find that morning; so do the
outbox's rows of mails to them and to visitors.

Food stays with the person who told it (events.models.Remembered), to be changed or emptied by them.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from events.models import Attendance, Companion, Details, Reply, RestaurantCall, Session
from events.models.attendance import ASKS
from outbox.models import Delivery

# Mails to people without an account, whose address somebody else may have typed.
TO_STRANGERS = ("friend.coming", "friend.evening", "friend.changed", "friend.left", "rsvp.visitor")
PHONE_FOR, DIET_FOR, ADDRESS_FOR = timedelta(days=1), timedelta(days=14), timedelta(days=60)


def erase(*, now: datetime) -> int:
    """Erase what is due; returns how many telephones, food notes, replies and addresses went."""
    told = Details.objects.exclude(phone="").filter(rsvp__session__ends_at__lte=now - PHONE_FOR)
    phones = told.update(phone="")
    eaten = Details.objects.exclude(diet="").filter(rsvp__session__ends_at__lte=now - DIET_FOR)
    diets = eaten.update(diet="")
    RestaurantCall.objects.exclude(diets={}).filter(session__ends_at__lte=now - DIET_FOR).update(diets={})
    Session.objects.exclude(guest_diets=[]).filter(ends_at__lte=now - DIET_FOR).update(guest_diets=[])
    replies, _rows = Reply.objects.filter(rsvp__session__ends_at__lte=now - DIET_FOR).delete()
    brought = Companion.objects.exclude(email="").filter(rsvp__session__ends_at__lte=now - ADDRESS_FOR)
    came = Attendance.objects.exclude(email="").filter(session__ends_at__lte=now - ADDRESS_FOR)
    # What a walk-in is asked can be answered for those sixty days.
    over = Q(kind__in=TO_STRANGERS, useful_until__lte=now - ADDRESS_FOR) | Q(kind=ASKS, useful_until__lte=now)
    Delivery.objects.filter(over).delete()
    return phones + diets + replies + brought.update(email="") + came.update(email="")
