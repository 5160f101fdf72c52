from datetime import date

import pytest
from django.db import connection
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from search import highlights, tokens
from search.models import Document

MIXED = st.text(st.sampled_from("食品流通のへ、・ ーサバabé-髙ﾊﾟ+#＋"), max_size=12)


def marks(text: str, query: str) -> list[str]:
    return [piece for piece, is_hit in highlights.marked(text, query) if is_hit]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("髙橋さんと高橋さん", "高橋", ["髙橋", "高橋"]),
        ("サーバーとサーバ", "サーバ", ["サーバー", "サーバ"]),
        ("ｻｰﾊﾞｰを立てる", "サーバー", ["ｻｰﾊﾞｰ"]),
        ("食品の流通", "食品流通", ["食品の流通"]),
        ("食品流通", "食品の流通", ["食品流通"]),
        ("流通と食品", "食品の流通", ["流通", "食品"]),
        ("ハ\u309aン屋", "パン", ["ハ\u309aン"]),
        ("㈱朝会", "株", ["㈱"]),
        ("データ・センター", "データセンター", ["データ・センター"]),
        ("Café au lait", "cafe", ["Café"]),
        ("party of art", "art", ["art"]),
        ("AI活用", "ai", ["AI"]),
        ("an E-Commerce shop", "e-commerce", ["E-Commerce"]),
        ("The Long Tail", '"long tail"', ["Long Tail"]),
        ("食品と流通", "食品 -流通", ["食品"]),
        ("C++11 in C and C++", "c++", ["C++", "C++"]),
        ("C++11 in C and C++", "C", ["C"]),
        ("C++11", "11", ["11"]),
        ("Ｃ＋＋で書く", "C++", ["Ｃ＋＋"]),
        ("C# + F#", "c#", ["C#"]),
        ("人脈人脈", "人脈", ["人脈人脈"]),
        ("人脈", "☕", []),
        ("人脈", "", []),
    ],
)
def test_what_is_marked_is_what_was_written(text: str, query: str, expected: list[str]) -> None:
    assert marks(text, query) == expected


def test_an_excerpt_shows_the_place_where_most_of_the_query_stands() -> None:
    body = "食品の話。" + "あ" * 200 + "食品の流通と人脈の話。" + "い" * 200
    pieces = highlights.excerpt(body, "食品 流通 人脈", length=40)
    assert pieces == [
        ("…" + "あ" * 10, False),
        ("食品", True),
        ("の", False),
        ("流通", True),
        ("と", False),
        ("人脈", True),
        ("の話。" + "い" * 19 + "…", False),
    ]


def test_an_excerpt_without_a_hit_is_the_beginning() -> None:
    assert highlights.excerpt("あ" * 50, "人脈", length=10) == [("あ" * 10 + "…", False)]
    assert highlights.excerpt("short", "人脈", length=10) == [("short", False)]
    assert highlights.excerpt("", "人脈") == []


def test_an_excerpt_at_the_end_is_as_long_as_any_other() -> None:
    assert highlights.excerpt("あ" * 50 + "人脈", "人脈", length=10) == [
        ("…" + "あ" * 8, False),
        ("人脈", True),
    ]


def test_an_excerpt_begins_and_ends_between_words_where_there_are_spaces() -> None:
    body = "breakfast before work " * 5 + "introductions " + "breakfast before work " * 5
    assert highlights.excerpt(body, "introductions", length=56) == [
        ("…before work ", False),
        ("introductions", True),
        (" breakfast before work…", False),
    ]


def test_an_excerpt_is_one_line() -> None:
    assert highlights.excerpt("人脈\n\n 流通\t本", "流通") == [
        ("人脈 ", False),
        ("流通", True),
        (" 本", False),
    ]


def test_a_hit_longer_than_the_excerpt_is_shown_whole() -> None:
    assert ("マーケティング", True) in highlights.excerpt(
        "あ" * 50 + "マーケティング" + "い" * 50, "マーケティング", length=5
    )


@given(st.text() | MIXED, st.text(max_size=20) | MIXED)
def test_the_segments_are_the_text(text: str, query: str) -> None:
    segments = highlights.marked(text, query)
    assert "".join(piece for piece, _ in segments) == text
    assert all(piece for piece, _ in segments)


@given(st.text() | MIXED, st.text(max_size=20) | MIXED, st.integers(1, 30))
def test_an_excerpt_is_a_stretch_of_the_text(text: str, query: str, length: int) -> None:
    excerpt = "".join(piece for piece, _ in highlights.excerpt(text, query, length))
    assert excerpt.strip("…") in " ".join(text.split()) or "…" in text


@pytest.mark.django_db
@settings(max_examples=400)
@given(MIXED, MIXED)
def test_what_postgresql_finds_is_marked_and_what_is_marked_it_finds(text: str, query: str) -> None:
    clauses = tokens.clauses(query)
    if len(clauses) != 1 or clauses[0].excluded:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [tokens.vector([(text, "A")]), tokens.query(query)])
        (found,) = cursor.fetchone()
    assert found == bool(marks(text, query))


def test_the_tag_escapes_everything_but_its_own_marks() -> None:
    document = Document(
        kind="report",
        key="a",
        title="<script>人脈</script>",
        body='<img src=x onerror="alert(1)"> 人脈 & <mark>流通</mark>',
        on=date(2026, 4, 9),
    )
    page = Template("{% load highlights %}{% marked document.title query %}|{% excerpt document query %}")
    assert page.render(Context({"document": document, "query": "人脈 <script> mark"})) == (
        "&lt;<mark>script</mark>&gt;<mark>人脈</mark>&lt;/<mark>script</mark>&gt;|"
        "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; <mark>人脈</mark> &amp; "
        "&lt;<mark>mark</mark>&gt;流通&lt;/<mark>mark</mark>&gt;"
    )


def test_what_is_marked_is_escaped_as_well() -> None:
    page = Template("{% load highlights %}{% marked text text %}")
    assert page.render(Context({"text": "R&D<script>x"})) == "<mark>R&amp;D&lt;script&gt;x</mark>"


def test_the_length_of_an_excerpt_may_be_given() -> None:
    page = Template("{% load highlights %}{% excerpt document '人脈' 8 %}")
    assert page.render(Context({"document": Document(body="あ" * 20 + "人脈" + "い" * 20)})) == (
        "…ああ<mark>人脈</mark>いいいい…"
    )
