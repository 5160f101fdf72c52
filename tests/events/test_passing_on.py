"""Free seats near the start: asked first, told to all, or given at once, as the host chose; by whichever door."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events import next_steps, passing_on
from events.links import answer_link
from events.models import NearStart, Partstat, SeatsError, Series, Session
from members.models import Activity, Member
from outbox.models import Delivery
from tests.events.pages import crowd, statements

# Thursday 10 December 2026, 7:00 in Tokyo; noon two days before.
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
NOON = datetime(2026, 12, 8, 3, 0, tzinfo=UTC)
EARLY = START - timedelta(days=20)
MORNING = NOON + timedelta(hours=20)  # 8:00 the day before, when what was offered at noon lapses
EVENING = datetime(2026, 12, 9, 11, 0, tzinfo=UTC)  # 20:00, when offers end


@pytest.fixture
def morning(make_session, hana, ken, mallory, kosuke) -> Session:
    """One seat, hana's; ken, mallory and kosuke wait."""
    session = make_session(starts_at=START, capacity=1, published_at=EARLY)
    for member in (hana, ken, mallory, kosuke):
        session.rsvp(member, Partstat.ACCEPTED, now=EARLY)
    Delivery.objects.all().delete()
    return session


def stand(session: Session) -> dict[str, str]:
    """How each person stands: seated, asked, or their place in the queue."""
    session.refresh_from_db()
    places = {rsvp.pk: str(place) for place, rsvp in enumerate(session.rsvps.waiting(), start=1)}
    coming = session.rsvps.filter(partstat=Partstat.ACCEPTED).select_related("member").order_by("pk")
    how = {r.pk: "seated" if r.is_seated else "asked" if r.is_offered else places[r.pk] for r in coming}
    return {r.member.name: how[r.pk] for r in coming if r.member}


def mails() -> list[tuple[str, str]]:
    return [(kind, to.split("@")[0]) for kind, to in Delivery.objects.order_by("pk").values_list("kind", "to")]


def chosen(way: str) -> dict[str, str]:
    """What a host's form sends."""
    return {"near_start": way, "seats_for_new": "0", "spare_covers": "0"}


def say(session: Session, member: Member, partstat: str, now: datetime) -> None:
    session.rsvp(member, partstat, now=now)


def test_near_the_start_the_first_who_waits_is_asked_and_the_seat_is_kept(morning, hana) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    assert stand(morning) == {"ken": "asked", "mallory": "2", "kosuke": "3"}
    assert (morning.seats_taken, morning.seats_held, morning.is_full) == (0, 1, True)
    assert mails() == [("rsvp.left", "hana"), ("rsvp.offer", "ken")]
    assert morning.rsvps.offered().get().offered_until == MORNING


def test_who_takes_the_offer_has_the_seat(morning, hana, ken) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    say(morning, ken, Partstat.ACCEPTED, NOON + timedelta(hours=1))
    assert stand(morning) == {"ken": "seated", "mallory": "1", "kosuke": "2"}
    assert (morning.seats_taken, morning.seats_held) == (1, 0)
    assert mails()[-1] == ("rsvp.confirmed", "ken")


def test_after_a_no_the_next_is_asked(morning, hana, ken) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    say(morning, ken, Partstat.DECLINED, NOON + timedelta(hours=1))
    assert stand(morning) == {"mallory": "asked", "kosuke": "2"}
    assert mails() == [("rsvp.left", "hana"), ("rsvp.offer", "ken"), ("rsvp.offer", "mallory")]


def test_without_an_answer_the_next_is_asked_and_the_place_stays(morning, hana) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    passing_on.carry_on(now=MORNING - timedelta(minutes=1))
    assert stand(morning) == {"ken": "asked", "mallory": "2", "kosuke": "3"}
    passing_on.carry_on(now=MORNING)
    assert stand(morning) == {"ken": "1", "mallory": "asked", "kosuke": "3"}
    passing_on.carry_on(now=MORNING)
    assert mails() == [("rsvp.left", "hana"), ("rsvp.offer", "ken"), ("rsvp.offer", "mallory")]


def test_without_a_tick_who_asks_is_answered_as_if_it_had_come(morning, hana, ken) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    say(morning, ken, Partstat.ACCEPTED, MORNING)
    assert stand(morning) == {"ken": "1", "mallory": "asked", "kosuke": "3"}


def test_nobody_jumps_the_queue_at_the_moment_an_offer_lapses(morning, hana, person) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    say(morning, person("newcomer"), Partstat.ACCEPTED, MORNING)
    assert stand(morning) == {"ken": "1", "mallory": "asked", "kosuke": "3", "newcomer": "4"}


def test_when_all_were_asked_in_vain_whoever_taps_has_the_seat(morning, hana, ken, mallory, kosuke) -> None:
    for member in (mallory, kosuke):
        say(morning, member, Partstat.DECLINED, EARLY)
    say(morning, hana, Partstat.DECLINED, NOON)
    passing_on.carry_on(now=MORNING)
    assert (stand(morning), morning.seats_left) == ({"ken": "1"}, 1)
    say(morning, ken, Partstat.ACCEPTED, MORNING + timedelta(hours=2))
    assert stand(morning) == {"ken": "seated"}


def test_at_eight_in_the_evening_every_offer_ends_and_all_who_wait_are_told(morning, hana) -> None:
    say(morning, hana, Partstat.DECLINED, EVENING - timedelta(hours=4))
    passing_on.carry_on(now=EVENING)
    assert stand(morning) == {"ken": "1", "mallory": "2", "kosuke": "3"}
    assert morning.seats_left == 1
    told = [("rsvp.free", "ken"), ("rsvp.free", "mallory"), ("rsvp.free", "kosuke")]
    assert mails() == [("rsvp.left", "hana"), ("rsvp.offer", "ken"), *told]


def test_after_nine_nobody_is_told_and_who_taps_has_the_seat(morning, hana, mallory) -> None:
    say(morning, hana, Partstat.DECLINED, EVENING + timedelta(hours=1))
    assert (mails(), morning.seats_left) == ([("rsvp.left", "hana")], 1)
    say(morning, mallory, Partstat.ACCEPTED, EVENING + timedelta(hours=2))
    assert stand(morning) == {"ken": "1", "mallory": "seated", "kosuke": "2"}


def test_the_host_may_leave_it_to_who_taps_first(morning, series, hana, kosuke, person) -> None:
    passing_on.choose(series, NearStart.FIRST_TAP, 0, 0, now=EARLY, actor=kosuke)
    say(morning, hana, Partstat.DECLINED, NOON)
    assert (stand(morning), morning.seats_left) == ({"ken": "1", "mallory": "2", "kosuke": "3"}, 1)
    assert mails()[1:] == [("rsvp.free", "ken"), ("rsvp.free", "mallory"), ("rsvp.free", "kosuke")]
    say(morning, kosuke, Partstat.ACCEPTED, NOON)
    say(morning, person("late"), Partstat.ACCEPTED, NOON)
    assert stand(morning) == {"ken": "1", "mallory": "2", "kosuke": "seated", "late": "3"}


def test_the_host_may_give_seats_at_once_until_the_end(morning, hana) -> None:
    morning.set_near_start(NearStart.AT_ONCE, now=EARLY)
    say(morning, hana, Partstat.DECLINED, EVENING)
    assert stand(morning) == {"ken": "seated", "mallory": "1", "kosuke": "2"}
    assert mails() == [("rsvp.left", "hana"), ("rsvp.promoted", "ken")]


def test_what_one_morning_does_differently_holds_against_its_series(morning, series, hana, kosuke) -> None:
    morning.set_near_start(NearStart.OFFER, now=EARLY)
    passing_on.choose(series, NearStart.FIRST_TAP, 0, 0, now=EARLY, actor=kosuke)
    say(morning, hana, Partstat.DECLINED, NOON)
    assert stand(morning) == {"ken": "asked", "mallory": "2", "kosuke": "3"}


def test_a_free_seat_goes_the_new_way_at_once(morning, series, hana, kosuke) -> None:
    passing_on.choose(series, NearStart.FIRST_TAP, 0, 0, now=EARLY, actor=kosuke)
    say(morning, hana, Partstat.DECLINED, NOON)
    passing_on.choose(series, NearStart.OFFER, 0, 0, now=NOON, actor=kosuke)
    assert stand(morning) == {"ken": "asked", "mallory": "2", "kosuke": "3"}
    assert list(Activity.objects.values_list("verb", "detail")) == [
        ("series.seats", {"way": "first_tap", "for_new": 0, "spare": 0}),
        ("series.seats", {"way": "offer", "for_new": 0, "spare": 0}),
    ]


def test_by_night_the_mail_waits_for_the_morning(morning, hana) -> None:
    say(morning, hana, Partstat.DECLINED, NOON + timedelta(hours=11))  # 23:00
    offer = Delivery.objects.get(kind="rsvp.offer")
    seven, until = MORNING - timedelta(hours=1), MORNING + timedelta(hours=11)
    assert (offer.next_attempt_at, offer.useful_until) == (seven, until)
    assert morning.rsvps.offered().get().offered_until == until


def test_a_party_is_asked_for_all_its_seats_or_not_at_all_and_told_once(morning, hana, ken, mallory) -> None:
    morning.add_friend(ken, "友だち", now=EARLY)
    say(morning, hana, Partstat.DECLINED, NOON)
    assert stand(morning) == {"ken": "1", "mallory": "asked", "kosuke": "3"}
    morning.set_capacity(3, now=NOON)
    assert (stand(morning), morning.seats_held) == ({"ken": "asked", "mallory": "asked", "kosuke": "3"}, 3)


def test_whom_the_free_seat_is_too_small_for_is_told_once(make_session, hana, ken) -> None:
    session = make_session(starts_at=START, capacity=3, published_at=EARLY)
    for member in (hana, ken):
        say(session, member, Partstat.ACCEPTED, EARLY)
    friend = session.add_friend(hana, "友だち", now=EARLY)
    say(session, ken, Partstat.DECLINED, EARLY)
    session.set_capacity(2, now=EARLY)
    say(session, ken, Partstat.ACCEPTED, EARLY)
    mine = session.add_friend(ken, "友だち", now=EARLY)
    Delivery.objects.all().delete()
    session.remove_friend(hana, friend.pk, now=EARLY)
    session.set_capacity(3, now=NOON - timedelta(days=9))
    assert mails() == [("rsvp.smaller", "ken"), ("rsvp.promoted", "ken")]
    assert stand(session) == {"hana": "seated", "ken": "seated"}
    assert mine.rsvp.companions.count() == 1


def test_with_one_friend_fewer_the_seat_is_theirs(make_session, hana, ken) -> None:
    session = make_session(starts_at=START, capacity=1, published_at=EARLY)
    for member in (hana, ken):
        say(session, member, Partstat.ACCEPTED, EARLY)
    friend = session.add_friend(ken, "友だち", now=EARLY)
    say(session, hana, Partstat.DECLINED, EARLY)
    assert [kind for kind, _to in mails()][-1] == "rsvp.smaller"
    session.remove_friend(ken, friend.pk, now=EARLY)
    assert stand(session) == {"ken": "seated"}


def test_while_seats_are_kept_a_friend_needs_one_more(morning, hana, ken) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    with pytest.raises(SeatsError, match="席がもうありません"):
        morning.add_friend(ken, "友だち", now=NOON)
    morning.set_capacity(2, now=NOON)
    assert stand(morning) == {"ken": "asked", "mallory": "asked", "kosuke": "3"}


def test_fewer_seats_take_back_no_offer(morning, hana, ken, person) -> None:
    morning.set_capacity(2, now=EARLY)
    say(morning, hana, Partstat.DECLINED, NOON)
    morning.set_capacity(1, now=NOON)
    say(morning, person("newcomer"), Partstat.ACCEPTED, NOON)
    assert stand(morning) == {"ken": "seated", "mallory": "asked", "kosuke": "2", "newcomer": "3"}


def test_after_a_move_who_did_not_answer_may_be_asked_anew(morning, hana, ken) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    passing_on.carry_on(now=MORNING)
    morning.move(START + timedelta(days=30), now=MORNING + timedelta(minutes=1))
    say(morning, ken, Partstat.DECLINED, MORNING + timedelta(minutes=2))
    assert stand(morning) == {"mallory": "asked", "kosuke": "2"}


def test_no_offer_outlives_the_evening_before_a_morning_moved_nearer(morning, hana) -> None:
    say(morning, hana, Partstat.DECLINED, NOON)
    morning.move(START - timedelta(days=1), now=NOON + timedelta(minutes=1))
    assert morning.rsvps.offered().get().offered_until == EVENING - timedelta(days=1)
    passing_on.carry_on(now=EVENING - timedelta(days=1))
    assert stand(morning) == {"ken": "1", "mallory": "2", "kosuke": "3"}


def test_one_that_fails_holds_up_no_other(morning, make_session, hana, ken, monkeypatch, caplog) -> None:
    other = make_session(starts_at=START, capacity=1, published_at=EARLY)
    for member in (hana, ken):
        say(other, member, Partstat.ACCEPTED, EARLY)
    for session in (morning, other):
        say(session, hana, Partstat.DECLINED, NOON)
    pass_on = Session.pass_on

    def fails_once(self: Session, **named: object) -> None:
        if self.pk == morning.pk:
            raise RuntimeError
        pass_on(self, **named)

    monkeypatch.setattr(Session, "pass_on", fails_once)
    passing_on.carry_on(now=MORNING)
    assert [stand(morning)["ken"], stand(other)["ken"]] == ["asked", "1"]
    assert f"Free seats of {morning.code} were not passed on" in caplog.text


# Pages


def soon(make_session, *, hours: float, **fields: object) -> Session:
    """A morning so many hours from now, by the clock of a place where that is 7:00."""
    start = (timezone.now() + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
    offset = (7 - start.hour + 11) % 24 - 11
    return make_session(starts_at=start, timezone=f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT", **fields)


@pytest.fixture
def asked(make_session, hana, ken, mallory) -> Session:
    """Within the last three days: ken is asked, mallory waits."""
    session = soon(make_session, hours=60, capacity=1)
    for member in (hana, ken, mallory):
        say(session, member, Partstat.ACCEPTED, timezone.now() - timedelta(days=2))
    say(session, hana, Partstat.DECLINED, timezone.now())
    return session


def test_who_is_asked_finds_the_seat_on_the_page_and_in_the_mail(asked, client, ken) -> None:
    client.force_login(ken)
    for url in (f"/sessions/{asked.code}/", answer_link(ken, asked)):
        page = client.get(url).content.decode()
        for words in ("席が空きました。お取り置きしています。", "1席をとる", "今回は見送り、次の方にゆずる"):
            assert (url, words, words in page) == (url, words, True)
    assert client.post(answer_link(ken, asked), {"partstat": "ACCEPTED"}).status_code == 302
    assert stand(asked) == {"ken": "seated", "mallory": "1"}


def test_from_the_mail_one_can_pass_it_on(asked, client, ken) -> None:
    client.post(answer_link(ken, asked), {"partstat": "DECLINED"})
    assert stand(asked) == {"mallory": "asked"}


def test_only_a_seat_given_back_is_thanked_for(asked, client, ken, mallory) -> None:
    for member in (ken, mallory):
        say(asked, member, Partstat.DECLINED, timezone.now())
        client.force_login(member)
        page = client.get(f"/sessions/{asked.code}/").content.decode()
        assert "お知らせくださり" not in page


def test_for_others_the_kept_seat_is_not_free(asked, client, mallory, person) -> None:
    client.force_login(mallory)
    page = client.get(f"/sessions/{asked.code}/").content.decode()
    assert ("いま2番目にお待ちです。" in page, 'value="ACCEPTED"' in page) == (True, False)
    client.force_login(person("newcomer"))
    assert "キャンセル待ちに入る" in client.get(f"/sessions/{asked.code}/").content.decode()


@pytest.mark.parametrize("door", ["page", "mail"])
def test_at_night_who_waits_takes_the_free_seat_by_one_tap(make_session, client, hana, ken, door) -> None:
    session = soon(make_session, hours=9, capacity=1)
    for member in (hana, ken):
        say(session, member, Partstat.ACCEPTED, timezone.now() - timedelta(days=2))
    say(session, hana, Partstat.DECLINED, timezone.now())
    client.force_login(ken)
    url = answer_link(ken, session) if door == "mail" else f"/sessions/{session.code}/"
    page = client.get(url).content.decode()
    assert ("先に押した方の席になります。" in page, 'value="ACCEPTED"' in page) == (True, True)
    client.post(url if door == "mail" else f"{url}rsvp/", {"partstat": "ACCEPTED"})
    assert stand(session) == {"ken": "seated"}


def test_from_the_mail_a_party_may_come_smaller(make_session, client, hana, ken) -> None:
    session = make_session(capacity=1)
    for member in (hana, ken):
        say(session, member, Partstat.ACCEPTED, timezone.now())
    friend = session.add_friend(ken, "桐谷 健", now=timezone.now())
    say(session, hana, Partstat.DECLINED, timezone.now())
    page = client.get(answer_link(ken, session)).content.decode()
    assert (f'value="{friend.pk}"' in page, "お申し込みは2人です" in page) == (True, True)
    assert client.post(answer_link(ken, session), {"friend": "x"}).status_code == 422
    assert client.post(answer_link(ken, session), {"friend": str(friend.pk)}).status_code == 302
    assert stand(session) == {"ken": "seated"}


def test_nobody_sends_another_persons_friend_home(make_session, client, hana, ken) -> None:
    session = make_session(capacity=2)
    for member in (hana, ken):
        say(session, member, Partstat.ACCEPTED, timezone.now())
    session.set_capacity(3, now=timezone.now())
    friend = session.add_friend(hana, "友だち", now=timezone.now())
    client.post(answer_link(ken, session), {"friend": str(friend.pk)})
    assert friend.rsvp.companions.count() == 1


def test_a_host_chooses_for_the_series_and_for_one_morning(client, kosuke, series, session) -> None:
    client.force_login(kosuke)
    assert client.post("/series/breakfast/seats/", chosen("first_tap")).status_code == 302
    assert Series.objects.get().near_start == "first_tap"
    page = client.get(f"/sessions/{session.code}/seats/").content.decode()
    assert "会の決め方どおり（お待ちの方全員にお知らせし、先に押した方の席にする）" in page
    client.post(f"/sessions/{session.code}/seats/", chosen("at_once"))
    assert Session.objects.get().near_start == "at_once"
    client.post(f"/sessions/{session.code}/seats/", chosen(""))
    assert Session.objects.get().near_start == ""
    assert client.post(f"/sessions/{session.code}/seats/", chosen("by lot")).status_code == 422


@pytest.mark.parametrize(("url", "number"), [("/series/breakfast/seats/", 4), ("/sessions/{}/seats/", 4)])
def test_the_page_asks_the_database_as_often(client, kosuke, session, url, number) -> None:
    client.force_login(kosuke)
    client.get("/desk/")
    for people in (1, 30):
        for member in crowd(people):
            say(session, member, Partstat.ACCEPTED, timezone.now())
        assert statements(lambda: client.get(url.format(session.code))) == (200, number)


def test_at_night_the_hosts_desk_says_that_a_seat_is_free(morning, hana) -> None:
    say(morning, hana, Partstat.DECLINED, EVENING + timedelta(hours=2))
    morning.refresh_from_db()
    before, after = (list(next_steps.free_seats([morning], EVENING + timedelta(hours=h))) for h in (0, 2))
    assert before == []
    assert [(step.what, step.why) for step in after] == [
        ("1席空いています", "3人がお待ちです。この時間はメールを送りません。先に押した方の席になります。")
    ]


def test_a_stranger_sees_nothing_to_take(asked) -> None:
    page = Client().get(f"/sessions/{asked.code}/").content.decode()
    assert 'name="partstat"' not in page
