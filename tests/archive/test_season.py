"""A season played through: by the verbs of the house, on a clock of its own, the same every time."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive import season
from introductions.models import Introduction
from members.models import Member
from outbox.models import Delivery


def played(person, kosuke: Member, sessions: int) -> season.Season:
    trades = "EIGS"
    people = [person(f"p{n:02}", industry=trades[n % 4]) for n in range(12)]
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
    assert kinds == {"intro.ask": 2 * asked.count(), "intro.made": 2 * made, "intro.followup": 2 * made}
    assert found.mails == kinds.total()


def test_the_command_plays_once_and_writes_the_mails(person, kosuke, hana, series, tmp_path, capsys) -> None:
    for n in range(8):
        person(f"p{n:02}", industry="EI"[n % 2])
    call_command("play_season", sessions=1, mails=tmp_path)
    mails = list(tmp_path.glob("*.txt"))
    told = capsys.readouterr().out
    assert (len(mails) > 0, f"{len(mails)} mails of introductions" in told) == (True, True)
    with pytest.raises(CommandError, match="already"):
        call_command("play_season")
