"""The whole club out and in again: the same rows, the same files, or nothing and a reason."""

import hashlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings as conf
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from psycopg import sql

from archive.moving import inventory, manifest
from archive.sample import build
from events import calendars
from introductions.acquaintance import Memory
from members.exports import DataExport
from members.models import Club, Member
from outbox.models import Delivery
from search.models import Document
from speakers import covers
from speakers.models import Book
from tests.records.photos import photo

COMMITTED = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
OTHER = "asakai_moved"


def out(path: Path) -> str:
    said = io.StringIO()
    call_command("export_club", str(path), stdout=said, stderr=said)
    return said.getvalue()


def into(path: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("import_club", str(path), *options, stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    settings.STORAGES = stored_in(folder)
    return folder


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A second database on the same server; its address."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    parameters = {key: parameters[key] for key in ("dbname", "host", "user", "password", "port") if parameters.get(key)}
    with closing(psycopg.connect(**parameters, autocommit=True)) as server:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(OTHER))
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(OTHER)))
        address = urlsplit(os.environ["DATABASE_URL"])
        yield address._replace(path=f"/{OTHER}").geturl()
        server.execute(drop)


@pytest.fixture(scope="module")
def packed(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The archive of a small club with a file, a mail that is owed, and somebody who left; nothing is here any more."""
    folder = tmp_path_factory.mktemp("small")
    with django_db_blocker.unblock(), override_settings(STORAGES=stored_in(folder / "media")):
        hana, ken = (Member.objects.create_user(f"{name}@example.com", name=name) for name in ("hana", "ken"))
        export = DataExport.objects.create(member=hana)
        export.file.save("", ContentFile(b"all that is known of hana" * 9))
        Delivery.objects.owe("rsvp.confirmed", "1", to=ken.email, language="ja", context={"member": ken.pk})
        Member.objects.create_user("gone@example.com").delete()
        out(folder / "small.zip")
        wipe()
    return (folder / "small.zip").read_bytes()


@pytest.fixture
def small(packed: bytes, media: Path, tmp_path: Path, db: None) -> Path:
    path = tmp_path / "small.zip"
    path.write_bytes(packed)
    return path


def stored_in(folder: Path) -> dict[str, Any]:
    default = conf.STORAGES["default"] | {"OPTIONS": {"location": folder}}
    return conf.STORAGES | {"default": default}


def wipe() -> None:
    """As `migrate` leaves it, without files."""
    call_command("flush", interactive=False, verbosity=0, reset_sequences=True)
    shutil.rmtree(default_storage.path(""), ignore_errors=True)


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive with something done to its entries; hash and sizes in the manifest are set right again."""
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    change(entries)
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in entries.items():
            new.writestr(name, data)
    return other


def manifest_of(entries: dict[str, bytes]) -> dict[str, Any]:
    return json.loads(entries[manifest.NAME])


def forged(entries: dict[str, bytes], **parts: Any) -> None:
    """A manifest that fits its own content hash."""
    typed = manifest_of(entries) | parts
    typed.pop("format"), typed.pop("content")
    rows = [manifest.Rows(**one | {"columns": tuple(one["columns"])}) for one in typed.pop("rows")]
    media = [manifest.Media(**one) for one in typed.pop("media")]
    entries[manifest.NAME] = manifest.Manifest(**typed, rows=rows, media=media).written()


def rewritten(entries: dict[str, bytes], model: str, data: bytes) -> None:
    """One table with other lines, and a manifest that says so."""
    entries[f"rows/{model}.jsonl"] = data
    about = {"bytes": len(data), "count": data.count(b"\n"), "sha256": hashlib.sha256(data).hexdigest()}
    forged(entries, rows=[one | about if one["model"] == model else one for one in manifest_of(entries)["rows"]])


# Between two databases


@COMMITTED
def test_the_sample_club_is_the_same_in_another_database(media: Path, elsewhere: str, tmp_path: Path) -> None:
    """Also what is private, how one signs in without a password, what is addressed by number, and files."""
    build(NOW)
    hana, ken = Member.objects.joined().order_by("pk")[:2]
    note = {"note": '奥さまは\u2028千葉の\\方 "x"\t', "next_step": "電話"}
    Memory.objects.update_or_create(owner=hana, other=ken, defaults=note)
    Authenticator.objects.create(user=hana, type="webauthn", data={"name": "鍵", "credential": "AAE="})
    export = DataExport.objects.create(member=hana, made_at=NOW)
    export.file.save("", ContentFile(bytes(range(256)) * 9000))
    covers.put(book := Book.objects.earliest("pk"), covers.read(photo().read()))
    hana.put_photo(ContentFile(photo().read()))
    path, again = tmp_path / "club.zip", tmp_path / "again.zip"
    said = out(path)
    environ = os.environ | {"DATABASE_URL": elsewhere, "DATA_DIR": str(tmp_path / "other")}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=conf.BASE_DIR, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("migrate", "--no-input", "-v0")
    assert said.splitlines()[-1] in run("import_club", str(path)).splitlines()
    assert run("export_club", str(again)) == said
    for file in (book.cover, hana.photo, hana.photo_small):
        assert (tmp_path / "other" / "media" / file.name).read_bytes() == (media / file.name).read_bytes()
    piped = subprocess.run(
        [sys.executable, "manage.py", "export_club", "-"],
        cwd=conf.BASE_DIR,
        env=environ,
        capture_output=True,
        check=True,
    )
    assert (zipfile.ZipFile(io.BytesIO(piped.stdout)).testzip(), said.splitlines()[-1] in piped.stderr.decode()) == (
        None,
        True,
    )
    with zipfile.ZipFile(path) as first, zipfile.ZipFile(again) as second:
        names = sorted(first.namelist())
        assert sorted(second.namelist()) == names
        assert [name for name in names if name != manifest.NAME and first.read(name) != second.read(name)] == []
        counts = {one["model"]: one["count"] for one in json.loads(first.read(manifest.NAME))["rows"]}
    here = {table.model: apps.get_model(table.model)._base_manager.count() for table in inventory.tables()}
    assert counts == here
    assert (tmp_path / "other/media" / export.file.name).read_bytes() == bytes(range(256)) * 9000
    with closing(psycopg.connect(elsewhere)) as other:
        (found,) = other.execute("SELECT count(*) FROM search_document").fetchone() or (0,)
    assert found == Document.objects.count() > 0


def test_links_in_mails_and_private_calendars_go_on_working(small: Path) -> None:
    """They are made from row numbers and LINK_KEYS; a number that was given once is not given again."""
    into(small)
    hana = Member.objects.get(name="hana")
    highest = Member.objects.latest("pk").pk
    assert calendars.member_of_feed(hana.code, calendars.feed_token(hana)) == hana
    assert Member.objects.create_user("new@example.com").pk == highest + 2


def test_a_rehearsal_sends_nothing(small: Path) -> None:
    assert "1 mails that were owed do not go out from here." in into(small, "--without-mails")
    assert (Delivery.objects.open().count(), Delivery.objects.count()) == (0, 1)


def test_without_being_told_so_what_was_owed_is_owed_still(small: Path) -> None:
    into(small)
    assert Delivery.objects.open().count() == 1


@COMMITTED
def test_the_archive_is_for_its_owner_alone_and_overwrites_nothing(club: Club, media: Path, tmp_path: Path) -> None:
    path = tmp_path / "club.zip"
    out(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="is there already"):
        out(path)


@COMMITTED
def test_a_file_that_is_gone_is_named_and_travels_as_gone(media: Path, hana: Member, tmp_path: Path) -> None:
    export = DataExport.objects.create(member=hana, file="exports/gone.zip")
    path = tmp_path / "club.zip"
    assert "A row speaks of exports/gone.zip" in out(path)
    wipe()
    assert "A row speaks of exports/gone.zip" in into(path)
    assert DataExport.objects.get().file.name == export.file.name


# Every table


def test_every_model_travels_or_is_named_with_a_reason() -> None:
    every = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    travelling = {table.model for table in inventory.tables()}
    assert travelling ^ {*inventory.LEFT_OUT} == every
    assert [model for model, why in inventory.LEFT_OUT.items() if not why] == []


def test_nothing_that_travels_points_at_what_stays() -> None:
    dangling = [
        (table.model, column.name)
        for table in inventory.tables()
        for column in apps.get_model(table.model)._meta.concrete_fields
        if isinstance(column.related_model, type) and column.related_model._meta.label in inventory.LEFT_OUT
    ]
    assert dangling == []


def test_what_a_row_points_at_comes_before_it() -> None:
    seen: set[str] = set()
    for table in inventory.tables():
        columns = apps.get_model(table.model)._meta.concrete_fields
        others = {one.related_model._meta.label for one in columns if isinstance(one.related_model, type)}
        assert others - {table.model} - seen == set()
        seen.add(table.model)


NASTY = {
    "boolean": ("false", "NULL"),
    "bigint": ("-9223372036854775808", "9223372036854775807"),
    "bytea": (r"'\x00ff0a'", "''"),
    "date": ("'0001-01-01'", "'9999-12-31'"),
    "double precision": ("0.1", "1e-300"),
    "integer": ("-2147483648", "NULL"),
    "jsonb": ("""'{"b": [1.10, null, "\\u2028\\n"], "a": {}}'""", "NULL"),  # Django reads a JSON null as NULL too
    "smallint": ("-32768", "32767"),
    "text": ("E'\\t\\n\\\\ \"髙𠮷\u2028'", "''"),
    "time": ("'07:00:00.000001'", "'24:00'"),
    "timestamp with time zone": ("'2026-11-20 07:00:00.123456+09'", "NULL"),
    "timestamp with time zone[]": ("'{2026-11-20 07:00+09}'", "'{}'"),
    "uuid": ("gen_random_uuid()", "NULL"),
    "varchar": ("'＝１＋１'", "NULL"),
    "varchar[]": ("""'{"a,b","","\\\\"}'""", "'{}'"),
}


def kinds() -> set[str]:
    """What columns of travelling tables are."""
    found = set()
    for table in inventory.tables():
        for column in apps.get_model(table.model)._meta.concrete_fields:
            name = str(column.db_type(connection))
            is_list = name.endswith("[]")
            found.add(name.split("(", maxsplit=1)[0].removesuffix("[]") + "[]" * is_list)
    return found


def test_every_kind_of_column_was_tried(db: None) -> None:
    assert kinds() - {*NASTY} == set()


@pytest.mark.parametrize("kind", NASTY)
def test_a_value_comes_back_as_it_was(kind: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE thing (id int, value {kind})")
        for number, value in enumerate(NASTY[kind]):
            cursor.execute(f"INSERT INTO thing VALUES ({number}, {value})")  # noqa: S608 - from above
        table = inventory.Table("members.Club", "thing", "id", ("id", "value"), ())
        lines, before = list(table.rows()), table.fingerprint()
        cursor.execute("CREATE TEMP TABLE was AS TABLE thing; TRUNCATE thing")
        cursor.execute(
            "INSERT INTO thing SELECT id, value FROM json_populate_recordset(NULL::thing, %s::json)",
            [f"[{','.join(lines)}]"],
        )
        cursor.execute(
            "SELECT count(*) FROM was JOIN thing USING (id) WHERE was.value IS NOT DISTINCT FROM thing.value"
        )
        same = cursor.fetchone()
        after = table.fingerprint()
        cursor.execute("DROP TABLE was, thing")
    assert (same, after) == ((2,), before)


# What is not taken in


def refused(path: Path) -> str:
    """The reason; and nothing was written, neither rows nor files."""
    with pytest.raises(CommandError) as said:
        into(path)
    assert (Member.objects.count(), Club.objects.count(), Delivery.objects.count()) == (0, 0, 0)
    folder = Path(default_storage.path("exports"))
    assert not folder.exists() or list(folder.iterdir()) == []
    return str(said.value)


def test_an_installation_where_something_is_is_left_alone(small: Path) -> None:
    somebody = Member.objects.create_user("first@example.com")
    with pytest.raises(CommandError, match=r"There is something here already \(members\.Member\)"):
        into(small)
    assert list(Member.objects.all()) == [somebody]


def test_a_second_time_is_refused(small: Path) -> None:
    into(small)
    with pytest.raises(CommandError, match="There is something here already"):
        into(small)


def test_another_version_is_named(small: Path) -> None:
    def older(entries: dict[str, bytes]) -> None:
        done = manifest_of(entries)["migrations"]
        forged(entries, migrations=done | {"events": done["events"][:-1]})

    assert "another version of Asakai: the migrations of events differ" in refused(changed(small, older))

    def future(entries: dict[str, bytes]) -> None:
        entries[manifest.NAME] = entries[manifest.NAME].replace(b'"format": 1', b'"format": 2')

    assert "has format 2, this version of Asakai reads format 1" in refused(changed(small, future))


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_a_damaged_archive_is_taken_in_not_at_all(small: Path, where: float) -> None:
    data = bytearray(small.read_bytes())
    at = int(len(data) * where)
    data[at : at + 40] = bytes(byte ^ 0xFF for byte in data[at : at + 40])
    small.write_bytes(data)
    refused(small)


@pytest.mark.parametrize("length", [0, 1, 200, -1, -100])
def test_an_archive_cut_short_is_none(small: Path, length: int) -> None:
    small.write_bytes(small.read_bytes()[:length])
    assert "damaged, or no archive of a club" in refused(small)


def test_what_is_no_archive_is_told_so(db: None, media: Path, tmp_path: Path) -> None:
    assert "damaged, or no archive" in refused(tmp_path / "nowhere.zip")
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("a.txt", "a")
    assert "this is no archive of a club" in refused(path)


@pytest.mark.parametrize("name", ["../../evil.py", "/etc/evil", "a/../../b", ".ssh/keys", "a\\b", "a//b", "x\0y", ""])
def test_no_file_leaves_its_folder(small: Path, name: str) -> None:
    def slip(entries: dict[str, bytes]) -> None:
        (one,) = manifest_of(entries)["media"]
        entries[f"media/{name}"] = entries.pop(f"media/{one['name']}")
        forged(entries, media=[one | {"name": name}])

    refused(changed(small, slip))


def test_what_no_row_speaks_of_is_not_stored(small: Path) -> None:
    def more(entries: dict[str, bytes]) -> None:
        entries["media/exports/more.html"] = b"x"
        about = {"name": "exports/more.html", "bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
        forged(entries, media=[*manifest_of(entries)["media"], about])

    assert "other files than its rows speak of" in refused(changed(small, more))


def test_what_the_manifest_does_not_name_is_refused(small: Path) -> None:
    assert "other files than its manifest names" in refused(changed(small, lambda all_: all_.update({"x": b"x"})))
    assert "other files than its manifest names" in refused(
        changed(small, lambda all_: all_.pop("rows/members.Member.jsonl"))
    )


def test_a_changed_row_a_changed_file_and_a_changed_manifest_are_seen(small: Path) -> None:
    def row(entries: dict[str, bytes]) -> None:
        entries["rows/members.Member.jsonl"] = entries["rows/members.Member.jsonl"].replace(b"hana", b"hahn")

    def file(entries: dict[str, bytes]) -> None:
        name = next(name for name in entries if name.startswith("media/"))
        entries[name] = entries[name].replace(b"hana", b"hahn")

    def says(entries: dict[str, bytes]) -> None:
        entries[manifest.NAME] = entries[manifest.NAME].replace(b'"count": 2', b'"count": 3')

    assert "rows/members.Member.jsonl does not become" in refused(changed(small, row))
    assert "is not what the manifest says it is" in refused(changed(small, file))
    assert "was changed after it was written" in refused(changed(small, says))


def test_rows_that_the_database_cannot_hold_are_refused(small: Path) -> None:
    lines = {
        "rows/members.Member.jsonl": [
            b'{"id": 1}\n',
            b"[]\n",
            b"no json\n",
            b'{"id": "x"}\n',
            b"\xff\n",
            b"[" * 9999 + b"\n",
        ],
        "rows/members.Consent.jsonl": [
            b'{"id":1,"purpose":"x","text_version":"1","given_at":"2026-01-01","member_id":99}\n'
        ],
    }
    for name, bad in lines.items():
        for line in bad:
            model = name.removeprefix("rows/").removesuffix(".jsonl")
            path = changed(small, lambda entries, model=model, line=line: rewritten(entries, model, line))
            assert refused(path) != ""


def test_a_bomb_is_not_opened(small: Path) -> None:
    def bomb(entries: dict[str, bytes]) -> None:
        rewritten(entries, "members.Activity", b"0" * 30_000_000)

    path = changed(small, bomb)
    assert "a line in it is" in refused(path)
    with pytest.raises(CommandError, match=r"more than 0\.0 GB need --gigabytes"):
        into(path, "--gigabytes", "0")


def test_a_link_in_the_archive_is_refused(small: Path) -> None:
    with zipfile.ZipFile(small) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(small, "w") as new:
        for name, data in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16 if name.startswith("media/") else 0
            new.writestr(entry, data)
    assert "is encrypted, or a link" in refused(small)
