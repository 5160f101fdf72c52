"""The authenticator app: asked for after the code by mail, used once, with recovery codes for a lost phone."""

import re
import threading
from datetime import timedelta
from io import StringIO
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from members import second_factor
from members.models import Club, Member
from outbox.models import Delivery
from tests.members.test_signing_in import CODE, LOGIN, by_code, mailed_code, signed_in

SECOND, APP, CODES = "/accounts/login/second/", "/accounts/app/", "/accounts/app/codes/"


def shown(secret: str, *, steps: int = 0) -> str:
    """What the app shows, so many half minutes from now."""
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(timezone.now().timestamp()) // 30 + steps))


def secret_on(page: str) -> str:
    found = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    return found[1]


@pytest.fixture
def app(hana: Member, club: Club) -> str:
    """The secret of the app hana has added a minute ago."""
    client = Client()
    by_code(client, hana.email)
    secret = secret_on(client.get(APP).content.decode())
    with time_machine.travel(timezone.now() - timedelta(minutes=2), tick=False):
        code = shown(secret)
    with time_machine.travel(timezone.now() - timedelta(minutes=2)):
        assert client.post(APP, {"code": code})["Location"] == CODES
    return secret.replace(" ", "")


def half_way(member: Member) -> Client:
    """A browser in which the code by mail was right."""
    cache.clear()
    client = Client()
    assert by_code(client, member.email) == SECOND
    return client


def test_the_app_is_added_by_its_first_code_and_its_owner_is_told(hana: Member, club: Club) -> None:
    client = Client()
    by_code(client, hana.email)
    page = client.get(APP).content.decode()
    secret = secret_on(page)
    assert (len(secret), secret_on(client.get(APP).content.decode())) == (39, secret)
    wrong = client.post(APP, {"code": "12345"})
    assert (wrong.status_code, secret_on(wrong.content.decode())) == (422, secret)
    assert client.post(APP, {"code": shown(secret)})["Location"] == CODES
    told = Delivery.objects.latest("pk")
    assert (told.to, told.context) == (hana.email, {"notice": "app-added"})
    assert client.get(APP)["Location"] == "/accounts/"


def test_the_square_says_whose_secret_it_is(hana: Member, club: Club) -> None:
    said = urlsplit(second_factor.address_for_app(hana, "ABCD"))
    assert (said.scheme, said.netloc, unquote(said.path)) == ("otpauth", "totp", "/河口の朝会:hana@example.com")
    assert parse_qs(said.query) == {"secret": ["ABCD"], "issuer": ["河口の朝会"]}


def test_the_code_by_mail_alone_opens_no_more(hana: Member, app: str) -> None:
    client = half_way(hana)
    assert (signed_in(client), client.get("/profile/")["Location"]) == (None, "/accounts/login/?next=/profile/")
    assert client.post(SECOND, {"code": shown(app)})["Location"] == "/"
    assert signed_in(client) == hana


def test_after_the_app_one_is_where_one_wanted_to_go(hana: Member, app: str) -> None:
    client = Client()
    client.post(LOGIN, {"email": hana.email, "next": "/about/"})
    client.post(CODE, {"code": mailed_code(), "next": "/about/"})
    assert client.post(SECOND, {"code": shown(app)})["Location"] == "/about/"


def test_a_code_of_the_app_works_once_and_no_earlier_one_after_it(hana: Member, app: str) -> None:
    code, before = shown(app), shown(app, steps=-1)
    half_way(hana).post(SECOND, {"code": code})
    for again in (code, before):
        client = half_way(hana)
        assert (client.post(SECOND, {"code": again}).status_code, signed_in(client)) == (200, None)


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(hana: Member, app: str, rf, steps: int, opens: bool) -> None:
    client = half_way(hana)
    client.post(SECOND, {"code": shown(app, steps=steps)})
    assert (signed_in(client) == hana) == opens


def test_the_code_may_be_typed_spaced_and_in_full_width(hana: Member, app: str) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in shown(app))
    client = half_way(hana)
    client.post(SECOND, {"code": f"{wide[:3]} {wide[3:]}"})
    assert signed_in(client) == hana


def test_guessing_ends_after_five(hana: Member, app: str) -> None:
    client = half_way(hana)
    for _try in range(5):
        client.post(SECOND, {"code": "000000"})
    said = client.post(SECOND, {"code": shown(app)})
    assert ("何度も" in said.content.decode(), signed_in(client)) == (True, None)


def test_without_the_phone_a_recovery_code_opens_once(hana: Member, app: str) -> None:
    codes = second_factor.recovery_codes(hana)
    first = half_way(hana)
    first.post(SECOND, {"code": f"{codes[0][:4]} {codes[0][4:]}"})
    assert (len(codes), signed_in(first), second_factor.recovery_codes(hana)) == (10, hana, codes[1:])
    second = half_way(hana)
    second.post(SECOND, {"code": codes[0]})
    assert signed_in(second) is None


@pytest.mark.django_db(transaction=True)
def test_a_code_typed_in_two_browsers_at_once_opens_one(hana: Member, app: str) -> None:
    clients = [half_way(hana) for _browser in range(4)]
    code, start = shown(app), threading.Barrier(4)

    def type_it(client: Client) -> None:
        start.wait()
        client.post(SECOND, {"code": code})
        connection.close()

    threads = [threading.Thread(target=type_it, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [signed_in(client) for client in clients].count(hana) == 1


def test_new_recovery_codes_end_the_old_ones(hana: Member, app: str) -> None:
    before, client = second_factor.recovery_codes(hana), half_way(hana)
    client.post(SECOND, {"code": before[0]})
    shown_there = client.get(CODES).content.decode()
    assert [f"{code[:4]} {code[4:]}" in shown_there for code in before] == [False] + [True] * 9
    client.post(CODES)
    after = second_factor.recovery_codes(hana)
    assert (len(after), set(after) & set(before)) == (10, set())
    assert Delivery.objects.latest("pk").context == {"notice": "recovery-renewed"}


def test_whoever_takes_the_app_off_signs_in_by_mail_again(hana: Member, app: str) -> None:
    client = half_way(hana)
    client.post(SECOND, {"code": shown(app)})
    assert client.post("/accounts/app/removal/")["Location"] == "/accounts/"
    assert not Authenticator.objects.exists()
    assert Delivery.objects.latest("pk").context == {"notice": "app-removed"}
    assert by_code(Client(), hana.email) == "/"


def test_the_secret_cannot_be_read_in_a_copy_of_the_database(hana: Member, app: str, settings) -> None:
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert [word in kept for word in [app, *second_factor.recovery_codes(hana)]] == [False] * 11
    settings.LINK_KEYS = ["another key", *settings.LINK_KEYS]
    client = half_way(hana)
    client.post(SECOND, {"code": shown(app)})
    assert signed_in(client) == hana


def test_the_second_page_is_nothing_without_the_first(db: None) -> None:
    assert Client().get(SECOND)["Location"] == LOGIN
    assert Client().post(SECOND, {"code": "123456"})["Location"] == LOGIN


def test_under_lost_keys_nothing_opens_until_the_operator_takes_the_app_off(hana: Member, app: str, settings) -> None:
    codes = second_factor.recovery_codes(hana)
    settings.LINK_KEYS = ["another key"]
    client = half_way(hana)
    for code in (shown(app), codes[0]):
        assert (client.post(SECOND, {"code": code}).status_code, signed_in(client)) == (200, None)
    call_command("second_factor_off", "Hana@example.com", stdout=StringIO())
    assert Delivery.objects.latest("pk").context == {"notice": "app-removed"}
    assert by_code(Client(), hana.email) == "/"
    with pytest.raises(CommandError, match="no app"):
        call_command("second_factor_off", hana.email)
    with pytest.raises(CommandError, match="Nobody"):
        call_command("second_factor_off", "nobody@example.com")
