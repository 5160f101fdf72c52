import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbox.addresses import KNOWN, RIGHT, Problem, meant, problem


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("ken@example.jp", None),
        ("ken.sato+asakai@docomo.ne.jp", None),
        ("ken..sato@docomo.ne.jp", Problem.DOTS),
        ("ken.@ezweb.ne.jp", Problem.DOTS),
        (".ken@docomo.ne.jp", Problem.DOTS),
        ("ken@docomo..ne.jp", Problem.DOTS),
        ("k" * 64 + "@example.jp", None),
        ("k" * 65 + "@example.jp", Problem.LENGTH),
        ("ken@" + "e" * 63 + ".jp", None),
        ("ken@" + "e" * 64 + ".jp", Problem.LENGTH),
        ("k" * 50 + "@" + ("e" * 50 + ".") * 4 + "jp", Problem.LENGTH),
    ],
)
def test_what_no_mail_reaches_is_known(address: str, found: Problem | None) -> None:
    assert problem(address) == found


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("ken@gmial.com", "ken@gmail.com"),
        ("ken@gmai.com", "ken@gmail.com"),
        ("ken@gmaill.com", "ken@gmail.com"),
        ("ken@gmail.con", "ken@gmail.com"),
        ("ken@gmail.co", "ken@gmail.com"),
        ("ken@gmail.co.jp", "ken@gmail.com"),
        ("ken@yaho.co.jp", "ken@yahoo.co.jp"),
        ("ken@dokomo.ne.jp", "ken@docomo.ne.jp"),
        ("ken@docomo.co.jp", "ken@docomo.ne.jp"),
        ("ken@ezwab.ne.jp", "ken@ezweb.ne.jp"),
        ("ken@icluod.com", "ken@icloud.com"),
        ("ken@example.com", ""),
        ("ken@mail.com", ""),
        ("ken@gmx.com", ""),
        ("ken@au.com", ""),
        ("gmial.com", ""),
    ],
)
def test_a_slip_is_asked_about(typed: str, right: str) -> None:
    assert meant(typed) == right


@pytest.mark.parametrize("domain", [*KNOWN, *sorted(RIGHT)])
def test_what_is_right_is_not_asked_about(domain: str) -> None:
    assert meant(f"ken@{domain}") == ""


@given(st.sampled_from(KNOWN), st.data())
def test_any_one_letter_dropped_leads_to_a_known_domain(domain: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(domain) - 1))
    typed = domain[:at] + domain[at + 1 :]
    assert typed in RIGHT or typed in KNOWN or meant(f"ken@{typed}").removeprefix("ken@") in KNOWN


@given(st.text(max_size=80))
def test_nothing_typed_makes_it_fall_over(text: str) -> None:
    assert meant(text) == "" or meant(meant(text)) == ""
    assert problem(text) in {None, *Problem}
