"""The past, to browse: pages, filters, figures, and what it costs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from redis.exceptions import RedisError

from events.models import Attendance, Membership, Series, Session, Talk, TalkSpeaker
from members.models import Club, Member
from speakers.models import Speaker
from tests.events.pages import crowd, statements, talk, text

NOW = timezone.now()
Make = Callable[..., Session]


def past(make_session: Make, days: int, **fields: object) -> Session:
    return make_session(starts_at=NOW - timedelta(days=days), **fields)


def many(series: Series, number: int) -> None:
    """So many past mornings, each with a guest's talk and twelve who came."""
    last = Session.objects.count()
    sessions = [
        Session(series=series, title=f"朝 {last + n}", starts_at=NOW - timedelta(days=1 + last + n), published_at=NOW)
        for n in range(number)
    ]
    for session in sessions:
        session.complete()
    Session.objects.bulk_create(sessions)
    guests = Speaker.objects.bulk_create([Speaker(name=f"客 {n}") for n in range(number)])
    talks = Talk.objects.bulk_create([Talk(session=session, title=session.title) for session in sessions])
    TalkSpeaker.objects.bulk_create(
        TalkSpeaker(talk=one, speaker=guest) for one, guest in zip(talks, guests, strict=True)
    )
    people = list(Member.objects.filter(email__startswith="m")[:12]) or crowd(12)
    Attendance.objects.bulk_create(Attendance(session=session, member=one) for session in sessions for one in people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def titles(page: str) -> list[str]:
    parts = page.split('<h3 class="result__title"')[1:]
    return [part.split("</a>")[0].rsplit(">", 1)[1] for part in parts]


def test_past_mornings_the_newest_first(client: Client, club: Club, make_session: Make, sato: Speaker) -> None:
    talk(past(make_session, 40, title="古い朝", number=7), sato)
    past(make_session, 3, title="新しい朝")
    make_session(title="これからの朝")
    past(make_session, 5, title="下書き", published_at=None)
    past(make_session, 6, title="中止の朝", cancelled_at=NOW, cancel_reason="台風")
    page = text(client, "/archive/")
    assert titles(page) == ["新しい朝", "古い朝"]
    assert "これまでの2回" in page
    assert "<span>第7回</span><span>佐藤 朝子先生『夜明けの帳場』</span>" in page


def test_a_member_who_spoke_is_called_as_everywhere(
    client: Client, club: Club, make_session: Make, hana: Member
) -> None:
    Talk.objects.create(session=past(make_session, 3), title="港の話", member=hana)
    client.force_login(hana)
    assert "<span>hanaさん</span>" in text(client, "/archive/")


def test_twenty_on_a_page(client: Client, series: Series) -> None:
    many(series, 21)
    first, second = text(client, "/archive/"), text(client, "/archive/?page=2")
    assert (len(titles(first)), titles(second)) == (20, ["朝 20"])
    assert 'href="?page=2" rel="next"' in first
    assert titles(text(client, "/archive/?page=99")) == ["朝 20"]


@pytest.mark.parametrize("wrong", ["page=x", "page=-1", "year=abcd", "year=0000", "sort=up", "in=attic", "series=%00"])
def test_what_nobody_could_have_chosen_is_as_if_not_there(client: Client, series: Series, wrong: str) -> None:
    many(series, 1)
    response = client.get(f"/archive/?{wrong}")
    assert (response.status_code, titles(response.content.decode())) == (200, ["朝 0"])


def test_one_year_and_one_series(client: Client, make_session: Make) -> None:
    other = Series.objects.create(slug="evening", name="夜の会", name_en="Evening", starts_on="2024-01-10", at="19:00")
    new_year = datetime(2024, 12, 31, 22, 0, tzinfo=UTC)  # 7:00 on New Year's Day in Tokyo
    make_session(title="元日", starts_at=new_year)
    make_session(title="大みそか", starts_at=new_year - timedelta(days=1))
    make_session(title="夜", starts_at=new_year, series=other)
    page = text(client, "/archive/?series=breakfast&year=2025")
    assert (titles(page), "1回の朝" in page, "これまでの3回" in page) == (["元日"], True, True)
    assert [titles(text(client, f"/archive/?{query}")) for query in ("year=2024", "series=evening", "year=1999")] == [
        ["大みそか"],
        ["夜"],
        [],
    ]
    assert '<option value="2025" selected>2025年</option>' in page
    assert '<option value="evening">夜の会</option>' in page


def test_the_figures_count_everybody_once_and_each_time(client: Client, make_session: Make, sato: Speaker) -> None:
    people = crowd(6)
    for days, came in ((30, people), (10, people[:2])):
        session = past(make_session, days)
        talk(session, sato)
        Attendance.objects.bulk_create(Attendance(session=session, member=one) for one in came)
    Attendance.objects.create(session=session, name="お連れ", first_time=True)
    Attendance.objects.create(session=session, member=crowd(1)[0], status=Attendance.Status.ABSENT)
    page = text(client, "/archive/")
    shown = [part.split("</dt><dd>") for part in page.split("<dt>")[1:]]
    figures = {dt: dd.split("<")[0] for dt, dd in shown}
    assert figures == {"朝": "2", "来た人": "7", "のべ": "9", "ゲスト": "1", "業種": "6"}
    assert page.count('class="plot__new"') == 2


def test_members_see_what_is_theirs_and_nobody_a_closed_series(
    client: Client, make_session: Make, person: Callable[..., Member], hana: Member, mallory: Member, kosuke: Member
) -> None:
    for audience in ("members", "series"):
        one = Series.objects.create(slug=audience, name=audience, audience=audience, starts_on="2024-01-10", at="19:00")
        past(make_session, 3, title=audience, series=one)
        Membership.objects.create(series=one, member=hana)
    past(make_session, 2, title="public")
    seen = {}
    for name, who in {"nobody": None, "hana": hana, "mallory": mallory, "staff": person("op", is_staff=True)}.items():
        client.logout()
        if who:
            client.force_login(who)
        page = text(client, "/archive/")
        seen[name] = (
            sorted(titles(page)),
            f"これまでの{len(titles(page))}回" in page,
            '<option value="series">' in page,
        )
    assert seen == {
        "nobody": (["public"], True, False),
        "hana": (["members", "public", "series"], True, True),
        "mallory": (["members", "public"], True, False),
        "staff": (["members", "public", "series"], True, True),
    }


@pytest.mark.parametrize("behind", [50, 3000])
def test_a_page_of_twenty_takes_two_statements_whatever_is_behind_it(
    client: Client, club: Club, series: Series, behind: int
) -> None:
    many(series, behind)
    client.get("/archive/")
    assert statements(lambda: client.get("/archive/")) == (200, 2)
    assert statements(lambda: client.get("/archive/?series=breakfast&page=2")) == (200, 2)


def test_figures_are_counted_now_and_then_and_for_each_reader(client: Client, series: Series, hana: Member) -> None:
    many(series, 2)
    assert "<dt>のべ</dt><dd>24<" in text(client, "/archive/")
    Attendance.objects.all().delete()
    page = text(client, "/archive/")
    assert ("<dt>のべ</dt><dd>24<" in page, len(titles(page))) == (True, 2)
    client.force_login(hana)
    assert "<dt>のべ</dt>" not in text(client, "/archive/")


def test_without_a_cache_they_are_counted_each_time(
    client: Client, series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise RedisError

    many(series, 2)
    monkeypatch.setattr("archive.keeping.cache.get", broken)
    monkeypatch.setattr("archive.keeping.cache.set", broken)
    assert "<dt>のべ</dt><dd>24<" in text(client, "/archive/")


def test_an_empty_archive_invites(client: Client, club: Club) -> None:
    page = text(client, "/archive/")
    assert ("最初の朝は、これからです" in page, 'class="numbers"' in page, "0回" in page) == (True, False, False)


def test_a_repeated_view_is_answered_short(client: Client, series: Series) -> None:
    many(series, 2)
    etag = client.get("/archive/")["ETag"]
    assert client.get("/archive/", headers={"if-none-match": etag}).status_code == 304
    many(series, 1)
    assert client.get("/archive/", headers={"if-none-match": etag}).status_code == 200
