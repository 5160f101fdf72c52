"""Letters that were sent and past mornings that were taken in are the club's; who did it has no name afterwards."""

from members.personal_data import Policy, cleared, nothing, register

POLICIES = (
    Policy("archive.Bulletin", erases=cleared("sent_by", sent_by=None), why="written for the club"),
    Policy(
        "archive.Intake", erases=cleared("member", member=None), why="the series' past; what was taken in is its own"
    ),
    *nothing("the series' past: talks and the guests who gave them", "archive.IntakeRow"),
)

register(*POLICIES)
