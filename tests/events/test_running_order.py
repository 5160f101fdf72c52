from datetime import timedelta

import pytest

from events.running_order import shifted

ORDER = "6:40 開場\n 7：00 朝ごはん\n本の話、8:00 まで\n23:50 片づけ"


def test_every_line_that_begins_with_a_time_moves() -> None:
    assert shifted(ORDER, timedelta(minutes=30)) == "7:10 開場\n 7：30 朝ごはん\n本の話、8:00 まで\n0:20 片づけ"


@pytest.mark.parametrize("by", [timedelta(minutes=-45), timedelta(hours=3)])
def test_moving_there_and_back_changes_nothing(by: timedelta) -> None:
    assert shifted(shifted(ORDER, by), -by) == ORDER


def test_another_day_at_the_same_hour_keeps_the_order() -> None:
    assert shifted(ORDER, timedelta()) == ORDER
