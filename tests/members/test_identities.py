"""Signing in by Google or LINE: off without settings, never a way round a refusal, the app or the address's owner."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from config.env import sign_in_by
from members.identities import Identity
from members.models import Club, Member
from members.refusals import Refusal
from outbox.models import Delivery
from tests.members.elsewhere import Elsewhere, elsewhere
from tests.members.test_second_factor import SECOND, app, shown  # noqa: F401 - a fixture
from tests.members.test_signing_in import by_code, signed_in

GO, BACK, LINK, REMOVE = (f"/accounts/by/google/{word}" for word in ("", "back/", "linking/", "removal/"))
IN_LINE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile Safari Line/14.0"


@pytest.fixture
def place(settings, db: None) -> Iterator[Elsewhere]:
    with elsewhere() as there:
        settings.SIGN_IN_BY = there.settings("google")
        yield there


@pytest.fixture
def hana(hana: Member) -> Member:
    """With an address Google hands out itself."""
    Member.objects.filter(pk=hana.pk).update(email="hana@gmail.com")
    hana.refresh_from_db()
    return hana


def come_back(client: Client, place: Elsewhere, url: str = GO, **sent: str) -> str:
    """Away and back; where it ends."""
    away = client.post(url, sent)["Location"]
    back = urlsplit(place.authorize(urlsplit(away).query))
    return client.get(f"{back.path}?{back.query}")["Location"]


def told() -> list[tuple[str, str]]:
    return [(d.to, d.context["notice"]) for d in Delivery.objects.filter(kind="account.notice").order_by("pk")]


def test_without_settings_there_is_no_trace_of_it(hana: Member, club: Club) -> None:
    client = Client()
    by_code(client, hana.email)
    pages = [Client().get("/accounts/login/"), Client().get("/accounts/signup/"), client.get("/accounts/")]
    assert ["/accounts/by/" in page.content.decode() for page in pages] == [False] * 3
    answers = [client.post(GO), client.get(f"{BACK}?code=x&state=x"), client.post(LINK)]
    assert [answer.status_code for answer in answers] == [404] * 3


def test_the_environment_names_both_or_none() -> None:
    assert sign_in_by(environ={}) == {}
    found = sign_in_by(environ={"LINE_LOGIN_ID": "1", "LINE_LOGIN_SECRET": "2"})
    assert [(name, one["client_id"], one["vouches"]) for name, one in found.items()] == [("line", "1", False)]
    with pytest.raises(ImproperlyConfigured, match="GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"):
        sign_in_by(environ={"GOOGLE_CLIENT_ID": "1"})


def test_the_question_holds_state_nonce_and_challenge_and_asks_for_no_more_than_the_address(place: Elsewhere) -> None:
    away = urlsplit(Client().post(GO)["Location"])
    asked = dict(parse_qsl(away.query))
    secrets = [asked.pop(name) for name in ("state", "nonce", "code_challenge")]
    assert asked == {
        "response_type": "code",
        "client_id": "club",
        "redirect_uri": "http://localhost:8000/accounts/by/google/back/",
        "scope": "openid email",
        "code_challenge_method": "S256",
    }
    assert (len(set(secrets)), min(map(len, secrets)) >= 43) == (3, True)


def test_an_address_google_hands_out_signs_in_and_is_linked(place: Elsewhere, hana: Member) -> None:
    client = Client()
    assert come_back(client, place, next="/about/") == "/about/"
    linked = Identity.objects.get()
    assert (signed_in(client), linked.member, linked.provider, linked.subject) == (hana, hana, "google", "1001")
    assert told() == [("hana@gmail.com", "identity-added")]
    Member.objects.filter(pk=hana.pk).update(email="hana@example.org")
    again = Client()
    come_back(again, place)
    assert (signed_in(again), Identity.objects.count(), len(told())) == (hana, 1, 1)


def test_whoever_is_linked_is_asked_for_no_other_proof_of_the_address(place: Elsewhere, hana: Member) -> None:
    """As after a club was brought from elsewhere, without the rows that say which address was proved."""
    come_back(Client(), place)
    EmailAddress.objects.all().delete()
    again = Client()
    come_back(again, place)
    assert (signed_in(again), Delivery.objects.filter(kind="account.code").count()) == (hana, 0)


@pytest.mark.parametrize(
    "said",
    [
        {"email": "hana@gmail.com", "email_verified": False},
        {"email": "hana@gmail.com", "email_verified": "true"},
        {"email": "hana@gmail.com"},
        {"email": "kosuke@example.com", "email_verified": True},
        {"email": "kosuke@example.com", "email_verified": True, "hd": "example.org"},
        {"email": "", "email_verified": True},
        {},
    ],
)
def test_an_address_google_does_not_hand_out_opens_nothing(
    place: Elsewhere, hana: Member, kosuke: Member, said: dict[str, object]
) -> None:
    place.person = {"sub": "1001"} | said
    client = Client()
    assert (come_back(client, place), signed_in(client)) == ("/accounts/login/", None)
    assert "まだどの登録とも" in client.get("/accounts/login/").content.decode()
    assert (Identity.objects.count(), Member.objects.count(), told()) == (0, 2, [])


def test_a_company_s_own_addresses_are_google_s_to_hand_out(place: Elsewhere, kosuke: Member) -> None:
    place.person |= {"email": "Kosuke@example.com", "hd": "example.com"}
    client = Client()
    come_back(client, place)
    assert signed_in(client) == kosuke


def test_somebody_new_gets_an_account_and_tells_who_they_are(place: Elsewhere, club: Club) -> None:
    client = Client()
    assert come_back(client, place) == "/profile/?next=%2F"
    made = Member.objects.get()
    assert (made.email, made.joined_at, signed_in(client)) == ("hana@gmail.com", None, made)


def test_line_says_who_but_not_which_address(place: Elsewhere, hana: Member, settings) -> None:
    settings.SIGN_IN_BY = place.settings("line")
    client = Client()
    away = client.post("/accounts/by/line/")["Location"]
    assert dict(parse_qsl(urlsplit(away).query))["scope"] == "openid"
    assert (come_back(client, place, "/accounts/by/line/"), signed_in(client)) == ("/accounts/login/", None)
    by_code(client, hana.email)
    assert come_back(client, place, "/accounts/by/line/linking/") == "/accounts/"
    later = Client()
    come_back(later, place, "/accounts/by/line/")
    assert (signed_in(later), told()) == (hana, [("hana@gmail.com", "identity-added")])


def test_linking_asks_first_whether_it_is_really_you(place: Elsewhere, hana: Member, club: Club) -> None:
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(minutes=11)):
        by_code(client, hana.email)
    assert client.post(LINK)["Location"] == "/accounts/again/?next=%2Faccounts%2F"


def test_an_account_elsewhere_is_no_proof_for_weighty_things(place: Elsewhere, hana: Member, club: Club) -> None:
    client = Client()
    come_back(client, place)
    assert client.get("/profile/data/")["Location"] == "/accounts/again/?next=%2Fprofile%2Fdata%2F"


def test_what_opens_another_account_is_not_linked_to_a_second(place: Elsewhere, hana: Member, ken: Member) -> None:
    come_back(Client(), place)
    client = Client()
    by_code(client, ken.email)
    assert come_back(client, place, LINK) == "/accounts/"
    assert [one.member for one in Identity.objects.all()] == [hana]
    assert "すでにほかの方の登録と" in client.get("/accounts/").content.decode()


def test_whoever_signs_in_as_another_meanwhile_is_not_linked(place: Elsewhere, hana: Member, ken: Member) -> None:
    client = Client()
    by_code(client, hana.email)
    away = client.post(LINK)["Location"]
    kept = client.session["away"]
    client.post("/accounts/logout/")
    by_code(client, ken.email)
    session = client.session
    session["away"] = kept
    session.save()
    back = urlsplit(place.authorize(urlsplit(away).query))
    client.get(f"{back.path}?{back.query}")
    assert not Identity.objects.exists()


def test_the_app_is_asked_for_all_the_same(place: Elsewhere, hana: Member, app: str) -> None:  # noqa: F811
    client = Client()
    assert (come_back(client, place), signed_in(client)) == (SECOND, None)
    client.post(SECOND, {"code": shown(app)})
    assert signed_in(client) == hana


def test_a_refused_address_gets_no_account_and_a_closed_one_does_not_open(place: Elsewhere, hana: Member) -> None:
    come_back(Client(), place)
    Member.objects.filter(pk=hana.pk).update(is_active=False)
    client = Client()
    assert (come_back(client, place), signed_in(client)) == ("/accounts/inactive/", None)
    Refusal.objects.add("new@gmail.com", "", now=timezone.now())
    place.person = {"sub": "2002", "email": "new@gmail.com", "email_verified": True}
    assert (come_back(client, place), Member.objects.count()) == ("/accounts/login/", 1)


def test_taking_it_off_asks_and_tells_its_owner(place: Elsewhere, hana: Member, club: Club) -> None:
    client = Client()
    by_code(client, hana.email)
    come_back(client, place, LINK)
    assert "accounts/by/google/removal/" in client.get("/accounts/").content.decode()
    assert client.post(REMOVE)["Location"] == "/accounts/"
    assert (Identity.objects.count(), told()[-1]) == (0, ("hana@gmail.com", "identity-removed"))


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://evil.test"},
        {"aud": "another club"},
        {"aud": ["club", "another"]},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": ""},
        {"sub": 1001},
        {"sub": "x" * 256},
    ],
)
def test_a_token_not_meant_for_us_opens_nothing(place: Elsewhere, hana: Member, spoil: dict[str, object]) -> None:
    place.spoil = spoil
    client = Client()
    assert (come_back(client, place), signed_in(client), Identity.objects.count()) == ("/accounts/login/", None, 0)


def test_nothing_opens_without_the_browser_that_went_away(place: Elsewhere, hana: Member) -> None:
    client, other = Client(), Client()
    away = client.post(GO)["Location"]
    back = urlsplit(place.authorize(urlsplit(away).query))
    other.get(f"{back.path}?{back.query}")
    assert (signed_in(other), place.asked) == (None, [])
    for spoilt in (f"{BACK}?code=x", f"{BACK}?code=x&state=x", f"{BACK}?state=x", BACK, f"{BACK}?error=access_denied"):
        client.post(GO)
        assert client.get(spoilt)["Location"] == "/accounts/login/"
    assert (signed_in(client), place.asked) == (None, [])


def test_a_code_comes_back_once_and_within_fifteen_minutes(place: Elsewhere, hana: Member) -> None:
    client = Client()
    back = urlsplit(place.authorize(urlsplit(client.post(GO)["Location"]).query))
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        client.get(f"{back.path}?{back.query}")
    assert signed_in(client) is None
    come_back(client, place)
    client.post("/accounts/logout/")
    client.get(f"{back.path}?{back.query}")
    assert signed_in(client) is None


def test_when_it_does_not_answer_there_is_the_code_by_mail(place: Elsewhere, hana: Member) -> None:
    place.status = 500
    client = Client()
    assert come_back(client, place) == "/accounts/login/"
    assert "うまくいきませんでした" in client.get("/accounts/login/").content.decode()


def test_the_policy_lets_the_form_lead_there_and_nowhere_else(place: Elsewhere) -> None:
    policy = Client().get("/accounts/login/")["Content-Security-Policy"]
    assert re.search(r"form-action ([^;]+)", policy)[1] == f"'self' {place.url}"
    assert "connect-src 'self';" in policy


def test_in_line_s_own_browser_google_is_not_offered(place: Elsewhere, settings) -> None:
    settings.SIGN_IN_BY = place.settings("google") | place.settings("line")
    pages = [Client(headers={"user-agent": agent}).get("/accounts/login/").content.decode() for agent in ("", IN_LINE)]
    assert ["Googleでログイン" in page for page in pages] == [True, False]
    assert ["LINEでログイン" in page for page in pages] == [True, True]
    assert ["LINEの中のブラウザー" in page for page in pages] == [False, True]


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "/\\evil.test"])
def test_it_leads_to_no_other_site(place: Elsewhere, hana: Member, target: str) -> None:
    assert come_back(Client(), place, next=target) == "/"
