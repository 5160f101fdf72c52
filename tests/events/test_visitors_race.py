"""Two hundred visitors at once, and visitors among members: each on a connection of its own, with a control."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from events import passing_on
from events.models import Partstat, Session, Visit, queue
from members.models import Member
from outbox.models import Delivery
from tests.events.pages import crowd
from tests.events.test_seats_race import at_once, coming

NOW = timezone.now
pytestmark = pytest.mark.django_db(transaction=True)


def asked(session: Session, number: int) -> list[Visit]:
    return [Visit.ask(session, name=f"客 {n}", email=f"v{n}@example.com", now=NOW()) for n in range(number)]


def confirming(visit: Visit) -> Callable[[], object]:
    return lambda: Visit.objects.get(pk=visit.pk).confirm(now=NOW())


def whole(session: Session) -> tuple[int, int, int]:
    """Seats taken and kept as the session counts, the same as the rows say; and how many wait."""
    session.refresh_from_db()
    parties = sum(1 + rsvp.companions.count() for rsvp in session.rsvps.seated())
    assert (session.seats_taken, session.seats_held) == (parties, session.rsvps.held().count())
    queue = list(session.rsvps.waiting().values_list("queue_no", flat=True))
    assert queue == sorted(set(queue))
    return session.seats_taken, session.seats_held, len(queue)


def test_two_hundred_who_confirm_at_once_for_twelve_seats_are_twelve_and_a_queue(make_session) -> None:
    session = make_session(capacity=12)
    visits = asked(session, 200)
    assert whole(session) == (0, 3, 0)
    assert at_once([confirming(visit) for visit in visits]) == []
    assert whole(session) == (12, 0, 188)
    kept = [visit.email for visit in visits if visit.held_until]
    assert session.rsvps.seated().filter(member__email__in=kept).count() == 3
    confirmed = Delivery.objects.filter(kind="rsvp.confirmed").values_list("to", flat=True)
    assert sorted(confirmed) == sorted(session.rsvps.seated().values_list("member__email", flat=True))


def test_the_control_without_the_lock_promises_too_many(make_session, monkeypatch) -> None:
    session = make_session(capacity=4)
    visits = asked(session, 40)
    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "select_for_update", lambda self, *_args, **_kwargs: self)
        patch.setattr(queue, "locking", queue.locking.__wrapped__)
        at_once([confirming(visit) for visit in visits], width=20)
    session.refresh_from_db()
    parties = session.rsvps.seated().count()
    assert parties > 4 or (session.seats_taken, session.seats_held) != (parties, session.rsvps.held().count())


def test_the_same_yes_fifty_times_is_one_person_one_answer_and_one_mail(make_session) -> None:
    session = make_session(capacity=12)
    [visit] = asked(session, 1)
    assert at_once([confirming(visit)] * 50) == []
    assert (whole(session), Member.objects.filter(email="v0@example.com").count()) == ((1, 0, 0), 1)
    assert Delivery.objects.filter(kind="rsvp.confirmed").count() == 1


def test_one_new_address_confirmed_for_ten_mornings_at_once_is_one_person(make_session) -> None:
    sessions = [make_session(capacity=12) for _ in range(10)]
    visits = [asked(session, 1)[0] for session in sessions]
    assert at_once([confirming(visit) for visit in visits]) == []
    assert Member.objects.filter(email="v0@example.com").count() == 1
    assert [whole(session) for session in sessions] == [(1, 0, 0)] * 10


def test_through_all_doors_at_once_no_seat_is_promised_twice(make_session) -> None:
    """Visitors ask, confirm and let their time pass, while members come and go and seats become more and fewer."""
    session = make_session(capacity=10)
    people = crowd(20)
    for member in people[:6]:
        session.rsvp(member, Partstat.ACCEPTED, now=NOW())
    visits = asked(session, 10)
    late = NOW() + timedelta(minutes=session.series.hold_minutes + 1)

    def asking(n: int) -> Callable[[], object]:
        email = f"w{n}@example.com"
        return lambda: Visit.ask(Session.objects.get(pk=session.pk), name="客", email=email, now=NOW())

    acts = [confirming(visit) for visit in visits]
    acts += [asking(n) for n in range(10)]
    acts += [coming(session, member) for member in people[6:]]
    acts += [lambda m=m: Session.objects.get(pk=session.pk).rsvp(m, Partstat.DECLINED, now=NOW()) for m in people[:6]]
    acts += [lambda n=n: Session.objects.get(pk=session.pk).set_capacity(n, now=NOW()) for n in (12, 8, 11, 10)]
    acts += [lambda: passing_on.carry_on(now=late)] * 3
    mixed = [acts[n * 7 % len(acts)] for n in range(len(acts))]
    assert at_once(mixed) == []
    taken, held, waiting = whole(session)
    assert taken + held <= 12
    assert waiting == 0 or taken + held >= session.capacity
