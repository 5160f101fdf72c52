"""Tax withheld from an honorarium, against the figures of the tax office's leaflet."""

import pytest

from invitations import honorarium


@pytest.mark.parametrize(
    ("yen", "tax"),
    [
        (0, 0),
        (9, 0),
        (10_000, 1_021),
        (33_333, 3_403),
        (1_000_000, 102_100),
        (1_000_001, 102_100),
        (1_500_000, 204_200),
    ],
)
def test_what_is_withheld(yen: int, tax: int) -> None:
    assert honorarium.withheld(yen) == tax
