"""Signing up by mail code, the short profile, a passkey, and in again by it."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import CDPSession, Page, expect

from members import moving
from members.devices import Device, SessionStore
from members.models import Club, Member
from tests.members.elsewhere import elsewhere

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Read = Callable[[str], str]
Check = Callable[[Page], None]


def fingerprint_reader(page: Page) -> CDPSession:
    """A device that always says yes."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return device


def sign_up(page: Page, address: str, mailed_code: Read) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("メールアドレス").fill(address)
    page.get_by_role("button", name="番号を受け取る").click()
    page.get_by_label("メールにある番号").fill(mailed_code(address))
    page.get_by_role("button", name="進む").click()


def join(page: Page) -> None:
    page.get_by_label("名前").first.fill("桐谷 健")
    page.get_by_label("よみ").fill("きりたに けん")
    page.get_by_label(re.compile("^業種")).select_option("S")
    page.get_by_role("button", name="会に加わる").click()


def test_from_the_first_visit_to_signing_in_by_passkey(
    page: Page, club: Club, mailed_code: Read, blameless: Check
) -> None:
    fingerprint_reader(page)
    page.goto("/accounts/signup/")
    blameless(page)
    sign_up(page, "ken@example.com", mailed_code)

    expect(page).to_have_url("/profile/")
    blameless(page)
    join(page)
    ken = Member.objects.get()
    assert (ken.name, ken.industry, ken.joined_at is not None, ken.listed_at) == ("桐谷 健", "S", True, None)

    page.goto("/profile/")
    page.get_by_role("link", name="ログインのしかた").click()
    blameless(page)
    page.get_by_role("link", name="パスキーを加える").click()
    blameless(page)
    page.get_by_label("この端末の呼び名").fill("健の電話")
    page.get_by_role("button", name="加える").click()
    expect(page.get_by_text("健の電話").first).to_be_visible()
    blameless(page)
    assert Authenticator.objects.get().user == ken

    page.goto("/profile/")
    page.get_by_role("button", name="ログアウト").click()
    page.goto("/accounts/login/")
    blameless(page)
    page.get_by_role("button", name="パスキーでログイン").click()
    expect(page).to_have_url("/")
    page.goto("/profile/")
    expect(page.get_by_label("名前").first).to_have_value("桐谷 健")


def test_signing_in_by_code_needs_no_script(page: Page, browser, site: str, hana: Member, mailed_code: Read) -> None:
    plain = browser.new_context(base_url=site, locale="ja-JP", java_script_enabled=False).new_page()
    plain.goto("/accounts/login/?next=/profile/")
    plain.get_by_label("メールアドレス").fill(hana.email)
    plain.get_by_role("button", name="番号を受け取る").click()
    plain.get_by_label("メールにある番号").fill(mailed_code(hana.email))
    plain.get_by_role("button", name="進む").click()
    expect(plain).to_have_url("/profile/")
    plain.context.close()


def test_the_mailbox_shows_the_mail_in_its_own_look(
    page: Page, hana: Member, mailed_code: Read, blameless: Check
) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("メールアドレス").fill(hana.email)
    page.get_by_role("button", name="番号を受け取る").click()
    code = mailed_code(hana.email)
    page.goto("/mailbox/")
    blameless(page)
    page.get_by_role("link", name=f"ログインの番号は {code} です").click()
    shown = page.frame_locator("iframe").get_by_text(code, exact=True).last
    assert shown.evaluate("e => getComputedStyle(e).letterSpacing") == "6px"


def test_one_tap_signs_a_sample_person_in(page: Page, hana: Member) -> None:
    page.goto("/accounts/login/?next=/profile/")
    page.get_by_role("button", name="hanaさん").click()
    expect(page).to_have_url("/profile/")


def shown(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows, so many half minutes from now."""
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + steps))


def test_an_authenticator_app_from_its_square_to_signing_in_with_it(
    page: Page, site: str, hana: Member, club: Club, mailed_code: Read, blameless: Check
) -> None:
    page.goto("/accounts/login/?next=/accounts/")
    page.get_by_label("メールアドレス").fill(hana.email)
    page.get_by_role("button", name="番号を受け取る").click()
    page.get_by_label("メールにある番号").fill(mailed_code(hana.email))
    page.get_by_role("button", name="進む").click()
    blameless(page)
    page.get_by_role("link", name="アプリを加える").click()
    expect(page.get_by_role("img", name="認証アプリで読み取る四角")).to_be_visible()
    page.get_by_text("この電話のアプリを使う").click()
    blameless(page)
    secret = page.get_by_label("キー").input_value()
    page.get_by_label("アプリに出ている6桁の数字").fill(shown(secret))
    page.get_by_role("button", name="加える").click()
    expect(page.get_by_role("heading", name="予備の番号")).to_be_visible()
    blameless(page)
    spare = page.get_by_role("list").get_by_text(re.compile(r"^\d{4} \d{4}$")).first.inner_text()

    page.goto("/profile/")
    page.get_by_role("button", name="ログアウト").click()
    for code in (shown(secret, steps=1), spare):
        page.goto("/accounts/login/?next=/accounts/")
        page.get_by_label("メールアドレス").fill(hana.email)
        page.get_by_role("button", name="番号を受け取る").click()
        page.get_by_label("メールにある番号").fill(mailed_code(hana.email))
        page.get_by_role("button", name="進む").click()
        expect(page.get_by_role("heading", name="次に、アプリの番号を")).to_be_visible()
        blameless(page)
        page.get_by_label("アプリの番号、または予備の番号").fill(code)
        page.get_by_role("button", name="進む").click()
        expect(page.get_by_role("heading", name="ログインのしかた")).to_be_visible()
        page.goto("/profile/")
        page.get_by_role("button", name="ログアウト").click()


def test_a_passkey_answers_whether_it_is_really_you(
    page: Page, hana: Member, club: Club, mailed_code: Read, blameless: Check
) -> None:
    fingerprint_reader(page)
    page.goto("/accounts/login/?next=/accounts/passkeys/add/")
    page.get_by_label("メールアドレス").fill(hana.email)
    page.get_by_role("button", name="番号を受け取る").click()
    page.get_by_label("メールにある番号").fill(mailed_code(hana.email))
    page.get_by_role("button", name="進む").click()
    page.get_by_role("button", name="加える").click()
    expect(page.get_by_role("heading", name="ログインのしかた")).to_be_visible()

    for device in Device.objects.filter(member=hana):
        store = SessionStore(device.session_key)
        store["account_authentication_methods"] = [
            record | {"at": record["at"] - 3600} for record in store["account_authentication_methods"]
        ]
        store.save()
    page.goto("/profile/data/")
    expect(page.get_by_role("heading", name="ご本人の確認")).to_be_visible()
    blameless(page)
    page.get_by_role("button", name="パスキーで").click()
    expect(page).to_have_url("/profile/data/")


def test_by_an_account_elsewhere_and_back(page: Page, site: str, hana: Member, settings, blameless: Check) -> None:
    """In a real browser, where the policy says which forms may lead away."""
    Member.objects.filter(pk=hana.pk).update(email="hana@gmail.com")
    with elsewhere() as place:
        settings.SITE_URL, settings.SIGN_IN_BY = site, place.settings("google")
        page.goto("/accounts/login/?next=/profile/")
        blameless(page)
        page.get_by_role("button", name="Googleでログイン").click()
        expect(page).to_have_url("/profile/")
        page.goto("/accounts/")
        expect(page.get_by_role("button", name="外す Google")).to_be_visible()
        blameless(page)


def test_an_operator_comes_in_by_passkey(
    page: Page, hana: Member, ken: Member, club: Club, mailed_code: Read, blameless: Check
) -> None:
    Member.objects.filter(pk=hana.pk).update(is_staff=True)
    fingerprint_reader(page)
    page.goto("/accounts/login/?next=/accounts/passkeys/add/")
    page.get_by_label("メールアドレス").fill(hana.email)
    page.get_by_role("button", name="番号を受け取る").click()
    page.get_by_label("メールにある番号").fill(mailed_code(hana.email))
    page.get_by_role("button", name="進む").click()
    page.get_by_role("button", name="加える").click()
    expect(page.get_by_role("heading", name="ログインのしかた")).to_be_visible()

    page.goto("/operator/accounts/")
    expect(page.get_by_label("アプリの番号")).to_have_count(0)
    page.get_by_role("button", name="パスキーで").click()
    expect(page.get_by_role("heading", name="登録")).to_be_visible()
    blameless(page)
    page.get_by_role("link", name=f"見る {ken.email}").click()
    blameless(page)
    page.get_by_role("button", name="する 登録を止める").click()
    expect(page.get_by_text("済みました。記録に残ります。")).to_be_visible()
    assert not Member.objects.get(pk=ken.pk).is_active
    for address in ("/operator/", "/operator/club/", "/operator/record/"):
        page.goto(address)
        blameless(page)


def test_another_mail_address_and_back(
    page: Page, site: str, hana: Member, club: Club, settings, mailed_code: Read, blameless: Check
) -> None:
    settings.SITE_URL = site
    page.goto("/accounts/login/?next=/profile/")
    page.get_by_label("メールアドレス").fill(hana.email)
    page.get_by_role("button", name="番号を受け取る").click()
    page.get_by_label("メールにある番号").fill(mailed_code(hana.email))
    page.get_by_role("button", name="進む").click()
    page.get_by_role("link", name="変更 メールアドレス").click()
    blameless(page)
    page.get_by_label("新しいメールアドレス").fill("hana@example.org")
    page.get_by_role("button", name="そこに番号を送る").click()
    blameless(page)
    page.get_by_label("メールにある番号").fill(mailed_code("hana@example.org"))
    page.get_by_role("button", name="アドレスを変える").click()
    expect(page.get_by_text("これからは新しいアドレスにメールが届きます。")).to_be_visible()

    page.goto(moving.undo_url(hana.former_addresses.get()))
    blameless(page)
    page.get_by_role("button", name="変更を取り消す").click()
    expect(page.get_by_role("heading", name="登録が元に戻りました")).to_be_visible()
    blameless(page)
    page.goto("/profile/")
    expect(page).to_have_url("/accounts/login/?next=/profile/")
