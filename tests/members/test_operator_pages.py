"""The operator's pages: behind a second factor shown lately, without what members told, every change on record."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from introductions.acquaintance import Memory
from members import second_factor
from members.models import Activity, Club, Member
from members.refusals import Refusal
from outbox.models import Delivery
from tests.members.test_proof import AGAIN, ASK
from tests.members.test_second_factor import SECOND, app, half_way  # noqa: F401 - a fixture
from tests.members.test_signing_in import by_code, mailed_code, signed_in

PAGES = ["/operator/", "/operator/accounts/", "/operator/club/", "/operator/record/", "/operator/export/"]


@pytest.fixture
def operator(hana: Member, app: str) -> Client:  # noqa: F811
    """Hana, who runs the site, signed in with her app."""
    Member.objects.filter(pk=hana.pk).update(is_staff=True)
    client = half_way(hana)
    client.post(SECOND, {"code": second_factor.recovery_codes(hana)[0]})
    return client


def deed(client: Client, member: Member, name: str) -> str:
    return client.post(f"/operator/accounts/{member.code}/{name}/")["Location"]


@pytest.mark.parametrize("page", PAGES)
def test_for_others_there_is_nothing(page: str, kosuke: Member, club: Club) -> None:
    client = Client()
    assert client.get(page)["Location"] == f"/accounts/login/?next={page}"
    client.force_login(kosuke)
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_an_operator_without_a_second_factor_is_told_to_add_one(page: str, kosuke: Member, club: Club) -> None:
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True)
    client = Client()
    by_code(client, kosuke.email)
    said = client.get(page)
    assert (said.status_code, "その前に、もう一つ" in said.content.decode()) == (403, True)


@pytest.mark.parametrize("page", PAGES)
def test_the_second_factor_must_have_been_shown_here_and_lately(page: str, operator: Client, hana: Member) -> None:
    assert operator.get(page).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert operator.get(page)["Location"].startswith(AGAIN)
    other = Client()
    other.force_login(hana)
    assert other.get(page)["Location"].startswith(AGAIN)


def test_an_operator_with_a_passkey_does_not_come_in_by_the_mail(kosuke: Member, club: Club, monkeypatch) -> None:
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True)
    client = Client()
    by_code(client, kosuke.email)
    Authenticator.objects.create(user=kosuke, type=Authenticator.Type.WEBAUTHN, data={"name": "Mac"})
    monkeypatch.setattr("members.proof.passkeys.begin_authentication", lambda _member: {})
    mails = Delivery.objects.count()
    assert client.get("/operator/")["Location"] == f"{AGAIN}?next=%2Foperator%2F"
    assert "again_code" not in client.get(AGAIN).content.decode()
    client.post(ASK, {"next": "/operator/"})
    assert (Delivery.objects.count(), client.post(AGAIN, {"code": mailed_code()}).status_code) == (mails, 422)
    assert client.get("/operator/").status_code == 302


def test_what_members_told_is_not_shown(operator: Client, ken: Member, kosuke: Member) -> None:
    canaries = {"one_line": "CANARY1", "organisation": "CANARY2", "phone": "CANARY3", "line_id": "CANARY4"}
    Member.objects.filter(pk=ken.pk).update(**canaries)
    Memory.objects.create(owner=ken, other=kosuke, note="CANARY5")
    pages = [*PAGES, f"/operator/accounts/{ken.code}/"]
    shown = "".join(operator.get(page).content.decode() for page in pages)
    assert ("ken@example.com" in shown, "CANARY" in shown) == (True, False)


def test_accounts_are_found_by_name_or_address(operator: Client, ken: Member, kosuke: Member) -> None:
    for words in ("KEN@", "ken", "kosuke ken"):
        page = operator.get("/operator/accounts/", {"q": words}).content.decode()
        assert (ken.email in page, kosuke.email in page) == (words != "kosuke ken", False)
    assert "いません" in operator.get("/operator/accounts/", {"q": "nobody"}).content.decode()


def test_a_closed_account_is_signed_out_and_its_links_are_void(operator: Client, ken: Member) -> None:
    client = Client()
    by_code(client, ken.email)
    deed(operator, ken, "closing")
    after = Member.objects.get(pk=ken.pk)
    assert (after.is_active, after.link_version, signed_in(client)) == (False, ken.link_version + 1, None)
    deed(operator, ken, "opening")
    cache.clear()
    assert by_code(Client(), ken.email) == "/"


def test_a_refused_address_is_not_opened_here(operator: Client, ken: Member) -> None:
    deed(operator, ken, "closing")
    Refusal.objects.add(ken.email, "", now=timezone.now())
    deed(operator, ken, "opening")
    assert not Member.objects.get(pk=ken.pk).is_active
    assert "世話人がお断り" in operator.get(f"/operator/accounts/{ken.code}/").content.decode()


def test_the_app_is_taken_off_and_its_owner_is_told(operator: Client, ken: Member) -> None:
    Authenticator.objects.create(user=ken, type=Authenticator.Type.TOTP, data={"secret": "x"})
    deed(operator, ken, "app-removal")
    assert not Authenticator.objects.filter(user=ken).exists()
    told = Delivery.objects.latest("pk")
    assert (told.to, told.context) == (ken.email, {"notice": "app-removed"})


def test_somebody_is_signed_out_everywhere(operator: Client, ken: Member) -> None:
    client = Client()
    by_code(client, ken.email)
    deed(operator, ken, "signing-out")
    assert signed_in(client) is None


def test_operators_are_made_and_unmade_but_not_by_themselves(operator: Client, hana: Member, ken: Member) -> None:
    deed(operator, ken, "operator")
    assert (Member.objects.get(pk=ken.pk).is_staff, Delivery.objects.latest("pk").to) == (True, ken.email)
    deed(operator, ken, "operator-removal")
    assert not Member.objects.get(pk=ken.pk).is_staff
    for name in ("operator-removal", "closing"):
        deed(operator, hana, name)
    assert Member.objects.values_list("is_staff", "is_active").get(pk=hana.pk) == (True, True)


def test_every_deed_is_recorded_once_with_who_and_to_whom(operator: Client, hana: Member, ken: Member) -> None:
    for name in ("closing", "closing", "opening", "operator", "operator-removal"):
        deed(operator, ken, name)
    done = Activity.objects.filter(target=f"member:{ken.code}").order_by("pk")
    assert [(row.actor, row.verb) for row in done] == [
        (hana, "account.closing"),
        (hana, "account.opening"),
        (hana, "account.operator"),
        (hana, "account.operator-removal"),
    ]
    page = operator.get("/operator/record/").content.decode()
    assert ["hana: 登録を止めました" in page, f"/operator/accounts/{ken.code}/" in page] == [True, True]


def test_a_deed_nobody_knows_is_none(operator: Client, ken: Member) -> None:
    assert operator.post(f"/operator/accounts/{ken.code}/erasing/").status_code == 404
    assert operator.post("/operator/accounts/nobody/closing/").status_code == 404
    assert operator.get(f"/operator/accounts/{ken.code}/closing/").status_code == 405


def test_the_club_gets_its_name(operator: Client, hana: Member, club: Club) -> None:
    said = {"name": "新しい朝会", "name_en": "New Breakfast", "sentence": "朝に会う。", "rules": "勧誘なし"}
    assert operator.post("/operator/club/", said)["Location"] == "/operator/club/"
    assert "新しい朝会" in Client().get("/about/").content.decode()
    assert Activity.objects.filter(verb="club.save", actor=hana).count() == 1
    wrong = operator.post("/operator/club/", {"name": "", "sentence": "残る"})
    assert (wrong.status_code, "残る" in wrong.content.decode()) == (422, True)


@pytest.mark.parametrize("others", [1, 30])
def test_the_lists_ask_the_same_of_few_and_many(operator: Client, hana: Member, person, others: int) -> None:
    for n in range(others):
        one = person(f"member{n}")
        Activity.record(hana, "account.closing", f"member:{one.code}", now=timezone.now())
    counts = []
    for page in ("/operator/accounts/", "/operator/record/"):
        with CaptureQueriesContext(connection) as asked:
            operator.get(page)
        counts.append(len(asked))
    assert counts == [6, 5]
