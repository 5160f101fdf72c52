"""How often whatever opens an account may be tried: by account, in whichever browser, and from one place on the net."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from members import second_factor
from members.models import Club, Member
from tests.members.test_proof import AGAIN, ASK
from tests.members.test_second_factor import APP, SECOND, app, half_way, shown  # noqa: F401 - a fixture
from tests.members.test_signing_in import by_code, mailed_code, signed_in

PASSKEY = "/accounts/login/passkey/"
WRONG = "000000"
TOO_OFTEN = "何度も"


def by_passkey(place: str) -> int:
    return Client(REMOTE_ADDR=place).post(PASSKEY, {"credential": "{}"}).status_code


def test_a_passkey_is_tried_sixty_times_a_minute_from_one_place(db: None) -> None:
    assert [by_passkey("192.0.2.1") for _try in range(61)] == [302] * 60 + [429]
    assert by_passkey("192.0.2.2") == 302


def guess(member: Member, code: str, place: str) -> tuple[bool, Member | None]:
    """In a browser of its own, elsewhere, after the code by mail: whether it was too often, and who is in."""
    client = Client(REMOTE_ADDR=place)
    by_code(client, member.email)
    said = client.post(SECOND, {"code": code})
    return TOO_OFTEN in said.content.decode(), signed_in(client)


@pytest.fixture
def patient(settings) -> None:
    """Codes by mail are had as often as one likes: it is the app that is guessed at."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"request_login_code": "1000/m/key"}


@pytest.mark.usefixtures("patient")
def test_an_app_is_guessed_at_five_times_in_whichever_browsers(hana: Member, app: str) -> None:  # noqa: F811
    cache.clear()
    told = [guess(hana, WRONG, f"192.0.2.{n}") for n in range(5)]
    assert told == [(False, None)] * 5
    assert guess(hana, shown(app), "192.0.2.6") == (True, None)
    assert guess(hana, second_factor.recovery_codes(hana)[0], "192.0.2.7") == (True, None)
    assert len(second_factor.recovery_codes(hana)) == 10
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert guess(hana, shown(app), "192.0.2.8") == (False, hana)


@pytest.mark.usefixtures("patient")
def test_the_owner_s_signing_in_gives_whoever_guesses_no_new_tries(hana: Member, app: str) -> None:  # noqa: F811
    cache.clear()
    for n in range(4):
        guess(hana, WRONG, f"192.0.2.{n}")
    assert guess(hana, shown(app), "192.0.2.10") == (False, hana)
    assert guess(hana, WRONG, "192.0.2.5") == (False, None)
    assert guess(hana, WRONG, "192.0.2.6") == (True, None)


def test_a_new_app_is_typed_wrong_five_times(hana: Member, club: Club) -> None:
    client = Client()
    by_code(client, hana.email)
    said = [TOO_OFTEN in client.post(APP, {"code": WRONG}).content.decode() for _try in range(6)]
    assert said == [False] * 5 + [True]


def test_the_question_whether_it_is_really_you_is_answered_wrong_five_times(hana: Member, club: Club) -> None:
    """New codes by mail give no new tries."""
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=11)):
        by_code(client, hana.email)
    for _mail in range(2):
        client.post(ASK)
        for _try in range(3):
            client.post(AGAIN, {"code": "BBBBBB"})
    client.post(ASK)
    said = client.post(AGAIN, {"code": mailed_code(), "next": "/profile/data/"})
    assert (said.status_code, TOO_OFTEN in said.content.decode()) == (422, True)


def test_nobody_guesses_the_way_to_the_operator_s_pages(hana: Member, app: str) -> None:  # noqa: F811
    """Whoever sits down at an operator's phone has the mail, and not the app."""
    Member.objects.filter(pk=hana.pk).update(is_staff=True)
    client = half_way(hana)
    with time_machine.travel(timezone.now() - timedelta(minutes=11), tick=False):
        client.post(SECOND, {"code": second_factor.recovery_codes(hana)[0]})
    asked = f"{AGAIN}?next=%2Foperator%2Faccounts%2F"
    assert client.get("/operator/accounts/")["Location"] == asked
    told = [client.post(AGAIN, {"code": WRONG, "next": "/operator/accounts/"}).status_code for _try in range(5)]
    assert told == [422] * 5
    said = client.post(AGAIN, {"code": shown(app), "next": "/operator/accounts/"})
    assert (said.status_code, client.get("/operator/accounts/")["Location"]) == (422, asked)
