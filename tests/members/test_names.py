"""A surname is told from a name as people write it, and not guessed where it cannot be told."""

import pytest
from django.utils import translation

from members.models import Member
from members.names import Surname, surname
from members.templatetags.people import called, called_in_text


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("有馬 花", "有馬"),
        ("ありま はな", "ありま"),
        ("有馬花", ""),
        ("𠮷崎 澄江", "𠮷崎"),
        ("王 小明", "王"),
        ("イネス・ハロラン", "ハロラン"),
        ("ジャン＝ピエール・オマール", "オマール"),
        ("Hana Arima", "Arima"),
        ("ARIMA Hana", "ARIMA"),
        ("Arima, Hana", "Arima"),
        ("Jan van den Berg", "van den Berg"),
        ("Ludwig van Beethoven", "van Beethoven"),
        ("Zoë O’Neill-Ørsted", "O’Neill-Ørsted"),
        ("Van Morrison", "Morrison"),
        ("John W. Public Jr.", "Public"),
        ("HANA ARIMA", "ARIMA"),
        ("Madonna", ""),
        ("", ""),
    ],
)
def test_the_surname_stands_where_people_write_it(name: str, found: str) -> None:
    assert surname(name) == found


@pytest.mark.parametrize(
    ("lines", "alone", "words"),
    [
        (("有馬 花", "ありま はな", "Hana Arima"), Surname("有馬", "ありま", "Arima"), ["有馬さん", "Arima"]),
        (("Hana Arima", "", ""), Surname("Arima"), ["Arimaさん", "Arima"]),
        (("有馬 花", "", ""), Surname("有馬"), ["有馬さん", '<span lang="ja">有馬</span>']),
        # The Latin letters tell what the name does not.
        (("有馬花", "", "Hana Arima"), Surname("Arima", "", "Arima"), ["Arimaさん", "Arima"]),
        (("花", "はな", ""), None, []),
    ],
)
def test_each_reader_reads_it_in_their_letters(
    lines: tuple[str, str, str], alone: Surname | None, words: list[str]
) -> None:
    person = Member(**dict(zip(("name", "yomi", "romaji"), lines, strict=True)))
    assert person.surname_alone == alone
    said = []
    for language in ("ja", "en"):
        with translation.override(language):
            said += [called(alone)] if alone else []
    assert said == words


def test_in_a_text_there_is_no_markup() -> None:
    with translation.override("en"):
        assert called_in_text(Member(name="有馬 花")) == "有馬 花"
    with translation.override("ja"):
        assert called_in_text(Member(name="有馬 花")) == "有馬 花さん"
