"""Whoever's mails come back is told on the page, and a code that arrives lets them come again."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from members.models import Club, Member
from outbox.models import Suppression
from outbox.sending import send_due

TOLD = "いま、メールが届いていません。"


@pytest.fixture
def hers(client: Client, club: Club, hana: Member, settings: object) -> Client:
    """Hana signed in; two mails to her have come back."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for _time in range(2):
        Suppression.note(hana.email, "5.1.1", now=timezone.now())
    client.force_login(hana)
    return client


def code() -> str:
    """The code out of the newest mail."""
    send_due()
    return re.search(r"\b[B-Z2-9]{6}\b", mail.outbox[-1].body)[0]


@pytest.mark.parametrize("page", ["/", "/profile/", "/profile/mails/"])
def test_it_is_said_where_it_is_seen_and_leads_to_the_way_out(hers: Client, page: str) -> None:
    shown = hers.get(page).content.decode()
    assert (TOLD in shown, 'href="/profile/address/"' in shown) == (True, True)
    Suppression.objects.all().delete()
    assert TOLD not in hers.get(page).content.decode()


def test_the_code_goes_there_though_nothing_else_does_and_lets_mails_come_again(hers: Client, hana: Member) -> None:
    assert hers.post("/profile/address/code/")["Location"] == "/profile/address/"
    typed = code()
    assert mail.outbox[-1].subject == f"メールを再び受け取るための番号は {typed} です"
    wide = typed.lower().translate({ord(c): ord(c) + 0xFEE0 for c in "bcdfghjklmnpqrstvwxz23456789"})
    assert hers.post("/profile/address/", {"code": wide})["Location"] == "/profile/mails/"
    assert Suppression.objects.count() == 0


def test_a_wrong_code_says_so_and_after_five_the_right_one_opens_nothing(hers: Client) -> None:
    hers.post("/profile/address/code/")
    right = code()
    for _try in range(5):
        answer = hers.post("/profile/address/", {"code": "BBBBBB"})
        assert (answer.status_code, "新しい番号" in answer.content.decode()) == (422, True)
    assert hers.post("/profile/address/", {"code": right}).status_code == 422
    assert Suppression.objects.count() == 1


def test_an_old_code_opens_nothing(hers: Client, hana: Member) -> None:
    hers.post("/profile/address/code/")
    right = code()
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        hers.force_login(hana)
        assert hers.post("/profile/address/", {"code": right}).status_code == 422


def test_anothers_code_opens_nothing(hers: Client, ken: Member) -> None:
    hers.post("/profile/address/code/")
    right, other = code(), Client()
    for _time in range(2):
        Suppression.note(ken.email, "5.1.1", now=timezone.now())
    other.force_login(ken)
    assert other.post("/profile/address/", {"code": right}).status_code == 422
    assert Suppression.objects.count() == 2


def test_without_having_asked_nothing_opens(hers: Client) -> None:
    assert hers.post("/profile/address/", {"code": ""}).status_code == 422
    assert hers.post("/profile/address/", {"code": "BBBBBB"}).status_code == 422


def test_codes_are_not_asked_for_without_end(hers: Client) -> None:
    statuses = {hers.post("/profile/address/code/").status_code for _time in range(12)}
    assert statuses == {302, 429}
