import re
from datetime import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client

from events.models import Attendance, Series
from members.levels import Level
from members.models import Block, Member
from members.news import LEVELS, News

URL = "/profile/news/"


@pytest.fixture
def hana_s_page(client: Client, hana: Member) -> Client:
    client.force_login(hana)
    return client


def test_a_line_goes_as_far_as_its_writer_lets_it(
    series: Series, hana: Member, kosuke: Member, ken: Member, mallory: Member, make_session, now: datetime
) -> None:
    """kosuke hosts, ken sat at the same breakfast, mallory is any member."""
    met = make_session(starts_at=now, roster_closed_at=now)
    Attendance.objects.bulk_create([Attendance(session=met, member=one) for one in (hana, ken)])
    found = {}
    for level in LEVELS:
        News.objects.tell(hana, "湯気", level=level, now=now)
        readers = {"host": kosuke, "morning": ken, "member": mallory, "public": AnonymousUser(), "self": hana}
        found[level] = [name for name, one in readers.items() if News.objects.seen_by(one).exists()]
    assert found == {
        Level.HOSTS: ["host", "self"],
        Level.CARDS: ["host", "self"],
        Level.MORNING: ["host", "morning", "self"],
        Level.SERIES: ["host", "morning", "self"],
        Level.MEMBERS: ["host", "morning", "member", "self"],
    }


def test_whoever_keeps_another_away_shows_and_sees_nothing(hana: Member, mallory: Member, now: datetime) -> None:
    News.objects.tell(hana, "湯気", level=Level.MEMBERS, now=now)
    News.objects.tell(mallory, "夜", level=Level.MEMBERS, now=now)
    Block.objects.create(member=hana, other=mallory)
    seen = [list(News.objects.seen_by(one).values_list("text", flat=True)) for one in (hana, mallory)]
    assert seen == [["湯気"], ["夜"]]


def test_the_public_is_told_by_no_code(hana: Member, now: datetime) -> None:
    for level in (Level.NOBODY, Level.PUBLIC):
        with pytest.raises(IntegrityError), transaction.atomic():
            News.objects.create(member=hana, text="湯気", level=level, written_at=now)


def test_it_is_written_replaced_and_removed(hana_s_page: Client, series: Series, hana: Member, kosuke: Member) -> None:
    assert re.findall(r'value="(\d)"[^>]*checked', hana_s_page.get(URL).content.decode()) == ["1"]
    assert hana_s_page.post(URL, {"text": "本を書きはじめました。", "level": "5"}).status_code == 302
    assert hana_s_page.post(URL, {"text": "三章まで書けました。", "level": "5"}).status_code == 302
    assert list(News.objects.values_list("member", "text")) == [(hana.pk, "三章まで書けました。")]
    reader = Client()
    reader.force_login(kosuke)
    assert "三章まで書けました。" in reader.get(hana.get_absolute_url()).content.decode()
    hana_s_page.post(f"{URL}removal/")
    assert News.objects.count() == 0
    assert "三章まで書けました。" not in reader.get(hana.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("text", "level", "sentence"),
    [
        ("", "5", "一行お書きください。"),
        ("\x0b", "5", "一行お書きください。"),
        ("あ" * 141, "5", "140"),
        ("湯気", "6", "正しく選択してください。"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    hana_s_page: Client, text: str, level: str, sentence: str
) -> None:
    response = hana_s_page.post(URL, {"text": text, "level": level})
    page = response.content.decode()
    assert (response.status_code, sentence in page, text in page, News.objects.count()) == (422, True, True, 0)
