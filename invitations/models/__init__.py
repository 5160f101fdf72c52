"""How a guest comes to us."""

from invitations.models.follower import Follower
from invitations.models.invitation import OPEN_AFTER, OPEN_AT_MOST, Invitation
from invitations.models.terms import Terms
from invitations.models.wish import Support, Wish

__all__ = ["OPEN_AFTER", "OPEN_AT_MOST", "Follower", "Invitation", "Support", "Terms", "Wish"]
