"""Letters to guests are the club's; who wrote them has no name afterwards."""

from members.personal_data import Policy, cleared, of, register

POLICIES = (Policy("invitations.Invitation", exports=of("host"), erases=cleared("host", host=None), secret=("code",)),)

register(*POLICIES)
