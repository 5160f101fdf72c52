"""Letters that were sent and past mornings that were taken in are the club's; who did it has no name afterwards."""

from django.db.models import Q

from members.models import Member
from members.personal_data import Policy, Step, cleared, deleted, nothing, of, register, sent


def _listed(member: Member) -> Q:
    """What a list said of this address, until it is answered."""
    return Q(email__iexact=member.email)


POLICIES = (
    Policy("archive.Bulletin", erases=cleared("sent_by", sent_by=None), why="written for the club"),
    Policy(
        "archive.Intake",
        erases=cleared("member", member=None),
        sends=sent("member", "created_at"),
        why="the series' past; what was taken in is its own",
    ),
    Policy("archive.ApiToken", exports=of("member"), erases=deleted("member"), secret=("digest",), opens="created_at"),
    Policy("archive.ClubExport", erases=cleared("member", member=None), why="everything of the club, for a day"),
    # Once answered, a row holds no address; whose mornings they are, events/personal.py knows.
    Policy(
        "archive.ListedPerson",
        exports=_listed,
        erases=(Step(_listed),),
        secret=("digest",),
        addresses=("email",),
    ),
    *nothing("the series' past: talks and the guests who gave them", "archive.IntakeRow"),
)

register(*POLICIES)
