"""Another mail address: proved by a code, everything kept by address moves, and the old one can take it back."""

import re
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from archive.api.tokens import ApiToken
from events.models import Session, Visit
from invitations.models import Follower
from members import erasing, moving
from members.devices import Device
from members.identities import Identity
from members.models import Activity, Club, FormerAddress, Member, MemberQuerySet
from members.refusals import Refusal
from outbox.models import Delivery, Lane, MailboxMessage, Suppression
from outbox.stops import Stop
from speakers.models import Speaker
from tests.members.test_signing_in import by_code, mailed_code, signed_in

CHANGE, CODE = "/profile/address/change/", "/profile/address/change/code/"
NEW = "hana@example.org"


@pytest.fixture
def hers(hana: Member, club: Club) -> Client:
    client = Client()
    by_code(client, hana.email)
    return client


def moved(client: Client, address: str = NEW) -> None:
    assert client.post(CHANGE, {"email": address})["Location"] == CODE
    assert client.post(CODE, {"code": mailed_code()})["Location"] == "/accounts/"


def undo_link() -> str:
    former = FormerAddress.objects.filter(undo_until__isnull=False).latest("pk")
    return moving.undo_url(former).removeprefix("http://localhost:8000")


def told(notice: str) -> list[str]:
    return [d.to for d in Delivery.objects.filter(kind="account.notice") if d.context.get("notice") == notice]


def test_a_code_at_the_new_address_makes_it_the_account_s(hers: Client, hana: Member) -> None:
    hers.post(CHANGE, {"email": "Hana@Example.ORG"})
    owed = Delivery.objects.latest("pk")
    assert (owed.to, owed.context["for"], Member.objects.get(pk=hana.pk).email) == (NEW, "move", "hana@example.com")
    hers.post(CODE, {"code": owed.context["code"].lower()})
    after = Member.objects.get(pk=hana.pk)
    assert (after.email, after.link_version, signed_in(hers)) == (NEW, hana.link_version + 1, after)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(NEW, True, True)]
    assert (told("address-left"), told("address-new")) == (["hana@example.com"], [NEW])
    assert Activity.objects.filter(verb="member.move", actor=hana).count() == 1


def test_the_new_address_signs_in_and_the_old_one_does_not(hers: Client, hana: Member) -> None:
    moved(hers)
    cache.clear()
    assert by_code(Client(), NEW) == "/"
    Client().post("/accounts/login/", {"email": "hana@example.com"})
    assert Delivery.objects.latest("pk").context == {"notice": "unknown"}


def test_others_are_signed_out_and_this_browser_is_not(hers: Client, hana: Member) -> None:
    other = Client()
    other.force_login(hana)
    moved(hers)
    assert (signed_in(other), signed_in(hers)) == (None, Member.objects.get(pk=hana.pk))


def test_what_is_kept_by_address_moves_along(
    hers: Client, hana: Member, ken: Member, session: Session, sato: Speaker
) -> None:
    now = timezone.now()
    for address, topic in ((hana.email, "letter"), (hana.email, "intro"), (NEW, "intro"), (ken.email, "letter")):
        Stop.objects.create(address=address, topic=topic, about="", since=now)
    Follower.objects.create(speaker=sato, email="Hana@example.com")
    Visit.objects.create(session=session, name="花", email=hana.email, digest="x", digest_until=now)
    owe = {"language": "ja", "context": {}, "lane": Lane.BULK}
    Delivery.objects.owe("reminder", "waiting", to=hana.email, **owe)
    Delivery.objects.owe("reminder", "gone", to=hana.email, **owe)
    Delivery.objects.get(key="reminder:gone").succeed(now=now)
    for _time in range(2):
        Suppression.note(hana.email, "5.1.1", now=now)
        Suppression.note(NEW, "5.1.1", now=now)
    moved(hers)
    stops = sorted(Stop.objects.values_list("address", "topic"))
    assert stops == [(NEW, "intro"), (NEW, "letter"), (ken.email, "letter")]
    assert (Follower.objects.get().email, Visit.objects.get().email) == (NEW, NEW)
    assert Delivery.objects.get(key="reminder:waiting").to == NEW
    assert Delivery.objects.get(key="reminder:gone").to == "hana@example.com"
    assert not Suppression.objects.exists()


def answers(client: Client, address: str) -> tuple[object, ...]:
    """What an asker sees of it, before and after a wrong code."""
    sent = client.post(CHANGE, {"email": address})
    pages = [client.get(CODE), client.post(CODE, {"code": "BBBBBB"})]
    bodies = [re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content) for page in pages]
    return sent.status_code, sent["Location"], [p.status_code for p in pages], [
        body.replace(address.encode(), b"@") for body in bodies
    ]  # fmt: skip


@pytest.mark.parametrize("address", ["ken@example.com", "refused@example.com"])
def test_an_address_that_cannot_be_had_is_answered_like_a_free_one(hers: Client, ken: Member, address: str) -> None:
    Refusal.objects.add("refused@example.com", "", now=timezone.now())
    assert answers(hers, address) == answers(hers, "free@example.com")


def test_whoever_has_the_address_is_told_and_nothing_changes(hers: Client, hana: Member, ken: Member) -> None:
    hers.post(CHANGE, {"email": ken.email})
    assert (told("address-wanted"), Delivery.objects.filter(kind="account.code", to=ken.email).count()) == (
        [ken.email],
        0,
    )
    assert Member.objects.get(pk=hana.pk).email == "hana@example.com"


def test_an_address_taken_while_the_mail_was_on_its_way_is_not_had(hers: Client, hana: Member, ken: Member) -> None:
    hers.post(CHANGE, {"email": NEW})
    code = mailed_code()
    Member.objects.filter(pk=ken.pk).update(email=NEW)
    assert hers.post(CODE, {"code": code}).status_code == 422
    assert Member.objects.get(pk=hana.pk).email == "hana@example.com"


def test_the_code_is_for_the_address_it_went_to(hers: Client, hana: Member) -> None:
    hers.post(CHANGE, {"email": NEW})
    first = mailed_code()
    hers.post(CHANGE, {"email": "other@example.org"})
    assert hers.post(CODE, {"code": first}).status_code == 422
    assert Member.objects.get(pk=hana.pk).email == "hana@example.com"


def test_what_was_typed_is_kept_on_an_error(hers: Client, hana: Member) -> None:
    for address in (hana.email, "hana@example"):
        page = hers.post(CHANGE, {"email": address})
        assert (page.status_code, f'value="{address}"' in page.content.decode()) == (422, True)


def test_asking_has_an_end(hers: Client) -> None:
    statuses = [hers.post(CHANGE, {"email": f"h{n}@example.org"}).status_code for n in range(6)]
    assert statuses == [302] * 5 + [429]


def test_the_old_address_takes_it_back(hers: Client, hana: Member) -> None:
    Authenticator.objects.create(user=hana, type=Authenticator.Type.WEBAUTHN, data={"name": "Mac"})
    Authenticator.objects.update(created_at=timezone.now() - timedelta(days=30))
    moved(hers)
    Authenticator.objects.create(user=hana, type=Authenticator.Type.TOTP, data={"secret": "x"})
    link = undo_link()
    assert Client().get(link).status_code == 200
    assert Member.objects.get(pk=hana.pk).email == NEW
    assert "登録が元に戻りました" in Client().post(link).content.decode()
    after = Member.objects.get(pk=hana.pk)
    assert (after.email, after.link_version, signed_in(hers)) == ("hana@example.com", hana.link_version + 2, None)
    assert [one.type for one in Authenticator.objects.all()] == ["webauthn"]
    assert told("address-undone") == ["hana@example.com"]
    assert Client().post(link).status_code == 404


def test_taking_it_back_closes_whatever_was_opened_lately(hers: Client, hana: Member) -> None:
    now = timezone.now()
    for days, subject in ((30, "old"), (0, "young")):
        Identity.objects.link(hana.pk, "google", subject, now=now - timedelta(days=days))
        made = {"scopes": [], "days": 90, "now": now - timedelta(days=days)}
        ApiToken.objects.issue(hana, name=subject, **made)
    moved(hers)
    Client().post(undo_link())
    assert [one.subject for one in Identity.objects.all()] == ["old"]
    assert [one.name for one in ApiToken.objects.all()] == ["old"]


def test_the_link_works_for_seven_days(hers: Client, hana: Member) -> None:
    moved(hers)
    link = undo_link()
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert (Client().get(link).status_code, Client().post(link).status_code) == (404, 404)
    assert Member.objects.get(pk=hana.pk).email == NEW


def test_whoever_moves_twice_is_taken_back_to_the_first_and_cannot_return(hers: Client, hana: Member) -> None:
    moved(hers)
    first = undo_link()
    moved(hers, "third@example.org")
    second = undo_link()
    Client().post(first)
    assert Member.objects.get(pk=hana.pk).email == "hana@example.com"
    assert Client().post(second).status_code == 404


def test_an_old_address_that_somebody_has_by_now_stays_theirs(hers: Client, hana: Member, ken: Member) -> None:
    moved(hers)
    link = undo_link()
    Member.objects.filter(pk=ken.pk).update(email="hana@example.com")
    assert Client().post(link).status_code == 409
    assert Member.objects.get(pk=hana.pk).email == NEW
    assert Client().get(link).status_code == 200


def test_deleting_the_account_forgets_the_old_address_too(hers: Client, hana: Member) -> None:
    moved(hers)
    for address in ("hana@example.com", NEW, "ken@example.com"):
        MailboxMessage.objects.create(recipients=[address], subject="朝会", raw=b"")
    erasing.erase(Member.objects.get(pk=hana.pk), now=timezone.now())
    assert not FormerAddress.objects.exists()
    assert list(MailboxMessage.objects.values_list("recipients", flat=True)) == [["ken@example.com"]]
    assert not Delivery.objects.filter(to__in=["hana@example.com", NEW]).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_prove_one_address_at_once_one_has_it(hana: Member, ken: Member) -> None:
    """As when one mailbox is read by two people."""
    start, taken = threading.Barrier(2), []

    def go(member: Member) -> None:
        start.wait()
        try:
            moving.move(member, NEW, now=timezone.now())
        except moving.TakenError:
            taken.append(member)
        connection.close()

    threads = [threading.Thread(target=go, args=[member]) for member in (hana, ken)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), Member.objects.filter(email=NEW).count(), FormerAddress.objects.count()) == (1, 1, 1)


def go_on_while_it_is_taken_back(hana: Member, monkeypatch: pytest.MonkeyPatch) -> tuple[str, bool]:
    """A thief has moved the account once and moves it on, slowly, while the owner takes it back.

    Whose it is then, and whether anybody could take that back in turn.
    """
    moving.move(hana, NEW, now=timezone.now())
    thief, former = Member.objects.get(pk=hana.pk), FormerAddress.objects.get()
    start, become = threading.Barrier(2), moving._become

    def slowly(member: Member, address: str, **more) -> None:
        if address == "third@example.org":
            time.sleep(0.3)
        become(member, address, **more)

    monkeypatch.setattr(moving, "_become", slowly)

    def act(deed) -> None:
        start.wait()
        with suppress(moving.TakenError):
            deed()
        connection.close()

    deeds = [
        lambda: moving.move(thief, "third@example.org", now=timezone.now()),
        lambda: moving.undo(former, now=timezone.now()),
    ]
    threads = [threading.Thread(target=act, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Member.objects.get(pk=hana.pk).email, FormerAddress.objects.filter(undo_until__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_takes_it_back_has_it_also_when_it_is_moved_on_at_that_moment(hana: Member, monkeypatch) -> None:
    assert go_on_while_it_is_taken_back(hana, monkeypatch) == ("hana@example.com", False)
    assert not Device.objects.filter(member=hana).exists()


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_thief_could_take_it_back_in_turn(hana: Member, monkeypatch) -> None:
    """The control of the test above."""
    monkeypatch.setattr(MemberQuerySet, "select_for_update", lambda self, **_how: self)
    assert go_on_while_it_is_taken_back(hana, monkeypatch)[1]


def test_whoever_is_signed_out_by_the_old_address_does_not_move_on(hana: Member) -> None:
    moving.move(hana, NEW, now=timezone.now())
    thief = Member.objects.get(pk=hana.pk)
    moving.undo(FormerAddress.objects.get(), now=timezone.now())
    with pytest.raises(moving.TakenError):
        moving.move(thief, "third@example.org", now=timezone.now())
    assert Member.objects.get(pk=hana.pk).email == "hana@example.com"
