"""What remains of a session: a line taken home is its author's and goes; a report is the club's and stays."""

from collections.abc import Collection
from datetime import datetime

from members.models import Member
from members.personal_data import Policy, cleared, deleted, of, register, register_leaving
from records.models import Takeaway

POLICIES = (
    Policy("records.Takeaway", exports=of("member"), erases=deleted("member")),
    Policy("records.Report", exports=of("author"), erases=cleared("author", author=None)),
)


def leave(member: Member, _now: datetime) -> Collection[str]:
    return list(Takeaway.objects.filter(member=member).values_list("session__code", flat=True))


register(*POLICIES)
register_leaving(leave)
