"""Where I am signed in: every browser by its name, ended one by one or all at once."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.devices import Device, called
from members.models import Club, Member
from tests.members.test_signing_in import by_code, signed_in

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"{IPHONE}Version/18.0 Mobile/15E148 Safari/604.1", "iPhone · Safari"),
        (f"{IPHONE}CriOS/130.0 Mobile/15E148 Safari/604.1", "iPhone · Chrome"),
        (f"{IPHONE}Mobile/15E148 Safari Line/14.0", "iPhone · LINE"),
        ("Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Android · Chrome"),
        (WINDOWS, "Windows · Chrome"),
        (f"{WINDOWS} Edg/130.0", "Windows · Edge"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Linux · Firefox"),
        ("curl/8.0", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_what_a_browser_is_called(agent: str, name: str) -> None:
    assert called(agent) == name


def phone_and_desk(member: Member) -> tuple[Client, Client]:
    phone = Client(headers={"user-agent": f"{IPHONE}Version/18.0 Mobile/15E148 Safari/604.1"})
    desk = Client(headers={"user-agent": WINDOWS})
    for client in (phone, desk):
        by_code(client, member.email)
    return phone, desk


def test_the_page_names_each_and_this_one(hana: Member, ken: Member, club: Club) -> None:
    phone, _desk = phone_and_desk(hana)
    by_code(Client(headers={"user-agent": "Android Firefox/1"}), ken.email)
    page = phone.get("/accounts/").content.decode()
    assert ("iPhone · Safari<small>いま、この端末" in page, "Windows · Chrome<small>最後に" in page) == (True, True)
    assert ("Android" in page, phone.session.session_key in page) == (False, False)


def test_one_is_ended(hana: Member, club: Club) -> None:
    phone, desk = phone_and_desk(hana)
    code = Device.objects.get(pk=desk.session.session_key).code
    assert phone.post(f"/accounts/devices/{code}/end/")["Location"] == "/accounts/"
    assert (signed_in(desk), signed_in(phone)) == (None, hana)


def test_ending_this_one_is_signing_out(hana: Member, club: Club) -> None:
    phone, desk = phone_and_desk(hana)
    code = Device.objects.get(pk=phone.session.session_key).code
    assert phone.post(f"/accounts/devices/{code}/end/")["Location"] == "/accounts/login/"
    assert (signed_in(phone), signed_in(desk)) == (None, hana)


def test_all_others_are_ended_and_nobody_else_s(hana: Member, ken: Member, club: Club) -> None:
    phone, desk = phone_and_desk(hana)
    stranger = Client()
    by_code(stranger, ken.email)
    assert phone.post("/accounts/devices/end/")["Location"] == "/accounts/"
    assert (signed_in(phone), signed_in(desk), signed_in(stranger)) == (hana, None, ken)


def test_anothers_cannot_be_ended(hana: Member, ken: Member, club: Club) -> None:
    phone, _desk = phone_and_desk(hana)
    stranger = Client()
    by_code(stranger, ken.email)
    code = Device.objects.get(pk=phone.session.session_key).code
    assert (stranger.post(f"/accounts/devices/{code}/end/").status_code, signed_in(phone)) == (404, hana)


def test_seen_is_written_once_an_hour(hana: Member, club: Club) -> None:
    client = Client()
    by_code(client, hana.email)
    before = Device.objects.get(member=hana).seen_at
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        client.get("/profile/")
    assert Device.objects.get(member=hana).seen_at == before
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        client.get("/profile/")
        first = Device.objects.get(member=hana).seen_at
        assert timezone.now() - first < timedelta(seconds=1)
        with CaptureQueriesContext(connection) as asked:
            client.get("/profile/")
        assert [q for q in asked if q["sql"].startswith("UPDATE")] == []


def visited(client: Client, days: float) -> int:
    """What my page answers so many days from now; 302 is the way to the sign-in page."""
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        return client.get("/profile/").status_code


def test_it_ends_thirty_days_after_the_last_visit(hana: Member, club: Club) -> None:
    phone, desk = phone_and_desk(hana)
    assert (visited(phone, 29), visited(desk, 31)) == (200, 302)
    assert (visited(phone, 58), visited(phone, 89)) == (200, 302)


def test_it_ends_after_ninety_days_however_often_one_comes(hana: Member, club: Club) -> None:
    client = Client()
    by_code(client, hana.email)
    assert [visited(client, days) for days in (20, 40, 60, 80, 89.9)] == [200] * 5
    assert visited(client, 90.1) == 302


def test_a_browser_where_nobody_signed_in_is_nobody_s(db: None) -> None:
    Client().post("/accounts/login/", {"email": "new@example.com"})
    assert list(Device.objects.values_list("member", "name", "seen_at")) == [(None, "", None)]


@pytest.mark.parametrize("others", [0, 29])
def test_the_page_asks_the_same_of_few_and_many(hana: Member, club: Club, others: int) -> None:
    client = Client()
    by_code(client, hana.email)
    for _one in range(others):
        Client().force_login(hana)
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/accounts/").status_code == 200
    assert len(asked) == 6, [q["sql"][:90] for q in asked]
