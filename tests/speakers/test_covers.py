"""What a cover is called, and what a page makes of it."""

import pytest
from django.template import Context, Template

from speakers import covers

MARK = "0123456789abcdef" * 2
STORED = f"covers/{MARK}-324x480_Ab3dE7x.jpg"


def drawn(source: str, picture: covers.Shown | None) -> str:
    return Template("{% load books %}" + source).render(Context({"picture": picture}))


def test_a_cover_is_addressed_by_what_is_in_it_and_its_size_is_known_unopened() -> None:
    assert covers.shown("b00k", STORED) == covers.Shown(f"/books/b00k/{MARK}.jpg", 324, 480)
    assert covers.shown("b00k", STORED, url="elsewhere/") == covers.Shown("elsewhere/", 324, 480)


@pytest.mark.parametrize("stored", ["", "photos/x.jpg", "covers/x.jpg"])
def test_what_is_no_cover_has_no_picture(stored: str) -> None:
    assert (covers.shown("b00k", stored), covers.mark(stored)) == (None, "")


def test_a_picture_stands_where_the_cover_would_be_drawn() -> None:
    picture = covers.shown("b00k", STORED)
    here = f'src="/books/b00k/{MARK}.jpg" width="324" height="480"'
    lazy = 'loading="lazy" decoding="async">'
    assert drawn('{% cover "港の時刻表" "東海林 徹" size="s" picture=picture %}', picture) == (
        f'<img class="jacket jacket--s" {here} alt="『港の時刻表』東海林 徹 の表紙" {lazy}'
    )
    assert drawn('{% shelf_place "港の時刻表" "東海林 徹" "/g/" picture %}', picture) == (
        f'<li class="shelf__face"><a href="/g/"><img class="jacket" {here} alt="港の時刻表 東海林 徹" {lazy}</a></li>'
    )
    assert "<img" not in drawn('{% cover "港" picture=picture %}{% shelf_place "港" "" "/g/" picture %}', None)


def test_a_picture_wider_than_high_lies_on_the_shelf() -> None:
    wide = covers.Shown("/w.jpg", 480, 320)
    assert 'class="shelf__face shelf__face--wide"' in drawn('{% shelf_place "港" "" "/g/" picture %}', wide)


def test_a_title_cannot_bring_markup_into_a_picture() -> None:
    assert '"<i>' not in drawn("""{% cover '"<i>' picture=picture %}""", covers.Shown("/w.jpg", 48, 32))
