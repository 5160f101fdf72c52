"""What people of a season do between two mornings: ask the club, ask for an introduction, tell the hosts something."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive.sample.dice import Dice
from introductions import openness
from introductions.asks import Ask, Reply
from introductions.favours import Favour, Refused, may_connect, people_of
from introductions.openness import Openness
from members.concerns import Concern
from members.models import Member

# How likely somebody who takes introductions may be asked for one, gets questions, likes threes.
OPEN_TO = {"connects": 0.5, "answers": 0.6, "threes": 0.4}
# In which weeks, counted from 1: a question to the club, an introduction through somebody, a word to the hosts.
ASKS, FAVOURS, TOLD = (3, 6, 9), range(2, 11), 5
A_DAY = timedelta(days=1)
# How likely an asked connector passes on, the other agrees, and one of those who get a question answers.
PASSES_ON, AGREES, HELPS = 0.8, 0.75, 0.6


def say_what_they_are_open_to(people: list[Member], *, now: datetime, dice: Dice) -> None:
    """Each for themselves, before the first morning."""
    for one in people:
        Openness.say(one, {kind for kind in openness.KINDS if dice.random() < OPEN_TO[kind]}, now=now)


def talk(week: int, came: list[Member], *, host: Member, now: datetime, dice: Dice) -> None:
    """What happens in that week among those who came, as far as anybody may ask at all."""
    if week in ASKS:
        _ask(came, now=now, dice=dice)
    if week in FAVOURS:
        _favour(came, now=now, dice=dice)
    if week == TOLD and len(came) > 1:
        _tell(came[0], came[-1], now=now)
    if week == TOLD + 1:
        _look(host, now=now)


def answer(*, now: datetime, dice: Dice) -> None:
    """A day later those answer who were asked."""
    for reply in Reply.objects.filter(said="", ask__closed_at=None, asked_at__gt=now - 3 * A_DAY).with_people():
        if dice.random() < HELPS:
            reply.answer("help", "次の朝会のあと、十五分ほどでしたらお話しできます。", may_show=True, now=now)
    for favour in Favour.objects.filter(connector_said="", until__gt=now).with_people().order_by("pk"):
        if favour.other is not None and dice.random() < PASSES_ON:
            favour.pass_on(favour.other, "お二人とも話しやすい方です。気が合うと思います。", now=now)
        else:
            favour.decline(now=now)


def settle(*, now: datetime, dice: Dice) -> None:
    """Some days later the other has answered, and who was helped says thanks."""
    waiting = Favour.objects.filter(connector_said="yes", other_said="", other_until__gt=now)
    for favour in waiting.with_people().order_by("pk"):
        favour.answer(yes=dice.random() < AGREES, now=now)
    for favour in Favour.objects.made().filter(thanked_at=None, made_at__lte=now - A_DAY).order_by("pk"):
        favour.thank("さっそくお会いできました。おかげさまで、とても楽しい一時間でした。", now=now)
    for ask in Ask.objects.open(now).filter(asked_at__lte=now - 3 * A_DAY).order_by("pk"):
        for reply in ask.replies.filter(said="help").with_people()[:1]:
            reply.put_in_touch(now=now)
        ask.close("教えていただいて、一歩進みました。ありがとうございました。", now=now)


def _ask(came: list[Member], *, now: datetime, dice: Dice) -> None:
    """The first who may, about what they want to learn."""
    for one in dice.sample(came, len(came)):
        if not one.want_to_learn:
            continue
        question = Ask(asker=one, question=f"{one.want_to_learn}について、教えてくださる方はいませんか"[:120])
        question.more = "まったくの素人です。最初に読むものや、訪ねるとよい場所からうかがえれば助かります。"
        try:
            question.ask(now=now)
        except Refused:
            continue
        return


def _favour(came: list[Member], *, now: datetime, dice: Dice) -> None:
    """The first who knows somebody who knows somebody."""
    for asker in dice.sample(came, len(came)):
        known = people_of(asker)
        for connector in may_connect(asker, now=now).order_by("pk")[:3]:
            others = people_of(connector).exclude(pk=asker.pk).exclude(pk__in=known.values("pk")).order_by("pk")
            for other in others[:3]:
                favour = Favour(asker=asker, connector=connector, other=other)
                favour.why = "お仕事の話を、一度うかがってみたいと思っていました。"
                favour.forward = (
                    f"{asker.display_name}と申します。朝食会に通っています。十五分ほどお話をうかがえませんか。"
                )
                try:
                    favour.ask(now=now)
                except Refused:
                    continue
                return


def _tell(teller: Member, about: Member, *, now: datetime) -> None:
    text = "朝会のあと、二度続けて保険をすすめられました。"
    Concern.objects.tell(teller, about, text, kind=Concern.Kind.CANVASSING, named=True, now=now)


def _look(host: Member, *, now: datetime) -> None:
    for told in Concern.objects.open().for_host(host).order_by("pk"):
        told.look(Concern.Outcome.TALK, note="本人と話しました。", now=now, actor=host)
