"""Pairs that know each other, over the mornings: numbers of the whole, never of fewer than five people."""

from django.utils import timezone, translation

from events.models import Rsvp
from introductions import growth
from introductions.table_seats import TableSeat


def seat(session, member, table: int) -> None:
    now = timezone.now()
    rsvp = Rsvp.objects.create(session=session, member=member, partstat="ACCEPTED", seated_at=now)
    TableSeat.objects.create(session=session, rsvp=rsvp, table_no=table)


def test_pairs_add_up_and_nobody_counts_twice(make_morning, person, series) -> None:
    people = [person(f"n{n}", industry="EEIIA"[n]) for n in range(5)]
    make_morning(*people[:3], days=60)
    make_morning(*people[1:], days=30)
    make_morning(*people[1:], days=1)
    assert [(one.pairs, one.across) for one in growth.of(series)] == [(3, 2), (8, 6), (8, 6)]


def test_who_had_tables_knows_those_at_ones_own(make_morning, person, series) -> None:
    people = [person(f"n{n}") for n in range(5)]
    session = make_morning(*people, days=1)
    for n, member in enumerate(people[:4]):
        seat(session, member, 1 + n // 2)
    # Two tables of two, and one without a table who may have talked to anybody.
    assert [one.pairs for one in growth.of(series)] == [2 + 4]


def test_of_four_people_nothing_is_told_nor_of_an_open_list(make_morning, person, series) -> None:
    people = [person(f"n{n}") for n in range(5)]
    make_morning(*people[:4], days=30)
    make_morning(*people, days=1, roster_closed_at=None)
    assert (growth.of(series), growth.picture([])) == ([], "")


def test_the_plot_says_in_a_sentence_what_it_shows(make_morning, person, series) -> None:
    people = [person(f"n{n}", industry="EEIIA"[n]) for n in range(5)]
    make_morning(*people[:3], days=60)
    make_morning(*people, days=1)
    with translation.override("en"):
        drawn = growth.picture(growth.of(series))
    assert 'aria-label="From 3 to 10 pairs that know each other, 8 of them of two trades."' in drawn
    assert drawn.count("<rect") == 4


def test_it_costs_the_same_for_one_and_for_thirty(make_morning, person, series, django_assert_num_queries) -> None:
    people = [person(f"n{n:02}") for n in range(30)]
    for days in range(1, 6):
        make_morning(*people, days=days * 7)
    with django_assert_num_queries(2):
        assert [one.pairs for one in growth.of(series)] == [435] * 5
