"""Many at once, each on a connection of its own. A control without the lock shows that the lock matters."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.test import Client
from django.utils import timezone

from events import editing
from events.models import Companion, Membership, Partstat, Rsvp, SeatsError, Session, queue
from members.models import Member
from outbox.models import Delivery
from tests.events.pages import crowd

NOW = timezone.now
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: list[Callable[[], object]], width: int = 10) -> list[BaseException]:
    """Run all, `width` at a time, each thread with its own connection; what went wrong is handed back."""
    waiting, errors = list(reversed(acts)), []
    gate = threading.Barrier(min(width, len(acts)))

    def work() -> None:
        gate.wait(timeout=20)
        try:
            while waiting:
                waiting.pop()()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(gate.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return errors


def coming(session: Session, member: Member) -> Callable[[], object]:
    return lambda: Session.objects.get(pk=session.pk).rsvp(member, Partstat.ACCEPTED, now=NOW())


def outcome(session: Session) -> tuple[int, int, list[int]]:
    """Seated, taken as the session counts, and the numbers of the queue."""
    session.refresh_from_db()
    queue = session.rsvps.waiting().values_list("queue_no", flat=True)
    return session.rsvps.seated().count(), session.seats_taken, list(queue)


def test_forty_who_ask_at_once_for_ten_seats_are_ten_and_a_queue_of_thirty(make_session) -> None:
    session = make_session(capacity=10)
    assert at_once([coming(session, member) for member in crowd(40)]) == []
    assert outcome(session) == (10, 10, list(range(1, 31)))
    assert Counter(Delivery.objects.values_list("kind", flat=True)) == {"rsvp.confirmed": 10, "rsvp.waiting": 30}
    first_come = list(session.rsvps.order_by("pk").values_list("seated_at", flat=True))
    assert [seated is not None for seated in first_come] == [True] * 10 + [False] * 30
    assert list(session.rsvps.waiting().values_list("pk", flat=True)) == sorted(
        session.rsvps.waiting().values_list("pk", flat=True)
    )


@contextmanager
def unlocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same program, but nobody waits for anybody."""
    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "select_for_update", lambda self, *_args, **_kwargs: self)
        # The statement is built anew, not the one that was kept.
        patch.setattr(queue, "locking", queue.locking.__wrapped__)
        yield


def test_the_control_without_the_lock_promises_too_many_seats(make_session, monkeypatch) -> None:
    """Everybody has read the count before anybody writes it: with the lock they could not even meet here."""
    session = make_session(capacity=10)
    people = crowd(20)
    meet = threading.Barrier(20)
    ask = Session._answer_of

    def read_together(self: Session, member: Member) -> Rsvp:
        meet.wait(timeout=20)
        return ask(self, member)

    monkeypatch.setattr(Session, "_answer_of", read_together)
    with unlocked(monkeypatch):
        at_once([coming(session, member) for member in people], width=20)
    assert session.rsvps.seated().count() > 10


def test_fifty_times_the_same_tap_is_one_answer_and_one_mail(make_session, ken) -> None:
    session = make_session(capacity=10)
    assert at_once([coming(session, ken)] * 50) == []
    assert outcome(session) == (1, 1, [])
    assert (Delivery.objects.count(), Membership.objects.filter(member=ken).count()) == (1, 1)


def test_fifty_times_the_same_form_is_one_answer_and_one_mail(make_session, ken) -> None:
    """Impatient taps on a slow line, all on their way before the first is answered."""
    session = make_session(capacity=10)
    client = Client()
    client.force_login(ken)
    forms = [Client() for _ in range(50)]
    for form in forms:
        form.cookies.update(client.cookies)
    answers = []

    def post(form: Client) -> Callable[[], object]:
        tap = {"partstat": Partstat.ACCEPTED}
        return lambda: answers.append(form.post(f"/sessions/{session.code}/rsvp/", tap).status_code)

    assert at_once([post(form) for form in forms], width=25) == []
    assert answers == [302] * 50
    assert outcome(session) == (1, 1, [])
    assert list(Delivery.objects.values_list("kind", "to")) == [("rsvp.confirmed", ken.email)]


def bringing(session: Session, member: Member, name: str = "沢 まなみ") -> Callable[[], object]:
    return lambda: Session.objects.get(pk=session.pk).add_friend(member, name, now=NOW())


def test_twenty_times_the_same_friend_at_once_is_one_friend_and_one_seat(make_session, ken) -> None:
    session = make_session(capacity=10)
    coming(session, ken)()
    assert at_once([bringing(session, ken)] * 20, width=20) == []
    assert (outcome(session)[:2], Companion.objects.count()) == ((1, 2), 1)


def test_the_control_without_the_lock_brings_the_friend_twice(make_session, ken, monkeypatch) -> None:
    session = make_session(capacity=10)
    coming(session, ken)()
    meet = threading.Barrier(4)
    ask = Session._answer_of

    def read_together(self: Session, member: Member) -> Rsvp:
        rsvp = ask(self, member)
        meet.wait(timeout=20)
        return rsvp

    monkeypatch.setattr(Session, "_answer_of", read_together)
    with unlocked(monkeypatch):
        at_once([bringing(session, ken)] * 4, width=4)
    assert Companion.objects.count() > 1


def parties(session: Session) -> dict[int, int]:
    """Seats of each seated party, by member."""
    rows = session.rsvps.seated().annotate(friends=Count("companions")).values_list("member", "friends")
    return {member: 1 + friends for member, friends in rows}


def test_parties_of_one_to_four_that_ask_at_once_are_seated_whole(make_session) -> None:
    """Each member comes and brings friends by taps of their own; two rounds in which some leave again."""
    session = make_session(capacity=20)
    people = crowd(24)

    def party(place: int, member: Member) -> Callable[[], object]:
        def taps() -> None:
            coming(session, member)()
            for friend in range(place % 4):
                with suppress(SeatsError):
                    bringing(session, member, f"連れ {friend}")()

        return taps

    assert at_once([party(place, member) for place, member in enumerate(people)], width=12) == []
    go = [lambda m=m: Session.objects.get(pk=session.pk).rsvp(m, Partstat.DECLINED, now=NOW()) for m in people[::3]]
    assert at_once(go, width=8) == []
    seated, taken, _queue = outcome(session)
    whole = parties(session)
    assert (seated, taken) == (len(whole), sum(whole.values()))
    assert taken <= 20
    waiting = Rsvp.objects.filter(session=session).waiting().annotate(friends=Count("companions"))
    assert [party for party in waiting if 1 + party.friends <= 20 - taken] == []


def test_a_series_wide_edit_and_answers_wait_for_each_other_in_one_order(series, make_session, kosuke) -> None:
    """Twenty who change the seats of all mornings of a series, and a hundred answers to them, five by five."""
    sessions = [
        make_session(
            recurrence_id=timezone.localdate() + timedelta(days=30 * n),
            starts_at=NOW() + timedelta(days=30 * n),
        )
        for n in range(1, 6)
    ]
    people = crowd(20)

    def edit(capacity: int) -> Callable[[], object]:
        values = {"title": "", "number": None, "summary": "", "programme": "", "fee_amount": 0, "capacity": capacity}
        first = Session.objects.get(pk=sessions[0].pk)
        return lambda: editing.edit(first, values, changed=["capacity"], later_too=True, now=NOW(), actor=kosuke)

    acts = [coming(session, member) for member in people for session in sessions]
    for n in range(20):
        acts.insert(6 * n, edit(10 + n % 7))
    assert at_once(acts, width=20) == []
    for session in sessions:
        seated, taken, _queue = outcome(session)
        assert (seated, seated >= min(20, session.capacity)) == (taken, True)


def close(session: Session) -> Callable[[], object]:
    """The window for answers ends at the instant at which the row is held."""

    def shut() -> None:
        with transaction.atomic():
            Session.objects.select_for_update().get(pk=session.pk)
            Session.objects.filter(pk=session.pk).update(rsvp_closes_at=NOW())

    return shut


def call_off(session: Session) -> Callable[[], object]:
    return lambda: Session.objects.get(pk=session.pk).cancel("台風", now=NOW())


def race(session: Session, end: Callable[[], object], people: list[Member], turn: int) -> tuple[list[int], int]:
    """All answer from a page they read before, and at its turn comes the end: who was taken, and how many refused."""
    taken, refused = [], []

    def answer(page: Session, member: Member) -> Callable[[], object]:
        def tap() -> None:
            try:
                page.rsvp(member, Partstat.ACCEPTED, now=NOW())
            except SeatsError:
                refused.append(member.pk)
            else:
                taken.append(member.pk)

        return tap

    acts = [answer(Session.objects.get(pk=session.pk), member) for member in people]
    acts.insert(turn % len(acts), end)
    assert at_once(acts) == []
    return sorted(taken), len(refused)


def test_after_the_end_of_answers_a_page_read_before_gives_no_seat(make_session) -> None:
    people = crowd(12)
    for turn in range(20):
        session = make_session(capacity=6)
        taken, refused = race(session, close(session), people, turn)
        session.refresh_from_db()
        rows = session.rsvps.values_list("member", flat=True)
        assert (sorted(rows), refused) == (taken, 12 - len(taken))
        assert list(rows.filter(answered_at__gt=session.rsvp_closes_at)) == []


def test_who_is_taken_while_the_morning_is_called_off_is_told_so(make_session) -> None:
    people = crowd(12)
    for turn in range(20):
        session = make_session(capacity=6)
        taken, refused = race(session, call_off(session), people, turn)
        told = Delivery.objects.filter(kind="session.cancelled", context__session=session.pk)
        addresses = [member.email for member in people if member.pk in taken]
        assert sorted(told.values_list("to", flat=True)) == sorted(addresses)
        assert (sorted(session.rsvps.values_list("member", flat=True)), refused) == (taken, 12 - len(taken))


def test_comings_and_goings_at_once_leave_no_seat_free_while_somebody_waits(make_session) -> None:
    session = make_session(capacity=10)
    people = crowd(45)
    for member in people[:30]:
        session.rsvp(member, Partstat.ACCEPTED, now=NOW())
    go = [lambda m=m: Session.objects.get(pk=session.pk).rsvp(m, Partstat.DECLINED, now=NOW()) for m in people[:8]]
    come = [coming(session, member) for member in people[30:]]
    resize = [lambda n=n: Session.objects.get(pk=session.pk).set_capacity(n, now=NOW()) for n in (12, 9, 14, 10)]
    mixed = [act for acts in zip(go[:4], come[:4], resize, strict=True) for act in acts] + go[4:] + come[4:]
    assert at_once(mixed) == []
    seated, taken, queue = outcome(session)
    assert (seated, len(queue)) == (taken, 45 - 8 - seated)
    assert session.capacity <= seated <= 14
    assert queue == sorted(queue)
    promoted = Delivery.objects.filter(kind="rsvp.promoted")
    assert promoted.count() == len({row["rsvp"] for row in promoted.values_list("context", flat=True)})
