"""The one mail that tells somebody of a task in a series: given, offered, taken over by somebody else."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from events import dates, programme
from events.models import Membership, Session
from events.models.roles import Role
from members.links import absolute
from members.models import Member
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery
from outbox.topics import Topic

# For which of these the role of its reader must be what the mail says.
ROLES = {Role.DOOR, Role.HOST}


def register_kinds() -> None:
    """One kind: what it says depends on what was given, and it cannot be stopped, like all that opens doors."""
    register(Kind("series.role", letter=role, topic=Topic.ACCOUNT))


def role(delivery: Delivery) -> Letter:
    """Raises `Unwanted` when it does not stand any more."""
    given, what = delivery.context, delivery.context["what"]
    mine = Membership.objects.active().select_related("series", "member").filter(pk=given["membership"]).first()
    if mine is None or not mine.member.is_active:
        raise Unwanted("gone")
    offered = Membership.objects.offered(timezone.now()).filter(pk=mine.pk).exists()
    if (what in ROLES and mine.role != what) or (what == "offer" and not offered):
        raise Unwanted("no longer so")
    by = Member.objects.filter(pk=given["by"]).first()
    name = by.display_name if by and by.name else _("A host")
    series = mine.series.display_name
    heading, text, label, url = _words(mine, what, name, given)
    context = {"name": mine.member.display_name, "series": series, "heading": heading, "text": text}
    return Letter(context | {"label": label, "url": url}, sender_name=series)


def _words(mine: Membership, what: str, by: str, given: dict[str, Any]) -> tuple[str, str, str, str]:
    """The heading, what it means, and the button."""
    names = {"series": mine.series.display_name, "by": by}
    desk, hosts = absolute("desk"), absolute("series_hosts", mine.series.slug)
    if what == "lead":
        return _lead(names, given)
    said = {
        Role.DOOR: (
            _("You stand at the door of %(series)s") % names,
            _("%(by)s asks you to keep the list at the door: who comes, and who came. You see names and what the "
              "kitchen must know, no addresses.") % names,
            _("The series and its next morning"),
            absolute("series", mine.series.slug),
        ),
        Role.HOST: (
            _("You host %(series)s too") % names,
            _("%(by)s has made you a host: you see what is to do next, invite guests, publish, write to members and "
              "keep the purse. What you do stands in a record the hosts can read.") % names,
            _("The host’s desk"),
            desk,
        ),
        "offer": (
            _("Would you like to take %(series)s over?") % names,
            _("%(by)s offers it to you: the series would be yours, with the say who hosts it. Nothing changes before "
              "you say yes. To say yes you sign in once more; the offer stands for 30 days.") % names,
            _("Look and answer"),
            absolute("series_taking_over", mine.series.slug),
        ),
        "accepted": (
            _("%(series)s has passed to %(by)s") % names,
            _("%(by)s has said yes. You host it still, as long as you like.") % names,
            _("Hosts and door"),
            hosts,
        ),
        "refused": (
            _("%(series)s stays yours") % names,
            _("%(by)s has not taken it over. Nothing has changed.") % names,
            _("Hosts and door"),
            hosts,
        ),
    }  # fmt: skip
    return said[what]


def _lead(names: dict[str, str], given: dict[str, Any]) -> tuple[str, str, str, str]:
    session = Session.objects.on().filter(pk=given["session"]).first()
    if session is None or session.led_by_id != given["by"]:
        raise Unwanted("no longer so")
    day = dates.day(session.local_start.date(), dates.language(), year=False)
    told = names | {"day": day, "title": programme.title(session, programme.of(session))}
    return (
        _("%(by)s hosts the morning of %(day)s") % told,
        _("%(by)s has taken over “%(title)s”: the guest's answers go there, and the card names %(by)s.") % told,
        _("The morning"),
        absolute("session", session.code),
    )
