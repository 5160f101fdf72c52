"""People as faces, names and readings."""

from dataclasses import dataclass

import pytest
from django.template import Context, Template
from django.utils import translation

from members.tones import draw, tone


@dataclass(frozen=True)
class Someone:
    name: str
    romaji: str = ""


@dataclass(frozen=True)
class Guest:
    name: str
    san: str


HANA = Someone("有馬 花", "Hana Arima")


def drawn(source: str, **context: object) -> str:
    return Template("{% load people %}" + source).render(Context(context))


def test_a_name_wears_the_same_dye_on_every_machine() -> None:
    """Python's own hash() differs with each start; these numbers must never change."""
    assert [tone(name) for name in ("有馬 花", "桐谷 健", "Mio Shinohara")] == [1, 4, 5]
    assert tone("ＭＩＯ shinohara") == tone("Mio Shinohara")


def test_two_draws_from_one_title_do_not_hang_together() -> None:
    pairs = {(draw(f"{n}", lots=2, for_="pale"), draw(f"{n}", lots=2, for_="height")) for n in range(40)}
    assert pairs == {(0, 0), (0, 1), (1, 0), (1, 1)}


@pytest.mark.parametrize(
    ("name", "initial"),
    [
        ("𠮷野 千景", "𠮷"),
        ("葛\U000e0101城 忍", "葛\U000e0101"),
        (" 花", "花"),
        ("が", "が"),
        ("", "・"),
        ("<b>", "&lt;"),
    ],
)
def test_a_face_is_the_whole_first_character(name: str, initial: str) -> None:
    html = drawn("{% face person 's' %}", person=Someone(name))
    assert html == f'<span class="face tone-{tone(name)} face--s" aria-hidden="true">{initial}</span>'


@pytest.mark.parametrize(
    ("name", "yomi", "html"),
    [
        ("篠原 美緒", "しのはら みお", "<ruby>篠原<rt>しのはら</rt></ruby> <ruby>美緒<rt>みお</rt></ruby>"),
        ("篠原　美緒", "しのはら　みお", "<ruby>篠原<rt>しのはら</rt></ruby> <ruby>美緒<rt>みお</rt></ruby>"),
        ("篠原美緒", "しのはら みお", "<ruby>篠原美緒<rt>しのはら みお</rt></ruby>"),
        ("篠原 美緒", "", "篠原 美緒"),
        ("ヴィルコシュ 実", "う゛ぃるこしゅ みのる", "ヴィルコシュ <ruby>実<rt>みのる</rt></ruby>"),
        ("イネス・ハロラン", "いねす・はろらん", "イネス・ハロラン"),
        ("<i>", "い", "<ruby>&lt;i&gt;<rt>い</rt></ruby>"),
    ],
)
def test_the_reading_stands_above_each_part_where_both_have_as_many(name: str, yomi: str, html: str) -> None:
    assert drawn("{% ruby name yomi %}", name=name, yomi=yomi) == html


def test_people_are_san_and_a_guest_is_what_the_host_set() -> None:
    assert drawn("{{ person|called }}", person=HANA) == "有馬 花さん"
    assert drawn("{{ person|called }}", person=Guest("篠原 美緒", "先生")) == "篠原 美緒先生"
    assert drawn('{{ person|called:"" }}', person=HANA) == "有馬 花"
    assert drawn("{{ person|called }}", person=Someone("<b>")) == "&lt;b&gt;さん"


def test_english_shows_the_latin_name_or_marks_the_japanese_one() -> None:
    with translation.override("en"):
        assert drawn("{{ person|called }}", person=HANA) == "Hana Arima"
        assert drawn("{{ person|called }}", person=Someone("桐谷 健")) == '<span lang="ja">桐谷 健</span>'


def test_a_line_reads_name_san_trade() -> None:
    assert drawn('{% person_line person "出版" %}', person=HANA) == (
        f'<span class="face tone-{tone(HANA.name)}" aria-hidden="true">有</span>'
        '<span class="people__name">有馬 花<span class="visually-hidden">さん、</span></span>'
        '<span class="people__trade">出版</span>'
    )


def test_a_trade_this_reader_may_not_see_leaves_no_trace() -> None:
    assert "people__trade" not in drawn("{% person_line person %}", person=HANA)


def test_a_line_can_lead_to_the_person() -> None:
    with translation.override("en"):
        html = drawn('{% person_line person "Publishing" "/members/x/" %}', person=HANA)
    assert '<a href="/members/x/">Hana Arima</a><span class="visually-hidden">, </span>' in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "約束です。\n\n- 勧誘はお断り\n・写真は聞いてから\n以上",
            "<p>約束です。</p><ul><li>勧誘はお断り</li><li>写真は聞いてから</li></ul><p>以上</p>",
        ),
        ("一つ目\n二つ目", "<p>一つ目<br>二つ目</p>"),
        ("- <b>", "<ul><li>&lt;b&gt;</li></ul>"),
        ("<b>", "<p>&lt;b&gt;</p>"),
        ("-3度の朝", "<p>-3度の朝</p>"),
        ("", ""),
    ],
)
def test_lines_with_a_dash_are_a_list(text: str, html: str) -> None:
    assert drawn("{{ text|with_lists }}", text=text) == html


def test_a_mail_address_may_break_after_its_at_alone() -> None:
    assert drawn("{{ mail|breakable }}", mail="hana@example.com") == "hana@<wbr>example.com"
    assert drawn("{{ mail|breakable }}", mail="<b>") == "&lt;b&gt;<wbr>"
