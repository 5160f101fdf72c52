"""What is said where a mail address is typed: at the door, at signing up, about a guest, on the server."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client

from events.models import Session
from members.models import Member
from outbox.models import Delivery
from speakers.models import Speaker
from tests.events.pages import statements

DOTS = "＠のすぐ前が点のアドレスには、メールが届きません。以前の携帯電話に多い形です。"
LONG = "＠の前は64文字、全体で254文字までです。"
Post = Callable[[str], HttpResponse]


@pytest.fixture
def host(client: Client, kosuke: Member) -> Client:
    client.force_login(kosuke)
    return client


@pytest.fixture(params=["sign-in", "sign-up", "guest", "contact", "invitation"])
def post(request: pytest.FixtureRequest, session: Session, sato: Speaker) -> Post:
    """Send an address to each form there is."""
    host, stranger = request.getfixturevalue("host"), Client()
    known = {"name": sato.name, "yomi": sato.yomi, "romaji": sato.romaji, "honorific": "san", "language": "ja"}
    return {
        "sign-in": lambda address: stranger.post("/accounts/login/", {"email": address}),
        "sign-up": lambda address: stranger.post("/accounts/signup/", {"email": address}),
        "guest": lambda address: host.post(f"/guests/{sato.code}/edit/", known | {"email": address}),
        "contact": lambda address: host.post(f"/guests/{sato.code}/edit/", known | {"contact_email": address}),
        "invitation": lambda address: host.post(
            f"/sessions/{session.code}/invitations/new/",
            {"name": "新しい方", "letter_language": "ja", "honorific": "san", "email": address},
        ),
    }[request.param]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("ken..sato@docomo.ne.jp", DOTS),
        ("ken.@ezweb.ne.jp", DOTS),
        ("ｋｅｎ．@docomo.ne.jp", DOTS),
        ("k" * 65 + "@example.com", LONG),
        ("ken@gmial.com", "ken@gmail.com ではありませんか。"),
        ("ken", "ken@example.jp"),
    ],
)
def test_a_sentence_that_helps_and_nothing_typed_is_lost(post: Post, address: str, sentence: str) -> None:
    page = post(address).content.decode()
    assert (sentence in page, f'value="{address}"' in page, Delivery.objects.count()) == (True, True, 0)


def test_a_good_address_is_taken(post: Post) -> None:
    assert post("ken.sato@docomo.ne.jp").status_code == 302


def test_the_question_is_answered_by_one_button_or_by_sending_it_again(hana: Member) -> None:
    asked = {"email": "hana@gmial.com", "email-sure": "hana@gmial.com"}
    page = Client().post("/accounts/login/", {"email": "hana@gmial.com"}).content.decode()
    assert '<button class="button" type="submit" name="email" value="hana@gmail.com">' in page
    assert '<input type="hidden" name="email-sure" value="hana@gmial.com">' in page
    # As a browser sends it: the field first, then the button that was pressed.
    yes = Client().post("/accounts/login/", asked | {"email": ["hana@gmial.com", "hana@gmail.com"]})
    no = Client().post("/accounts/login/", asked)
    assert [response.status_code for response in (yes, no)] == [302, 302]
    assert list(Delivery.objects.order_by("pk").values_list("to", flat=True)) == ["hana@gmail.com", "hana@gmial.com"]


def test_being_sure_of_one_address_is_not_being_sure_of_another(db: None) -> None:
    sent = {"email": "ken@gmai.com", "email-sure": "ken@gmial.com"}
    assert "ken@gmail.com ではありませんか。" in Client().post("/accounts/login/", sent).content.decode()


def test_an_operator_cannot_be_made_of_an_address_no_mail_reaches(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("operator", "ken..sato@docomo.ne.jp")
    assert Member.objects.count() == 0


def test_the_help_page_names_the_real_sender(db: None, client: Client, settings: object) -> None:
    settings.DEFAULT_FROM_EMAIL = "かもめ橋 <asakai@mail.kamome.example>"
    page = client.get("/mail-help/").content.decode()
    assert [text in page for text in ('value="mail.kamome.example"', "asakai@mail.kamome.example")] == [True, True]
    assert statements(lambda: client.get("/mail-help/")) == (200, 0)


def test_the_code_page_leads_there(hana: Member) -> None:
    client = Client()
    client.post("/accounts/login/", {"email": hana.email})
    assert client.get("/accounts/login/code/").content.decode().count('href="/mail-help/"') == 2
