"""How a guest comes to us."""

from invitations.models.invitation import OPEN_AFTER, OPEN_AT_MOST, Invitation
from invitations.models.terms import Terms

__all__ = ["OPEN_AFTER", "OPEN_AT_MOST", "Invitation", "Terms"]
