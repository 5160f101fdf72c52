"""By a code in the mail, or by passkey; and nobody learns from it who has an account."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Member
from outbox.models import Delivery
from outbox.sending import send_due

LOGIN, CODE = "/accounts/login/", "/accounts/login/code/"
SIGNUP, SIGNUP_CODE = "/accounts/signup/", "/accounts/signup/code/"


def mailed_code() -> str:
    return Delivery.objects.latest("pk").context["code"]


def signed_in(client: Client) -> Member | None:
    user = get_user(client)
    return user if isinstance(user, Member) else None


def by_code(client: Client, email: str, **more: str) -> str:
    """Sign in; the address where it ends."""
    client.post(LOGIN, {"email": email, **more})
    return client.post(CODE, {"code": mailed_code(), **more})["Location"]


def test_a_code_comes_by_mail_and_opens_the_door(hana: Member) -> None:
    client = Client()
    asked = client.post(LOGIN, {"email": "hana@example.com"})
    assert (asked.status_code, asked["Location"]) == (302, CODE)
    owed = Delivery.objects.get()
    assert (owed.kind, owed.to, owed.lane, owed.context["for"]) == ("account.code", "hana@example.com", 0, "sign-in")
    typed = client.post(CODE, {"code": owed.context["code"]})
    assert (typed["Location"], signed_in(client)) == ("/", hana)


def test_the_code_may_be_typed_small_spaced_and_in_full_width(hana: Member) -> None:
    client = Client()
    client.post(LOGIN, {"email": "ＨＡＮＡ@example.com"})
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in mailed_code().lower())
    client.post(CODE, {"code": f" {wide[:3]} {wide[3:]} "})
    assert signed_in(client) == hana


def test_after_signing_in_one_is_where_one_wanted_to_go(hana: Member) -> None:
    assert by_code(Client(), hana.email, next="/about/") == "/about/"


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(hana: Member, target: str) -> None:
    assert by_code(Client(), hana.email, next=target) == "/"


def test_the_reader_s_language_is_a_cookie_from_then_on(hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en")
    client = Client()
    by_code(client, hana.email)
    assert client.cookies["lang"].value == "en"


def test_a_language_chosen_on_this_device_stays(hana: Member) -> None:
    client = Client()
    client.post("/language/", {"language": "en"})
    by_code(client, hana.email)
    assert client.cookies["lang"].value == "en"


def test_who_never_signed_up_proves_the_address_with_one_code(hana: Member) -> None:
    by_code(Client(), hana.email)
    known = EmailAddress.objects.get(user=hana)
    assert (known.email, known.verified, Delivery.objects.count()) == (hana.email, True, 1)


def test_a_wrong_code_is_explained_and_three_are_enough(hana: Member) -> None:
    client = Client()
    client.post(LOGIN, {"email": hana.email})
    answers = [client.post(CODE, {"code": "AAAAAA"}) for _ in range(3)]
    assert "いちばん新しいメールの番号と違うようです" in answers[0].content.decode()
    assert [a.status_code for a in answers] == [200, 200, 302]
    client.post(CODE, {"code": mailed_code()})
    assert signed_in(client) is None


def test_a_code_is_worth_nothing_after_its_time(hana: Member) -> None:
    client = Client()
    client.post(LOGIN, {"email": hana.email})
    life = Delivery.objects.get().useful_until - timezone.now()
    with time_machine.travel(timezone.now() + life + timedelta(seconds=2)):
        client.post(CODE, {"code": mailed_code()})
    assert signed_in(client) is None


def test_a_code_opens_only_the_browser_that_asked(hana: Member) -> None:
    asked, other = Client(), Client()
    asked.post(LOGIN, {"email": hana.email})
    other.post(CODE, {"code": mailed_code()})
    assert signed_in(other) is None


def test_who_was_closed_out_gets_no_code(hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(is_active=False)
    Client().post(LOGIN, {"email": hana.email})
    assert Delivery.objects.get().context == {"notice": "unknown"}


def test_the_key_in_the_books_does_not_tell_the_code(hana: Member) -> None:
    Client().post(LOGIN, {"email": hana.email})
    code = mailed_code()
    send_due()
    left = Delivery.objects.filter(sent_at__isnull=False).values().get()
    assert code not in str(left)


def test_a_mail_is_owed_only_if_the_step_is_done(hana: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row and what it tells about stand or fall together."""
    from members import entrance

    monkeypatch.setattr(entrance.account.SignupView, "get_success_url", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Client().post(SIGNUP, {"email": "new@example.com"})
    assert (Member.objects.filter(email="new@example.com").count(), Delivery.objects.count()) == (0, 0)


def test_signing_up_leads_to_the_profile(db: None) -> None:
    client = Client(headers={"accept-language": "en"})
    assert client.post(SIGNUP, {"email": "New@Example.com"})["Location"] == SIGNUP_CODE
    assert client.post(SIGNUP_CODE, {"code": mailed_code()})["Location"] == "/profile/"
    new = Member.objects.get(email="new@example.com")
    assert (signed_in(client), new.language, new.joined_at, new.has_usable_password()) == (new, "en", None, False)


def test_signing_up_on_the_way_somewhere_leads_there_after_the_profile(db: None) -> None:
    client = Client()
    client.post(f"{SIGNUP}?next=/about/", {"email": "new@example.com", "next": "/about/"})
    place = client.post(SIGNUP_CODE, {"code": mailed_code(), "next": "/about/"})["Location"]
    assert place == "/profile/?next=%2Fabout%2F"


def test_signing_up_twice_without_the_code_makes_one_person(db: None) -> None:
    Client().post(SIGNUP, {"email": "new@example.com"})
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        again = Client()
        again.post(SIGNUP, {"email": "new@example.com"})
    assert Member.objects.filter(email="new@example.com").count() == 1
    assert by_code(Client(), "new@example.com") == "/profile/?next=%2F"


@pytest.mark.parametrize("address", ["hana", "hana@"])
def test_an_address_that_is_none_is_refused_with_a_sentence_and_kept(db: None, address: str) -> None:
    page = Client().post(SIGNUP, {"email": address}).content.decode()
    assert ("アドレスが途中で切れているようです" in page, f'value="{address}"' in page) == (True, True)


def told(client: Client, path: str, email: str) -> tuple[object, ...]:
    """What an outsider sees of an answer and of the page it leads to; what is random is masked."""
    answer = client.post(path, {"email": email})
    page = client.get(answer["Location"])
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content).replace(email.encode(), b"@")
    headers = {name: value for name, value in page.headers.items() if name != "ETag"}
    return answer.status_code, dict(answer.headers), page.status_code, headers, len(page.content), body


@pytest.mark.parametrize("path", [LOGIN, SIGNUP])
@time_machine.travel(datetime(2027, 1, 14, 3, 0, tzinfo=UTC), tick=False)  # the answers hold the second they were made
def test_known_and_unknown_addresses_are_answered_alike(hana: Member, path: str) -> None:
    assert told(Client(), path, "hana@example.com") == told(Client(), path, "nana@example.com")
    assert {d.to for d in Delivery.objects.all()} == {"hana@example.com", "nana@example.com"}


def test_an_unknown_address_costs_the_sign_in_as_many_writes_as_a_known_one(hana: Member) -> None:
    writes = []
    for email in ("hana@example.com", "nana@example.com"):
        with CaptureQueriesContext(connection) as asked:
            Client().post(LOGIN, {"email": email})
        words = [q["sql"].split() for q in asked]
        writes.append(sorted(sql[2].strip('"') for sql in words if sql[0] == "INSERT"))
    assert writes[0] == writes[1] == ["members_device", "outbox_delivery"]


def test_the_owner_of_an_unknown_address_learns_how_to_sign_up(db: None) -> None:
    Client().post(LOGIN, {"email": "new@example.com"})
    owed = Delivery.objects.get()
    assert (owed.kind, owed.to, owed.context) == ("account.notice", "new@example.com", {"notice": "unknown"})


def test_a_code_typed_for_an_unknown_address_is_wrong_like_any_other(db: None) -> None:
    client = Client()
    client.post(LOGIN, {"email": "new@example.com"})
    assert client.post(CODE, {"code": "BCDFGH"}).status_code == 200
    assert client.post(CODE, {"code": ""}).status_code == 200


def test_signing_out_needs_a_tap(hana: Member) -> None:
    client = Client()
    client.force_login(hana)
    client.get("/accounts/logout/")
    assert signed_in(client) == hana
    client.post("/accounts/logout/")
    assert signed_in(client) is None


def test_a_passkey_is_no_second_lock_on_the_code(hana: Member) -> None:
    """In a chat program's browser there is no passkey, only the mail."""
    Authenticator.objects.create(user=hana, type=Authenticator.Type.WEBAUTHN, data={"name": "Mac"})
    client = Client()
    assert (by_code(client, hana.email), signed_in(client)) == ("/", hana)


def test_who_has_just_signed_up_may_add_a_passkey(db: None) -> None:
    client = Client()
    client.post(SIGNUP, {"email": "new@example.com"})
    client.post(SIGNUP_CODE, {"code": mailed_code()})
    assert client.get("/accounts/passkeys/add/").status_code == 200


def test_only_one_s_own_passkey_can_be_removed_and_its_owner_is_told(hana: Member, ken: Member) -> None:
    key = Authenticator.objects.create(user=hana, type=Authenticator.Type.WEBAUTHN, data={"name": "Mac"})
    stranger, owner = Client(), Client()
    by_code(stranger, ken.email)
    by_code(owner, hana.email)
    assert stranger.post(f"/accounts/passkeys/{key.pk}/remove/").status_code == 404
    assert owner.get(f"/accounts/passkeys/{key.pk}/remove/").status_code == 200
    assert owner.post(f"/accounts/passkeys/{key.pk}/remove/")["Location"] == "/accounts/"
    assert not Authenticator.objects.exists()
    told = Delivery.objects.latest("pk")
    assert (told.to, told.context) == (hana.email, {"notice": "passkey-removed"})
