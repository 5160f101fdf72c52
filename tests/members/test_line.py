"""Linking LINE: a code from the page typed into LINE; and what LINE's server may tell us."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from members.line import LineAccount, LineCode
from members.models import Member
from outbox.models import Delivery
from tests.outbox.line_api import SECRET, Line, running

PAGE, WEBHOOK, HEALTH = "/profile/line/", "/line/webhook/", "/operator/line/"


@pytest.fixture
def api(settings: Any) -> Iterator[Line]:
    with running(settings) as told:
        yield told


def browser(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def code_of(member: Member) -> str:
    """The code the page shows."""
    return browser(member).post(PAGE).context["code"]


def event(text: str, account: str = "Uhana", kind: str = "message") -> dict[str, Any]:
    message = {"type": "text", "id": "1", "text": text}
    return {"type": kind, "source": {"type": "user", "userId": account}, "message": message, "replyToken": "r"}


def tell(*events: Any, key: str = SECRET, body: bytes | None = None) -> HttpResponse:
    """What LINE posts, signed; without cookie and without token."""
    body = json.dumps({"destination": "Uclub", "events": list(events)}).encode() if body is None else body
    signature = base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
    client = Client(enforce_csrf_checks=True)
    return client.post(WEBHOOK, body, content_type="application/json", headers={"X-Line-Signature": signature})


def test_a_code_typed_into_line_links_the_account_once(api: Line, hana: Member, ken: Member) -> None:
    code = code_of(hana)
    assert (len(code), code in str(LineCode.objects.values())) == (8, False)
    assert tell(event(f" {code[:4]} {code[4:].lower()} ")).status_code == 200
    assert list(LineAccount.objects.values_list("member", "account")) == [(hana.pk, "Uhana")]
    assert list(Delivery.objects.values_list("kind", "channel", "to")) == [("line.linked", "line", "Uhana")]
    tell(event(code, "Ken"))
    assert list(LineAccount.objects.values_list("member", "account")) == [(hana.pk, "Uhana")]
    assert "LINEとつながっています。" in browser(hana).get(PAGE).content.decode()


def test_an_old_code_and_a_replaced_one_are_worth_nothing(api: Line, hana: Member) -> None:
    old = code_of(hana)
    code_of(hana)
    tell(event(old))
    late = code_of(hana)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        tell(event(late))
    assert LineAccount.objects.count() == 0


def test_an_account_belongs_to_one_member_and_a_member_has_one(api: Line, hana: Member, ken: Member) -> None:
    tell(event(code_of(hana), "U1"))
    tell(event(code_of(ken), "U1"))
    tell(event(code_of(ken), "U2"))
    assert list(LineAccount.objects.values_list("member", "account")) == [(ken.pk, "U2")]


@pytest.mark.parametrize("how", ["page", "stop", "解除", "unfollow"])
def test_it_is_unlinked_from_the_page_or_from_line_and_what_is_owed_is_dropped(
    api: Line, hana: Member, how: str
) -> None:
    tell(event(code_of(hana)))
    if how == "page":
        assert browser(hana).post(f"{PAGE}removal/").status_code == 302
    elif how == "unfollow":
        tell({"type": "unfollow", "source": {"type": "user", "userId": "Uhana"}})
    else:
        tell(event(how))
    assert (LineAccount.objects.count(), Delivery.objects.get().drop_reason) == (0, "unlinked")


def test_what_is_not_signed_by_line_is_not_heard(api: Line, hana: Member) -> None:
    code = code_of(hana)
    assert tell(event(code), key="another").status_code == 400
    body = json.dumps({"events": [event(code)]}).encode()
    unsigned = Client().post(WEBHOOK, body, content_type="application/json")
    assert (unsigned.status_code, LineAccount.objects.count()) == (400, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"events": 5}',
        b'{"events": [null]}',
        b'{"events": [{"source": []}]}',
        b"\xff",
        b'{"events": [{"source": {"type": "user", "userId": 5}, "message": "x"}]}',
    ],
)
def test_whatever_is_told_does_no_harm(api: Line, db: None, body: bytes) -> None:
    assert tell(body=body).status_code in {200, 400}


def test_other_messages_are_let_be(api: Line, hana: Member) -> None:
    code = code_of(hana)
    group = event(code) | {"source": {"type": "group", "groupId": "G", "userId": "Uhana"}}
    sticker = event(code) | {"message": {"type": "sticker", "text": code}}
    assert tell(event("こんにちは"), event("B" * 8), event(code, "U" * 65), group, sticker).status_code == 200
    assert (LineAccount.objects.count(), Delivery.objects.count()) == (0, 0)


def test_the_operator_sees_how_the_quota_stands(api: Line, hana: Member, kosuke: Member) -> None:
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True)
    operator = browser(kosuke)
    assert "今月LINEが数えた通数は 200 通のうち 0 通、残り 200 通です。" in operator.get(HEALTH).content.decode()
    api.answers = [503]
    assert "通数をLINEから聞けませんでした。" in operator.get(HEALTH).content.decode()
    assert browser(hana).get(HEALTH).status_code == 404


def test_a_club_without_an_account_has_none_of_these_pages(hana: Member) -> None:
    client = browser(hana)
    answers = [client.get(PAGE), client.post(PAGE), client.post(f"{PAGE}removal/"), client.get(HEALTH), tell()]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert "LINEとつなぐ" not in client.get("/profile/").content.decode()


def test_the_profile_leads_there(api: Line, hana: Member) -> None:
    assert 'href="/profile/line/"' in browser(hana).get("/profile/").content.decode()
