"""Jobs by turn: one tap, who did them least is asked, the door's list and the report's draft for whoever has them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone

from events import jobs, next_steps, reminder_mails
from events.models import Attendance, Job, Membership, Partstat, ReminderRule, Series, Session
from events.pages import clock
from members.models import Activity, Member
from records.models import Report
from tests.events.pages import statements, text

NOW = timezone.now


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def morning(session: Session, series: Series, make_session, hana: Member, ken: Member) -> Session:
    """In ten days, with all four jobs; hana and ken have seats, belong, and came once before."""
    Series.objects.filter(pk=series.pk).update(jobs=list(Job.Kind.values))
    past = make_session(starts_at=NOW() - timedelta(days=30), roster_closed_at=NOW())
    for member in (hana, ken):
        series.join(member, now=NOW())
        Attendance.objects.create(session=past, member=member)
        session.rsvp(member, Partstat.ACCEPTED, now=NOW())
    return Session.objects.select_related("series").get(pk=session.pk)


def held(session: Session) -> dict[str, str]:
    return dict(session.jobs.values_list("kind", "member__name"))


def url(session: Session, page: str = "") -> str:
    return f"/sessions/{session.code}/{page}"


def test_one_tap_takes_a_job_and_another_gives_it_back(morning: Session, hana: Member) -> None:
    client = of(hana)
    for _tap in range(2):
        assert client.post(url(morning, "jobs/"), {"kind": "door"})["Location"] == url(morning, "#jobs")
    assert held(morning) == {"door": "hana"}
    assert "あなたです。ありがとうございます。" in text(client, url(morning))
    client.post(url(morning, "jobs/door/removal/"))
    assert (held(morning), Activity.objects.count()) == ({}, 0)


def test_what_somebody_has_is_not_taken_from_them(morning: Session, hana: Member, ken: Member) -> None:
    jobs.take(morning, "door", hana, now=NOW())
    with pytest.raises(ValidationError, match="ほかの方"):
        jobs.take(morning, "door", ken, now=NOW())
    assert of(ken).post(url(morning, "jobs/door/removal/")).status_code == 404
    assert held(morning) == {"door": "hana"}


def test_a_host_makes_a_job_free_and_it_stands_in_the_record(morning, hana: Member, kosuke: Member) -> None:
    jobs.take(morning, "door", hana, now=NOW())
    of(kosuke).post(url(morning, "jobs/door/removal/"))
    assert (held(morning), [row.verb for row in Activity.objects.all()]) == ({}, ["job.free"])


@pytest.mark.parametrize("lacks", ["seat", "belonging", "a morning before", "the job", "the future", "being on"])
def test_who_may_not_take_a_job(morning: Session, hana: Member, lacks: str) -> None:
    now = NOW()
    with transaction.atomic():
        match lacks:
            case "seat":
                morning.rsvp(hana, Partstat.DECLINED, now=now)
            case "belonging":
                Membership.objects.filter(member=hana).update(left_at=now)
            case "a morning before":
                Attendance.objects.all().delete()
            case "the job":
                Series.objects.update(jobs=["photos"])
            case "the future":
                now = morning.ends_at
            case "being on":
                morning.cancel("雪", now=now)
    with pytest.raises(ValidationError):
        jobs.take(morning, "door", hana, now=now)
    assert held(morning) == {}


def test_who_did_them_least_is_asked_first(morning: Session, make_session, hana, ken, kosuke, mallory) -> None:
    for number in range(2):
        Job.objects.create(session=make_session(starts_at=NOW() - timedelta(days=9 + number)), kind="door", member=hana)
    assert jobs.turn(morning) == [ken.pk, hana.pk]
    assert jobs.asked(morning) == (["door", "chair", "photos", "report"], {ken.pk, hana.pk})
    jobs.take(morning, "door", ken, now=NOW())
    assert jobs.turn(morning) == [hana.pk]
    for kind in ("chair", "photos", "report"):
        jobs.take(morning, kind, ken, now=NOW())
    assert jobs.asked(morning) == ([], set())


def rule(session: Session, template: str) -> ReminderRule:
    return ReminderRule(series=session.series, template=template, days_before=1)


def test_the_mail_three_days_before_asks_and_the_evening_before_reminds(morning, hana: Member, ken: Member) -> None:
    jobs.take(morning, "chair", hana, now=NOW())
    told = {
        template: {
            one.name: reminder_mails.Part(rule(morning, template), morning, one, NOW().date()).besides().get("duty", "")
            for one in (hana, ken)
        }
        for template in ("still_coming", "tomorrow", "invite")
    }
    assert told == {
        "still_coming": {"hana": "", "ken": "受付の役、写真の役、記録の役"},
        "tomorrow": {"hana": "進行の役", "ken": ""},
        "invite": {"hana": "", "ken": ""},
    }


def test_the_door_has_the_list_from_the_evening_before_and_no_longer(morning: Session, hana: Member) -> None:
    jobs.take(morning, "door", hana, now=NOW())
    mine = Session.objects.door_of
    start = morning.starts_at
    hours = {-15: [], -13: [morning], 0: [morning], 15: [morning], 16: []}
    found = {hour: list(mine(hana, now=start + timedelta(hours=hour))) for hour in hours}
    assert found == hours


def test_the_door_by_job_opens_the_roster_and_no_other_page_of_hosts(morning, hana: Member, ken: Member) -> None:
    jobs.take(morning, "door", hana, now=NOW())
    Session.objects.filter(pk=morning.pk).update(
        starts_at=NOW() + timedelta(hours=1), ends_at=NOW() + timedelta(hours=2)
    )
    pages = ("roster/", "edit/", "messages/", "tables/", "report/", "clock/")
    assert [of(hana).get(url(morning, page)).status_code for page in pages] == [200, 404, 404, 404, 404, 404]
    assert [of(ken).get(url(morning, page)).status_code for page in pages] == [404] * 6


def test_from_the_list_at_the_door_a_host_finds_the_clock(morning: Session, hana: Member, kosuke: Member) -> None:
    jobs.take(morning, "door", hana, now=NOW())
    Session.objects.filter(pk=morning.pk).update(
        starts_at=NOW() + timedelta(hours=1), ends_at=NOW() + timedelta(hours=2)
    )
    found = [url(morning, "clock/") in text(of(one), url(morning, "roster/")) for one in (kosuke, hana)]
    assert found == [True, False]


def test_who_has_the_report_drafts_it_and_a_host_publishes_it(morning, hana: Member, kosuke: Member) -> None:
    jobs.take(morning, "report", hana, now=NOW())
    Session.objects.filter(pk=morning.pk).update(
        starts_at=NOW() - timedelta(hours=2), ends_at=NOW() - timedelta(hours=1)
    )
    page = text(of(hana), url(morning, "report/"))
    assert ('name="keep"' in page, 'name="publish"' in page) == (True, False)
    of(hana).post(url(morning, "report/"), {"body": "湯気の向こう", "language": "ja", "publish": "1"})
    report = Report.objects.get()
    assert (report.body, report.is_published, report.author) == ("湯気の向こう", False, hana)
    of(kosuke).post(url(morning, "report/"), {"body": "湯気の向こう", "language": "ja", "publish": "1"})
    assert of(hana).post(url(morning, "report/"), {"body": "別の話", "language": "ja"}).status_code == 302
    assert Report.objects.get().body == "湯気の向こう"


def test_a_job_nobody_took_stands_on_the_desk_two_days_before(morning: Session, hana: Member) -> None:
    def said(days: int) -> list[str]:
        return [step.what for step in next_steps.open_jobs([morning], morning.starts_at - timedelta(days=days))]

    jobs.take(morning, "photos", hana, now=NOW())
    expected = ["まだ引き受け手がありません（受付の役、進行の役、記録の役）"]
    assert (said(3), said(1), said(-1)) == ([], expected, [])


ORDER = "6:40 開場\n7:00 自己紹介\n持ち物は名刺\n7:20 お話\n8:20 おわり"


@pytest.fixture
def running(make_session: Callable[..., Session], kosuke: Member) -> Session:
    return make_session(programme=ORDER)


def at(session: Session, clock_: str) -> datetime:
    hours, minutes = (int(part) for part in clock_.split(":"))
    return session.local_start.replace(hour=hours, minute=minutes)


@pytest.mark.parametrize(
    ("time", "now", "left", "following", "soon", "over"),
    [
        ("6:30", None, 10, "開場", False, 0),
        ("6:40", "開場", 20, "自己紹介", False, 0),
        ("7:18", "自己紹介", 2, "お話", True, 0),
        ("7:20", "お話", 60, None, False, 0),
        ("8:20", None, 0, None, False, 0),
        ("8:27", None, 0, None, False, 7),
    ],
)
def test_the_clock_says_what_runs_how_long_still_and_what_comes_next(
    running: Session, time: str, now: str | None, left: int, following: str | None, soon: bool, over: int
) -> None:
    seen = clock.clock(running, now=at(running, time))
    current, coming = seen.current, seen.next
    assert (current and current.what, coming and coming.what) == (now, following)
    assert (seen.left, seen.is_soon, seen.over) == (left, soon, over)


def test_a_line_past_midnight_is_on_the_next_day(make_session) -> None:
    late = make_session(programme="23:30 はじまり\n0:15 話")
    start = late.local_start.replace(hour=23, minute=30)
    late.starts_at, late.duration_minutes = start, 80
    late.save()
    items = clock.clock(late, now=start).items
    assert [item.starts_at for item in items] == [start, start + timedelta(minutes=45)]


def test_the_clock_is_for_hosts_and_the_chair(morning: Session, hana: Member, kosuke: Member, ken: Member) -> None:
    jobs.take(morning, "chair", hana, now=NOW())
    assert [of(one).get(url(morning, "clock/")).status_code for one in (kosuke, hana, ken)] == [200, 200, 404]


def test_the_clock_costs_four_statements(running: Session, kosuke: Member) -> None:
    client = of(kosuke)
    assert statements(lambda: client.get(url(running, "clock/"))) == (200, 4)


@pytest.mark.parametrize(
    ("time", "tap", "order"),
    [
        ("7:18", "more", "6:40 開場\n7:00 自己紹介\n持ち物は名刺\n7:25 お話\n8:20 おわり"),
        ("7:18", "fewer", "6:40 開場\n7:00 自己紹介\n持ち物は名刺\n7:18 お話\n8:20 おわり"),
        ("7:21", "still", "6:40 開場\n7:00 自己紹介\n持ち物は名刺\n7:25 お話\n8:20 おわり"),
        ("7:28", "still", "6:40 開場\n7:00 自己紹介\n持ち物は名刺\n7:30 お話\n8:20 おわり"),
        ("7:40", "still", ORDER),
        ("6:30", "more", ORDER),
    ],
)
def test_what_runs_over_moves_the_rest_and_never_the_hard_end(
    running: Session, kosuke: Member, time: str, tap: str, order: str
) -> None:
    with time_machine.travel(at(running, time), tick=False):
        assert of(kosuke).post(url(running, "clock/longer/"), {"minutes": tap}).status_code == 302
    running.refresh_from_db()
    assert running.programme == order


def test_what_no_longer_fits_before_the_end_is_off_the_clock(running: Session, kosuke: Member, ken: Member) -> None:
    running.programme = "7:00 お話\n8:10 写真\n8:18 ひと言\n8:20 おわり"
    running.save()
    with time_machine.travel(at(running, "8:05"), tick=False):
        for _tap in range(2):
            of(kosuke).post(url(running, "clock/longer/"), {"minutes": "more"})
        assert of(ken).post(url(running, "clock/longer/"), {"minutes": "more"}).status_code == 404
    running.refresh_from_db()
    items = clock.clock(running, now=at(running, "8:05")).items
    assert [(item.time, item.what) for item in items] == [("7:00", "お話")]
    assert Activity.objects.filter(verb="session.clock").count() == 2
