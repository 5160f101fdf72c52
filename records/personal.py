"""What remains of a session: a line taken home is its author's and goes; a report is the club's and stays."""

from members.personal_data import Policy, cleared, deleted, of, register, sent
from records.models import Takeaway

POLICIES = (
    Policy(
        "records.Picture",
        exports=of("added_by"),
        erases=(*cleared("added_by", added_by=None), *cleared("hidden_by", hidden_by=None)),
        secret=("file", "small"),
        sends=sent("added_by", "added_at"),
        why="a photo is of others too: whoever is shown has it hidden",
    ),
    Policy(
        "records.Handout",
        exports=of("added_by"),
        erases=cleared("added_by", added_by=None),
        secret=("file",),
        sends=sent("added_by", "added_at"),
    ),
    Policy(
        "records.Takeaway",
        exports=of("member"),
        erases=deleted("member"),
        named_at=lambda member: Takeaway.objects.filter(member=member).values_list("session__code", flat=True),
    ),
    Policy("records.Intention", exports=of("member"), erases=deleted("member")),
    Policy("records.Report", exports=of("author"), erases=cleared("author", author=None)),
)


register(*POLICIES)
