"""A season played through: by the verbs of the house, on a clock of its own, the same every time."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive import season
from events.models import StandingRsvp
from introductions.followups import FollowUp
from introductions.models import Introduction
from members.concerns import Concern
from members.levels import Level
from members.models import Member
from outbox.models import Delivery

SEEN = {"listed_at": timezone.now(), "name_level": Level.MEMBERS}


def played(person, kosuke: Member, sessions: int, number: int = 12) -> season.Season:
    trades = "EIGS"
    words = ("魚の目利き", "店の帳簿", "統計の読み方", "写真の光")
    people = [
        person(f"p{n:02}", industry=trades[n % 4], ask_me=words[n % 4], want_to_learn=words[(n + 1) % 4], **SEEN)
        for n in range(number)
    ]
    return season.play(sessions, host=kosuke, people=people, now=timezone.now())


def test_two_weeks_are_played_from_the_answers_to_what_came_of_it(person, kosuke) -> None:
    found = played(person, kosuke, 2)
    assert [one.number for one in found.mornings] == [1, 2]
    for one in found.mornings:
        assert (one.came > 3, one.tables >= 1, one.made <= one.proposed) == (True, True, True)
    asked = Introduction.objects.filter(asked_at__isnull=False)
    pairs = Counter(frozenset(pair) for pair in asked.values_list("first", "second"))
    assert max(pairs.values()) == 1
    made = asked.filter(made_at__isnull=False).count()
    assert (found.numbers.made, sum(one.made for one in found.mornings)) == (made, made)
    kinds = Counter(Delivery.objects.filter(sent_at__isnull=False).values_list("kind", flat=True))
    people = {(round_, one) for round_, *two in asked.values_list("round", "first", "second") for one in two}
    assert (kinds["intro.ask"], FollowUp.objects.count()) == (len(people), 2 * made)
    assert (Delivery.objects.filter(kind="standing.seat").count(), StandingRsvp.objects.standing().count()) == (4, 2)
    assert 0 < sum(one.every_time for one in found.mornings) <= 4
    assert kinds["reminder.thanks"] == sum(one.came for one in found.mornings)
    assert found.mails == kinds.total()


def test_what_people_ask_of_each_other_is_played_too(person, kosuke) -> None:
    played(person, kosuke, 6, number=30)
    kinds = set(Delivery.objects.filter(sent_at__isnull=False).values_list("kind", flat=True))
    assert {"ask.question", "intro.favour", "concern.looked"} <= kinds
    asked_along = [mail for mail in texts("reminder.thanks") if "ご紹介のその後" in mail]
    named = [mail for mail in texts("reminder.tomorrow") if "会ってみたい方" in mail]
    assert (len(asked_along) > 0, len(named) > 0, Concern.objects.open().count()) == (True, True, 0)


def texts(kind: str) -> list[str]:
    return [row.rendered["text"] for row in Delivery.objects.filter(kind=kind, sent_at__isnull=False)]


def test_the_command_plays_once_and_writes_the_mails(person, kosuke, hana, series, tmp_path, capsys) -> None:
    for n in range(8):
        person(f"p{n:02}", industry="EI"[n % 2])
    call_command("play_season", sessions=1, mails=tmp_path)
    mails = list(tmp_path.glob("*.txt"))
    told = capsys.readouterr().out
    assert (len(mails) > 0, f"{len(mails)} mails in" in told) == (True, True)
    with pytest.raises(CommandError, match="already"):
        call_command("play_season")
