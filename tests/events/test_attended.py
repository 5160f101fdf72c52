"""The mornings I came to: history, the tenth and the fiftieth, guests I have heard. For me alone."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client

from events import attended
from events.models import Attendance, ReminderRule, Series, Session
from events.models.reminder import begin_with
from events.reminders import carry_out
from members.models import Member
from outbox.models import Delivery
from outbox.sending import send_due
from speakers.models import Speaker
from tests.events.pages import statements, talk, text

TOKYO = ZoneInfo("Asia/Tokyo")
LAST = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)


@pytest.fixture
def came(make_session: Callable[..., Session], hana: Member) -> Callable[..., list[Session]]:
    """came(3): hana came to so many weekly mornings, the last on 14 January; the lists are closed."""

    def make(number: int, *people: Member, **fields) -> list[Session]:
        found = []
        for week in reversed(range(number)):
            start = LAST - timedelta(weeks=week)
            values = {"starts_at": start, "roster_closed_at": start + timedelta(hours=2), "number": None} | fields
            found.append(make_session(**values))
            Attendance.objects.bulk_create(Attendance(session=found[-1], member=one) for one in (hana, *people))
        return found

    return make


def shown(member: Member) -> list[tuple[str, int]]:
    return [(f"{one.session.local_start:%m-%d}", one.nth) for one in attended.of(member).mornings]


def test_it_is_what_the_closed_list_says_the_newest_first(came, make_session, hana: Member, ken: Member) -> None:
    came(2)
    (not_closed,) = came(1, starts_at=LAST + timedelta(days=1), roster_closed_at=None)
    absent = make_session(starts_at=LAST - timedelta(days=3), roster_closed_at=LAST, number=None)
    Attendance.objects.create(session=absent, member=hana, status=Attendance.Status.ABSENT)
    assert not_closed.roster_closed_at is None
    assert (shown(hana), shown(ken)) == ([("01-14", 2), ("01-07", 1)], [])


def test_guests_i_have_heard_stand_once_with_the_last_time(came, hana: Member, sato: Speaker) -> None:
    first, second, _third = came(3)
    for session in (first, second):
        talk(session, sato)
    heard = attended.of(hana).heard
    assert [(one.guest.name, one.morning.session) for one in heard] == [(sato.name, second)]


def test_the_tenth_and_the_fiftieth_have_a_word(came, hana: Member) -> None:
    came(51)
    words = [(one.nth, one.milestone) for one in attended.of(hana).mornings if one.milestone]
    assert words == [(50, "50回目の朝でした。"), (10, "10回目の朝でした。")]


def test_the_page_is_mine_alone_and_compares_with_nobody(client: Client, came, hana, ken, sato) -> None:
    (session,) = came(1, ken)
    talk(session, sato)
    client.force_login(hana)
    page = text(client, "/mornings/")
    assert [word in page for word in (f"/sessions/{session.code}/", f"/{sato.code}/", "ken")] == [
        True, True, False
    ]  # fmt: skip
    client.force_login(ken)
    Attendance.objects.filter(member=ken).delete()
    assert "まだありません。" in text(client, "/mornings/")


def test_what_is_closed_to_me_by_now_stays_in_my_history_without_a_way_there(client: Client, came, hana) -> None:
    others = {"starts_on": date(2024, 1, 11), "at": time(7), "audience": "series"}
    series = Series.objects.create(slug="closed", name="夜の会", **others)
    (session,) = came(1, series=series, title="奥の部屋の話")
    client.force_login(hana)
    page = text(client, "/mornings/")
    assert ("奥の部屋の話" in page, session.code in page) == (True, False)


@pytest.mark.parametrize("number", [1, 30])
def test_it_costs_the_same_with_one_and_with_thirty_mornings(client: Client, came, hana, sato, number: int) -> None:
    for session in came(number):
        talk(session, sato)
    client.force_login(hana)
    client.get("/about/")  # the club itself is remembered
    assert statements(lambda: client.get("/mornings/")) == (200, 7)


def test_the_mail_of_the_day_says_it_quietly(club, came, hana: Member, ken: Member, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    *_earlier, session = came(10)
    Attendance.objects.create(session=session, member=ken)
    begin_with(session.series, [(ReminderRule.Template.THANKS, 0, time(12, 10))])
    noon = LAST.replace(hour=12, minute=10)
    with time_machine.travel(noon, tick=False):
        carry_out(now=noon)
        Delivery.objects.exclude(kind="reminder.thanks").delete()
        send_due()
    said = {letter.to[0]: "ご参加は10回目になりました。" in letter.body for letter in mail.outbox}
    assert said == {"hana@example.com": True, "ken@example.com": False}


@pytest.mark.parametrize("people", [1, 30])
def test_one_query_counts_for_all_readers(came, person, django_assert_num_queries, people: int) -> None:
    crowd = [person(f"n{n:02}") for n in range(people)]
    *_earlier, session = came(10, *crowd)
    with django_assert_num_queries(1):
        assert len(attended.section(session, crowd)) == people
