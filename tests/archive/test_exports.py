"""Tables to take along: what stands in them, and that no cell is ever run."""

import csv
import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from archive import exports, spreadsheets
from archive.intakes import Intake
from events import roster
from events.models import Membership, Series, Session, Talk
from members.models import Activity, Member
from records.models import Report, Takeaway
from speakers.models import Speaker

WHEN = datetime(2026, 3, 11, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        "＝1",
        "\u3000＝1",
        "\x00=1",
        "|x",
        "%x",
        "\ufeff=1",
        "\t",
    ],
)
def test_what_a_program_would_run_is_text(text: str) -> None:
    assert spreadsheets.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"), [("朝食会", "朝食会"), (-3, "-3"), (True, "1"), (None, ""), ("a=b", "a=b")]
)
def test_everything_else_is_as_it_was_written(value: object, shown: str) -> None:
    assert spreadsheets.cell(value) == shown


@given(st.text(max_size=12))
def test_no_text_begins_with_what_a_program_runs(text: str) -> None:
    shown = spreadsheets.cell(text)
    assert shown.removeprefix("'") == text.removeprefix("'")
    seen = unicodedata.normalize("NFKC", shown).strip()
    assert not seen or seen[0] not in "=+-@|%"


@given(st.lists(st.text(max_size=20).filter(lambda text: "\x00" not in text), min_size=1, max_size=4))
def test_every_row_is_read_back_whole(row: list[str]) -> None:
    text = "".join(spreadsheets.table(["x"] * len(row), [row]))
    read = list(csv.reader(StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read[1:] == [[spreadsheets.cell(value) for value in row]]


@pytest.fixture
def morning(make_session: Callable[..., Session], hana: Member, ken: Member, kosuke: Member) -> Session:
    session = make_session(starts_at=WHEN, number=132, title="=cmd|calc")
    for member in (hana, ken):
        session.rsvp(member, "ACCEPTED", now=WHEN - timedelta(days=3))
    session.add_friend(hana, "友田 一", yomi="ともだ はじめ", now=WHEN - timedelta(days=3))
    roster.close(session, absent={f"m{ken.pk}"}, now=WHEN + timedelta(hours=2), actor=kosuke)
    return session


def rows(client: Client, kind: str) -> list[dict[str, str]]:
    response = client.post(f"/series/breakfast/exports/{kind}/")
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_host_takes_along_who_came(client: Client, morning: Session, kosuke: Member) -> None:
    client.force_login(kosuke)
    shared = {"date": "2026-03-12", "number": "132", "title": "'=cmd|calc"}
    assert sorted(rows(client, "attendance"), key=lambda row: row["name"]) == [
        shared | {"name": "hana", "reading": "はな", "member": "1", "status": "came", "first_time": "1",
                  "introduced_by": ""},
        shared | {"name": "ken", "reading": "けん", "member": "1", "status": "absent", "first_time": "0",
                  "introduced_by": ""},
        shared | {"name": "友田 一", "reading": "ともだ はじめ", "member": "0", "status": "came", "first_time": "1",
                  "introduced_by": "hana"},
    ]  # fmt: skip
    noted = Activity.objects.get(verb="series.export")
    assert (noted.actor, noted.detail) == (kosuke, {"table": "attendance"})


def test_a_host_takes_along_the_mornings(client: Client, morning: Session, kosuke: Member) -> None:
    client.force_login(kosuke)
    assert rows(client, "sessions") == [
        {
            "date": "2026-03-12", "begins": "07:00", "minutes": "80", "number": "132", "title": "'=cmd|calc",
            "guests": "", "book": "", "place": "喫茶みなと", "seats": "24", "came": "2", "fee": "2000",
            "currency": "JPY", "cancelled": "0", "address": morning.code,
        }
    ]  # fmt: skip


def test_members_are_told_as_far_as_they_let_hosts_see(
    client: Client, morning: Session, kosuke: Member, hana: Member
) -> None:
    hana.role_level = 0
    hana.organisation, hana.organisation_level = "みなと商店", 1
    hana.save()
    client.force_login(kosuke)
    (row,) = [row for row in rows(client, "members") if row["name"] == "hana"]
    assert (row["role"], row["organisation"], row["mail"]) == ("", "みなと商店", "")
    assert (row["mornings"], row["first"], row["last"]) == ("1", "2026-03-12", "2026-03-12")


def test_tables_cost_the_same_for_many(
    make_session: Callable[..., Session], series: Series, hana: Member, kosuke: Member
) -> None:
    for number in range(12):
        session = make_session(starts_at=WHEN + timedelta(days=number), number=number + 1)
        session.rsvp(hana, "ACCEPTED", now=WHEN - timedelta(days=3))
        roster.close(session, now=WHEN + timedelta(days=number, hours=2), actor=kosuke)
        if number in (0, 11):
            for kind, queries in (("members", 1), ("attendance", 1), ("sessions", 2)):
                with CaptureQueriesContext(connection) as asked:
                    assert list(exports.TABLES[kind][1](series))
                assert len(asked) == queries, kind


def test_nobody_but_a_host_takes_anything(client: Client, morning: Session, hana: Member, mallory: Member) -> None:
    for member in (hana, mallory):
        client.force_login(member)
        assert client.post("/series/breakfast/exports/members/").status_code == 404
    assert not Activity.objects.filter(verb="series.export", at__lte=timezone.now()).exists()


# The whole series


def whole(client: Client, kind: str, slug: str = "breakfast") -> bytes:
    response = client.post(f"/series/{slug}/exports/{kind}/")
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


@pytest.fixture
def told(morning: Session, make_session: Callable[..., Session], sato: Speaker, hana: Member) -> Session:
    """With a guest, a report, a line; and beside it a draft, and one that was called off."""
    talk = Talk.objects.create(session=morning, title="夜明けの帳場", abstract="はなし", tags=["本"], minutes=30)
    talk.speakers.add(sato)
    Report.objects.create(session=morning, body="## 書きつけ", published_at=WHEN)
    Takeaway.objects.create(session=morning, member=hana, text="朝は速い", audience="members", signed="name")
    make_session(published_at=None, title="下書き")
    make_session(starts_at=WHEN - timedelta(days=28), cancelled_at=WHEN, cancel_reason="雪")
    return morning


def test_the_whole_series_says_what_was(client: Client, told: Session, kosuke: Member) -> None:
    client.force_login(kosuke)
    said = json.loads(whole(client, "whole"))
    assert (said["format"], said["series"]["slug"], said["series"]["rule"]) == (
        "asakai series 1", "breakfast", "FREQ=MONTHLY;BYDAY=2TH",
    )  # fmt: skip
    off, morning, draft = said["sessions"]
    assert (off["is_cancelled"], draft["published_at"], morning["local_start"]) == (
        True,
        None,
        "2026-03-12T07:00:00+09:00",
    )
    assert (morning["number"], morning["came"], morning["report"]["text"]) == (132, 2, "## 書きつけ")
    assert morning["takeaways"] == [{"text": "朝は速い", "audience": "members"}]
    assert morning["talks"][0]["guests"] == [{"name": "佐藤 朝子", "yomi": "さとう あさこ", "romaji": "Asako Sato"}]
    assert sorted(one["name"] for one in morning["attendance"]) == ["hana", "ken", "友田 一"]
    assert Activity.objects.get(verb="series.export").detail == {"table": "whole"}


def test_another_series_takes_it_in_again(
    client: Client, told: Session, kosuke: Member, settings: Any, tmp_path: Path
) -> None:
    """What becomes of it there, exported, is the same mornings and talks."""
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}
    client.force_login(kosuke)
    file = SimpleUploadedFile("series.json", whole(client, "whole"))
    other = Series.objects.create(slug="other", name="別の会", starts_on=WHEN.date(), at=time(9, 0))
    Membership.objects.create(series=other, member=kosuke, role=Membership.Role.OWNER)
    now = timezone.now()
    intake = Intake.objects.upload(other, file, now=now, actor=kosuke)
    intake.work(now=now, seconds=60)
    intake.take(now=now, actor=kosuke)
    intake.work(now=now, seconds=60)
    assert (intake.kind, intake.taken_at is not None) == ("series", True)
    again = Session.objects.get(series=other, published_at__isnull=False)
    assert (again.starts_at, again.duration_minutes, again.number, again.venue) == (WHEN, 80, 132, told.venue)
    (talk,) = again.talks.all()
    assert (talk.title, talk.abstract, talk.tags, [one.name for one in talk.speakers.all()]) == (
        "夜明けの帳場", "はなし", ["本"], ["佐藤 朝子"],
    )  # fmt: skip
    assert Session.objects.get(series=other, published_at=None).talks.get().title == "下書き"
    assert taken_along(client, "other") == taken_along(client, "breakfast")


def taken_along(client: Client, slug: str) -> list[dict[str, Any]]:
    """Of each morning that was on and had a programme: what another Asakai takes in."""
    names = ("title", "local_start", "minutes", "number", "place", "talks")
    mornings = json.loads(whole(client, "whole", slug))["sessions"]
    return [{name: one[name] for name in names} for one in mornings if one["published_at"] and not one["is_cancelled"]]


def test_our_own_calendar_is_read_back_by_the_import(
    client: Client, told: Session, make_session: Callable[..., Session], kosuke: Member, settings: Any, tmp_path: Path
) -> None:
    """The same beginnings, lengths and places; what was called off stays away."""
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}
    make_session(starts_at=WHEN - timedelta(days=3000), duration_minutes=45)
    make_session(starts_at=timezone.now() + timedelta(days=20))
    client.force_login(kosuke)
    other = Series.objects.create(slug="other", name="別の会", starts_on=WHEN.date(), at=time(9, 0))
    Membership.objects.create(series=other, member=kosuke, role=Membership.Role.OWNER)
    now = timezone.now()
    intake = Intake.objects.upload(other, SimpleUploadedFile("a.ics", whole(client, "calendar")), now=now, actor=kosuke)
    intake.work(now=now, seconds=60)
    assert list(intake.rows.refused().values_list("refusal", flat=True)) == ["中止になった回です"]
    intake.take(now=now, actor=kosuke)
    intake.work(now=now, seconds=60)
    columns = ("starts_at", "duration_minutes", "venue__name")
    ours = Session.objects.filter(series=told.series, published_at__isnull=False, cancelled_at=None)
    assert sorted(other.sessions.values_list(*columns)) == [
        (at.replace(second=0, microsecond=0), minutes, place)
        for at, minutes, place in sorted(ours.values_list(*columns))
    ]


def test_the_calendar_goes_back_to_the_first_morning(
    client: Client, told: Session, make_session: Callable[..., Session], kosuke: Member
) -> None:
    old = make_session(starts_at=WHEN - timedelta(days=3000))
    client.force_login(kosuke)
    found = Calendar.from_ical(whole(client, "calendar"))
    events = found.walk("VEVENT")
    assert str(events[0]["UID"]) == old.uid
    assert sorted(str(event["STATUS"]) for event in events) == ["CANCELLED", "CONFIRMED", "CONFIRMED"]


@pytest.mark.parametrize("number", [1, 30])
def test_the_whole_series_asks_a_fixed_number_of_questions(
    client: Client, make_session: Callable[..., Session], kosuke: Member, sato: Speaker, number: int
) -> None:
    for day in range(number):
        session = make_session(starts_at=WHEN + timedelta(days=day))
        Talk.objects.create(session=session, title="x").speakers.add(sato)
    client.force_login(kosuke)
    with CaptureQueriesContext(connection) as asked:
        whole(client, "whole")
    assert len(asked) == 12
