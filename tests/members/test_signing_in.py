"""By a code in the mail, or by passkey; and nobody learns from it who has an account."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.test import Client
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


@pytest.mark.parametrize(("page", "code_page"), [(LOGIN, CODE), (SIGNUP, SIGNUP_CODE)])
def test_a_wrong_code_is_explained_and_five_are_enough(db: None, page: str, code_page: str) -> None:
    if page == LOGIN:
        Member.objects.create_user("new@example.com")
    client = Client()
    client.post(page, {"email": "new@example.com"})
    answers = [client.post(code_page, {"code": "BBBBBB"}) for _ in range(5)]
    assert "いちばん新しいメールの番号ではないか" in answers[0].content.decode()
    assert [a.status_code for a in answers] == [422] * 5
    client.post(code_page, {"code": mailed_code()})
    assert signed_in(client) is None


@pytest.mark.parametrize("page", [LOGIN, SIGNUP])
def test_a_code_is_asked_for_three_times_a_minute(db: None, page: str) -> None:
    asked = [Client().post(page, {"email": "new@example.com"}).status_code for _ in range(4)]
    assert asked == [302] * 3 + [429]


@pytest.mark.parametrize("page", [LOGIN, SIGNUP])
def test_from_one_place_codes_are_asked_for_twenty_times_a_minute(db: None, page: str) -> None:
    asked = [Client().post(page, {"email": f"new{n}@example.com"}).status_code for n in range(21)]
    assert asked == [302] * 20 + [429]


def test_who_says_to_come_from_elsewhere_is_still_in_one_place(db: None, settings) -> None:
    """No proxy is trusted unless the operator says how many stand in front; with one, what it adds last is believed."""
    sent = [{"x-forwarded-for": f"203.0.113.{n}"} for n in range(21)]
    asked = [Client(headers=one).post(LOGIN, {"email": "new@example.com"}).status_code for one in sent[:4]]
    assert asked == [302] * 3 + [429]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    spoofed = [{"x-forwarded-for": f"198.51.100.{n}, 203.0.113.9"} for n in range(21)]
    asked = [
        Client(headers=one).post(LOGIN, {"email": f"n{n}@example.com"}).status_code for n, one in enumerate(spoofed)
    ]
    assert asked == [302] * 20 + [429]


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
    from members import by_code

    monkeypatch.setattr(by_code, "redirect", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Client().post(SIGNUP, {"email": "new@example.com"})
    assert Delivery.objects.count() == 0


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


def test_without_the_code_nobody_is_made_and_with_two_one_person(db: None) -> None:
    browsers, codes = [Client(), Client()], []
    for browser in browsers:
        browser.post(SIGNUP, {"email": "new@example.com"})
        codes.append(mailed_code())
    assert not Member.objects.exists()
    for browser, code in zip(browsers, codes, strict=True):
        browser.post(SIGNUP_CODE, {"code": code})
    assert [signed_in(browser) for browser in browsers] == [Member.objects.get()] * 2


def test_a_code_to_sign_up_is_none_to_sign_in(hana: Member) -> None:
    client = Client()
    client.post(SIGNUP, {"email": "new@example.com"})
    code = mailed_code()
    client.post(LOGIN, {"email": "hana@example.com"})
    client.post(CODE, {"code": code})
    assert signed_in(client) is None


@pytest.mark.parametrize("address", ["hana", "hana@"])
def test_an_address_that_is_none_is_refused_with_a_sentence_and_kept(db: None, address: str) -> None:
    page = Client().post(SIGNUP, {"email": address}).content.decode()
    assert ("アドレスが途中で切れているようです" in page, f'value="{address}"' in page) == (True, True)


def test_the_owner_of_an_unknown_address_learns_how_to_sign_up(db: None) -> None:
    Client().post(LOGIN, {"email": "new@example.com"})
    owed = Delivery.objects.get()
    assert (owed.kind, owed.to, owed.context) == ("account.notice", "new@example.com", {"notice": "unknown"})


def test_a_code_typed_for_an_unknown_address_is_wrong_like_any_other(db: None) -> None:
    client = Client()
    client.post(LOGIN, {"email": "new@example.com"})
    assert client.post(CODE, {"code": "BCDFGH"}).status_code == 422
    assert client.post(CODE, {"code": ""}).status_code == 422


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
