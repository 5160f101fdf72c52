"""Letters that were sent and past mornings that were taken in are the club's; who did it has no name afterwards."""

from members.personal_data import Policy, cleared, deleted, nothing, of, register

POLICIES = (
    Policy("archive.Bulletin", erases=cleared("sent_by", sent_by=None), why="written for the club"),
    Policy(
        "archive.Intake", erases=cleared("member", member=None), why="the series' past; what was taken in is its own"
    ),
    Policy("archive.ApiToken", exports=of("member"), erases=deleted("member"), secret=("digest",), opens="created_at"),
    *nothing("the series' past: talks and the guests who gave them", "archive.IntakeRow"),
)

register(*POLICIES)
