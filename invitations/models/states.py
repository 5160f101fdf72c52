"""The states of an invitation, and from which of them each verb leads on. Pure.

    idea → asked → talking → accepted / declined / no answer → confirmed → thanked

A guest changes their mind, a host hears it by telephone: an answer may follow any answer until the guest is thanked.
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """How the asking stands."""

    IDEA = "idea", _("an idea")
    ASKED = "asked", _("asked")
    TALKING = "talking", _("talking")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    SILENT = "silent", _("no answer")
    CONFIRMED = "confirmed", _("confirmed")
    THANKED = "thanked", _("thanked")


ACCEPTED = frozenset({State.ACCEPTED, State.CONFIRMED, State.THANKED})
WAITING = frozenset({State.ASKED, State.TALKING, State.SILENT})
# Somebody has the letter in hand: the date is theirs to take.
ASKED_FOR = frozenset({State.ASKED, State.TALKING})
# Where the private page is there, and takes an answer.
ANSWERABLE = WAITING | {State.ACCEPTED, State.CONFIRMED, State.DECLINED}
# What the host may note having heard: also of somebody who was asked over coffee, without a letter.
HEARD: Mapping[State, frozenset[State]] = {
    State.ACCEPTED: ANSWERABLE | {State.IDEA},
    State.DECLINED: ANSWERABLE | {State.IDEA},
    State.TALKING: ANSWERABLE | {State.IDEA},
    # Nobody who has answered has not.
    State.SILENT: WAITING,
    State.CONFIRMED: frozenset({State.ACCEPTED, State.CONFIRMED}),
}


def may_hear(before: str, after: str) -> bool:
    """Whether the host may note that an invitation in one state has come into the other."""
    return before in HEARD.get(State(after), frozenset())
