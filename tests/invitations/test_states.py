"""Every state × every verb: what becomes of the invitation, and that the rest is refused or changes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from invitations.models import Invitation
from invitations.models.states import State

NOW = timezone.now
REFUSED = "refused"
Verb = Callable[[Invitation], None]


def by_host(state: str) -> Verb:
    return lambda one: one.record(state, how="phone", now=NOW(), actor=one.host)


VERBS: dict[str, Verb] = {
    "send": lambda one: one.send(now=NOW()),
    "hand over": lambda one: one.hand_over(now=NOW()),
    "write again": lambda one: one.write_again(now=NOW() + timedelta(days=8)),
    "guest accepts": lambda one: one.accept(how="link", now=NOW()),
    "guest declines": lambda one: one.decline(how="link", now=NOW()),
    "guest asks for another day": lambda one: one.ask_for_another_date(note="火曜なら", now=NOW()),
    "host heard yes": by_host("accepted"),
    "host heard no": by_host("declined"),
    "host heard maybe": by_host("talking"),
    "host heard nothing": by_host("silent"),
    "host settles it": by_host("confirmed"),
    "host notes thanks": by_host("thanked"),
    "host makes it an idea": by_host("idea"),
}
# In the order of VERBS; "." is: nothing changes.
TABLE = {
    "idea":      "asked asked . refused refused refused accepted declined talking refused refused refused refused",
    "asked":     ". . . accepted declined talking accepted declined talking silent refused refused refused",
    "talking":   ". . . accepted declined talking accepted declined talking silent refused refused refused",
    "silent":    ". . . accepted declined talking accepted declined talking silent refused refused refused",
    "accepted":  ". . . accepted declined talking accepted declined talking refused confirmed refused refused",
    "declined":  ". . . accepted declined talking accepted declined talking refused refused refused refused",
    "confirmed": ". . . confirmed declined talking confirmed declined talking refused confirmed refused refused",
    "thanked":   ". . . refused refused refused refused refused refused refused refused refused refused",
}  # fmt: skip
CASES = [
    (state, verb, outcome) for state, row in TABLE.items() for verb, outcome in zip(VERBS, row.split(), strict=True)
]


def test_the_table_is_whole() -> None:
    assert list(TABLE) == ["idea", "asked", "talking", "silent", "accepted", "declined", "confirmed", "thanked"]
    assert sorted(TABLE) == sorted(State.values)


@pytest.mark.parametrize(("state", "verb", "outcome"), CASES)
def test_every_verb_in_every_state(invite: Callable[..., Invitation], state: str, verb: str, outcome: str) -> None:
    invitation = invite(state=state)
    if invitation.has_accepted:
        Invitation.objects.update(chosen_start=invitation.session.starts_at, answer_note="前の言葉")
    try:
        VERBS[verb](invitation)
    except ValidationError:
        seen = REFUSED
    else:
        invitation.refresh_from_db()
        seen = invitation.state
    assert seen == (state if outcome == "." else outcome)
    assert Invitation.objects.get().state == (state if outcome in {".", REFUSED} else outcome)
