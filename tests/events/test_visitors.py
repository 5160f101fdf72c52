"""Seats for people without an account: kept for a while, confirmed by mail, and nobody's until then."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from events import passing_on, roster, segments, visiting
from events.models import CodeError, Membership, Partstat, Rsvp, SeatsError, Segment, Session, Visit
from events.models.visit import TRIES
from events.pages import people
from members.models import Member
from outbox.models import Delivery, Lane
from tests.events.pages import statements

NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def morning(make_session) -> Callable[..., Session]:
    def make(**fields: object) -> Session:
        return make_session(starts_at=NOW + timedelta(days=9), published_at=NOW, **fields)

    return make


def ask(session: Session, email: str = "yuki@example.com", *, now: datetime = NOW, **more: bool) -> Visit:
    return Visit.ask(session, name="冬木 雪", email=email, now=now, **more)


def code(visit: Visit) -> str:
    """As it stands in the newest mail."""
    return Delivery.objects.filter(kind="rsvp.visitor", context__visit=visit.pk).latest("pk").context["code"]


def seats(session: Session) -> tuple[int, int]:
    """Taken and kept, as the session counts."""
    session.refresh_from_db()
    return session.seats_taken, session.seats_held


def test_a_seat_is_kept_for_as_long_as_the_host_says(morning) -> None:
    session = morning(capacity=5)
    session.series.hold_minutes = 45
    visit = ask(session)
    assert (visit.held_until, seats(session)) == (NOW + timedelta(minutes=45), (0, 1))
    held = session.rsvps.get()
    assert (held.member, held.name, held.email, held.partstat) == (
        None,
        "冬木 雪",
        "yuki@example.com",
        Partstat.NEEDS_ACTION,
    )


def test_no_seat_is_kept_past_the_start(make_session) -> None:
    session = make_session(starts_at=NOW + timedelta(minutes=10), published_at=NOW)
    assert ask(session).held_until == session.starts_at


def test_the_mail_owed_is_a_code_and_what_is_kept_of_it_cannot_be_typed(morning) -> None:
    visit = ask(morning())
    owed = Delivery.objects.get()
    assert (owed.kind, owed.to, owed.lane) == ("rsvp.visitor", "yuki@example.com", Lane.CODE)
    assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ2-9]{6}", code(visit))
    assert code(visit) not in str(vars(Visit.objects.get()))


def test_the_link_makes_an_answer_and_a_person_without_profile(morning) -> None:
    session = morning()
    rsvp = ask(session).confirm(now=NOW)
    member = Member.objects.get(email="yuki@example.com")
    assert (member.name, member.joined_at, member.has_usable_password()) == ("冬木 雪", None, False)
    assert (rsvp.member, rsvp.is_seated, seats(session)) == (member, True, (1, 0))
    assert list(Delivery.objects.order_by("pk").values_list("kind", flat=True)) == ["rsvp.visitor", "rsvp.confirmed"]


def test_a_visitor_belongs_to_the_series_only_if_they_want_to_hear_more(morning) -> None:
    session = morning()
    ask(session).confirm(now=NOW)
    ask(session, "fuyu@example.com", wants_more=True).confirm(now=NOW)
    belong = Membership.objects.filter(series=session.series, member__joined_at=None)
    assert list(belong.values_list("member__email", flat=True)) == ["fuyu@example.com"]


def test_confirming_twice_changes_nothing_even_after_leaving(morning) -> None:
    session = morning()
    visit = ask(session)
    member = visit.confirm(now=NOW).member
    visit.confirm(now=NOW)
    session.rsvp(member, Partstat.DECLINED, now=NOW)
    assert visit.confirm(now=NOW).partstat == Partstat.DECLINED
    assert seats(session) == (0, 0)


def test_the_code_may_be_typed_small_wide_and_spaced(morning) -> None:
    session = morning()
    visit = ask(session)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code(visit).lower())
    assert visit.confirm_by_code(f" {wide[:3]} {wide[3:]}", now=NOW).is_seated


def test_after_five_wrong_codes_the_right_one_opens_nothing(morning) -> None:
    session = morning()
    visit = ask(session)
    for _ in range(TRIES):
        with pytest.raises(CodeError) as wrong:
            visit.confirm_by_code("AAAAAA", now=NOW)
        assert wrong.value.code == "wrong"
    with pytest.raises(CodeError) as over:
        visit.confirm_by_code(code(visit), now=NOW)
    assert (over.value.code, seats(session)) == ("over", (0, 1))
    visit.mail_again(now=NOW)
    assert visit.confirm_by_code(code(visit), now=NOW).is_seated


def test_a_new_mail_makes_the_code_of_the_one_before_worthless(morning) -> None:
    visit = ask(morning())
    first = code(visit)
    visit.mail_again(now=NOW)
    with pytest.raises(CodeError):
        visit.confirm_by_code(first, now=NOW)


def test_a_code_ends_with_its_time_and_the_link_does_not(morning) -> None:
    session = morning()
    visit, late = ask(session), NOW + timedelta(minutes=31)
    with pytest.raises(CodeError) as over:
        visit.confirm_by_code(code(visit), now=late)
    assert over.value.code == "over"
    assert visit.confirm(now=late).is_seated


def test_asking_again_while_a_seat_is_kept_keeps_it_no_longer(morning) -> None:
    session = morning()
    ask(session)
    again = ask(session, "Yuki@Example.com", now=NOW + timedelta(minutes=20))
    assert (again.held_until, seats(session)) == (NOW + HALF_AN_HOUR, (0, 1))


def test_a_seat_kept_too_long_is_free_for_who_asks_before_any_tick(morning, ken) -> None:
    session = morning(capacity=1)
    ask(session)
    assert not session.rsvp(ken, Partstat.ACCEPTED, now=NOW + timedelta(minutes=29)).is_seated
    session.rsvp(ken, Partstat.DECLINED, now=NOW + timedelta(minutes=29))
    assert session.rsvp(ken, Partstat.ACCEPTED, now=NOW + HALF_AN_HOUR).is_seated
    assert (seats(session), session.rsvps.count()) == ((1, 0), 1)


def test_a_seat_kept_too_long_goes_to_the_queue_by_the_tick(morning, hana, ken) -> None:
    session = morning(capacity=1)
    visit = ask(session)
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=NOW)
    passing_on.carry_on(now=NOW + timedelta(minutes=29))
    assert session.rsvps.seated().count() == 0
    passing_on.carry_on(now=NOW + HALF_AN_HOUR)
    assert [rsvp.member for rsvp in session.rsvps.seated()] == [hana]
    assert Delivery.objects.filter(kind="rsvp.promoted").count() == 1
    late = visit.confirm(now=NOW + timedelta(minutes=31))
    assert (late.is_seated, [rsvp.member for rsvp in session.rsvps.waiting()]) == (False, [ken, late.member])


def test_in_a_full_room_nothing_is_kept_and_a_yes_is_the_last_place_in_the_queue(morning, hana, ken) -> None:
    session = morning(capacity=1)
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    visit = ask(session)
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW)
    assert (visit.held_until, seats(session)) == (None, (1, 0))
    rsvp = visit.confirm(now=NOW)
    assert [one.member for one in session.rsvps.waiting()] == [ken, rsvp.member]


def test_no_more_than_a_quarter_of_the_seats_is_kept_for_people_nobody_knows(morning) -> None:
    session = morning(capacity=12)
    kept = [ask(session, f"v{n}@example.com").held_until for n in range(5)]
    assert [one is not None for one in kept] == [True, True, True, False, False]
    assert seats(session) == (0, 3)


def test_a_kept_seat_stands_after_the_end_of_answers_and_a_lapsed_one_does_not(morning) -> None:
    closes = NOW + timedelta(minutes=10)
    session = morning(rsvp_closes_at=closes)
    early, late = ask(session), ask(session, "fuyu@example.com")
    assert early.confirm(now=closes + timedelta(minutes=1)).is_seated
    with pytest.raises(SeatsError):
        late.confirm(now=NOW + HALF_AN_HOUR)


@pytest.mark.parametrize("fields", [{"cancelled_at": NOW, "cancel_reason": "台風"}, {"rsvp_closes_at": NOW}])
def test_where_no_answers_are_taken_nothing_is_asked(morning, fields) -> None:
    with pytest.raises(SeatsError):
        ask(morning(**fields), now=NOW + timedelta(minutes=1))
    assert (Visit.objects.count(), Delivery.objects.count(), Rsvp.objects.count()) == (0, 0, 0)


def test_a_member_who_forgot_to_sign_in_answers_as_a_member(morning, hana) -> None:
    session = morning()
    rsvp = ask(session, "Hana@example.com").confirm(now=NOW)
    hana.refresh_from_db()
    assert (rsvp.member, hana.name, seats(session)) == (hana, "hana", (1, 0))


def test_a_member_who_has_a_seat_keeps_one_and_gives_the_kept_one_back(morning, hana, ken) -> None:
    session = morning(capacity=2)
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    visit = ask(session, hana.email)
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW)
    visit.confirm(now=NOW)
    assert [rsvp.member for rsvp in session.rsvps.seated().order_by("pk")] == [hana, ken]
    assert seats(session) == (2, 0)


def test_a_waiting_party_gets_in_by_no_second_door_where_it_does_not_fit(morning, hana, ken) -> None:
    session = morning(capacity=2)
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    session.add_friend(hana, "友だち", now=NOW)
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW)
    session.add_friend(ken, "友だち", now=NOW)
    session.set_capacity(3, now=NOW)
    ask(session, ken.email).confirm(now=NOW)
    assert [rsvp.member for rsvp in session.rsvps.waiting()] == [ken]
    assert seats(session) == (2, 0)


def test_who_may_not_sign_in_gets_no_seat_by_mail(morning, mallory) -> None:
    Member.objects.filter(pk=mallory.pk).update(is_active=False)
    visit = ask(morning(), mallory.email)
    with pytest.raises(SeatsError):
        visit.confirm(now=NOW)


def test_until_the_yes_a_visitor_is_nowhere_but_a_seat_that_is_kept(morning) -> None:
    session = morning(capacity=24)
    visit = ask(session)
    assert [place.name for place in roster.places(session)] == []
    assert sum(segments.sizes(session, [Segment.COMING, Segment.WAITING, Segment.DECLINED]).values()) == 0
    assert people.come(session, names=True).people == ()
    roster.close(session, now=session.starts_at, actor=None)
    assert session.attendances.count() == 0
    roster.reopen(session, now=session.starts_at, actor=None)
    Membership.objects.all().delete()
    visit.confirm(now=NOW)
    assert [place.name for place in roster.places(session)] == ["冬木 雪"]
    assert segments.sizes(session, [Segment.COMING]) == {Segment.COMING: 1}
    assert people.come(session, names=True).people == ()


def test_the_database_knows_that_a_kept_seat_is_no_answer(morning, hana) -> None:
    session = morning()
    ask(session)
    for said in ({"member": hana}, {"seated_at": NOW, "partstat": "ACCEPTED"}, {"partstat": "DECLINED"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            session.rsvps.update(**said)


def test_what_a_visitor_typed_is_forgotten_the_day_after(morning) -> None:
    session = morning()
    ask(session)
    visiting.forget(now=session.ends_at + timedelta(hours=23))
    assert Visit.objects.count() == 1
    visiting.forget(now=session.ends_at + timedelta(hours=25))
    assert Visit.objects.count() == 0


def test_an_answer_costs_no_more_while_a_seat_is_kept_for_somebody(client, make_session, ken) -> None:
    session = make_session(capacity=200)
    Visit.ask(session, name="冬木 雪", email="yuki@example.com", now=timezone.now())
    client.force_login(ken)
    assert statements(lambda: client.post(f"/sessions/{session.code}/rsvp/", {"partstat": "ACCEPTED"})) == (302, 9)
