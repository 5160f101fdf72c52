from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Series, Session
from members.models import Member
from records.models import Report
from speakers.models import Speaker
from tests.events.pages import crowd, seat, statements, talk, text


@pytest.fixture
def host(client: Client, kosuke: Member) -> Client:
    client.force_login(kosuke)
    return client


def test_a_host_copies_or_shares_the_words(host: Client, session: Session, sato: Speaker) -> None:
    talk(session, sato)
    page = text(host, f"/sessions/{session.code}/words/")
    assert "ゲスト: 佐藤 朝子先生（『夜明けの帳場』著者）" in page
    assert 'href="https://line.me/R/share?text=%E6%9C%9D' in page
    assert "リンクを開けるのは会員だけです。" not in page


def test_of_a_closed_series_it_says_who_can_open_the_link(host: Client, session: Session, series: Series) -> None:
    Series.objects.filter(pk=series.pk).update(audience=Series.Audience.MEMBERS)
    assert "リンクを開けるのは会員だけです。" in text(host, f"/sessions/{session.code}/words/")


def test_after_the_morning_the_words_wait_for_the_report(
    host: Client, make_session: Callable[..., Session], kosuke: Member
) -> None:
    now = timezone.now()
    session = make_session(starts_at=now - timedelta(days=3))
    url = f"/sessions/{session.code}/words/"
    assert "記録を公開すると、ここに知らせる文が出ます。" in text(host, url)
    Report.objects.write(session, "朝", language="ja", is_published=False, now=now, actor=kosuke)
    assert "記録を公開すると、ここに知らせる文が出ます。" in text(host, url)
    Report.objects.write(session, "朝", language="ja", is_published=True, now=now, actor=kosuke)
    assert "の記録ができました。" in text(host, url)


@pytest.mark.parametrize("number", [1, 24])
def test_seven_statements_however_many_come(host: Client, session: Session, sato: Speaker, number: int) -> None:
    talk(session, sato)
    seat(session, crowd(number))
    assert statements(lambda: host.get(f"/sessions/{session.code}/words/")) == (200, 7)
