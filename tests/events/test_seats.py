from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from time import sleep

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from events.models import Membership, Partstat, SeatsError, Series, Session
from members.models import Member
from outbox.models import Delivery

People = Callable[..., Member]
NOW = timezone.now


def mails() -> list[tuple[str, str]]:
    """What was owed, but for the places in the queue."""
    return list(Delivery.objects.exclude(kind="rsvp.waiting").order_by("pk").values_list("kind", "to"))


def come(session: Session, member: Member) -> str:
    rsvp = session.rsvp(member, Partstat.ACCEPTED, now=NOW())
    return "seated" if rsvp.is_seated else "waiting"


def test_the_last_seat_goes_to_the_first_who_asks(make_session, hana, ken) -> None:
    session = make_session(capacity=1)
    assert [come(session, hana), come(session, ken)] == ["seated", "waiting"]
    assert session.seats_taken == 1
    assert mails() == [("rsvp.confirmed", "hana@example.com")]


def test_saying_the_same_twice_is_one_answer_and_one_mail(session, hana) -> None:
    assert [come(session, hana), come(session, hana)] == ["seated", "seated"]
    assert (session.seats_taken, session.rsvps.count()) == (1, 1)
    assert mails() == [("rsvp.confirmed", "hana@example.com")]


def test_a_seat_given_back_goes_to_the_first_in_the_queue_with_a_mail(make_session, hana, ken, mallory) -> None:
    session = make_session(capacity=1)
    for member in (hana, ken, mallory):
        come(session, member)
    session.rsvp(hana, Partstat.DECLINED, now=NOW())
    assert [r.member.name for r in session.rsvps.seated()] == ["ken"]
    assert [r.member.name for r in session.rsvps.waiting()] == ["mallory"]
    assert mails() == [
        ("rsvp.confirmed", "hana@example.com"),
        ("rsvp.left", "hana@example.com"),
        ("rsvp.promoted", "ken@example.com"),
    ]


def test_who_comes_back_after_leaving_stands_at_the_end(make_session, hana, ken, mallory) -> None:
    session = make_session(capacity=1)
    for member in (hana, ken, mallory):
        come(session, member)
    session.rsvp(ken, Partstat.DECLINED, now=NOW())
    come(session, ken)
    assert [r.member.name for r in session.rsvps.waiting()] == ["mallory", "ken"]


def test_lowering_the_capacity_evicts_nobody_and_promotes_nobody(make_session, hana, ken, mallory) -> None:
    session = make_session(capacity=2)
    for member in (hana, ken, mallory):
        come(session, member)
    session.set_capacity(1, now=NOW())
    session.rsvp(hana, Partstat.DECLINED, now=NOW())
    assert [r.member.name for r in session.rsvps.seated()] == ["ken"]
    session.set_capacity(2, now=NOW())
    assert [r.member.name for r in session.rsvps.seated().order_by("pk")] == ["ken", "mallory"]


def test_a_friend_is_a_seat(make_session, hana, ken) -> None:
    session = make_session(capacity=2)
    come(session, hana)
    friend = session.add_friend(hana, "友だち", now=NOW())
    assert session.seats_taken == 2
    assert come(session, ken) == "waiting"
    with pytest.raises(SeatsError, match="席がもうありません"):
        session.add_friend(hana, "もう一人", now=NOW())
    session.remove_friend(hana, friend.pk, now=NOW())
    assert [r.member.name for r in session.rsvps.seated().order_by("pk")] == ["hana", "ken"]


def test_a_second_tap_brings_no_second_friend(make_session, hana) -> None:
    session = make_session(capacity=2)
    come(session, hana)
    now = NOW()
    first, again = (session.add_friend(hana, name, now=now) for name in ("沢 まなみ", " 沢 まなみ "))
    assert (first.pk == again.pk, session.seats_taken) == (True, 2)
    session.set_capacity(4, now=now)
    session.add_friend(hana, "沢 まどか", now=now)
    session.add_friend(hana, "沢 まなみ", now=now + timedelta(minutes=2))
    assert session.seats_taken == 4


def test_a_waiting_party_gets_seats_whole_and_a_smaller_one_may_pass(make_session, hana, ken, mallory) -> None:
    session = make_session(capacity=1)
    come(session, hana)
    come(session, ken)
    session.add_friend(ken, "友だち", now=NOW())
    come(session, mallory)
    session.rsvp(hana, Partstat.DECLINED, now=NOW())
    assert [r.member.name for r in session.rsvps.seated()] == ["mallory"]
    assert [r.member.name for r in session.rsvps.waiting()] == ["ken"]


def test_leaving_takes_the_friends_along(session, hana) -> None:
    come(session, hana)
    session.add_friend(hana, "友だち", now=NOW())
    session.rsvp(hana, Partstat.DECLINED, now=NOW())
    assert session.seats_taken == 0
    assert session.rsvps.get().companions.count() == 0


def test_after_the_quiet_hour_a_free_seat_goes_to_who_taps_first(make_session, hana, ken, mallory) -> None:
    session = make_session(capacity=1)
    for member in (hana, ken, mallory):
        come(session, member)
    late = session.quiet_from() + timedelta(minutes=1)
    session.rsvp(hana, Partstat.DECLINED, now=late)
    assert session.seats_left == 1
    assert session.rsvp(mallory, Partstat.ACCEPTED, now=late).is_seated
    assert [m for m in mails() if m[0] == "rsvp.promoted"] == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"published_at": None}, "この回は開かれません"),
        ({"cancelled_at": NOW(), "cancel_reason": "台風"}, "この回は開かれません"),
        ({"starts_at": NOW() - timedelta(minutes=1)}, "もう始まっています"),
        ({"rsvp_opens_at": NOW() + timedelta(days=1)}, "まだ受け付けていません"),
        ({"rsvp_closes_at": NOW() - timedelta(days=1)}, "受付は終わりました"),
    ],
)
def test_no_seat_where_no_answer_can_be_taken(make_session, hana, fields, sentence) -> None:
    session = make_session(**fields)
    with pytest.raises(SeatsError, match=sentence):
        come(session, hana)
    assert session.rsvps.count() == 0


def test_one_can_leave_after_the_answers_closed(make_session, hana) -> None:
    session: Session = make_session()
    come(session, hana)
    Session.objects.filter(pk=session.pk).update(rsvp_closes_at=NOW() - timedelta(hours=1))
    session.rsvp(hana, Partstat.DECLINED, now=NOW())
    assert session.seats_taken == 0


def test_who_comes_belongs_to_the_series(session, ken) -> None:
    come(session, ken)
    assert Membership.objects.get(member=ken).role == Membership.Role.MEMBER


def test_numbers_are_given_at_publication_and_handed_on(series, make_session) -> None:
    first, second, third = (
        make_session(
            published_at=None,
            recurrence_id=(day := timezone.localdate() + timedelta(days=30 * n)),
            starts_at=datetime.combine(day, series.at, tzinfo=series.zone),
        )
        for n in (1, 2, 3)
    )
    for session in (first, second, third):
        session.publish(now=NOW())
    assert list(series.sessions.order_by("pk").values_list("number", flat=True)) == [1, 2, 3]
    second.cancel("台風", now=NOW())
    assert list(series.sessions.order_by("pk").values_list("number", flat=True)) == [1, None, 2]
    second.restore(now=NOW())
    assert list(series.sessions.order_by("pk").values_list("number", flat=True)) == [1, 2, 3]


def numbers(series: Series) -> list[int | None]:
    return list(series.sessions.order_by("starts_at").values_list("number", flat=True))


def three_mornings(series: Series, make_session: Callable[..., Session]) -> list[Session]:
    """Three published mornings of the rule, a month apart, with numbers."""
    made = [
        make_session(
            published_at=None,
            recurrence_id=(day := timezone.localdate() + timedelta(days=30 * n)),
            starts_at=datetime.combine(day, series.at, tzinfo=series.zone),
        )
        for n in (1, 2, 3)
    ]
    for session in made:
        session.publish(now=NOW())
    return made


def test_a_number_that_is_taken_moves_the_others_up(series, make_session) -> None:
    first, second, _third = three_mornings(series, make_session)
    first.move(second.starts_at + timedelta(days=15), now=NOW())
    day = timezone.localdate() + timedelta(days=63)
    between = make_session(
        published_at=None, recurrence_id=day, starts_at=datetime.combine(day, series.at, tzinfo=series.zone)
    )
    between.publish(now=NOW())
    assert len(set(numbers(series))) == 4


def test_a_one_off_keeps_its_number_over_a_cancellation(series, make_session) -> None:
    session = make_session(number=7)
    session.cancel("台風", now=NOW())
    assert numbers(series) == [None]
    session.restore(now=NOW())
    assert numbers(series) == [7]


def test_a_draft_that_was_called_off_is_not_published(make_session) -> None:
    session = make_session(published_at=None, recurrence_id=timezone.localdate())
    session.cancel("台風", now=NOW())
    session.publish(now=NOW())
    assert (session.published_at, session.number) == (None, None)


def test_what_is_over_cannot_be_called_off(make_session) -> None:
    session = make_session(starts_at=NOW() - timedelta(days=2))
    with pytest.raises(ValidationError, match="もう終わった回"):
        session.cancel("台風", now=NOW())


def test_an_invisible_reason_is_no_reason(session) -> None:
    with pytest.raises(ValidationError, match="理由をお書きください"):
        session.cancel("\u200e", now=NOW())


def test_a_session_is_not_moved_into_the_past(session) -> None:
    with pytest.raises(ValidationError, match="過ぎた日時"):
        session.move(NOW() - timedelta(days=365), now=NOW())


def test_the_window_for_answers_moves_along(make_session) -> None:
    session = make_session(rsvp_closes_at=NOW() + timedelta(days=8))
    closes = session.rsvp_closes_at
    session.move(session.starts_at + timedelta(days=7), now=NOW())
    assert session.rsvp_closes_at == closes + timedelta(days=7)


def test_moving_away_from_the_quiet_hour_gives_the_free_seat_to_the_queue(make_session, hana, ken) -> None:
    session = make_session(capacity=1)
    come(session, hana)
    come(session, ken)
    late = session.quiet_from() + timedelta(minutes=1)
    session.rsvp(hana, Partstat.DECLINED, now=late)
    session.move(session.starts_at + timedelta(days=7), now=late)
    assert [r.member.name for r in session.rsvps.seated()] == ["ken"]


def test_nobody_is_seated_on_a_morning_that_is_off(make_session, hana, ken) -> None:
    session = make_session(capacity=1)
    come(session, hana)
    come(session, ken)
    session.cancel("台風", now=NOW())
    session.set_capacity(2, now=NOW())
    assert session.rsvps.seated().count() == 1


def test_who_was_removed_as_host_comes_back_as_a_member(series, kosuke) -> None:
    series.memberships.update(role=Membership.Role.HOST)
    series.leave(kosuke, now=NOW())
    series.join(kosuke, now=NOW())
    assert series.role_of(kosuke) == Membership.Role.MEMBER


def test_joining_again_keeps_the_role_one_has(series, kosuke) -> None:
    series.join(kosuke, now=NOW())
    assert series.role_of(kosuke) == Membership.Role.OWNER


def test_without_a_profile_nobody_sees_what_is_for_members(series, session, person) -> None:
    Series.objects.update(audience=Series.Audience.MEMBERS)
    passer_by, joined = person("passerby", joined_at=None), person("joined")
    assert Session.objects.visible_to(passer_by).count() == 0
    assert Session.objects.visible_to(joined).count() == 1


def test_the_door_does_not_see_drafts(series, make_session, ken) -> None:
    Membership.objects.create(series=series, member=ken, role=Membership.Role.DOOR)
    make_session(published_at=None)
    published = make_session()
    assert list(Session.objects.door_of(ken, now=NOW())) == [published]


@pytest.mark.django_db(transaction=True)
def test_calling_off_and_a_newcomers_first_answer_do_not_wait_for_each_other(session, mallory) -> None:
    answered, failures = Event(), []

    def answer() -> None:
        try:
            with transaction.atomic():
                session.rsvp(mallory, Partstat.ACCEPTED, now=NOW())
                answered.set()
                sleep(0.4)
        except OperationalError as error:
            failures.append(error)
        connection.close()

    def call_off() -> None:
        answered.wait(5)
        try:
            Session.objects.get(pk=session.pk).cancel("台風", now=NOW())
        except OperationalError as error:
            failures.append(error)
        connection.close()

    threads = [Thread(target=answer), Thread(target=call_off)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_running_order_moves_with_the_hands_of_the_clock(make_session) -> None:
    session = make_session(programme="6:40 開場\n7:00 朝ごはん")
    session.move(session.starts_at + timedelta(days=3, minutes=30), now=NOW())
    assert session.programme == "7:10 開場\n7:30 朝ごはん"
