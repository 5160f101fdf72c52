"""Tables to take along: what stands in them, and that no cell is ever run."""

import csv
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from archive import exports, spreadsheets
from events import roster
from events.models import Series, Session
from members.models import Activity, Member

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
