"""The order of the fifty sounds, and names however they are written."""

import random

import pytest

from members.collation import key
from members.folding import PLAIN, fold, sounds
from members.models import Member

ORDERED = [
    "あおき", "あべ", "カード", "かあど", "かど", "がど", "かとう", "きょう", "きよう", "さとう", "さどう", "ざとう",
    "はな", "バナ", "ぱな", "ローマ", "ろおま", "わだ", "んだ", "1st", "Abe", "Zed", "有馬",
]  # fmt: skip


def test_readings_stand_in_the_order_of_the_fifty_sounds() -> None:
    shuffled = random.Random(5).sample(ORDERED, len(ORDERED))
    assert sorted(shuffled, key=key) == ORDERED


def test_the_database_sorts_as_python_does(person) -> None:
    for number, reading in enumerate(random.Random(6).sample(ORDERED, len(ORDERED))):
        person(f"p{number}", yomi=reading)
    assert list(Member.objects.order_by("reading").values_list("yomi", flat=True)) == ORDERED


def test_an_empty_reading_has_an_empty_key() -> None:
    assert key("") == ""


@pytest.mark.parametrize(
    "same",
    [
        ["おおの", "オオノ", "Ohno", "Ono", "Ōno", "oono"],
        ["ゆうこ", "Yuko", "YUUKO", "Yūko"],
        ["じゅんいち", "Jun'ichi", "junichi".replace("ni", "n'i")],
        ["しんばし", "Shimbashi", "Shinbashi", "sinbasi"],
        ["はっとり", "Hattori"],
        ["まっちゃ", "matcha", "maccha"],
        ["ちょう", "chō", "Cho", "tyou"],
    ],
)
def test_names_that_sound_alike_are_alike(same: list[str]) -> None:
    assert {sounds(text) for text in same} == {sounds(same[0])}


def test_what_is_folded_in_python_is_folded_alike_in_the_database(person) -> None:
    text = "ＡＢＣ ｶﾞｷﾞ カタカナ 髙梨 﨑 ヴヶ café" + "".join(map(chr, PLAIN))[:20]
    member = person("fold", one_line=text, name_level=5)
    assert Member.objects.seen_by(member).saying(fold(text).split()[0]).count() == 1
    for word in ("abc", "がぎ", "かたかな", "高梨", "崎"):
        assert (word, Member.objects.seen_by(member).saying(word).count()) == (word, 1)
