"""Letters to guests are the club's; who wrote them has no name afterwards. A wish is its member's and goes."""

from django.db.models import Q

from members.models import Member
from members.personal_data import Policy, Step, cleared, deleted, of, register


def _follows(member: Member) -> Q:
    """A reader follows by address, with or without an account."""
    return Q(email__iexact=member.email)


POLICIES = (
    Policy("invitations.Invitation", exports=of("host"), erases=cleared("host", host=None), secret=("code",)),
    Policy("invitations.Wish", exports=of("member"), erases=deleted("member"), secret=("code",)),
    Policy("invitations.Support", exports=of("member"), erases=deleted("member")),
    Policy("invitations.Follower", exports=_follows, erases=(Step(_follows),), addresses=("email",)),
)

register(*POLICIES)
