"""`manage.py operator MAIL`: the first who may do everything."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from members.models import Member
from outbox.models import Delivery


def operator(mail: str) -> str:
    out = StringIO()
    call_command("operator", mail, stdout=out)
    return out.getvalue()


def test_the_first_operator_is_made_and_told_how_to_sign_in(db: None) -> None:
    said = operator("Kosuke@Example.com")
    made, owed = Member.objects.get(), Delivery.objects.get()
    assert said == (
        "kosuke@example.com is operator now. Sign in at http://localhost:8000/accounts/login/: a code comes by mail.\n"
    )
    assert (made.email, made.is_staff, made.joined_at, made.has_usable_password()) == (
        "kosuke@example.com", True, None, False,
    )  # fmt: skip
    assert (owed.to, owed.kind, owed.context) == ("kosuke@example.com", "account.notice", {"notice": "operator"})


def test_a_second_time_changes_nothing_and_mails_nothing(db: None) -> None:
    operator("kosuke@example.com")
    before = Member.objects.values().get()
    assert "is operator already" in operator("kosuke@example.com")
    assert (Member.objects.values().get(), Delivery.objects.count()) == (before, 1)


def test_a_member_keeps_everything_and_becomes_operator(hana: Member) -> None:
    operator(hana.email)
    after = Member.objects.get()
    assert (after.pk, after.name, after.joined_at, after.is_staff) == (hana.pk, "hana", hana.joined_at, True)


def test_what_is_no_address_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="kosuke is no mail address"):
        operator("kosuke")
    assert Member.objects.count() == 0
