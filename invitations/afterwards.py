"""The mails after a guest's morning: the report to look over, what the guest said of it, the thank-you.

Each of them goes because the host tapped; none by itself.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from invitations import link
from invitations.mails import from_host, invitation_of, on
from invitations.models import Invitation
from invitations.models.afterwards import digest
from members import links
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic
from records import remains
from records.models import Report, Takeaway


def register_kinds() -> None:
    """The report, what was said of it, the thank-you."""
    register(Kind("guest.report", letter=report, topic=Topic.GUEST))
    register(Kind("guest.reported", letter=reported, topic=Topic.ANSWER))
    register(Kind("guest.thanks", letter=thanks, topic=Topic.GUEST))


def words(invitation: Invitation) -> str:
    """The thank-you before the host has touched it, in the active language."""
    title = invitation.book.title if invitation.book else ""
    first = _("Thank you very much for coming to us so early in the morning.")
    if title:
        first += _(" Thank you, too, for telling us what lies behind “%(title)s”.") % {"title": title}
    rest = _("We would be glad to sit with you again one day, as our guest or simply for breakfast.")
    if Takeaway.objects.for_guest(invitation.session).exists():
        below = _("Below is what people took home, in their own words.")
        rest = f"{below}{rest}" if get_language() == "ja" else f"{below} {rest}"
    return f"{first}\n\n{rest}"


def report(delivery: Delivery) -> Letter:
    """To the guest: the draft lies on your page. A text that was changed since is not the one to look over."""
    invitation = invitation_of(delivery)
    found = Report.objects.filter(session=invitation.session_id).first()
    if found is None or digest(found.body) != delivery.context["text"]:
        raise Unwanted("written anew")
    if invitation.finds_right(found) or not _is_open(invitation):
        raise Unwanted("approved already")
    return from_host(invitation, _to_guest(invitation))


def reported(delivery: Delivery) -> Letter:
    """To the host: the report is right, or what is to be put right."""
    invitation = invitation_of(delivery, to_guest=False)
    found = Report.objects.filter(session=invitation.session_id).first()
    if found is None:
        raise Unwanted("withdrawn")
    context = {
        "speaker": invitation.speaker,
        "is_right": invitation.finds_right(found),
        "waits": invitation.finds_right(found) and not found.is_approved,
        "remark": invitation.report_remark,
        "report_url": links.absolute("report", invitation.session.code),
    }
    return Letter(context, reply_to=invitation.addressee, sender_name=invitation.speaker.display_name)


def thanks(delivery: Delivery) -> Letter:
    """To the guest: the host's words, and what people took home."""
    invitation = invitation_of(delivery)
    lines = remains.for_guest(invitation.session)
    return from_host(invitation, _to_guest(invitation) | {"words": invitation.thanks, "lines": lines})


def _is_open(invitation: Invitation) -> bool:
    return invitation.link_revoked_at is None


def _to_guest(invitation: Invitation) -> dict[str, Any]:
    return {
        "name": invitation.speaker.display_name,
        "when": on(invitation.session.local_start),
        "letter_url": link.address(invitation) if _is_open(invitation) else "",
        "host": invitation.host,
    }
