"""Is it really you? Asked again after ten minutes; nothing typed is lost; the app counts more than the mail."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from members import second_factor
from members.exports import DataExport
from members.models import Club, Member
from outbox.models import Delivery
from tests.members.test_second_factor import SECOND, app, half_way, shown  # noqa: F401 - a fixture
from tests.members.test_signing_in import by_code, mailed_code, signed_in

AGAIN, ASK = "/accounts/again/", "/accounts/again/code/"
WEIGHTY = [
    "/accounts/passkeys/add/",
    "/accounts/app/",
    "/accounts/app/removal/",
    "/accounts/app/codes/",
    "/profile/data/",
    "/profile/data/erasure/",
]


@pytest.fixture
def stale(hana: Member, club: Club) -> Client:
    """Hana signed in eleven minutes ago."""
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=11)):
        by_code(client, hana.email)
    return client


@pytest.mark.parametrize("page", WEIGHTY)
def test_weighty_pages_ask_again_after_ten_minutes(stale: Client, page: str) -> None:
    question = f"{AGAIN}?next={quote(page, safe='')}"
    assert stale.get(page)["Location"] == question
    assert stale.post(page, {})["Location"] == question


def test_after_nine_minutes_nothing_is_asked(hana: Member, club: Club) -> None:
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=9)):
        by_code(client, hana.email)
    assert client.get("/profile/data/").status_code == 200


def test_a_code_by_mail_answers_and_one_stays_signed_in(stale: Client, hana: Member) -> None:
    key = stale.session.session_key
    assert stale.post(ASK, {"next": "/profile/data/"})["Location"] == f"{AGAIN}?next=%2Fprofile%2Fdata%2F"
    owed = Delivery.objects.latest("pk")
    assert (owed.to, owed.context["for"], signed_in(stale)) == (hana.email, "again", hana)
    answered = stale.post(AGAIN, {"code": mailed_code().lower(), "next": "/profile/data/"})
    assert (answered["Location"], stale.get("/profile/data/").status_code) == ("/profile/data/", 200)
    assert stale.session.session_key != key


def test_what_was_sent_when_the_question_came_is_carried_out(stale: Client, hana: Member) -> None:
    stale.post("/profile/data/erasure/", {"sure": "on"})
    hana.refresh_from_db()
    assert hana.erased_at is None
    stale.post(ASK, {"next": "/profile/data/erasure/"})
    stale.post(AGAIN, {"code": mailed_code(), "next": "/profile/data/erasure/"})
    hana.refresh_from_db()
    assert hana.erased_at is not None


def test_what_was_sent_elsewhere_before_is_not(stale: Client, hana: Member) -> None:
    stale.post("/profile/data/file/")
    stale.get("/accounts/app/")
    stale.post(ASK, {"next": "/profile/data/"})
    stale.post(AGAIN, {"code": mailed_code(), "next": "/profile/data/"})
    assert not DataExport.objects.exists()


def test_a_wrong_code_says_so_and_asking_has_an_end(stale: Client) -> None:
    stale.post(ASK)
    code = mailed_code()
    said = stale.post(AGAIN, {"code": "BBBBBB", "next": "/profile/data/"})
    assert (said.status_code, 'value="/profile/data/"' in said.content.decode()) == (422, True)
    for _try in range(4):
        stale.post(AGAIN, {"code": "BBBBBB"})
    assert stale.post(AGAIN, {"code": code}).status_code == 422
    assert [stale.post(ASK).status_code for _time in range(3)] == [302, 302, 429]


def test_a_code_of_another_browser_opens_nothing(stale: Client, hana: Member) -> None:
    other = Client()
    other.force_login(hana)
    other.post(ASK)
    assert stale.post(AGAIN, {"code": mailed_code()}).status_code == 422


def test_the_mail_does_not_take_the_app_off(hana: Member, app: str) -> None:  # noqa: F811
    client = half_way(hana)
    with time_machine.travel(timezone.now() - timedelta(minutes=11), tick=False):
        client.post(SECOND, {"code": second_factor.recovery_codes(hana)[0]})
    mails = Delivery.objects.count()
    client.post(ASK, {"next": "/accounts/app/removal/"})
    assert (Delivery.objects.count(), client.post(AGAIN, {"code": "BBBBBB"}).status_code) == (mails, 422)
    client.post("/accounts/app/removal/")
    assert Authenticator.objects.count() == 2
    client.post(AGAIN, {"code": shown(app), "next": "/accounts/app/removal/"})
    assert Authenticator.objects.count() == 0


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_the_question_leads_to_no_other_site(stale: Client, target: str) -> None:
    stale.post(ASK)
    assert stale.post(AGAIN, {"code": mailed_code(), "next": target})["Location"] == "/accounts/"
