from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from events import reminders, roster
from events.models import (
    Attendance,
    Membership,
    Partstat,
    ReminderException,
    ReminderRule,
    ReminderRun,
    Series,
    Session,
)
from events.models.reminder import MONTHLY, begin_with, due_at
from members.models import Member
from outbox.models import Delivery

TOKYO = ZoneInfo("Asia/Tokyo")
# A Thursday, 7:00.
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)


@pytest.fixture
def morning(series: Series, make_session: Callable[..., Session], ken: Member, mallory: Member) -> Session:
    """hana comes, ken belongs and has not answered, mallory declined, kosuke (the host) comes."""
    session = make_session(starts_at=START)
    begin_with(series, MONTHLY)
    for member in (ken, mallory):
        Membership.objects.create(series=series, member=member)
    before = START - timedelta(days=20)
    for member, partstat in [
        (Member.objects.get(name="hana"), Partstat.ACCEPTED),
        (Member.objects.get(name="kosuke"), Partstat.ACCEPTED),
        (mallory, Partstat.DECLINED),
    ]:
        session.rsvp(member, partstat, now=before)
    Delivery.objects.all().delete()
    return session


def tick(local: datetime) -> list[tuple[str, str]]:
    before = set(Delivery.objects.values_list("pk", flat=True))
    reminders.carry_out(now=local.astimezone(UTC))
    new = Delivery.objects.exclude(pk__in=before).order_by("kind", "to")
    return list(new.values_list("kind", "to"))


def at(days_before: int, hour: int, minute: int) -> datetime:
    return datetime.combine(START.date() - timedelta(days=days_before), time(hour, minute), tzinfo=TOKYO)


def test_each_reminder_goes_once_to_its_own_audience_at_its_hour(morning: Session) -> None:
    assert tick(at(7, 12, 9)) == []
    assert tick(at(7, 12, 10)) == [("reminder.invite", "ken@example.com")]
    assert tick(at(7, 12, 11)) == []
    coming = ["hana@example.com", "kosuke@example.com"]
    assert tick(at(3, 12, 9)) == []
    assert tick(at(3, 12, 10)) == [("reminder.still_coming", to) for to in coming]
    assert tick(at(1, 17, 59)) == []
    assert tick(at(1, 18, 0)) == [("reminder.tomorrow", to) for to in coming]
    assert tick(at(1, 18, 1)) == []


def test_thanks_wait_for_the_closed_roster_and_go_to_those_who_came(morning: Session, hana: Member) -> None:
    Attendance.objects.create(session=morning, member=hana)
    assert tick(at(0, 12, 10)) == []
    Session.objects.filter(pk=morning.pk).update(roster_closed_at=at(0, 12, 30))
    assert tick(at(0, 12, 31)) == [("reminder.thanks", "hana@example.com")]


def test_who_was_marked_absent_by_mistake_is_thanked_once_the_list_is_put_right(
    morning: Session, hana: Member, kosuke: Member
) -> None:
    roster.close(morning, absent={f"m{hana.pk}"}, now=at(0, 8, 20), actor=kosuke)
    assert tick(at(0, 12, 10)) == [("reminder.thanks", "kosuke@example.com")]
    roster.reopen(morning, now=at(0, 13, 0), actor=kosuke)
    assert tick(at(0, 13, 0)) == []
    roster.close(morning, now=at(0, 13, 1), actor=kosuke)
    assert tick(at(0, 13, 2)) == [("reminder.thanks", "hana@example.com")]
    assert tick(at(0, 13, 3)) == []


def test_a_scheduler_that_stood_still_catches_up_while_it_is_worth_it(morning: Session) -> None:
    assert tick(at(6, 9, 0)) == [("reminder.invite", "ken@example.com")]
    assert tick(at(1, 12, 11)) == []


def test_nothing_is_sent_at_night(morning: Session) -> None:
    assert tick(at(1, 21, 0)) == []
    assert tick(at(0, 6, 30)) == []


def test_one_morning_does_it_differently_from_its_series(morning: Session) -> None:
    rules = {rule.template: rule for rule in ReminderRule.objects.all()}
    other = {"days_before": 1, "at": time(19, 30)}
    ReminderException.objects.create(session=morning, rule=rules["tomorrow"], **other)
    ReminderException.objects.create(session=morning, rule=rules["invite"], is_on=False, **other)
    assert tick(at(7, 12, 10)) == []
    assert tick(at(1, 18, 0)) == []
    assert [kind for kind, _to in tick(at(1, 19, 30))] == ["reminder.tomorrow"] * 2


def test_a_cancelled_session_reminds_nobody(morning: Session) -> None:
    morning.cancel("台風", now=at(8, 12, 0))
    Delivery.objects.all().delete()
    assert tick(at(7, 12, 10)) == []


def test_moving_a_session_moves_its_reminders(morning: Session) -> None:
    assert [kind for kind, _to in tick(at(1, 18, 0))] == ["reminder.tomorrow"] * 2
    morning.move(START + timedelta(days=7), now=at(1, 19, 0))
    Delivery.objects.filter(kind="session.changed").delete()
    assert tick(at(1, 20, 0)) == []
    assert [kind for kind, _to in tick(at(-6, 18, 0))] == ["reminder.tomorrow"] * 2


def test_a_move_voids_what_is_owed_in_its_own_transaction(morning: Session) -> None:
    reminders.carry_out(now=at(1, 18, 0).astimezone(UTC))
    morning.move(START + timedelta(days=7), now=at(1, 18, 1))
    owed = Delivery.objects.filter(kind="reminder.tomorrow").values_list("drop_reason", "dropped_at")
    assert list(owed) == [("moved", at(1, 18, 1))] * 2
    assert ReminderRun.objects.count() == 0


def test_moved_away_and_back_before_it_went_it_goes_after_all(morning: Session) -> None:
    reminders.carry_out(now=at(1, 18, 0).astimezone(UTC))
    morning.move(START + timedelta(days=7), now=at(1, 18, 1))
    morning.move(START, now=at(1, 18, 2))
    Delivery.objects.filter(kind="session.changed").delete()
    assert [kind for kind, _to in tick(at(1, 18, 3))] == ["reminder.tomorrow"] * 2


def test_a_move_that_is_taken_back_takes_the_moved_reminders_back(morning: Session) -> None:
    reminders.carry_out(now=at(1, 18, 0).astimezone(UTC))
    with transaction.atomic():
        morning.move(START + timedelta(days=7), now=at(1, 18, 1))
        transaction.set_rollback(True)
    assert list(Delivery.objects.values_list("kind", "dropped_at")) == [("reminder.tomorrow", None)] * 2
    assert ReminderRun.objects.count() == 1


def test_a_rule_made_again_says_nothing_twice(morning: Session, series: Series) -> None:
    tick(at(1, 18, 0))
    series.reminder_rules.all().delete()
    begin_with(series, MONTHLY)
    assert tick(at(1, 18, 5)) == []


def test_another_hour_after_it_went_says_nothing_twice(morning: Session, series: Series) -> None:
    tick(at(1, 18, 0))
    rule = series.reminder_rules.get(template="tomorrow")
    ReminderException.objects.create(session=morning, rule=rule, days_before=1, at=time(19, 0))
    assert tick(at(1, 19, 0)) == []


def test_moving_by_half_an_hour_does_not_remind_twice(morning: Session) -> None:
    tick(at(1, 18, 0))
    morning.move(START + timedelta(minutes=30), now=at(1, 19, 0))
    Delivery.objects.filter(kind="session.changed").delete()
    assert tick(at(1, 19, 5)) == []


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_send_one_mail(morning: Session) -> None:
    now, gate = at(7, 12, 10).astimezone(UTC), Barrier(4)

    def run() -> None:
        gate.wait()
        reminders.carry_out(now=now)
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Delivery.objects.values_list("kind", flat=True)) == ["reminder.invite"]
    assert ReminderRun.objects.count() == 1


@pytest.mark.parametrize(
    ("zone", "start", "due"),
    [
        ("Asia/Tokyo", datetime(2027, 3, 14, 7, 0), "2027-03-13T09:00:00+00:00"),
        ("America/New_York", datetime(2027, 3, 14, 7, 0), "2027-03-13T23:00:00+00:00"),
        ("America/New_York", datetime(2027, 3, 15, 7, 0), "2027-03-14T22:00:00+00:00"),
        ("Europe/Berlin", datetime(2027, 10, 31, 7, 0), "2027-10-30T16:00:00+00:00"),
        ("Europe/Berlin", datetime(2027, 11, 1, 7, 0), "2027-10-31T17:00:00+00:00"),
        ("Australia/Lord_Howe", datetime(2027, 4, 4, 7, 0), "2027-04-03T07:00:00+00:00"),
        ("Australia/Lord_Howe", datetime(2027, 4, 5, 7, 0), "2027-04-04T07:30:00+00:00"),
    ],
)
def test_the_evening_before_is_18_oclock_on_the_wall_whatever_the_clocks_did(
    zone: str, start: datetime, due: str
) -> None:
    session = Session(
        starts_at=start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), timezone=zone, duration_minutes=80
    )
    rule = ReminderRule(template="tomorrow", audience="coming", days_before=1, at=time(18, 0))
    assert due_at(rule, session).astimezone(UTC).isoformat() == due


@pytest.mark.parametrize(("days_before", "queries"), [(20, 3), (8, 4)])
def test_the_number_of_queries_of_a_tick_does_not_grow_with_the_sessions(
    morning: Session,
    make_session: Callable[..., Session],
    django_assert_num_queries: Callable[..., object],
    days_before: int,
    queries: int,
) -> None:
    """One more on the days around a reminder: whether it has gone already."""
    now = at(days_before, 10, 0).astimezone(UTC)
    with django_assert_num_queries(queries):
        reminders.carry_out(now=now)
    for n in range(30):
        make_session(starts_at=START + timedelta(hours=n), recurrence_id=date(2027, 1, 1) + timedelta(days=n))
    with django_assert_num_queries(queries):
        reminders.carry_out(now=now)
