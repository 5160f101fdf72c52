"""The whole club as a file from an operator's page: asked for, made by the worker, taken, thrown away."""

import errno
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archive import club_exports
from archive.club_exports import ClubExport
from archive.moving import manifest
from archive.tasks import pack
from members import second_factor
from members.models import Activity, Club, Member
from tests.members.test_second_factor import SECOND, app, half_way  # noqa: F401 - a fixture

PAGE = "/operator/export/"
# Packing reads one snapshot of its own.
COMMITTED = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture
def operator(hana: Member, app: str) -> Client:  # noqa: F811
    Member.objects.filter(pk=hana.pk).update(is_staff=True)
    client = half_way(hana)
    client.post(SECOND, {"code": second_factor.recovery_codes(hana)[0]})
    return client


def files(media: Path) -> list[str]:
    return [path.name for path in media.rglob("*") if path.is_file()]


@COMMITTED
def test_an_operator_has_it_made_takes_it_and_throws_it_away(operator: Client, club: Club, media: Path) -> None:
    assert operator.post(PAGE)["Location"] == PAGE
    assert "作成中です" in operator.get(PAGE).content.decode()
    club_exports.tick(now=timezone.now())
    page = operator.get(PAGE).content.decode()
    export = ClubExport.objects.get()
    assert ("用意できました" in page, export.content[:16] in page) == (True, True)
    assert export.made_at is not None
    assert f"{timezone.localtime(export.made_at):%-H:%M}</dd>" in page
    answer = operator.post(f"{PAGE}file/")
    body = b"".join(answer.streaming_content)
    assert ("no-store" in answer["Cache-Control"], len(body)) == (True, export.bytes)
    assert answer["Content-Length"] == str(len(body))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        found = manifest.read(archive.read(manifest.NAME))
    assert (found.content, sum(one.count for one in found.rows)) == (export.content, export.rows)
    assert list(Activity.objects.filter(target="club").order_by("pk").values_list("verb", flat=True)) == [
        "club.export", "club.export.taken",
    ]  # fmt: skip
    assert operator.post(f"{PAGE}removal/")["Location"] == PAGE
    assert (files(media), ClubExport.objects.count(), operator.post(f"{PAGE}file/").status_code) == ([], 0, 404)


@COMMITTED
def test_it_is_for_its_owner_alone_on_the_disk_and_says_nothing_of_itself(kosuke: Member, media: Path) -> None:
    ClubExport.objects.ask(now=timezone.now(), actor=kosuke)
    club_exports.tick(now=timezone.now())
    (path,) = [path for path in media.rglob("*") if path.is_file()]
    with zipfile.ZipFile(path) as archive:
        named = manifest.read(archive.read(manifest.NAME))
    assert path.stat().st_mode & 0o077 == 0
    assert ("archive.ClubExport" in named.left_out, [one.name for one in named.media]) == (True, [])


def test_there_is_one_at_a_time(kosuke: Member, hana: Member, db: None) -> None:
    for actor in (kosuke, hana, hana):
        ClubExport.objects.ask(now=timezone.now(), actor=actor)
    assert (ClubExport.objects.get().member, Activity.objects.filter(verb="club.export").count()) == (kosuke, 1)


@COMMITTED
def test_two_workers_do_not_write_the_same_file(kosuke: Member, media: Path) -> None:
    now = timezone.now()
    export = ClubExport.objects.ask(now=now, actor=kosuke)
    ClubExport.objects.update(busy_until=now + timedelta(minutes=1))
    export.make(now=now)
    assert files(media) == []
    (media / "club").mkdir()
    (media / "club" / "killed.zip.part").write_bytes(b"half")
    export.make(now=now + timedelta(minutes=2))
    assert [name.endswith(".zip") for name in files(media)] == [True]


@COMMITTED
def test_after_a_day_it_is_gone(kosuke: Member, media: Path) -> None:
    ClubExport.objects.ask(now=timezone.now(), actor=kosuke)
    club_exports.tick(now=timezone.now())
    club_exports.tick(now=timezone.now() + timedelta(hours=23))
    assert len(files(media)) == 1
    club_exports.tick(now=timezone.now() + timedelta(hours=25))
    assert (files(media), ClubExport.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(OSError(errno.ENOSPC, "No space left on device"), "No space left"), (SoftTimeLimitExceeded(), "時間")],
)
def test_what_goes_wrong_is_said_and_can_be_tried_again(
    operator: Client, media: Path, monkeypatch: Any, trouble: BaseException, said: str
) -> None:
    """The control of the disk: what is half written is taken away."""

    def fails(file: Any, **_more: Any) -> None:
        file.write(b"half")
        raise trouble

    operator.post(PAGE)
    monkeypatch.setattr(club_exports.packing, "pack", fails)
    pack()
    assert (said in operator.get(PAGE).content.decode(), files(media)) == (True, [])
    operator.post(PAGE)
    assert (ClubExport.objects.get().failure, ClubExport.objects.get().is_coming) == ("", True)


def test_a_worker_that_dies_twice_is_not_asked_a_third_time(kosuke: Member, db: None, monkeypatch: Any) -> None:
    export = ClubExport.objects.ask(now=timezone.now(), actor=kosuke)
    monkeypatch.setattr(club_exports.packing, "pack", lambda *_a, **_k: (_ for _ in ()).throw(SystemExit))
    for hours in (0, 1):
        with pytest.raises(SystemExit):
            export.make(now=timezone.now() + timedelta(hours=hours))
    export.make(now=timezone.now() + timedelta(hours=2))
    export.refresh_from_db()
    assert "コマンド" in export.failure


def test_how_far_it_is_stands_on_the_page(operator: Client) -> None:
    operator.post(PAGE)
    cache.set(club_exports.PROGRESS, (12, 70), 60)
    with CaptureQueriesContext(connection) as asked:
        page = operator.get(PAGE).content.decode()
    assert ('max="70" value="12"' in page, "70個の表のうち12個" in page) == (True, True)
    assert len(asked) == 5


def test_why_taking_in_is_a_command_stands_on_the_page(operator: Client) -> None:
    assert "manage.py import_club" in operator.get(PAGE).content.decode()
