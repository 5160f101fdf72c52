import unicodedata

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from search import tokens

pytestmark = pytest.mark.django_db

HOSTILE = st.text(st.sampled_from("'\"“”\\&|!<>():*-－−,. \t\n\x00\u200b\ud800ﷺaé食の流ー・ー°ﾊﾟ가サア"))
ANYTHING = st.text() | HOSTILE
PLAIN_JAPANESE = st.text(st.sampled_from("食品流通人脈東京会社本書店づくりえあマケト"), max_size=8)


def found(text: str, query: str) -> bool:
    """Whether PostgreSQL finds the text by the query, as the archive asks it."""
    vector, without = tokens.vector([(text, "D")]), tokens.excluded(query)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [vector, tokens.query(query)])
        (asked,) = cursor.fetchone()
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [vector, without])
        return bool(asked) and not (without and cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("彼の人脈が広い", "人脈"),
        ("冷凍食品の流通", "流通"),
        ("朝食会", "朝食"),
        ("食品の流通", "食品流通"),
        ("食品への流通", "食品流通"),
        ("食品・流通", "食品流通"),
        ("食品流通の話", "食品の流通"),
        ("流通と食品", "食品の流通"),
        ("食品だけ", "食品にも"),
        ("データの活用", "データ活用"),
        ("働き方の改革", "働き方改革"),
        ("出会い", "会"),
        ("会", "会"),
        ("女の子の本", "女の子"),
        ("ものづくり", "ものづくり"),
        ("佐藤 真理子", "佐藤真理子"),
        ("さとう まりこ", "さとうまりこ"),
        ("髙橋さん", "高橋"),
        ("高橋さん", "髙橋"),
        ("山﨑", "山崎"),
        ("齋藤と齊藤", "斎藤 斉藤"),
        ("渡邊と渡邉", "渡辺"),
        ("𠮷野家", "吉野家"),
        ("サーバー", "サーバ"),
        ("サーバを立てる", "サーバー"),
        ("サーバーレス", "サーバー"),
        ("ﾏｰｹﾃｨﾝｸﾞ", "マーケティング"),
        ("パン屋", "ﾊﾟﾝ"),
        ("ハ\u309aン屋", "パン"),
        ("データ・センター", "データセンター"),
        ("データセンター", "データ・センター"),
        ("一ヶ月", "一ケ月"),
        ("葛\U000e0100城", "葛城"),
        ("人\u200b脈", "人脈"),
        ("㈱朝会", "(株)朝会"),
        ("Ｐｙｔｈｏｎ３", "python3"),
        ("The Key Person", "key person"),
        ("authors", "author"),
        ("the author’s book", "Authors"),
        ("données", "donnee"),
        ("ÜBER Straße", "uber STRASSE"),
        ("e\u0301te\u0301", "été"),
        ("Łódź", "lodz"),
        ("São Paulo", "sao"),
        ("Ещё раз о Python", "еще python"),
        ("안녕하세요 파이썬", "파이썬"),
        ("파이썬에서", "파이썬"),
        ("AI活用", "活用 ai"),
        ("AIの活用", "AI活用"),
        ("e-commerce", "E-Commerce"),
        ("don’t panic", "don't"),
        ("สวัสดีชาวโลก", "ชาว"),
        ("हिन्दी में", "हिन्दी"),
        ("embedding C++ in Python", "c++"),
        ("C++で書く", "Ｃ＋＋"),
        ("C++11, C++14", "c++"),
        ("C++11", "C++11"),
        ("C++11", "11"),
        ("C#とF#", "c# f#"),
        ("a talk on c#.", "C#"),
        ("issue #12 and issue#13", "issue 13"),
        ("Google+", "google"),
        ("1+1", "1 1"),
        ("C +++ D", "c d"),
    ],
)
def test_what_is_found(text: str, query: str) -> None:
    assert found(text, query)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("人の脈", "人脈"),
        ("流れを通す", "流通"),
        ("食品の安全と物の流通", "食品流通"),
        ("女が子を", "女の子"),
        ("party", "art"),
        ("the pass", "pas"),
        ("campus", "campu"),
        ("iOS", "io"),
        ("commerce e", "e-commerce"),
        ("さとう", "サトウ"),
        ("マーケティング", "マーケット"),
        ("食品だけ", "食品 流通"),
        ("plain C", "c++"),
        ("C++", "c"),
        ("C, then C#", "c++"),
        ("C++", "C#"),
    ],
)
def test_what_is_not_found(text: str, query: str) -> None:
    assert not found(text, query)


def test_a_phrase_is_taken_as_it_stands() -> None:
    assert found("食品の流通を学ぶ", '"食品の流通"')
    assert not found("流通と食品の話", '"食品の流通"')
    assert not found("食品の流通", '"食品流通"')
    assert found("we read The Long Tail today", '"the long tail"')
    assert not found("the tail is long", '"the long tail"')
    assert found("これがAI活用の今だ", "“AI活用の今”")


def test_an_excluded_word_leaves_out_what_has_it() -> None:
    assert found("食品の話", "食品 -流通")
    assert not found("食品の流通", "食品 -流通")
    assert not found("食品の流通", "食品 －流通")
    assert not found("the long tail", 'long -"long tail"')
    assert found("the tail is long", 'long -"long tail"')
    assert found("食品の流通", "食品 -食品流通")


@pytest.mark.parametrize("text", ["", " ", "-", "--", '"', '""', "☕", "、。!?", "-流通", '-"long tail"', "\x00", "・"])
def test_a_query_that_asks_for_nothing_is_no_query(text: str) -> None:
    assert tokens.query(text) is None


def test_a_query_is_read_up_to_a_hundred_characters() -> None:
    assert tokens.query("あ " * 49 + "流通人脈") == tokens.query("あ 流通")


def test_a_title_and_a_body_are_not_one_phrase() -> None:
    with connection.cursor() as cursor:
        vector = tokens.vector([("long", "A"), ("tail", "D")])
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", [vector, tokens.query('"long tail"')])
        assert cursor.fetchone() == (False,)


def test_fields_keep_their_weights() -> None:
    assert tokens.vector([("本", "A"), ("本屋", "D")]) == "'本':1A '本屋':12D '屋':13D"


def test_a_very_long_text_is_cut_where_postgresql_would_refuse_it() -> None:
    every_pair = "".join(chr(code) + chr(0x4E00 + code % 97) for code in range(0x4E00, 0x9FFF)) * 20
    words = " ".join(f"word{number}" for number in range(200_000))
    repeated = "the " * 30_000
    assert found(f"人脈 {every_pair} {words}", "人脈")
    assert found(repeated, "the")
    assert found("食" * 100_000 + "品", "食品")
    assert found("x" * 5000, "x" * 100)


def test_positions_stay_within_what_postgresql_counts() -> None:
    many = tokens.vector([("the " * 300 + "a b " * 20_000 + "end", "D")])
    places = {entry.split(":")[0]: entry.split(":")[1].split(",") for entry in many.split(" ")}
    assert {token: len(spots) for token, spots in places.items()} == {"'the'": 255, "'a'": 255, "'b'": 255, "'end'": 1}
    assert places["'end'"] == ["16383D"]


@settings(max_examples=300)
@given(ANYTHING)
def test_any_text_is_a_valid_query_or_none(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsquery", [tokens.query(text)])


@settings(max_examples=300)
@given(st.lists(st.tuples(ANYTHING, st.sampled_from("ABCD"))))
def test_any_texts_are_a_valid_vector(fields: list[tuple[str, tokens.Weight]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector", [tokens.vector(fields)])


@settings(max_examples=300)
@given(PLAIN_JAPANESE, PLAIN_JAPANESE.filter(bool), PLAIN_JAPANESE)
def test_any_part_of_a_japanese_text_finds_it(before: str, part: str, after: str) -> None:
    assert found(before + part + after, f'"{part}"')
    assert found(before + part + after, part)


@given(ANYTHING)
def test_a_folded_text_folds_to_itself(text: str) -> None:
    assert tokens.normalise(tokens.normalise(text)) == tokens.normalise(text)


@given(ANYTHING)
def test_the_way_back_leads_into_the_text_and_forward(text: str) -> None:
    folded = tokens.folded(text)
    assert folded.text == tokens.normalise(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert folded.starts == sorted(folded.starts)
    assert folded.ends == sorted(folded.ends)


def test_tokens_hold_nothing_that_needs_escaping() -> None:
    every = "".join(map(chr, range(0x110000)))
    assert {unicodedata.category(character)[0] for character in tokens.normalise(every)} - {"Z"} == {
        "L",
        "M",
        "N",
    }
