"""The check digits are made up here: no number stands for a real book."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speakers import isbn

TWELVE = st.text("0123456789", min_size=9, max_size=9).map("978{}".format)


def ten(nine: str) -> str:
    """ISBN-10 from its nine digits: weights 10 to 2, then what fills up to a multiple of eleven."""
    rest = -sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11
    return nine + ("X" if rest == 10 else str(rest))


@given(TWELVE)
def test_a_number_with_its_check_digit_is_taken_and_with_any_other_refused(twelve: str) -> None:
    right = isbn.check_digit(twelve)
    taken = []
    for digit in "0123456789":
        try:
            taken.append(isbn.normal(twelve + digit))
        except ValueError:
            continue
    assert taken == [twelve + right]


@given(TWELVE)
def test_ten_digits_become_thirteen(twelve: str) -> None:
    assert isbn.normal(ten(twelve[3:])) == twelve + isbn.check_digit(twelve)


@given(TWELVE, st.integers(0, 10))
def test_two_neighbours_swapped_are_noticed_unless_they_differ_by_five(twelve: str, place: int) -> None:
    number = twelve + isbn.check_digit(twelve)
    a, b = number[place], number[place + 1]
    swapped = number[:place] + b + a + number[place + 2 :]
    harmless = abs(int(a) - int(b)) in {0, 5} or place < 3
    if not harmless:
        with pytest.raises(ValueError):
            isbn.normal(swapped)


@pytest.mark.parametrize(
    "typed", ["978-4-00-000000-0", "９７８４０００００００００", "ISBN 978 4000000000", "ISBN:9784000000000"]
)
def test_hyphens_spaces_and_width_do_not_matter(typed: str) -> None:
    assert isbn.normal(typed) == "9784000000000"


@pytest.mark.parametrize(
    "typed", ["", "abc", "978400000000", "97840000000000", "1920095016007", "97740000000X6", "\x00"]
)
def test_everything_else_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        isbn.normal(typed)
