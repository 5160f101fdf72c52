"""The host's hand: lock, swap, drop, set a time, choose what counts, and what goes by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from events import roster
from events.models import Session
from introductions import policy, rounds
from introductions.acquaintance import Exchange
from introductions.models import Introduction, Round, TooLate
from introductions.policy import Policy
from members.models import Activity, Block, Member
from outbox.models import Delivery

Make = Callable[..., Session]
NOW = timezone.now
TOKYO = ZoneInfo("Asia/Tokyo")


def pairs() -> list[tuple[str, str]]:
    return list(Introduction.objects.filter(dropped_at=None).order_by("pk").values_list("first__name", "second__name"))


def client_of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def four(make_morning: Make, person, agree) -> tuple[Session, list[Member]]:
    """Two of each of two trades: a and b, c and d."""
    people = [person(name, industry=trade) for name, trade in zip("abcd", "EEII", strict=True)]
    agree(*people)
    return make_morning(*people), people


def compute(session: Session, **named) -> Round:
    round_ = rounds.compute(session, now=NOW(), **named)
    assert round_
    return round_


def test_what_is_locked_stays_when_the_others_are_chosen_again(four, kosuke) -> None:
    session, (a, b, _c, _d) = four
    compute(session)
    assert ("a", "b") not in pairs()
    compute(session, anew=True, also=(a.pk, b.pk))
    made = Introduction.objects.get(first=a, second=b)
    assert made.locked_at is not None
    compute(session, anew=True)
    assert ("a", "b") in pairs()
    Introduction.objects.get(first=a, second=b).unlock(now=NOW(), actor=kosuke)
    compute(session, anew=True)
    assert ("a", "b") not in pairs()


def test_a_lock_is_told_once_and_only_while_the_round_waits(morning: Session, kosuke) -> None:
    round_ = compute(morning)
    made = Introduction.objects.get()
    made.lock(now=NOW(), actor=kosuke)
    made.lock(now=NOW(), actor=kosuke)
    assert Activity.objects.filter(verb="introduction.lock").count() == 1
    made.drop(now=NOW(), actor=kosuke)
    made.refresh_from_db()
    assert (made.locked_at, made.dropped_at is not None) == (None, True)
    made.keep(now=NOW(), actor=kosuke)
    round_.release(now=NOW(), actor=kosuke)
    made.lock(now=NOW(), actor=kosuke)
    made.refresh_from_db()
    assert made.locked_at is None


def test_a_swap_drops_the_pair_and_makes_the_wanted_one(four, kosuke) -> None:
    session, (a, b, _c, _d) = four
    compute(session)
    old = Introduction.objects.filter(first=a).order_by("pk")[0]
    rounds.swap(old, a, b.pk, now=NOW(), actor=kosuke)
    old.refresh_from_db()
    made = Introduction.objects.get(first=a, second=b)
    assert (old.dropped_at is not None, made.locked_at is not None) == (True, True)


@pytest.mark.parametrize("other", ["blocked", "absent", "oneself"])
def test_a_swap_no_rule_allows_changes_nothing_and_does_not_say_why(four, kosuke, mallory, other: str) -> None:
    session, (a, b, _c, _d) = four
    compute(session)
    old = Introduction.objects.filter(first=a).order_by("pk")[0]
    before = pairs()
    Block.objects.create(member=b, other=a)
    wanted = {"blocked": b, "absent": mallory, "oneself": a}[other]
    answer = client_of(kosuke).post(f"/introductions/{old.code}/swap/", {"stays": a.pk, "other": wanted.pk})
    assert (answer.status_code, "このお二人は、今回はご紹介できません。" in answer.content.decode()) == (409, True)
    assert pairs() == before


def test_a_swap_after_sending_or_of_nobody_says_so(four, kosuke) -> None:
    session, (a, b, _c, _d) = four
    round_ = compute(session)
    old = Introduction.objects.filter(first=a).order_by("pk")[0]
    url = f"/introductions/{old.code}/swap/"
    assert client_of(kosuke).post(url, {"stays": kosuke.pk, "other": b.pk}).status_code == 422
    assert client_of(kosuke).post(url, {"stays": "x"}).status_code == 422
    round_.release(now=NOW(), actor=kosuke)
    assert client_of(kosuke).post(url, {"stays": a.pk, "other": b.pk}).status_code == 409


def test_the_usual_time_is_the_day_after_at_ten_past_twelve_where_they_met(morning: Session) -> None:
    start = morning.local_start
    usual = datetime(start.year, start.month, start.day, 12, 10, tzinfo=TOKYO) + timedelta(days=1)
    assert policy.set_time(morning, now=morning.ends_at) == usual
    assert policy.set_time(morning, now=usual) == usual + timedelta(days=1)
    assert policy.set_time(morning, now=usual + timedelta(days=3, hours=1)) == usual + timedelta(days=4)


def test_the_first_two_rounds_wait_for_the_host_and_the_third_goes_by_itself(
    make_morning: Make, person, agree, series, kosuke
) -> None:
    Policy.choose(series, "across_trades", by_itself=True, now=NOW(), actor=kosuke)
    goes = []
    for number in range(3):
        two = [person(f"{name}{number}") for name in "ab"]
        agree(*two)
        round_ = compute(make_morning(*two, days=20 - number))
        goes.append(round_.goes_at)
        if number < 2:
            round_.release(now=NOW(), actor=kosuke)
    assert (goes[:2], goes[2] is not None) == ([None, None], True)
    assert goes[2] is not None
    rounds.tick(now=goes[2] - timedelta(minutes=1))
    round_.refresh_from_db()
    assert round_.released_at is None
    rounds.tick(now=goes[2])
    rounds.tick(now=goes[2] + timedelta(minutes=1))
    round_.refresh_from_db()
    assert (round_.released_at, Delivery.objects.filter(kind="intro.ask").count()) == (goes[2], 6)


def test_without_the_hosts_word_no_round_goes_by_itself(make_morning: Make, person, agree, kosuke) -> None:
    for number in range(3):
        two = [person(f"{name}{number}") for name in "ab"]
        agree(*two)
        round_ = compute(make_morning(*two, days=20 - number))
        assert round_.goes_at is None
        round_.release(now=NOW(), actor=kosuke)


def test_a_list_opened_again_does_not_go_at_its_time(morning: Session, kosuke) -> None:
    round_ = compute(morning)
    round_.go_at(NOW() + timedelta(hours=1), now=NOW(), actor=kosuke)
    roster.reopen(morning, now=NOW(), actor=kosuke)
    rounds.tick(now=NOW() + timedelta(hours=2))
    round_.refresh_from_db()
    assert (round_.released_at, Delivery.objects.count()) == (None, 0)


@pytest.mark.parametrize("days", [-1, 0, 7, 30])
def test_a_time_it_cannot_go_at_is_refused(morning: Session, kosuke, days: int) -> None:
    round_ = compute(morning)
    now = round_.computed_at
    with pytest.raises(TooLate):
        round_.go_at(now + timedelta(days=days), now=now, actor=kosuke)


def test_the_host_sets_a_time_on_the_page_and_takes_it_back(morning: Session, kosuke) -> None:
    round_ = compute(morning)
    day = (NOW().astimezone(TOKYO) + timedelta(days=2)).date()
    client, url = client_of(kosuke), f"/sessions/{morning.code}/introductions/time/"
    assert client.post(url, {"on": day.isoformat(), "at": "07:30"}).status_code == 302
    round_.refresh_from_db()
    assert round_.goes_at == datetime(day.year, day.month, day.day, 7, 30, tzinfo=TOKYO)
    assert "7:30に自動で送ります" in client.get(f"/sessions/{morning.code}/introductions/").content.decode()
    assert client.post(url, {"on": "tomorrow"}).status_code == 422
    assert client.post(url, {"on": "2020-01-01"}).status_code == 409
    assert client.post(url).status_code == 302
    round_.refresh_from_db()
    assert round_.goes_at is None


def test_another_choice_is_another_version_and_holds_from_the_next_round_on(four, series, kosuke) -> None:
    session, _people = four
    first = compute(session)
    Policy.choose(series, "newcomers_first", by_itself=False, now=NOW(), actor=kosuke)
    Policy.choose(series, "newcomers_first", by_itself=False, now=NOW(), actor=kosuke)
    assert (first.choice, first.choice_version) == ("across_trades", 1)
    again = compute(session, anew=True)
    assert (again.choice, again.choice_version, Policy.of(series.pk).version) == ("newcomers_first", 2, 2)
    assert Activity.objects.filter(verb="introductions.policy").count() == 1


def test_the_choice_of_the_host_is_what_the_next_round_is_made_by(make_morning, person, agree, series, kosuke) -> None:
    alike = {"industry": "E", "want_to_learn": "統計", "ask_me": "統計"}
    people = [person("a", **alike), person("b", **alike), person("c", industry="I"), person("d", industry="I")]
    agree(*people)
    session = make_morning(*people)
    compute(session)
    assert ("a", "b") not in pairs()
    Policy.choose(series, "shared_interests", by_itself=False, now=NOW(), actor=kosuke)
    compute(session, anew=True)
    assert ("a", "b") in pairs()


def test_the_host_sees_what_each_choice_would_have_made_of_the_last_morning(
    make_morning: Make, person, agree, series, kosuke
) -> None:
    alike = {"want_to_learn": "統計", "ask_me": "統計"}
    people = [person("a", industry="E", **alike), person("b", industry="E", **alike)]
    people += [person("c", industry="I"), person("d", industry="I")]
    agree(*people)
    session = make_morning(*people)
    made = {
        one.choice: (one.pairs, one.across, one.newcomers, one.shared) for one in rounds.effects(session, now=NOW())
    }
    compute(session).release(now=NOW(), actor=kosuke)
    again = {
        one.choice: (one.pairs, one.across, one.newcomers, one.shared) for one in rounds.effects(session, now=NOW())
    }
    for one, other in (people[:2], people[1::-1]):
        Exchange.say(one, other, session=session, now=NOW())
    after_cards = {
        one.choice: (one.pairs, one.across, one.newcomers, one.shared) for one in rounds.effects(session, now=NOW())
    }
    assert made == again == after_cards
    assert made["across_trades"][:2] == (4, 4)
    assert made["shared_interests"][3] == 1
    client, url = client_of(kosuke), f"/series/{series.slug}/introductions/"
    shown = client.get(url).content.decode()
    assert ("違う仕事の方どうし" in shown, "の回なら、こうなります" in shown) == (True, True)
    assert client.post(url, {"choice": "shared_interests", "by_itself": "on"})["Location"] == url
    holds = Policy.of(series.pk)
    assert (holds.choice, holds.by_itself_since is not None) == ("shared_interests", True)
    assert client.post(url, {"choice": "friends"}).status_code == 422


def test_only_hosts_choose(four, series, hana) -> None:
    session, _people = four
    compute(session)
    code, client = Introduction.objects.all()[0].code, client_of(hana)
    for url in (f"/introductions/{code}/lock/", f"/introductions/{code}/unlocking/", f"/introductions/{code}/swap/"):
        assert client.post(url).status_code == 404
    assert client.post(f"/sessions/{session.code}/introductions/time/").status_code == 404
    assert client.get(f"/series/{series.slug}/introductions/").status_code == 404
