from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Mod
from django.utils import timezone

from events import next_steps
from events.models import Attendance, Details, Membership, Partstat, Rsvp, Series, Session
from introductions import seating, tables, together
from introductions.table_seats import TableSeat
from introductions.table_steps import steps
from members.models import Activity, Block, Member
from tests.events.pages import came, crowd, seat

MakeSession = Callable[..., Session]


@pytest.fixture
def tomorrow(make_session: MakeSession, now: datetime) -> Session:
    """A morning that begins in two hours: its evening before is over."""
    return make_session(starts_at=now + timedelta(hours=2))


def table_of(session: Session) -> dict[str, int]:
    return {chair.name: chair.table for chair in seating.chairs(session)}


def close(session: Session, people: list[Member], tables: list[int] | None = None) -> None:
    """A morning of the past to which these came, perhaps with a table each."""
    came(session, people)
    Session.objects.filter(pk=session.pk).update(roster_closed_at=session.ends_at)
    for member, table in zip(people, tables or [], strict=False):
        rsvp = Rsvp.objects.create(session=session, member=member, partstat=Partstat.ACCEPTED, seated_at=timezone.now())
        TableSeat.objects.create(session=session, rsvp=rsvp, table_no=table)


# Planning


def test_everybody_with_a_seat_gets_a_table_and_friends_sit_with_whom_they_come(tomorrow, kosuke, hana, now) -> None:
    seat(tomorrow, crowd(9))
    tomorrow.refresh_from_db()
    tomorrow.rsvp(hana, Partstat.ACCEPTED, now=now)
    tomorrow.add_friend(hana, "友人", now=now)
    seating.plan(tomorrow, now=now, actor=kosuke)
    found = table_of(tomorrow)
    assert (len(found), found["友人"] == found["hana"] > 0, min(found.values())) == (11, True, 1)
    assert Activity.objects.get(verb="tables.plan").detail == {"people": 11, "tables": 2}


def test_who_keeps_another_away_sits_elsewhere(tomorrow, now) -> None:
    people = crowd(10)
    seat(tomorrow, people)
    for other in people[1:5]:
        Block.objects.create(member=people[0], other=other)
    seating.plan(tomorrow, now=now, actor=None)
    found = table_of(tomorrow)
    assert {found[other.name] == found[people[0].name] for other in people[1:5]} == {False}


def test_the_hosts_are_spread(tomorrow, series, kosuke, hana, now) -> None:
    Membership.objects.filter(member=hana).update(role=Membership.Role.HOST)
    seat(tomorrow, [kosuke, hana, *crowd(8)])
    seating.plan(tomorrow, now=now, actor=None)
    found = table_of(tomorrow)
    assert {found["kosuke"], found["hana"]} == {1, 2}


def test_planning_again_leaves_most_where_they_are_and_seats_who_came_late(tomorrow, hana, now) -> None:
    seat(tomorrow, crowd(14))
    seating.plan(tomorrow, now=now, actor=None)
    # Nobody would think of these numbers anew.
    TableSeat.objects.update(table_no=Mod("table_no", 3) + 1)
    before = table_of(tomorrow)
    tomorrow.refresh_from_db()
    tomorrow.rsvp(hana, Partstat.ACCEPTED, now=now)
    seating.plan(tomorrow, now=now, actor=None)
    after = table_of(tomorrow)
    kept = sum(before[name] == after[name] for name in before)
    assert (kept >= 12, after["hana"] > 0) == (True, True)


def test_planning_anew_forgets_the_tables_but_not_what_was_placed_by_hand(tomorrow, now) -> None:
    people = crowd(12)
    seat(tomorrow, people)
    seating.plan(tomorrow, now=now, actor=None)
    first, name = table_of(tomorrow), people[0].name
    key = next(chair.key for chair in seating.chairs(tomorrow) if chair.name == name)
    other = 3 - first[name]
    seating.move(tomorrow, key, other, now=now, actor=None)
    seating.plan(tomorrow, now=now, actor=None, anew=True)
    assert table_of(tomorrow)[name] == other


# By hand


def test_moving_somebody_takes_the_friends_along_and_pins_them(tomorrow, hana, now) -> None:
    seat(tomorrow, crowd(8))
    tomorrow.refresh_from_db()
    tomorrow.rsvp(hana, Partstat.ACCEPTED, now=now)
    tomorrow.add_friend(hana, "友人", now=now)
    friend = next(chair.key for chair in seating.chairs(tomorrow) if chair.name == "友人")
    seating.move(tomorrow, friend, 2, now=now, actor=None)
    chairs = {chair.name: chair for chair in seating.chairs(tomorrow)}
    assert [(chairs[name].table, chairs[name].pinned_at) for name in ("hana", "友人")] == [(2, now), (2, now)]
    seating.move(tomorrow, friend, 0, now=now, actor=None)
    chairs = {chair.name: chair for chair in seating.chairs(tomorrow)}
    assert [(chairs[name].table, chairs[name].pinned_at) for name in ("hana", "友人")] == [(2, None), (2, None)]


def test_who_keeps_another_away_after_the_plan_does_not_stay_beside_them(tomorrow, make_session, hana, now) -> None:
    """With the friends who come along; what was, stays, and so does everybody else."""
    [other, *rest] = crowd(12)
    past = make_session(starts_at=now - timedelta(days=30))
    close(past, [hana, other], [1, 1])
    seat(tomorrow, [other, *rest])
    tomorrow.refresh_from_db()
    tomorrow.rsvp(hana, Partstat.ACCEPTED, now=now)
    tomorrow.add_friend(hana, "友人", now=now)
    seating.plan(tomorrow, now=now, actor=None)
    far = next(one for one in rest if table_of(tomorrow)[one.name] != table_of(tomorrow)[other.name])
    key = next(chair.key for chair in seating.chairs(tomorrow) if chair.name == "hana")
    seating.move(tomorrow, key, table_of(tomorrow)[other.name], now=now, actor=None)
    before = table_of(tomorrow)
    Block.objects.keep_away(hana, far, now=now)
    assert table_of(tomorrow) == before
    Block.objects.keep_away(hana, other, now=now)
    assert table_of(tomorrow) == before | {"hana": 0, "友人": 0}
    assert said(tomorrow, now) == ["卓の決まっていない方が2人います"]
    assert table_of(past) == {"hana": 1, other.name: 1}
    seating.plan(tomorrow, now=now, actor=None)
    found = table_of(tomorrow)
    assert (found["hana"] == found["友人"] > 0, found["hana"] in {found[other.name], found[far.name]}) == (True, False)


def test_nobody_is_moved_beside_whom_they_keep_away(tomorrow, now) -> None:
    one, other = people = crowd(2)
    seat(tomorrow, people)
    Block.objects.create(member=other, other=one)
    keys = {chair.name: chair.key for chair in seating.chairs(tomorrow)}
    seating.move(tomorrow, keys[one.name], 1, now=now, actor=None)
    with pytest.raises(seating.TableError, match="この卓には移せません"):
        seating.move(tomorrow, keys[other.name], 1, now=now, actor=None)
    assert table_of(tomorrow) == {one.name: 1, other.name: 0}


def test_who_gave_the_seat_back_cannot_be_moved(tomorrow, hana, now) -> None:
    rsvp = tomorrow.rsvp(hana, Partstat.ACCEPTED, now=now)
    tomorrow.rsvp(hana, Partstat.DECLINED, now=now)
    with pytest.raises(seating.TableError, match="席をお取りではありません"):
        seating.move(tomorrow, f"r{rsvp.pk}", 1, now=now, actor=None)


# Who has met


def pair(a: Member, b: Member) -> frozenset[int]:
    return frozenset((a.pk, b.pk))


def test_met_is_counted_from_closed_rosters_and_where_there_were_tables_at_the_same_one(
    make_session, tomorrow, now
) -> None:
    a, b, c, d = people = crowd(4)
    close(make_session(starts_at=now - timedelta(days=60)), people[:3])
    close(make_session(starts_at=now - timedelta(days=30)), people, [1, 1, 2, 2])
    came(make_session(starts_at=now - timedelta(days=10)), people)
    close(make_session(starts_at=now + timedelta(days=30)), people)
    found = together.past([one.pk for one in people], tomorrow)
    assert found.met == {pair(a, b): 1, pair(c, d): 1}
    assert found.shared == {
        pair(a, b): 2,
        pair(a, c): 2,
        pair(b, c): 2,
        pair(a, d): 1,
        pair(b, d): 1,
        pair(c, d): 1,
    }
    assert found.often == {a.pk: 1, b.pk: 1, c.pk: 1, d.pk: 2 / 3}
    assert found.knows == dict.fromkeys((one.pk for one in people), 1 / 3)


@pytest.mark.parametrize(("mornings", "met"), [(4, 0), (5, 1), (9, 1), (10, 2)])
def test_of_mornings_without_tables_one_in_five_is_a_meeting(make_session, tomorrow, now, mornings, met) -> None:
    a, b = people = crowd(2)
    for n in range(mornings):
        close(make_session(starts_at=now - timedelta(days=60 + n)), people)
    assert together.past([a.pk, b.pk], tomorrow).met.get(pair(a, b), 0) == met


def test_how_often_one_comes_is_reckoned_in_the_series(make_session, tomorrow, now) -> None:
    (a,) = people = crowd(1)
    other = Series.objects.create(slug="evening", name="夕", starts_on=now.date(), at=tomorrow.series.at)
    close(make_session(starts_at=now - timedelta(days=60)), [])
    close(make_session(starts_at=now - timedelta(days=30), series=other), people)
    assert together.past([a.pk], tomorrow).often == {a.pk: 1 / 2}


def test_who_was_absent_met_nobody(make_session, tomorrow, now) -> None:
    session, people = make_session(starts_at=now - timedelta(days=30)), crowd(2)
    close(session, people, [1, 1])
    Attendance.objects.filter(member=people[1]).update(status=Attendance.Status.ABSENT)
    assert together.past([one.pk for one in people], tomorrow).met == {}


def tables_cost(a: tables.Person, b: tables.Person) -> int:
    return tables.pair_cost(a, b, 0)


def test_who_comes_rarely_sits_with_whoever_knows_everybody(make_session, tomorrow, now) -> None:
    """Two who come always and have met nobody here, two who come always and have met the most, and two strangers."""
    people = crowd(10)
    known, rare = people[:2], people[8:]
    for n in range(8):
        seats = [1, 1, *((1, 1, 2, 2, 2, 2) if n % 2 else (2, 2, 1, 1, 2, 2))]
        close(make_session(starts_at=now - timedelta(days=90 - n)), people[:8], seats)
    seat(tomorrow, people)
    past = seating.past_of(tomorrow, found := seating.chairs(tomorrow))
    of = {chair.member: chair.person(past) for chair in found}
    assert [of[one.pk].often for one in (*known, *rare)] == [1, 1, 1 / 9, 1 / 9]
    assert tables_cost(of[known[0].pk], of[rare[0].pk]) < tables_cost(of[rare[0].pk], of[rare[1].pk])


# The word on the morning


def test_my_table_names_only_those_who_let_the_room_see_them(tomorrow, now) -> None:
    people = crowd(6)
    seat(tomorrow, people)
    seating.plan(tomorrow, now=now, actor=None)
    word = seating.word(tomorrow, people[0])
    assert (word.table, word.people) == (1, 6)
    assert [one.name for one in word.neighbours] == [people[1].name, people[3].name, people[5].name]


def test_my_table_does_not_name_whom_i_keep_away(tomorrow, now) -> None:
    people = crowd(6)
    seat(tomorrow, people)
    seating.plan(tomorrow, now=now, actor=None)
    Block.objects.create(member=people[3], other=people[0])
    assert [one.name for one in seating.word(tomorrow, people[0]).neighbours] == [people[1].name, people[5].name]


def test_without_a_plan_or_a_seat_there_is_no_table(tomorrow, hana, now) -> None:
    people = crowd(6)
    seat(tomorrow, people)
    before = seating.word(tomorrow, people[0]).table
    seating.plan(tomorrow, now=now, actor=None)
    assert (before, seating.word(tomorrow, hana).table) == (0, 0)


# The desk


def said(session: Session, now: datetime) -> list[str]:
    return [step.what for step in steps([Session.objects.get(pk=session.pk)], now)]


def test_the_desk_asks_for_tables_from_the_evening_before_until_they_are_planned(tomorrow, hana, now) -> None:
    people = crowd(9)
    seat(tomorrow, people)
    early = tomorrow.starts_at - timedelta(hours=40)
    assert (said(tomorrow, early), said(tomorrow, now)) == ([], ["9人の席割りを決める"])
    seating.plan(tomorrow, now=now, actor=None)
    assert said(tomorrow, now) == []
    Session.objects.get(pk=tomorrow.pk).rsvp(hana, Partstat.ACCEPTED, now=now)
    assert said(tomorrow, now) == ["卓の決まっていない方が1人います"]
    assert said(tomorrow, tomorrow.starts_at) == []


def test_six_need_no_plan(tomorrow, now) -> None:
    seat(tomorrow, crowd(6))
    assert said(tomorrow, now) == []


def test_the_desk_asks_once_for_all_sessions(make_session, now, django_assert_num_queries) -> None:
    sessions = [make_session(starts_at=now + timedelta(hours=n)) for n in (1, 2, 3)]
    with django_assert_num_queries(1):
        list(steps(sessions, now))
    assert steps in next_steps._providers


# Wishes


def wish(session: Session, member: Member, **wishes: bool) -> None:
    Details.objects.create(rsvp=session.rsvps.get(member=member), **wishes)


def test_who_leaves_early_sits_at_the_first_table_with_the_friend_who_comes_along(tomorrow, kosuke, hana, now) -> None:
    people = crowd(16)
    seat(tomorrow, people)
    tomorrow.rsvp(hana, Partstat.ACCEPTED, now=now)
    tomorrow.add_friend(hana, "友人", now=now)
    seating.plan(tomorrow, now=now, actor=None)
    for member in (people[3], people[11], hana):
        wish(tomorrow, member, near_door=True)
    seating.plan(tomorrow, now=now, actor=None)
    found = table_of(tomorrow)
    assert {found[name] for name in (people[3].name, people[11].name, "hana", "友人")} == {1}
    # A fifth would crowd it, who answered last goes to the next; and what a host does by hand comes first.
    for member in (people[7], people[8], people[12]):
        wish(tomorrow, member, near_door=True)
    seating.move(tomorrow, f"r{tomorrow.rsvps.get(member=people[3]).pk}", 4, now=now, actor=kosuke)
    seating.plan(tomorrow, now=now, actor=None)
    found = table_of(tomorrow)
    assert [found[people[n].name] for n in (3, 7, 8, 11, 12)] == [4, 1, 1, 1, 1]
    assert (found["hana"], found["友人"]) == (2, 2)
    assert set(Counter(found.values()).values()) <= {4, 5, 6}


def test_two_who_leave_early_and_keep_apart_do_not_share_the_table_by_the_door(tomorrow, make_session, now) -> None:
    people = crowd(12)
    new, regular = people[0], people[1]
    for days in (1, 2, 3):
        close(make_session(starts_at=now - timedelta(days=days)), people[1:5], [1] * 4)
    seat(tomorrow, people)
    Block.objects.create(member=new, other=regular)
    for member in (new, regular):
        wish(tomorrow, member, near_door=True)
    seating.plan(tomorrow, now=now, actor=None)
    found = table_of(tomorrow)
    assert (found[new.name], found[regular.name]) == (1, 2)
    # What a host does by hand comes first, whoever answered first.
    key = next(chair.key for chair in seating.chairs(tomorrow) if chair.name == new.name)
    seating.move(tomorrow, key, 3, now=now, actor=None)
    key = next(chair.key for chair in seating.chairs(tomorrow) if chair.name == regular.name)
    seating.move(tomorrow, key, 1, now=now, actor=None)
    TableSeat.objects.of(new).update(pinned_at=None)
    seating.plan(tomorrow, now=now, actor=None)
    found = table_of(tomorrow)
    assert (found[new.name], found[regular.name]) == (2, 1)


def test_who_wants_one_old_acquaintance_gets_the_one_they_know_best(tomorrow, make_session, now) -> None:
    people = crowd(15)
    wisher, best, other = people[0], people[9], people[4]
    for number, company in enumerate(([wisher, best], [wisher, best], [wisher, other]), start=1):
        close(make_session(starts_at=now - timedelta(days=number)), company, [1, 1])
    seat(tomorrow, people)
    seating.plan(tomorrow, now=now, actor=None, anew=True)
    found = table_of(tomorrow)
    assert found[wisher.name] not in {found[best.name], found[other.name]}
    wish(tomorrow, wisher, with_known=True)
    seating.plan(tomorrow, now=now, actor=None, anew=True)
    found = table_of(tomorrow)
    assert (found[wisher.name] == found[best.name], found[wisher.name] == found[other.name]) == (True, False)
    Block.objects.create(member=best, other=wisher)
    seating.plan(tomorrow, now=now, actor=None, anew=True)
    found = table_of(tomorrow)
    assert (found[wisher.name] == found[best.name], found[wisher.name] == found[other.name]) == (False, True)


def test_a_wish_for_an_acquaintance_where_there_is_none_changes_nothing(tomorrow, now) -> None:
    people = crowd(10)
    seat(tomorrow, people)
    seating.plan(tomorrow, now=now, actor=None)
    before = table_of(tomorrow)
    wish(tomorrow, people[0], with_known=True)
    seating.plan(tomorrow, now=now, actor=None)
    assert table_of(tomorrow) == before
