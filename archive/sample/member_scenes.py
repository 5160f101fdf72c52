"""The scenes of archive/sample/scenes.py in which members ask each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events import segments
from events.models import Attendance, Segment, Session
from introductions import consent
from introductions.favours import Favour
from introductions.openness import Openness
from members.levels import Level
from members.models import Member
from outbox.models import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.sample.scenes import Stage


def favour(stage: Stage) -> Delivery:
    _asked(stage)
    return _newest("intro.favour")


def forward(stage: Stage) -> Delivery:
    _passed_on(stage)
    return _newest("intro.forward")


def through(stage: Stage) -> Delivery:
    _made(stage)
    return Delivery.objects.filter(kind="intro.through").earliest("pk")


def thanks(stage: Stage) -> Delivery:
    _made(stage).thank("お昼をご一緒してきました。三年閉めたままだった雨戸を、来月開けることにします。", now=stage.now)
    return _newest("intro.thanks")


def _asked(stage: Stage) -> Favour:
    """One who would like to meet another, and a third who knows both from this morning."""
    session = stage.morning(days=0, roster_closed_at=stage.now)
    people = _people(session)
    for member in people:
        Member.objects.filter(pk=member.pk).update(name_level=Level.MEMBERS)
        consent.give(member, now=stage.now)
        Attendance.objects.update_or_create(session=session, member=member, defaults={"status": "came"})
    asker, connector, other = people
    Openness.say(connector, {"connects"}, now=stage.now)
    found = Favour(
        asker=asker,
        connector=connector,
        other=other,
        why="祖母の家が空いて三年になります。売るか直すか、家族で話す前に、見てきた方のお話を聞いておきたいのです。",
        forward="祖母の家が空き家になり、どこから手をつければよいか迷っています。"
        "十五分ほど、はじめの一歩をうかがえたらと思っております。",
    )
    found.ask(now=stage.now)
    return found


def _passed_on(stage: Stage) -> Favour:
    found = _asked(stage)
    assert found.other is not None  # noqa: S101 - named above
    found.pass_on(found.other, "朝食会でよくご一緒する方です。お話を聞いていて、お顔が浮かびました。", now=stage.now)
    return found


def _made(stage: Stage) -> Favour:
    found = _passed_on(stage)
    found.answer(yes=True, now=stage.now)
    return found


def _people(session: Session) -> list[Member]:
    return list(segments.people(Segment.UNANSWERED, session).exclude(ask_me="").order_by("pk")[2:5])


def _newest(kind: str) -> Delivery:
    return Delivery.objects.filter(kind=kind).latest("pk")


SCENES: dict[str, Callable[[Stage], Delivery]] = {
    "intro.favour": favour,
    "intro.forward": forward,
    "intro.through": through,
    "intro.thanks": thanks,
}
