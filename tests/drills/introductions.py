"""Ten thousand mornings, and no rule broken in any."""

from hypothesis import HealthCheck, given, settings

from tests.introductions.test_matching import Morning, keeps_the_rules, mornings


@settings(max_examples=10_000, database=None, suppress_health_check=list(HealthCheck))
@given(mornings())
def test_ten_thousand_mornings_break_no_rule(morning: Morning) -> None:
    keeps_the_rules(*morning)
