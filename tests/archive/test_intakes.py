"""Taking in past mornings: looked at first, once, in portions, and taken back."""

import csv
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archive import exports, intakes, series_whole
from archive.intakes import Intake
from events.models import Attendance, Series, Session, Talk, Venue
from members.models import Activity, Member
from search.models import Document
from speakers.models import Speaker

TABLE = """開催日,開始,題名,ゲスト,会場,回
2019-05-09,7:00,値札のない朝,佐藤 朝子,喫茶みなと,3
2019-05-09,7:40,帳場の裏,佐藤 朝子、鈴木 次郎,,
2019年6月13日,,魚の目利き,鈴木 次郎,市場食堂,第4回
いつか,,わからない,,,
2019-06-13,,魚の目利き,鈴木 次郎,,
"""
COLUMNS = {"held_on": 0, "at": 1, "title": 2, "speakers": 3, "place": 4, "number": 5}


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}


def upload(series: Series, actor: Member, text: str = TABLE, name: str = "past.csv") -> Intake:
    return Intake.objects.upload(series, SimpleUploadedFile(name, text.encode()), now=timezone.now(), actor=actor)


def taken(series: Series, actor: Member, text: str = TABLE) -> Intake:
    """Read and taken in, by the worker."""
    intake = upload(series, actor, text)
    if intake.columns is None:
        intake.map(COLUMNS)
    for _step in range(2):
        intakes.tick(now=timezone.now(), seconds=60)
        intake.refresh_from_db()
        intake.take(now=timezone.now(), actor=actor)
    return intake


def test_a_table_becomes_mornings_with_guests_places_and_numbers(series: Series, kosuke: Member) -> None:
    intake = taken(series, kosuke)
    sessions = Session.objects.filter(series=series).order_by("starts_at")
    assert [
        (
            one.local_start.isoformat(),
            one.number,
            one.venue and one.venue.name,
            [talk.title for talk in one.talks.all()],
        )
        for one in sessions
    ] == [
        ("2019-05-09T07:00:00+09:00", 3, "喫茶みなと", ["値札のない朝", "帳場の裏"]),
        ("2019-06-13T07:00:00+09:00", 4, "市場食堂", ["魚の目利き"]),
    ]
    assert all(one.published_at == one.roster_closed_at == one.ends_at for one in sessions)
    assert sorted(Speaker.objects.values_list("name", flat=True)) == ["佐藤 朝子", "鈴木 次郎"]
    assert Venue.objects.count() == 2
    assert (intake.taken_at is not None, intake.file.name, Document.objects.exists()) == (True, "", True)
    assert Activity.objects.filter(verb="archive.intake", actor=kosuke).count() == 1


def test_nothing_is_written_before_the_host_says_so(series: Series, kosuke: Member) -> None:
    intake = upload(series, kosuke)
    intake.map(COLUMNS)
    intakes.tick(now=timezone.now(), seconds=60)
    intake.refresh_from_db()
    rows = list(intake.rows.order_by("number").values_list("number", "refusal", "is_known"))
    assert rows == [
        (2, "", False), (3, "", False), (4, "", False),
        (5, "日付として読めません: 'いつか'", False), (6, "項目 4 と同じです", False),
    ]  # fmt: skip
    assert (Session.objects.count(), Talk.objects.count(), Speaker.objects.count()) == (0, 0, 0)


def test_the_same_file_again_brings_nothing(series: Series, kosuke: Member) -> None:
    taken(series, kosuke)
    before = (Session.objects.count(), Talk.objects.count(), Speaker.objects.count(), Venue.objects.count())
    again = taken(series, kosuke)
    assert before == (Session.objects.count(), Talk.objects.count(), Speaker.objects.count(), Venue.objects.count())
    assert (again.rows.filter(is_known=True).count(), again.made.get("talks", [])) == (3, [])


def test_of_a_past_day_whose_hour_nobody_wrote_down_the_day_alone_is_told(
    client: Client, series: Series, kosuke: Member
) -> None:
    lines = [{"title": "題", "held_on": "2019-05-09"}, {"title": "別の日", "held_on": "2019-06-13 07:00"}]
    taken(series, kosuke, "\n".join(json.dumps(line) for line in lines))
    first, second = Session.objects.order_by("starts_at")
    assert (first.is_day_only, second.is_day_only) == (True, False)
    page = client.get(first.get_absolute_url()).content.decode()
    assert ("2019年5月9日(木)" in page, "7:00" in page, "T07:00" in page) == (True, False, False)
    listed = client.get("/archive/").content.decode()
    assert re.findall(r'datetime="(2019.*?)"', listed) == ["2019-06-13T07:00+09:00", "2019-05-09"]
    told = client.get(f"/api/v1/sessions/{first.code}")
    assert told.json()["is_day_only"] is True
    whole = json.loads("".join(series_whole.whole(series)))
    assert [one["local_start"] for one in whole["sessions"]] == ["2019-05-09", "2019-06-13T07:00:00+09:00"]
    rows = list(exports.sessions(series))
    assert [row[:2] for row in rows] == [("2019-05-09", ""), ("2019-06-13", "07:00")]


def test_another_series_is_another_thing(series: Series, kosuke: Member) -> None:
    other = Series.objects.create(slug="other", name="夜", starts_on=date(2019, 1, 1), at=series.at)
    taken(series, kosuke)
    taken(other, kosuke)
    assert (Talk.objects.count(), Speaker.objects.count()) == (6, 4)


def test_an_id_is_known_again_under_another_title_and_day(series: Series, kosuke: Member) -> None:
    line = {"id": 9, "title": "ひとつ", "held_on": "2019-05-09"}
    taken(series, kosuke, json.dumps(line))
    taken(series, kosuke, json.dumps(line | {"title": "ふたつ", "held_on": "2019-05-16"}))
    assert list(Talk.objects.values_list("title", flat=True)) == ["ひとつ"]


def test_a_coming_day_becomes_a_draft_and_joins_what_the_rule_has_made(
    series: Series, kosuke: Member, make_session: Any
) -> None:
    soon = timezone.localdate() + timedelta(days=20)
    planned = make_session(starts_at=timezone.now() + timedelta(days=30))
    lines = [
        {"title": "これから", "held_on": soon.isoformat()},
        {"title": "題", "held_on": planned.local_start.date().isoformat()},
    ]
    taken(series, kosuke, "\n".join(json.dumps(line) for line in lines))
    new = Session.objects.exclude(pk=planned.pk).get()
    assert (new.is_draft, new.local_start.date(), new.roster_closed_at) == (True, soon, None)
    # It has the hour of the series until the host says another.
    assert (new.is_day_only, new.local_start.time()) == (False, series.at)
    assert [talk.title for talk in planned.talks.all()] == ["題"]


def test_taking_back_leaves_things_as_they_were(
    series: Series, kosuke: Member, session: Session, sato: Speaker
) -> None:
    before = everything()
    intake = taken(series, kosuke)
    for _again in range(2):
        intake.undo(now=timezone.now(), actor=kosuke)
    assert everything() == before
    assert (intake.stayed, Activity.objects.filter(verb="archive.intake.undo").count()) == (0, 1)
    assert Document.objects.filter(session_code__in=Session.objects.values("code")).count() == Document.objects.count()


def everything() -> list[int]:
    return [model.objects.count() for model in (Session, Talk, Speaker, Venue, Document)]  # type: ignore[attr-defined]


def test_a_morning_to_which_somebody_added_stays(series: Series, kosuke: Member, hana: Member) -> None:
    intake = taken(series, kosuke)
    first, second = Session.objects.order_by("starts_at")
    Attendance.objects.create(session=first, member=hana)
    intake.undo(now=timezone.now(), actor=kosuke)
    assert (list(Session.objects.all()), intake.stayed) == ([first], 1)
    assert (first.talks.count(), list(Venue.objects.values_list("name", flat=True))) == (0, ["喫茶みなと"])
    assert second != first


def test_after_taking_back_it_can_come_again(series: Series, kosuke: Member) -> None:
    taken(series, kosuke).undo(now=timezone.now(), actor=kosuke)
    taken(series, kosuke)
    assert Talk.objects.count() == 3


def test_a_big_file_comes_in_portions_wherever_the_worker_stops(
    series: Series, kosuke: Member, monkeypatch: Any
) -> None:
    """After each portion the worker is out of time; the result is the same as in one go."""
    monkeypatch.setattr(intakes, "BATCH", 7)
    lines = [
        {"title": f"回 {n}", "held_on": str(date(2015, 1, 1) + timedelta(days=n // 2)), "id": n} for n in range(50)
    ]
    intake = upload(series, kosuke, "\n".join(json.dumps(line) for line in lines), "past.jsonl")
    steps = 0
    while intake.is_working:
        intakes.tick(now=timezone.now(), seconds=-1)
        intake.refresh_from_db()
        if intake.read_at:
            intake.take(now=timezone.now(), actor=kosuke)
        steps += 1
    assert (steps, Session.objects.count(), Talk.objects.count()) == (8 + 1 + 8 + 1, 25, 50)
    assert [talk.position for talk in Talk.objects.order_by("session__starts_at", "position")] == [1, 2] * 25


def test_two_workers_do_not_read_the_same_file(series: Series, kosuke: Member) -> None:
    now = timezone.now()
    intake = upload(series, kosuke)
    intake.map(COLUMNS)
    Intake.objects.update(busy_until=now + timedelta(seconds=60))
    intake.work(now=now, seconds=60)
    assert intake.rows.count() == 0
    intake.work(now=now + timedelta(seconds=61), seconds=60)
    assert intake.rows.count() == 5


def test_a_file_on_which_the_worker_dies_again_and_again_is_given_up(
    series: Series, kosuke: Member, monkeypatch: Any
) -> None:
    intake = upload(series, kosuke)
    intake.map(COLUMNS)
    monkeypatch.setattr(intakes.sources, "read", lambda *_a, **_k: (_ for _ in ()).throw(SystemExit))
    for day in range(3):
        with pytest.raises(SystemExit):
            intake.work(now=timezone.now() + timedelta(days=day), seconds=60)
    intake.work(now=timezone.now() + timedelta(days=4), seconds=60)
    assert (intake.failure, intake.is_working) == (
        "このファイルは時間がかかりすぎます。いくつかに分けて取り込んでください。",
        False,
    )


def test_what_is_left_lying_is_thrown_away_with_its_file(series: Series, kosuke: Member) -> None:
    kept, left = upload(series, kosuke), upload(series, kosuke)
    Intake.objects.filter(pk=left.pk).update(created_at=timezone.now() - timedelta(days=8))
    intakes.tick(now=timezone.now(), seconds=60)
    assert list(Intake.objects.all()) == [kept]
    assert (default_storage.exists(left.file.name), default_storage.exists(kept.file.name)) == (False, True)


def test_too_big_and_too_many_are_said_at_once(series: Series, kosuke: Member, monkeypatch: Any) -> None:
    monkeypatch.setattr(intakes.sources, "MOST_BYTES", 100)
    with pytest.raises(ValidationError, match="MB を超えています"):
        upload(series, kosuke)
    monkeypatch.setattr(intakes.sources, "MOST_BYTES", 10_000)
    monkeypatch.setattr(intakes, "MOST_ROWS", 3)
    intake = upload(series, kosuke)
    intake.map(COLUMNS)
    intakes.tick(now=timezone.now(), seconds=60)
    intake.refresh_from_db()
    assert (intake.failure, Talk.objects.count()) == ("このファイルには3件を超える項目があります。", 0)


# Pages


@pytest.fixture
def browser(kosuke: Member, series: Series, monkeypatch: Any) -> Client:
    """A host's; the page itself has time enough, however slow the machine is."""
    monkeypatch.setattr("archive.views_intakes.SECONDS_HERE", 60)
    client = Client()
    client.force_login(kosuke)
    return client


def put(browser: Client, text: str, name: str = "past.csv") -> str:
    file = SimpleUploadedFile(name, text.encode())
    return str(browser.post("/series/breakfast/imports/", {"file": file}).get("Location", ""))


def test_a_host_takes_in_a_table_page_by_page(browser: Client) -> None:
    columns = put(browser, TABLE)
    page = browser.get(columns).content.decode()
    assert '<option value="0" selected>開催日</option>' in page
    intake = browser.post(columns, {name: str(column) for name, column in COLUMNS.items()})["Location"]
    preview = browser.get(intake).content.decode()
    assert ("3件の話題が入ります。" in preview, "項目 5: 日付として読めません" in preview) == (True, True)
    assert Talk.objects.count() == 0
    assert browser.post(f"{intake}taking/")["Location"] == intake
    assert "3件の話題を取り込みました。" in browser.get(intake).content.decode()
    report = b"".join(browser.get(f"{intake}refused.csv").streaming_content).decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(report))] == ["項目", "5", "6"]
    assert browser.post(f"{intake}undoing/")["Location"] == intake
    assert ("元に戻しました" in browser.get(intake).content.decode(), Talk.objects.count()) == (True, 0)


def test_while_the_worker_is_at_it_the_page_asks_again_by_itself(browser: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(intakes, "BATCH", 2)
    monkeypatch.setattr("archive.views_intakes.SECONDS_HERE", -1)
    lines = [json.dumps({"title": f"回 {n}", "held_on": "2015-01-01", "id": n}) for n in range(5)]
    intake = put(browser, "\n".join(lines), "past.jsonl")
    page = browser.get(intake).content.decode()
    assert ("これまでに2件を読みました" in page, 'hx-trigger="every 2s"' in page) == (True, True)
    assert f'<a href="{intake}">もう一度見る</a>' in page
    intakes.tick(now=timezone.now(), seconds=60)
    page = browser.get(intake).content.decode()
    assert ("5件の話題が入ります。" in page, "hx-trigger" in page) == (True, False)
    browser.post(f"{intake}taking/")
    assert '<progress aria-label="取り込み中" max="5" value="2">' in browser.get(intake).content.decode()


def test_what_cannot_be_read_is_said_on_the_page(browser: Client) -> None:
    answer = browser.post("/series/breakfast/imports/", {"file": SimpleUploadedFile("x.json", b"[1, 2")})
    assert (answer.status_code, "JSON として読めません" in answer.content.decode()) == (422, True)
    assert browser.post("/series/breakfast/imports/", {}).status_code == 422
    columns = put(browser, "only,headings\n")
    assert "1行目は列の名前です" in browser.get(columns, follow=True).content.decode()


def test_one_column_cannot_be_two_things_and_what_is_needed_is_needed(browser: Client) -> None:
    columns = put(browser, TABLE)
    for chosen in ({"held_on": "0", "title": "0"}, {"title": "2"}, {"held_on": "77", "title": "2"}):
        assert browser.post(columns, chosen).status_code == 422
    assert Intake.objects.get().columns is None


def test_throwing_away_and_choosing_anew(browser: Client) -> None:
    columns = put(browser, TABLE)
    for title in ("2", "3"):
        intake = browser.post(columns, {"held_on": "0", "title": title})["Location"]
    titles = [row.data["title"] for row in Intake.objects.get().rows.filter(refusal="").order_by("number")]
    assert titles == ["佐藤 朝子", "佐藤 朝子、鈴木 次郎", "鈴木 次郎"]
    assert browser.post(f"{intake}removal/")["Location"] == "/series/breakfast/imports/"
    assert Intake.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 30])
def test_the_pages_ask_a_fixed_number_of_questions(browser: Client, series: Series, kosuke: Member, rows: int) -> None:
    lines = [json.dumps({"title": f"回 {n}", "held_on": "2015-01-01"}) for n in range(rows)]
    for _n in range(rows):
        upload(series, kosuke, "\n".join([*lines, "no", "no"]), "past.jsonl")
    intakes.tick(now=timezone.now(), seconds=60)
    with CaptureQueriesContext(connection) as found:
        browser.get("/series/breakfast/imports/")
    assert len(found) == 6
    with CaptureQueriesContext(connection) as found:
        browser.get(Intake.objects.order_by("pk")[0].get_absolute_url())
    assert len(found) == 9
