"""What is known of a guest who is also a member: the guest's record is the club's and stays."""

from members.personal_data import Policy, cleared, nothing, of, register

POLICIES = (
    Policy("speakers.Speaker", exports=of("member"), erases=cleared("member", member=None)),
    *nothing("a published book", "speakers.Book"),
)

register(*POLICIES)
