"""The bill divided by those who pay, and what is over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purse.splitting import Rounding, Share, split


@pytest.mark.parametrize(
    ("total", "payers", "step", "rounding", "share"),
    [
        (48_300, 23, 100, Rounding.UP, Share(2100, 0)),
        (48_301, 23, 100, Rounding.UP, Share(2200, 2299)),
        (48_301, 23, 100, Rounding.DOWN, Share(2100, -1)),
        (48_301, 23, 1, Rounding.NEAREST, Share(2100, -1)),
        (1_000, 3, 500, Rounding.NEAREST, Share(500, 500)),
        (750, 3, 500, Rounding.NEAREST, Share(500, 750)),
        (0, 3, 100, Rounding.UP, Share(0, 0)),
        (500, 0, 100, Rounding.UP, Share(0, -500)),
    ],
)
def test_each_pays_a_full_step(total: int, payers: int, step: int, rounding: str, share: Share) -> None:
    assert split(total, payers, step, rounding) == share


@given(
    st.integers(0, 10_000_000), st.integers(1, 1000), st.sampled_from([1, 10, 50, 100, 500, 1000]),
    st.sampled_from(Rounding.values),
)  # fmt: skip
def test_nothing_is_lost_in_rounding(total: int, payers: int, step: int, rounding: str) -> None:
    share = split(total, payers, step, rounding)
    whole = payers * step
    assert share.each % step == 0
    assert share.each * payers == total + share.over
    assert (
        0 <= share.over < whole
        if rounding == Rounding.UP
        else -whole < share.over <= 0
        if rounding == Rounding.DOWN
        else -whole <= 2 * share.over <= whole
    )
