"""The mails around an invitation: the letter itself, the answer for the host, and what changed after a yes.

One to one: each goes to a single address, with the host's address to reply to. Each asks once more, when it is
claimed, whether it is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events import concerned, dates
from events.mails import news
from events.models import Session
from invitations import letters, link
from invitations.models import Invitation
from members import links
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic


def register_kinds() -> None:
    """The letter, the answer, the change; and whom a change of a session concerns."""
    register(Kind("guest.letter", letter=letter, topic=Topic.GUEST))
    register(Kind("guest.answered", letter=answered, topic=Topic.ANSWER))
    register(Kind("guest.changed", letter=changed, topic=Topic.GUEST))
    concerned.register(guests)


def guests(session: Session) -> Iterable[concerned.Person]:
    """Guests who have accepted and can be written to."""
    accepted = Invitation.objects.accepted().filter(session=session).select_related("speaker").order_by("pk")
    for one in accepted:
        if one.addressee:
            context = {"invitation": one.pk}
            yield concerned.Person(
                f"g{one.pk}", one.addressee, one.language, kind="guest.changed", pays=False, context=context
            )


def letter(delivery: Delivery) -> Letter:
    """The whole letter, or the same once more with a word before it."""
    invitation = invitation_of(delivery)
    if delivery.context["version"] != invitation.link_version or invitation.link_revoked_at is not None:
        raise Unwanted("the link was renewed")
    if not invitation.waits_for_answer:
        raise Unwanted("answered already")
    if invitation.session.is_cancelled:
        raise Unwanted("called off")
    context = {
        "invitation": invitation,
        "letter": letters.compose(invitation, now=timezone.now()),
        "nudge": nudge(invitation) if delivery.context["nudge"] else "",
        "letter_url": link.address(invitation),
        "host": invitation.host,
        "copied_to": invitation.speaker.contact_name if invitation.copied_to else "",
    }
    return replace(from_host(invitation, context), cc=invitation.copied_to)


def nudge(invitation: Invitation) -> str:
    """What stands before a letter that is sent once more: the host's own words, else these."""
    if invitation.nudge:
        return invitation.nudge
    asked = (invitation.asked_at or invitation.created_at).astimezone(invitation.session.zone)
    return _(
        "I wrote to you on %(day)s and would be glad to hear what you think. "
        "In case the letter did not reach you, here it is once more. Please do not feel pressed."
    ) % {"day": dates.day(asked.date(), get_language() or "ja", year=False)}


def answered(delivery: Delivery) -> Letter:
    """To the host: what the guest said on the page."""
    invitation = invitation_of(delivery, to_guest=False)
    if invitation.state != delivery.context["state"]:
        raise Unwanted("answered anew")
    context = {
        "invitation": invitation,
        "speaker": invitation.speaker,
        "start": invitation.session.local_start,
        "chosen": _chosen(invitation),
        "invitation_url": links.absolute("invitation", invitation.code),
    }
    return Letter(context, reply_to=invitation.addressee, sender_name=invitation.speaker.display_name)


def changed(delivery: Delivery) -> Letter:
    """To a guest who comes: another date or place, called off, or on again."""
    invitation = invitation_of(delivery)
    session = invitation.session
    if not invitation.has_accepted:
        raise Unwanted("does not come")
    if (session.pk, session.sequence) != (delivery.context["session"], delivery.context["sequence"]):
        raise Unwanted("changed again")
    news(delivery, session)
    venue = session.venue
    place = venue.whereabouts if venue else ""
    context = {
        "invitation": invitation,
        "session": session,
        "start": session.local_start,
        "name": invitation.speaker.display_name,
        "facts": [(_("When"), on(session.local_start)), (_("Where"), place)],
        "when": on(session.local_start),
        "letter_url": link.address(invitation) if invitation.link_revoked_at is None else "",
        "host": invitation.host,
    }
    return from_host(invitation, context)


@dataclass(frozen=True)
class MailState:
    """What became of the last letter's mail: one of waiting, retrying, sent, dropped, failed, or none was owed."""

    word: str = "none"
    at: datetime | None = None
    reason: str = ""

    @property
    def is_lost(self) -> bool:
        return self.word in {"dropped", "failed"}


def state_of_mail(invitation: Invitation) -> MailState:
    """Looked up in the outbox: the invitation's own state says nothing about its mail."""
    found = Delivery.objects.filter(key=invitation.mail_key).first()
    if found is None:
        return MailState()
    if found.sent_at:
        return MailState("sent", found.sent_at)
    if found.dropped_at:
        return MailState("dropped", found.dropped_at, found.drop_reason)
    if found.failed_at:
        return MailState("failed", found.failed_at, found.last_error)
    return MailState("retrying" if found.last_error else "waiting", found.next_attempt_at, found.last_error)


def invitation_of(delivery: Delivery, *, to_guest: bool = True) -> Invitation:
    """The invitation as it stands; not wanted at an address corrected since, nor by a host who is gone."""
    invitation = Invitation.objects.whole().filter(pk=delivery.context["invitation"]).first()
    if invitation is None:
        raise Unwanted("withdrawn")
    if to_guest and invitation.addressee.lower() != delivery.to.lower():
        raise Unwanted("another address")
    if not to_guest and not (invitation.host and invitation.host.is_active):
        raise Unwanted("gone")
    return invitation


def from_host(invitation: Invitation, context: dict[str, Any]) -> Letter:
    club, host = letters.gathering(invitation.session.series), invitation.host
    sender = _("%(club)s, %(host)s") % {"club": club, "host": host.display_name} if host else club
    return Letter(context, reply_to=host.email if host else "", sender_name=sender)


def on(at: datetime) -> str:
    """A day and its hour as mails name them: 12月24日(木) 7:00."""
    language = get_language() or "ja"
    between = ", " if language == "en" else " "
    return f"{dates.day(at.date(), language, year=False)}{between}{dates.clock(at)}"


def _chosen(invitation: Invitation) -> str:
    """The date the guest would rather have, if it is not the session's."""
    if not invitation.wants_other_date or invitation.chosen_start is None:
        return ""
    return on(invitation.chosen_start.astimezone(invitation.session.zone))
