"""The scenes of archive/sample/scenes.py in which members ask each other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from events import hosts, joining, segments
from events.models import Attendance, Idea, JoinRequest, Segment, Session
from introductions import consent
from introductions.asks import Ask, Reply, mail
from introductions.favours import Favour
from introductions.models import Introduction, Round
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


def question(stage: Stage) -> Delivery:
    _question(stage)
    return _newest("ask.question")


def answer(stage: Stage) -> Delivery:
    row = _question(stage)
    row.answer("help", "夏なら畑でお見せできます。平日の昼すぎがよいです。", may_show=False, now=stage.now)
    return _newest("ask.answer")


def touch(stage: Stage) -> Delivery:
    row = _question(stage)
    row.answer("help", "夏なら畑でお見せできます。平日の昼すぎがよいです。", may_show=False, now=stage.now)
    row.refresh_from_db()
    row.put_in_touch(now=stage.now)
    return Delivery.objects.filter(kind="ask.touch").earliest("pk")


def ask_thanks(stage: Stage) -> Delivery:
    row = _question(stage)
    row.answer("help", "夏なら畑でお見せできます。", may_show=False, now=stage.now)
    row.ask.close("うかがってきました。子どもたちが、青いトマトのにおいを覚えて帰りました。", now=stage.now)
    return _newest("ask.thanks")


def _question(stage: Stage) -> Reply:
    """A question that went to one whom it fits."""
    Ask.objects.all().delete()
    asker, member, _third = _people(stage.morning(days=0, roster_closed_at=stage.now))
    ask = Ask.objects.create(
        asker=asker,
        question="子どもに野菜の畑を見せてくださる方はいますか",
        more="小学校の三年生が八人です。見学だけで、畑には入らないようにします。",
        asked_at=stage.now,
        until=stage.now + timedelta(days=14),
    )
    row = Reply.objects.create(ask=ask, member=member, words=["野菜"], asked_at=stage.now)
    Delivery.objects.owe_many([mail("ask.question", row, member, now=stage.now)])
    return row


def three(stage: Stage) -> Delivery:
    """Three of this morning, one of them introduced to both others."""
    session = stage.morning(days=0, roster_closed_at=stage.now)
    Round.objects.filter(session=session).delete()
    people = _people(session)
    Introduction.objects.filter(first__in=people, second__in=people).delete()
    round_ = Round.objects.create(session=session, seed=session.code, computed_at=stage.now)
    for member in people:
        consent.give(member, now=stage.now)
        Openness.say(member, {"threes"}, now=stage.now)
        Attendance.objects.update_or_create(session=session, member=member, defaults={"status": "came"})
    one, middle, other = people
    for first, second in ((one, middle), (middle, other)):
        Introduction.objects.create(round=round_, first=first, second=second, value=1)
    round_.release(now=stage.now, actor=None)
    for pair in round_.introductions.select_related("first", "second"):
        for member in (pair.first, pair.second):
            pair.answer(member, yes=True, now=stage.now)
    return Delivery.objects.filter(kind="intro.three").earliest("pk")


def role(stage: Stage) -> Delivery:
    """Somebody hosts too from now on."""
    ordinary = stage.series.memberships.active().filter(role="member").select_related("member").order_by("pk")
    hosts.appoint(stage.series, ordinary[2].member, "host", now=stage.now, actor=stage.host())
    return _newest("series.role")


def talk_asked(stage: Stage) -> Delivery:
    """A host asks somebody to speak about a theme that was wished for."""
    asked, wished = _people(stage.morning(days=0))[:2]
    idea = Idea.propose(wished, title="値段は誰が決めているのか", about="", offers=False, now=stage.now)
    idea.ask_for(asked, now=stage.now, actor=stage.host())
    return _newest("talk.asked")


def let_in(stage: Stage) -> Delivery:
    series = stage.series
    member = _people(stage.morning(days=0))[0]
    series.memberships.filter(member=member).delete()
    asked = JoinRequest.objects.create(series=series, member=member, asked_at=stage.now)
    joining.answer(asked, accepts=True, now=stage.now, actor=stage.host())
    return _newest("series.answered")


def _newest(kind: str) -> Delivery:
    return Delivery.objects.filter(kind=kind).latest("pk")


SCENES: dict[str, Callable[[Stage], Delivery]] = {
    "series.role": role,
    "talk.asked": talk_asked,
    "intro.favour": favour,
    "intro.forward": forward,
    "intro.through": through,
    "intro.thanks": thanks,
    "intro.three": three,
    "series.answered": let_in,
    "ask.question": question,
    "ask.answer": answer,
    "ask.touch": touch,
    "ask.thanks": ask_thanks,
}
