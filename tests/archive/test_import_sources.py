"""Files of other programs as talks: tables in any encoding, calendars, connpass, Doorkeeper."""

import gzip
import io
import json
from datetime import date, time
from typing import Any

import pytest

from archive.importing import sources, tables
from archive.importing.rows import Refused, Row, Unreadable
from archive.importing.sources import Kind

BEFORE = date(2026, 12, 1)
TABLE = (
    "開催日,開始,題名,ゲスト,会場\n"
    "2024年5月9日(木),7時,値札のない朝,佐藤 朝子,喫茶みなと\n"
    "２０２４／６／１３,７：３０,髙橋さんの①,髙橋 一郎・二宮,\n"
)


def read(data: bytes, kind: Kind, **columns: int) -> list[Any]:
    found = sources.read(kind, io.BytesIO(data), columns, group="g", zone="Asia/Tokyo", before=BEFORE)
    return [one for _number, one in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_table_is_read_in_whatever_encoding_it_was_saved(encoding: str) -> None:
    file = io.BytesIO(TABLE.encode(encoding))
    assert sources.kind_of(io.BytesIO(TABLE.encode(encoding))) == Kind.CSV
    guess = tables.head(file).guess()
    assert guess == {"held_on": 0, "at": 1, "title": 2, "speakers": 3, "place": 4}
    first, second = read(TABLE.encode(encoding), Kind.CSV, **guess)
    assert (first.on, first.at, first.title, first.speakers, first.place) == (
        date(2024, 5, 9), time(7), "値札のない朝", ("佐藤 朝子",), "喫茶みなと",
    )  # fmt: skip
    assert (second.on, second.at, second.title) == (date(2024, 6, 13), time(7, 30), "髙橋さんの①")


@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_a_table_is_read_with_whatever_stands_between_its_cells(sign: str) -> None:
    data = f'date{sign}title\n2024-05-09{sign}"a, b; c\nd"\n'.encode()
    (row,) = read(data, Kind.CSV, held_on=0, title=1)
    assert row.title == "a, b; c d"


def test_our_own_table_comes_back_without_the_sign_before_formulas() -> None:
    (row,) = read(b"date,title\n2024-05-09,'=1+1\n", Kind.CSV, held_on=0, title=1)
    (other,) = read(b"date,title\n2024-05-09,'tis so\n", Kind.CSV, held_on=0, title=1)
    assert (row.title, other.title) == ("=1+1", "'tis so")


@pytest.mark.parametrize(
    "data", [b"", b"only,headings\n", b"a,b\n\x00\x01\n", b"\xff\xff\xff", b",".join([b"x"] * 99) + b"\na\n"]
)
def test_what_is_no_table_says_so(data: bytes) -> None:
    with pytest.raises(Unreadable):
        tables.head(io.BytesIO(data))


def test_a_short_row_a_blank_one_and_a_bad_one() -> None:
    found = read(
        b"date,title,place\n2024-05-09,x\n\n,,\nsoon,y,z\n2024-05-10,,\n", Kind.CSV, held_on=0, title=1, place=2
    )
    assert [type(one) for one in found] == [Row, Refused, Refused]


V2 = {"results_returned": 3, "events": [
    {"id": 1, "title": "第1回 朝食会", "catch": "7時から", "description": "<p>値札の<b>ない</b>朝</p>", "url": "https://connpass.example/1/",
     "started_at": "2024-05-09T07:00:00+09:00", "ended_at": "2024-05-09T08:20:00+09:00", "open_status": "close",
     "place": "喫茶みなと", "address": "x", "hash_tag": "asa", "group": None, "limit": None, "lat": "35.6"},
    {"id": 2, "title": "x", "started_at": "2024-06-13T07:00:00+09:00", "open_status": "cancelled"},
    "none",
]}  # fmt: skip
V1 = {"events": [{"event_id": 1, "title": "第1回 朝食会", "event_url": "https://connpass.example/1/",
                  "started_at": "2024-05-09T07:00:00+09:00", "ended_at": "2024-05-09T08:20:00+09:00"}]}  # fmt: skip
DOORKEEPER = [{"event": {
    "id": 7, "title": "朝食会", "starts_at": "2024-05-08T22:00:00.000Z", "ends_at": "2024-05-08T23:20:00.000Z",
    "venue_name": None, "address": "かもめ区", "description": "<p>a</p>", "public_url": "https://d.example/7",
}}]  # fmt: skip


def test_connpass_in_both_versions_is_one_event() -> None:
    new, off, none = read(json.dumps(V2).encode(), Kind.CONNPASS)
    (old,) = read(json.dumps(V1).encode(), Kind.CONNPASS)
    assert (new.id, new.on, new.at, new.minutes, new.place, new.tags) == (
        "connpass:1", date(2024, 5, 9), time(7), 80, "喫茶みなと", ("asa",),
    )  # fmt: skip
    assert new.abstract == "7時から\n\n値札のない朝\n\nhttps://connpass.example/1/"
    assert (old.id, old.on, old.minutes) == (new.id, new.on, new.minutes)
    assert [str(off), str(none)] == ["中止になった回です", "JSON のオブジェクトではありません"]


def test_doorkeeper_times_are_told_on_the_clock_of_the_club() -> None:
    (row,) = read(json.dumps(DOORKEEPER).encode(), Kind.DOORKEEPER)
    assert (row.id, row.on, row.at, row.minutes, row.place) == (
        "doorkeeper:7",
        date(2024, 5, 9),
        time(7),
        80,
        "かもめ区",
    )


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (json.dumps(V2).encode(), Kind.CONNPASS),
        (json.dumps(V1, indent=2).encode("utf-8-sig"), Kind.CONNPASS),
        (json.dumps(DOORKEEPER).encode(), Kind.DOORKEEPER),
        (b'{"title": "a", "held_on": "2024-05-09"}\n', Kind.JSONL),
        (gzip.compress(b"{}", mtime=0), Kind.JSONL),
        (b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n", Kind.CALENDAR),
        (b"date,title\n", Kind.CSV),
    ],
)
def test_a_file_is_known_by_what_is_in_it(data: bytes, kind: Kind) -> None:
    assert sources.kind_of(io.BytesIO(data)) == kind


def test_json_lines_plain_and_packed_and_damaged() -> None:
    data = b'{"title": "a", "held_on": "2024-05-09", "id": 5}\nno\n\n'
    plain, packed = (read(one, Kind.JSONL) for one in (data, gzip.compress(data)))
    assert (plain[0], str(plain[1])) == (packed[0], str(packed[1]))
    assert plain[0].id == "5"
    with pytest.raises(Unreadable):
        read(gzip.compress(data)[:-9], Kind.JSONL)


def test_a_packed_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_UNPACKED", 1_000_000)
    with pytest.raises(Unreadable):
        read(gzip.compress(b" " * 999 + b"\n" + b'{"a": 1}\n' * 200_000), Kind.JSONL)


@pytest.mark.parametrize("data", [b"{", b"[1, 2", b'{"events": 5}', b"[" * 100_000])
def test_what_is_no_json_says_so(data: bytes) -> None:
    with pytest.raises(Unreadable):
        sources.kind_of(io.BytesIO(data)), read(data, Kind.CONNPASS)
