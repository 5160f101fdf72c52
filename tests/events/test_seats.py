from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from events.models import Membership, Partstat, SeatsError, Session
from members.models import Member
from outbox.models import Delivery

People = Callable[..., Member]
NOW = timezone.now


def mails() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("kind", "to"))


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
        ({"published_at": None}, "この朝はありません"),
        ({"cancelled_at": NOW(), "cancel_reason": "台風"}, "この朝はありません"),
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
