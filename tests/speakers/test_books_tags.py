"""Books without a picture."""

import pytest
from django.template import Context, Template
from django.utils import translation

LONG = "数字が苦手な人の決算書散歩"


def drawn(source: str, **context: object) -> str:
    return Template("{% load books %}" + source).render(Context(context))


def classes(html: str, of: str) -> set[str]:
    start = html.index(f'class="{of}') + len('class="')
    return set(html[start : html.index('"', start)].split())


def test_a_cover_says_which_book_it_is() -> None:
    source = '{% cover "港の時刻表" "東海林 徹" %}'
    assert 'role="img" aria-label="『港の時刻表』東海林 徹 の表紙"' in drawn(source)
    with translation.override("en"):
        assert 'aria-label="Cover of “港の時刻表”, 東海林 徹"' in drawn(source)
    assert 'aria-label="『港の時刻表』の表紙"' in drawn('{% cover "港の時刻表" %}')


def test_the_band_is_there_only_with_words_on_it() -> None:
    assert '<span class="cover__obi">船は遅れる。</span>' in drawn('{% cover "港" "徹" "船は遅れる。" %}')
    bare = drawn('{% cover "港" "徹" %}')
    assert "cover__obi" not in bare
    assert "cover--bare" in classes(bare, "cover cover")


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (9, {"cover__title"}),
        (10, {"cover__title", "cover__title--long"}),
        (20, {"cover__title", "cover__title--longest"}),
    ],
)
def test_a_longer_title_is_set_smaller(length: int, expected: set[str]) -> None:
    assert classes(drawn("{% cover title %}", title="本" * length), "cover__title") == expected


@pytest.mark.parametrize(
    ("length", "sizes", "place"),
    [
        (9, set(), {"shelf__tall"}),
        (10, {"spine--long"}, {"shelf__tall"}),
        (12, {"spine--long"}, {"shelf__tall"}),
        (13, {"spine--long", "spine--thick"}, {"shelf__tall", "shelf__thick"}),
    ],
)
def test_a_long_title_gets_a_place_it_fits_in(length: int, sizes: set[str], place: set[str]) -> None:
    html = drawn('{% shelf_place title "新田 薫" "/books/x/" %}', title="本" * length)
    assert classes(html, "spine tone") & {"spine--long", "spine--thick"} == sizes
    assert classes(html, "shelf__") == place


def test_a_title_of_nine_or_more_is_never_in_a_short_place_and_shorter_ones_sometimes() -> None:
    places = {
        n: {drawn("{% shelf_place t %}", t=f"{'本' * (n - 2)}{k:02}").split(">")[0] for k in range(30)} for n in (8, 10)
    }
    assert places == {
        8: {"<li", '<li class="shelf__short"', '<li class="shelf__tall"'},
        10: {'<li class="shelf__tall"'},
    }


def test_a_title_whose_author_has_a_long_name_is_in_a_tall_place() -> None:
    places = {
        drawn("{% shelf_place t 'ノール・アハターベルフ' %}", t=f"橋の上の{k:02}").split(">")[0] for k in range(30)
    }
    assert places == {'<li class="shelf__tall"'}


def test_a_spine_leaves_the_subtitle_to_the_cover() -> None:
    html = drawn('{% shelf_place "会議の前に終わる会議――決めるための三十の手順" "真壁 理沙" "/b/" %}')
    assert '<span class="spine__title">会議の前に終わる会議</span>' in html
    assert '<a href="/b/" title="会議の前に終わる会議――決めるための三十の手順">' in html


def test_what_even_a_thick_spine_cannot_hold_is_cut() -> None:
    assert f'<span class="spine__title">{"本" * 19}…</span>' in drawn("{% spine title %}", title="本" * 30)


def test_a_latin_title_is_set_across_the_cover_and_counts_half() -> None:
    assert "cover--latin" in classes(drawn('{% cover "The Breakfast Ledger" %}'), "cover cover")
    assert "spine--thick" not in drawn('{% spine "The Breakfast Ledger" %}')


def test_a_book_looks_the_same_wherever_it_stands() -> None:
    cover, spine = drawn("{% cover title %}", title=LONG), drawn("{% spine title %}", title=LONG)
    tones = [
        {name for name in classes(html, of) if name.startswith("tone-")}
        for html, of in ((cover, "cover cover"), (spine, "spine tone"))
    ]
    assert tones[0] == tones[1]
    assert ("cover--pale" in cover) == ("spine--pale" in spine)


def test_a_title_cannot_bring_markup() -> None:
    html = drawn(
        "{% cover title author obi %}{% shelf_place title author url %}",
        title="<i>",
        author='"<b>',
        obi="<u>",
        url='"><x>',
    )
    assert not any(tag in html for tag in ("<i>", "<b>", "<u>", "<x>", '""'))
