"""The record of a series, in words: every verb has them, and nobody is named who may not be seen."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from archive import record
from archive.activity import PER_PAGE, WORDS
from archive.record import CLUB_WORDS
from events import hosts
from events.models import Membership, OldSlug, Series, Session
from invitations.models.states import State
from members.models import Activity, Member
from members.operators import DEEDS
from tests.events.pages import statements, text

ROOT = Path(__file__).parents[2]
APPS = ("archive", "events", "introductions", "invitations", "members", "outbox", "purse", "records", "speakers")
NOW = timezone.now


def recorded() -> Iterator[str]:
    """Every verb the code records, as it stands there; a formatted one by what it begins with."""
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Activity.record":
                    yield from _verb(node.args[1])


def _verb(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*_verb(node.body), *_verb(node.orelse))
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield ast.literal_eval(ast.unparse(node.values[0]))


def test_every_verb_that_is_recorded_has_words() -> None:
    states = {f"invitation.{state}" for state in State}
    deeds = {f"account.{name}" for name in DEEDS} | {"picture.remove", "handout.remove"}
    found = {verb for verb in recorded() if verb not in {"invitation.", "account."}} | deeds
    assert (sorted(found - set(WORDS) - set(CLUB_WORDS)), sorted(states - set(WORDS))) == ([], [])
    assert sorted(set(CLUB_WORDS) - found) == []


@pytest.fixture
def host(client: Client, kosuke: Member, series: Series) -> Client:
    client.force_login(kosuke)
    return client


def url(series: Series) -> str:
    return f"/series/{series.slug}/activity/"


def test_the_record_says_who_did_what_when_and_to_what(host, series, session: Session, kosuke, hana) -> None:
    session.move(session.starts_at + timedelta(days=7), now=NOW(), actor=kosuke)
    session.cancel("台風", now=NOW(), actor=kosuke)
    hosts.appoint(series, hana, "host", now=NOW(), actor=kosuke)
    page = " ".join(text(host, url(series)).split())
    for words in (
        "kosukeさん 日時か場所を変えました",
        "kosukeさん 中止にしました",
        "<small>台風</small>",
        "hanaさん、世話人",
        " → ",
    ):
        assert words in page
    assert page.index("役割をお願いしました") < page.index("中止にしました") < page.index("日時か場所を変えました")


def test_what_was_done_under_an_earlier_address_is_still_there(host, series: Series, hana, kosuke) -> None:
    hosts.appoint(series, hana, "door", now=NOW(), actor=kosuke)
    OldSlug.objects.create(series=series, slug=series.slug)
    Series.objects.filter(pk=series.pk).update(slug="dawn")
    assert "役割をお願いしました" in text(host, "/series/dawn/activity/")


def test_of_another_series_nothing_is_told(host, series: Series, kosuke: Member) -> None:
    other = Series.objects.create(slug="evening", name="夜の会", starts_on="2024-01-10", at="19:00")
    Activity.record(kosuke, "series.save", f"series:{other.slug}", now=NOW())
    assert "会の内容を変えました" not in text(host, url(series))


def test_whoever_left_is_a_host_without_a_name(host, series: Series, session: Session, hana: Member) -> None:
    Membership.objects.filter(member=hana).update(role="host")
    session.publish(now=NOW(), actor=hana)
    session.cancel("雪", now=NOW(), actor=hana)
    assert "hanaさん 中止にしました" in " ".join(text(host, url(series)).split())
    Activity.objects.update(actor=None)
    assert "世話人 中止にしました" in " ".join(text(host, url(series)).split())


@pytest.mark.parametrize("rows", [1, 30])
def test_the_record_costs_the_same_for_many_lines(host, series, session, kosuke, rows: int) -> None:
    for _row in range(rows):
        Activity.record(kosuke, "session.edit", f"session:{session.code}", now=NOW(), later=2)
    assert statements(lambda: host.get(url(series))) == (200, 9)


def test_a_long_record_goes_on_page_by_page(host, series: Series, kosuke: Member) -> None:
    for number in range(PER_PAGE + 1):
        Activity.record(kosuke, "series.export", f"series:{series.slug}", now=NOW(), table=f"t{number}")
    first = text(host, url(series))
    assert ("<small>t1<" in first, "<small>t0<" in first) == (True, False)
    last = Activity.objects.order_by("pk")[1].pk
    assert "<small>t0<" in text(host, f"{url(series)}?before={last}")


def test_the_record_goes_by_when_it_was_done_not_by_when_it_was_written(host, series: Series, kosuke: Member) -> None:
    for number, days in enumerate((1, 3, 2)):
        when = NOW() - timedelta(days=days)
        Activity.record(kosuke, "series.export", f"series:{series.slug}", now=when, table=f"t{number}")
    page = text(host, url(series))
    assert re.findall(r"<small>(t\d)<", page) == ["t0", "t2", "t1"]
    middle = Activity.objects.get(detail={"table": "t2"}).pk
    assert re.findall(r"<small>(t\d)<", text(host, f"{url(series)}?before={middle}")) == ["t1"]
    assert [line.pk for line in record.lines(before=middle)][:1] == [Activity.objects.get(detail={"table": "t1"}).pk]
