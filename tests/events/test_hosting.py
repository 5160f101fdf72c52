import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from events import next_steps
from events.forms.hosting import SeriesForm
from events.models import Membership, Series, Session, Venue
from members.models import Activity, Member
from outbox.models import Delivery
from speakers.models import Speaker
from tests.events.pages import talk

TOKYO = ZoneInfo("Asia/Tokyo")
BEFORE = datetime(2026, 12, 20, tzinfo=UTC)
FORM = {
    "name": "夕凪の読書会",
    "name_en": "Evening Calm Reading",
    "audience": "public",
    "duration_minutes": "90",
    "doors_minutes": "15",
    "capacity": "12",
    "hold_minutes": "30",
    "fee_amount": "1500",
    "first_number": "118",
    "venue_name": "喫茶しるべ",
    "venue_address": "東京都かもめ区",
    "pattern": "monthly",
    "weekdays": ["3"],
    "nths": ["2", "4"],
    "interval": "1",
    "starts_on": "2027-01-01",
    "at": "07:00",
    "holidays": "keep",
}


@pytest.fixture
def host(client: Client, kosuke: Member) -> Client:
    client.force_login(kosuke)
    return client


@pytest.fixture
def operator(host: Client, kosuke: Member) -> Client:
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True)
    return host


def test_a_new_series_has_an_owner_reminders_and_sessions_made_ahead(operator: Client) -> None:
    response = operator.post("/series/new/", FORM)
    series = Series.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"{series.venue.get_absolute_url()}#restaurant")
    assert series.rule == "FREQ=MONTHLY;BYDAY=2TH,4TH"
    assert str(series.venue) == "喫茶しるべ"
    assert [m.role for m in series.memberships.all()] == [Membership.Role.OWNER]
    assert [r.template for r in series.reminder_rules.all()] == ["invite", "still_coming", "tomorrow", "thanks"]
    assert series.sessions.count() > 0
    assert {s.is_draft for s in series.sessions.all()} == {True}


def test_by_date_without_one_is_the_date_of_the_first_day_and_can_be_changed_again(operator: Client) -> None:
    sends = FORM | {"pattern": "monthdate", "weekdays": [], "nths": [], "starts_on": "2027-01-21"}
    preview = operator.get("/series/schedule/", sends).content.decode()
    assert "毎月21日 7:00" in preview
    operator.post("/series/new/", sends)
    series = Series.objects.get()
    assert series.rule == "FREQ=MONTHLY;BYMONTHDAY=21"
    page = operator.get(f"/series/{series.slug}/edit/").content.decode()
    assert re.search(r'value="monthdate"[^>]*checked', page)


def test_what_began_today_is_not_among_the_next_dates(host: Client, kosuke: Member) -> None:
    sends = FORM | {"pattern": "weekly", "weekdays": ["3"], "starts_on": "2027-01-07"}
    shown = []
    for clock in ("2027-01-07T06:59", "2027-01-07T07:01"):
        with time_machine.travel(datetime.fromisoformat(clock).replace(tzinfo=TOKYO), tick=False):
            host.force_login(kosuke)
            shown.append("2027年1月7日" in host.get("/series/schedule/", sends).content.decode())
    assert shown == [True, False]


def test_a_new_series_begins_with_what_was_agreed_with_its_restaurant(operator: Client) -> None:
    room = Venue.objects.create(name="喫茶みなと", final_days=2, final_at=time(15), late_amount=1500, spare_covers=2)
    response = operator.post("/series/new/", FORM | {"venue": room.pk, "venue_name": ""})
    assert response["Location"] == "/desk/"
    series = Series.objects.get()
    assert (series.venue, series.spare_covers, series.terms.late) == (room, 2, 1500)
    assert (series.headcount_days, series.headcount_time) == (2, time(15))
    first = series.sessions.order_by("starts_at").first()
    assert (first.spare_covers, first.late_amount, first.headcount_at) == (
        2,
        1500,
        datetime.combine(first.local_start.date() - timedelta(days=2), time(15), tzinfo=series.zone),
    )


def test_the_first_number_of_a_club_of_ten_years_can_be_118(operator: Client) -> None:
    operator.post("/series/new/", FORM)
    first, second = Session.objects.order_by("starts_at")[:2]
    for session in (first, second):
        operator.post(f"/sessions/{session.code}/edit/", edit(session, publish="1"))
    assert list(Session.objects.order_by("starts_at").values_list("number", flat=True))[:2] == [118, 119]


def test_only_an_operator_makes_a_series(host: Client) -> None:
    assert host.get("/series/new/").status_code == 403
    assert host.post("/series/new/", FORM).status_code == 403
    assert Series.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"weekdays": []}, "曜日をお選びください。"),
        ({"nths": []}, "その月の何番目か"),
        ({"interval": "0"}, "1 以上"),
        ({"capacity": "0"}, "1 以上"),
        ({"at": "25:00"}, "時間を正しく入力してください。"),
        ({"pattern": "picked", "dates": "あした"}, "「あした」は日付ではないようです。"),
        ({"ends": "until", "until": "2040-01-01"}, "2年以内"),
        ({"slug": "new"}, "このアドレスはもう使われています。"),
        ({"name": "あ" * 81}, "80"),
    ],
)
def test_a_wrong_entry_is_explained_and_what_was_typed_is_kept(operator: Client, wrong: dict, sentence: str) -> None:
    response = operator.post("/series/new/", {**FORM, **wrong})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert wrong.get("name", "夕凪の読書会") in page
    assert "喫茶しるべ" in page
    assert Series.objects.count() == 0


def test_the_preview_shows_six_dates_and_reads_the_rule_back(host: Client, time_machine: Any) -> None:
    time_machine.move_to(BEFORE)
    page = host.get("/series/schedule/", FORM).content.decode()
    assert "毎月第2・第4木曜日" in page
    assert page.count("<li>") == 6
    assert "2027年1月14日(木)" in page


def test_the_preview_of_a_series_of_years_shows_what_comes(host: Client, time_machine: Any) -> None:
    time_machine.move_to(BEFORE)
    page = host.get("/series/schedule/", FORM | {"starts_on": "2023-11-09"}).content.decode()
    assert ("2027年1月14日(木)" in page, "2023年" in page, page.count("<li>")) == (True, False, 6)
    ended = FORM | {"starts_on": "2023-11-09", "ends": "until", "until": "2023-12-01"}
    page = host.get("/series/schedule/", ended).content.decode()
    assert ("2023年11月23日(木)" in page, page.count("<li>")) == (True, 2)


def test_the_preview_works_without_javascript_and_saves_nothing(operator: Client, time_machine: Any) -> None:
    time_machine.move_to(BEFORE)
    page = operator.post("/series/new/", {**FORM, "preview": "1"}).content.decode()
    assert "2027年1月14日(木)" in page
    assert Series.objects.count() == 0


def edit(session: Session, **changes: str) -> dict[str, str]:
    values = {"title": session.title, "summary": session.summary, "programme": session.programme,
              "capacity": str(session.capacity), "fee_amount": str(session.fee_amount), "number": ""}  # fmt: skip
    return values | changes


def test_a_change_goes_to_this_one_alone_unless_asked(host: Client, make_session: Callable[..., Session]) -> None:
    first = make_session()
    second = make_session(starts_at=first.starts_at + timedelta(days=7), recurrence_id=date(2027, 1, 1))
    host.post(f"/sessions/{first.code}/edit/", edit(first, programme="6:40 開場", capacity="20"))
    second.refresh_from_db()
    assert (second.programme, second.capacity) == ("", 24)


def test_moving_tells_those_who_come_once(host: Client, session: Session, hana: Member) -> None:
    session.rsvp(hana, "ACCEPTED", now=timezone.now())
    Delivery.objects.all().delete()
    for _twice in range(2):
        host.post(f"/sessions/{session.code}/move/", {"on": "2027-03-04", "at": "08:00", "venue": session.venue_id})
    session.refresh_from_db()
    assert session.starts_at == datetime(2027, 3, 4, 8, 0, tzinfo=TOKYO)
    assert session.sequence == 1
    assert [d.to for d in Delivery.objects.filter(kind="session.changed")] == ["hana@example.com"]


def test_calling_off_asks_for_a_reason_and_can_be_undone(host: Client, session: Session, hana: Member) -> None:
    session.rsvp(hana, "ACCEPTED", now=timezone.now())
    assert host.post(f"/sessions/{session.code}/cancellation/", {"reason": " "}).status_code == 422
    host.post(f"/sessions/{session.code}/cancellation/", {"reason": "台風のため"})
    session.refresh_from_db()
    assert session.cancel_reason == "台風のため"
    undo = f'<form method="post" action="/sessions/{session.code}/restoration/">'
    assert undo in host.get(session.get_absolute_url()).content.decode()
    host.post(f"/sessions/{session.code}/restoration/")
    assert undo not in host.get(session.get_absolute_url()).content.decode()
    session.refresh_from_db()
    assert (session.cancelled_at, session.seats_taken) == (None, 1)
    assert [a.verb for a in Activity.objects.order_by("pk")] == ["session.cancel", "session.restore"]


@pytest.mark.parametrize("place", ["edit", "move", "cancellation", "restoration", "copy"])
def test_what_is_not_mine_does_not_exist(client: Client, session: Session, mallory: Member, place: str) -> None:
    client.force_login(mallory)
    assert client.post(f"/sessions/{session.code}/{place}/", {"reason": "いたずら"}).status_code == 404
    session.refresh_from_db()
    assert session.cancelled_at is None


def test_the_desk_says_what_to_do_next(host: Client, make_session: Callable[..., Session]) -> None:
    make_session(published_at=None, title="下書きの朝")
    make_session(starts_at=timezone.now() - timedelta(hours=3), title="終わった朝", recurrence_id=None)
    page = host.get("/desk/").content.decode()
    assert page.index("どなたが来ましたか") < page.index("この朝はまだお知らせしていません")


def test_a_desk_with_nothing_on_it_says_until_which_day_and_what_comes_then(
    host: Client, make_session: Callable[..., Session]
) -> None:
    assert "この一週間、することはありません。" in host.get("/desk/").content.decode()
    here = timezone.localtime()
    start = datetime.combine(here + timedelta(days=62), time(7), tzinfo=here.tzinfo)
    session = make_session(published_at=None, starts_at=start, recurrence_id=start.date())
    walked = [bool(next_steps.of([session], now=here + timedelta(days=days))) for days in (0, 1, 3)]
    assert walked == [False, False, True]
    then = here + timedelta(days=2)
    page = host.get("/desk/").content.decode()
    assert f"{'月火水木金土日'[then.weekday()]}曜日まで、することはありません。" in page
    (first,) = next_steps.of([session], now=here + timedelta(days=3))
    assert first.what in page
    make_session(starts_at=timezone.now() - timedelta(hours=3), recurrence_id=None)
    assert "することが1件あります。" in host.get("/desk/").content.decode()


def test_series_with_nothing_coming_are_folded_away(
    host: Client, make_session: Callable[..., Session], series: Series, kosuke: Member
) -> None:
    def shown() -> list[list[str]]:
        context = host.get("/desk/").context
        return [[one.slug for one in context[name]] for name in ("series", "resting")]

    old = Series.objects.create(slug="old", name="むかしの会", starts_on=date(2012, 1, 1), at=time(19, 0))
    Membership.objects.create(series=old, member=kosuke, role=Membership.Role.OWNER)
    make_session(series=old, starts_at=timezone.now() - timedelta(days=400))
    assert shown() == [["breakfast"], ["old"]]
    assert "次の回のない会（1）" in host.get("/desk/").content.decode()
    make_session(series=old)
    assert shown() == [["breakfast", "old"], []]


def test_the_desk_leads_to_the_door_before_the_morning_begins(
    host: Client, make_session: Callable[..., Session], now: datetime
) -> None:
    session = make_session(starts_at=now + timedelta(hours=2, minutes=1))
    said = [step.what for step in next_steps.own([session], now)]
    soon = [step.what for step in next_steps.own([session], now + timedelta(minutes=2))]
    begun = [step.what for step in next_steps.own([session], session.starts_at)]
    assert (said, soon, begun) == ([], ["受付の時間です"], ["どなたが来ましたか"])
    session.cancelled_at = now
    assert list(next_steps.own([session], now + timedelta(minutes=2))) == []


def test_every_field_of_a_series_stands_under_a_heading() -> None:
    form = SeriesForm()
    assert sorted(field.name for *_heading, fields in form.parts for field in fields) == sorted(form.fields)


@pytest.mark.parametrize("rows", [1, 30])
def test_the_desk_costs_the_same_with_many_sessions(
    host: Client, make_session: Callable[..., Session], django_assert_num_queries: Callable[..., object], rows: int
) -> None:
    start = timezone.now() + timedelta(days=3)
    for n in range(rows):
        make_session(
            starts_at=start + timedelta(hours=n), title="朝", recurrence_id=date(2027, 1, 1) + timedelta(days=n)
        )
    host.get("/desk/")
    with django_assert_num_queries(18):
        assert host.get("/desk/").status_code == 200


def test_an_edit_of_an_old_session_leaves_the_past_alone(host: Client, make_session: Callable[..., Session]) -> None:
    now = timezone.now()
    old = make_session(starts_at=now - timedelta(days=60), recurrence_id=date(2026, 1, 1))
    past = make_session(starts_at=now - timedelta(days=30), recurrence_id=date(2026, 2, 1))
    host.post(f"/sessions/{old.code}/edit/", edit(old, programme="6:40 開場", scope="later"))
    past.refresh_from_db()
    assert past.programme == ""


def test_an_old_address_of_a_series_leads_on(operator: Client) -> None:
    operator.post("/series/new/", FORM)
    operator.post("/series/evening-calm-reading/edit/", {**FORM, "slug": "calm"})
    response = operator.get("/series/evening-calm-reading/")
    assert (response.status_code, response["Location"]) == (301, "/series/calm/")
    again = operator.post("/series/new/", {**FORM, "slug": "evening-calm-reading"})
    assert "このアドレスはもう使われています。" in again.content.decode()


def test_an_unchanged_schedule_is_kept_with_what_the_form_does_not_show(operator: Client) -> None:
    operator.post("/series/new/", FORM)
    series = Series.objects.get()
    series.rule += "\nEXDATE;VALUE=DATE:20270211"
    series.save()
    operator.post("/series/evening-calm-reading/edit/", {**FORM, "slug": series.slug, "about": "読む会です"})
    series.refresh_from_db()
    assert (series.about, series.rule.splitlines()[-1]) == ("読む会です", "EXDATE;VALUE=DATE:20270211")


def test_another_weekday_replaces_the_drafts_nobody_touched(operator: Client) -> None:
    operator.post("/series/new/", FORM)
    touched = Session.objects.order_by("starts_at")[0]
    Session.objects.filter(pk=touched.pk).update(title="決まっている朝")
    operator.post("/series/evening-calm-reading/edit/", {**FORM, "slug": "evening-calm-reading", "weekdays": ["1"]})
    weekdays = {s.local_start.weekday() for s in Session.objects.exclude(pk=touched.pk)}
    assert weekdays == {1}
    assert Session.objects.filter(pk=touched.pk).exists()


def test_a_date_in_the_past_is_explained(host: Client, session: Session) -> None:
    response = host.post(f"/sessions/{session.code}/move/", {"on": "2020-12-10", "at": "07:00"})
    assert response.status_code == 422
    assert "過ぎた日時です。" in response.content.decode()


def test_once_more_like_this_is_a_draft_a_week_later_without_its_people(
    host: Client, session: Session, sato: Speaker, hana: Member, now: datetime
) -> None:
    talk(session, sato, "夜明けの帳場")
    session.rsvp(hana, "ACCEPTED", now=now)
    Session.objects.filter(pk=session.pk).update(number=7, summary="湯気の話", programme="6:40 開場", capacity=18)
    answered = host.post(f"/sessions/{session.code}/copy/")
    again = Session.objects.exclude(pk=session.pk).get()
    assert answered["Location"] == f"/sessions/{again.code}/edit/"
    assert (again.title, again.summary, again.programme, again.capacity) == (session.title, "湯気の話", "6:40 開場", 18)
    assert again.local_start - session.local_start == timedelta(days=7)
    assert (again.is_draft, again.number, again.seats_taken, again.recurrence_id) == (True, None, 0, None)
    assert (again.rsvps.count(), again.talks.count()) == (0, 0)


def test_a_morning_outside_the_rule_begins_as_a_draft_and_takes_no_number(
    host: Client, series: Series, now: datetime
) -> None:
    on = (now + timedelta(days=20)).date().isoformat()
    told = {
        "title": "市場を歩く",
        "on": on,
        "at": "06:00",
        "duration_minutes": "90",
        "capacity": "8",
        "fee_amount": "0",
    }
    answered = host.post(f"/series/{series.slug}/sessions/new/", told)
    made = Session.objects.get(title="市場を歩く")
    assert (answered["Location"], made.is_draft) == (f"/sessions/{made.code}/edit/", True)
    host.post(f"/sessions/{made.code}/edit/", edit(made, publish="1"))
    made.refresh_from_db()
    assert (made.is_draft, made.number, made.recurrence_id) == (False, None, None)
