"""What the purse holds about a person. That somebody paid stays in the book, without a name."""

from django.db.models import Q

from events.models import Attendance, Companion
from members.models import Member
from members.personal_data import Policy, Step, cleared, nothing, of, register


def _of_friends(member: Member) -> Q:
    """What was paid for the friends who came on this member's word, and by this member before they were one."""
    friends = Companion.objects.filter(Q(rsvp__member=member) | Q(member=member)).values_list("pk", flat=True)
    walked_in = Attendance.objects.filter(member=member).exclude(name="").values_list("pk", flat=True)
    return Q(place__in=[*(f"f{pk}" for pk in friends), *(f"w{pk}" for pk in walked_in)])


POLICIES = (
    Policy(
        "purse.Payment",
        exports=of("member"),
        erases=(
            *cleared("member", member=None),
            Step(_of_friends, {"name": "－"}),
            *cleared("recorded_by", recorded_by=None),
        ),
    ),
    Policy(
        "purse.Receipt",
        exports=of("member"),
        erases=(*cleared("member", member=None), *cleared("voided_by", voided_by=None)),
        why="to whom it was made out stays: whoever draws up receipts has to keep their copies (Japan: seven years)",
    ),
    Policy("purse.Entry", exports=of("recorded_by"), erases=cleared("recorded_by", recorded_by=None)),
    *nothing("the series' own", "purse.Bill", "purse.Issuer"),
)

register(*POLICIES)
