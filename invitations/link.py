"""The guest's private link: 256 bits derived from the invitation and the link's version, never stored."""

from __future__ import annotations

from django.http import HttpRequest

from invitations.models import Invitation
from members import links

PURPOSE = "guest"
REMEMBERED = "letters"


def subject(invitation: Invitation) -> str:
    """What the link stands for: one invitation, one version."""
    return f"{invitation.code}:{invitation.link_version}"


def address(invitation: Invitation) -> str:
    """The link as it stands in the letter."""
    return links.absolute("letter_by_link", invitation.code, links.derive(PURPOSE, subject(invitation)))


def fits(invitation: Invitation, token: str) -> bool:
    """Whether the token is that of this invitation's present link."""
    return links.is_derived(PURPOSE, subject(invitation), token)


def remember(request: HttpRequest, invitation: Invitation) -> None:
    """From now on this browser opens the page without the token, until the link is renewed."""
    known = [one for one in request.session.get(REMEMBERED, []) if not one.startswith(f"{invitation.code}:")]
    request.session[REMEMBERED] = [*known, subject(invitation)]


def is_remembered(request: HttpRequest, invitation: Invitation) -> bool:
    """Whether this browser answered here before, by the link that is still the present one."""
    return subject(invitation) in request.session.get(REMEMBERED, [])
