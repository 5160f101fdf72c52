"""What a question is about, in Japanese and English, and whose words fit it."""

from fractions import Fraction

import pytest

from introductions.subjects import common, fitting


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("食品の流通にくわしい方はいますか", "食品の流通、賞味期限の決まりごと", ["食品", "流通"]),
        ("空き家や借家の約束ごとに詳しい方", "借家、空き家の約束ごと", ["空き家", "借家", "約束ごと"]),
        ("流通業のこと", "食品の流通", ["流通業"]),
        ("実家の空き家をどうするか", "空き家の片づけ、借家の約束ごと", ["空き家"]),
        ("𠮷野家の値段", "吉野の桜", ["吉野家"]),
        ("紙のえらび方", "紙とインク", ["紙"]),
        ("ランニングの靴", "マーケティング", []),
        ("マーケティングを一から", "マーケティング", ["マーケティング"]),
        ("話の聞き方を教えてください", "図面の読み方", []),
        ("会社の仕事について知りたい", "会社のたたみ方、仕事の経験", []),
        ("Does anybody know about contracts?", "Contract law, leases", ["contracts"]),
        ("who knows how to work with bees", "how to ask for work", []),
        ("", "食品", []),
    ],
)
def test_the_words_that_fit(question: str, text: str, words: list[str]) -> None:
    assert common(question, text) == words


def test_what_fewer_people_write_counts_for_more() -> None:
    texts = {"a": "食品の流通", "b": "食品の保存", "c": "花の持ち"}
    assert fitting("食品の流通", texts) == {"a": Fraction(3, 2), "b": Fraction(1, 2)}
