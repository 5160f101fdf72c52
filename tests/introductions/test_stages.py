"""At each stage of an introduction one of the two declines, withdraws, leaves, keeps away, is told about to the hosts.

Whatever happens, to either of the two, the rest is played to its end: the host releases, both say yes where they still
can, five weeks pass, and a year where they have been in touch.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from events import roster
from events.models import Session
from introductions import consent, rounds
from introductions.followups import FollowUp
from introductions.models import Introduction, TooLate
from introductions.pauses import Pause
from introductions.tasks import tick
from members import erasing
from members.blocks import Block
from members.concerns import Concern
from members.models import Member
from outbox import kinds, rendering
from outbox.models import Delivery

NOW = timezone.now
STAGES = ["proposed", "asked", "one yes", "made", "in touch"]
MADE, AFTER, LATER = ["intro.made"] * 2, ["intro.followup"] * 2, ["intro.later"] * 2
ASKED = ["intro.ask"] * 2
# stage: what happens: the mails that still go out afterwards, and whether the two were introduced in the end.
TABLE: dict[str, dict[str, tuple[list[str], bool]]] = {
    "proposed": {
        "nothing": ([*ASKED, *AFTER, *MADE], True),
        "rests": ([], False),
        "withdraws": ([], False),
        "leaves": ([], False),
        "keeps away": ([], False),
        "told about": ([], False),
        "told about, looked at": ([*ASKED, *AFTER, *MADE], True),
        "opened again": ([], False),
        "opened again, was absent": ([], False),
        "erases": ([], False),
    },
    "asked": {
        "nothing": ([*AFTER, *MADE], True),
        "rests": ([*AFTER, *MADE], True),
        "declines": ([], False),
        "withdraws": ([], False),
        "leaves": ([], False),
        "keeps away": ([], False),
        "told about": ([], False),
        "told about, looked at": ([*AFTER, *MADE], True),
        "opened again": ([*AFTER, *MADE], True),
        "opened again, was absent": ([*AFTER, *MADE], True),
        "erases": ([], False),
    },
    "one yes": {
        "nothing": ([*AFTER, *MADE], True),
        "rests": ([*AFTER, *MADE], True),
        "declines": ([], False),
        "withdraws": ([], False),
        "leaves": ([], False),
        "keeps away": ([], False),
        "told about": ([], False),
        "told about, looked at": ([*AFTER, *MADE], True),
        "opened again": ([*AFTER, *MADE], True),
        "opened again, was absent": ([*AFTER, *MADE], True),
        "erases": ([], False),
    },
    "made": {
        "nothing": (AFTER, True),
        "rests": (AFTER, True),
        "declines": (AFTER, True),
        "withdraws": (AFTER[:1], True),
        "leaves": ([], True),
        "keeps away": ([], True),
        "told about": ([], True),
        "told about, looked at": (AFTER, True),
        "opened again": (AFTER, True),
        "opened again, was absent": (AFTER, True),
        "erases": ([], True),
    },
    "in touch": {
        "nothing": (LATER, True),
        "rests": (LATER, True),
        "declines": (LATER, True),
        "withdraws": (LATER[:1], True),
        "leaves": ([], True),
        "keeps away": ([], True),
        "told about": ([], True),
        "told about, looked at": (LATER, True),
        "opened again": (LATER, True),
        "opened again, was absent": (LATER, True),
        "erases": ([], True),
    },
}


def told(ken: Member, hana: Member) -> Concern:
    return Concern.objects.tell(hana, ken, "誘われた", kind="canvassing", named=False, now=NOW())


def reopened(pair: Introduction) -> None:
    with suppress(ValidationError):
        roster.reopen(pair.round.session, now=NOW(), actor=None)


def marked_absent(pair: Introduction, member: Member) -> None:
    """Opened again because somebody was on the list by mistake; once mails are on their way, that is refused."""
    session = pair.round.session
    with suppress(ValidationError):
        roster.reopen(session, now=NOW(), actor=None)
        keys = [place.key for place in roster.places(session) if place.row.member_id == member.pk]
        roster.close(session, absent=keys, now=NOW(), actor=None)


HAPPENS: dict[str, Callable[[Introduction, Member, Member], object]] = {
    "nothing": lambda pair, hana, ken: None,
    "rests": lambda pair, hana, ken: Pause.take(ken, until=None, now=NOW()),
    "declines": lambda pair, hana, ken: pair.answer(ken, yes=False, now=NOW()),
    "withdraws": lambda pair, hana, ken: consent.refuse(ken, now=NOW()),
    "leaves": lambda pair, hana, ken: Member.objects.filter(pk=ken.pk).update(is_active=False),
    "keeps away": lambda pair, hana, ken: Block.objects.keep_away(ken, hana, now=NOW()),
    "told about": lambda pair, hana, ken: told(ken, hana),
    "told about, looked at": lambda pair, hana, ken: told(ken, hana),
    "opened again": lambda pair, hana, ken: reopened(pair),
    "opened again, was absent": lambda pair, hana, ken: marked_absent(pair, ken),
    "erases": lambda pair, hana, ken: erasing.erase(ken, now=NOW()),
}


def bring_to(stage: str, pair: Introduction, hana: Member, ken: Member) -> None:
    if stage != "proposed":
        pair.round.release(now=NOW(), actor=None)
        pair.refresh_from_db()
    if stage in {"one yes", "made", "in touch"}:
        pair.answer(hana, yes=True, now=NOW())
    if stage in {"made", "in touch"}:
        pair.answer(ken, yes=True, now=NOW())
    if stage == "in touch":
        for member in (hana, ken):
            FollowUp.objects.create(introduction=pair, member=member, asked_at=NOW(), in_touch="yes")
    Delivery.objects.update(sent_at=NOW())


def say_yes(pair: Introduction, member: Member) -> None:
    with suppress(TooLate):
        pair.answer(member, yes=True, now=NOW())


def going() -> Iterator[str]:
    """What the outbox would send now, by kind."""
    for row in Delivery.objects.open():
        with suppress(kinds.Unwanted):
            rendering.render(row, rendering.letter(row))
            yield row.kind


@pytest.mark.parametrize("who", ["who answered first", "the other"])
@pytest.mark.parametrize(("stage", "what"), [(stage, what) for stage, row in TABLE.items() for what in row])
def test_whatever_happens_at_whatever_stage_only_the_right_mails_go(
    morning: Session, hana: Member, ken: Member, stage: str, what: str, who: str
) -> None:
    round_ = rounds.compute(morning, now=NOW())
    assert round_
    pair = Introduction.objects.get()
    bring_to(stage, pair, hana, ken)
    HAPPENS[what](pair, *((ken, hana) if who == "who answered first" else (hana, ken)))
    sent = list(going())
    if what == "told about, looked at" and stage == "proposed":
        Concern.objects.get().look("nothing", note="", now=NOW(), actor=hana)
    with suppress(ValidationError):
        round_.release(now=NOW(), actor=None)
    sent += list(going())
    Delivery.objects.update(sent_at=NOW())
    left = Introduction.objects.first()
    if stage == "proposed" and (left is None or left.asked_at is None):
        assert not Introduction.objects.shown().exists()
    for member in (hana, ken):
        if what != "declines" and left is not None and left.asked_at:
            say_yes(left, member)
    sent += list(going())
    Delivery.objects.update(sent_at=NOW())
    if what == "told about, looked at":
        assert left is None or left.made_at is None or stage in {"proposed", "made", "in touch"}
        if stage != "proposed":
            Concern.objects.get().look("nothing", note="", now=NOW(), actor=hana)
    for days in (1, 20, 35, *([366] if stage == "in touch" else [])):
        with time_machine.travel(NOW() + timedelta(days=days), tick=False):
            tick()
            sent += list(going())
            Delivery.objects.update(sent_at=NOW())
    made = Introduction.objects.filter(made_at__isnull=False).exists()
    assert (sorted(sent), made) == (sorted(TABLE[stage][what][0]), TABLE[stage][what][1])


def test_the_table_holds_every_stage_and_everything_that_can_happen() -> None:
    """Nobody declines before they were asked."""
    assert list(TABLE) == STAGES
    assert [set(HAPPENS) - set(row) for row in TABLE.values()] == [{"declines"}, set(), set(), set(), set()]


def test_who_is_told_about_is_not_matched_until_a_host_has_looked(morning, hana, ken, kosuke) -> None:
    concern = told(ken, hana)
    round_ = rounds.compute(morning, now=NOW())
    assert round_
    assert Introduction.objects.count() == 0
    concern.look("nothing", note="", now=NOW(), actor=kosuke)
    rounds.compute(morning, now=NOW(), anew=True)
    assert Introduction.objects.count() == 1


def test_two_yeses_that_waited_longer_than_two_weeks_make_nothing(morning, hana, ken) -> None:
    round_ = rounds.compute(morning, now=NOW())
    assert round_
    pair = Introduction.objects.get()
    bring_to("one yes", pair, hana, ken)
    concern = told(ken, hana)
    pair.answer(ken, yes=True, now=NOW())
    with time_machine.travel(NOW() + timedelta(days=23), tick=False):
        concern.look("nothing", note="", now=NOW(), actor=hana)
        tick()
    assert not Introduction.objects.filter(made_at__isnull=False).exists()
