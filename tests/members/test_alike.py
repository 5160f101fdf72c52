"""Whose address is known: no page tells, not by what it says, nor by what it does meanwhile.

Time is measured by `make drills DRILL=alike`; here it is the statements, of which there must be the same.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Club, Member
from members.refusals import Refusal
from outbox.models import Delivery
from outbox.sending import send_due
from tests.members.test_signing_in import CODE, LOGIN, SIGNUP, SIGNUP_CODE, by_code

CHANGE, CHANGE_CODE = "/profile/address/change/", "/profile/address/change/code/"
WHOSE = ["unknown", "hana", "proven", "unproved", "app", "passkey", "closed", "refused"]

Person = Callable[..., Member]


@pytest.fixture
def everybody(hana: Member, person: Person, club: Club) -> None:
    """One address of each sort there is, and one that nobody has."""
    by_code(Client(), person("proven").email)
    unproved = Member.objects.create_user("unproved@example.com")
    EmailAddress.objects.create(user=unproved, email=unproved.email, verified=False, primary=True)
    for name, way in (("app", Authenticator.Type.TOTP), ("passkey", Authenticator.Type.WEBAUTHN)):
        Authenticator.objects.create(user=person(name), type=way, data={})
    person("closed", is_active=False)
    Refusal.objects.add("refused@example.com", "", now=timezone.now())
    cache.clear()


def seen(act: Callable[[], HttpResponse], address: str) -> tuple[object, ...]:
    """What an outsider sees of an answer, what the database was asked for it, and how many mails are owed by it."""
    owed = Delivery.objects.count()
    with CaptureQueriesContext(connection) as asked:
        answer = act()
    statements = [re.sub(r"'[^']*'|\d+|\"s\w+_x\w+\"", "…", query["sql"]) for query in asked]
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answer.content).replace(address.encode(), b"@")
    headers = {name: value for name, value in answer.headers.items() if name not in {"ETag", "Content-Length"}}
    verbs = [(sql.split()[0], re.findall(r'(?:FROM|INTO|UPDATE) "?(\w+)', sql)) for sql in statements]
    return answer.status_code, headers, body, verbs, Delivery.objects.count() - owed


def unlike(told: dict[str, list[tuple[object, ...]]]) -> list[tuple[object, ...]]:
    """Whoever is answered otherwise than an unknown address: at which step, and what is other."""
    return [
        (whose, step, part, mine)
        for whose, steps in told.items()
        for step, (own, other) in enumerate(zip(steps, told["unknown"], strict=True))
        for part, (mine, theirs) in enumerate(zip(own, other, strict=True))
        if mine != theirs
    ]


def tried(client: Client, page: str, code_page: str, whose: str) -> list[tuple[object, ...]]:
    """Ask for a code, look at the page for it, type a wrong one, ask once more a second later; at one hour for all."""
    address = f"{whose}@example.com"
    with time_machine.travel(datetime(2027, 1, 14, 3, 0, tzinfo=UTC), tick=False) as clock:
        told = [
            seen(lambda: client.post(page, {"email": address}), address),
            seen(lambda: client.get(code_page), address),
            seen(lambda: client.post(code_page, {"code": "BBBBBB"}), address),
        ]
        clock.shift(1)
        return [*told, seen(lambda: client.post(code_page, {"action": "resend"}), address)]


@pytest.mark.parametrize(("page", "code_page"), [(LOGIN, CODE), (SIGNUP, SIGNUP_CODE)])
def test_signing_in_and_up_answers_every_address_alike(everybody: None, page: str, code_page: str) -> None:
    tried(Client(), page, code_page, "whoever-is-first")  # the club's name is looked up once
    people = Member.objects.count()
    told = {whose: tried(Client(), page, code_page, whose) for whose in WHOSE}
    assert unlike(told) == []
    assert [step[0] for step in told["unknown"]] == [302, 200, 422, 302]
    assert [step[4] for step in told["unknown"]] == [1, 0, 0, 1]
    assert Member.objects.count() == people


def test_another_address_is_answered_alike_whosever_it_is(everybody: None, ken: Member) -> None:
    told = {}
    for whose in WHOSE:
        cache.clear()
        client = Client()
        with time_machine.travel(datetime(2027, 1, 14, 3, 0, tzinfo=UTC), tick=False):
            by_code(client, ken.email)
        told[whose] = tried(client, CHANGE, CHANGE_CODE, whose)[:3]
    assert unlike(told) == []
    assert [step[0] for step in told["unknown"]] == [302, 200, 422]


@pytest.mark.parametrize("page", [LOGIN, SIGNUP])
def test_to_a_refused_address_nothing_is_sent(everybody: None, page: str, mailoutbox: list[object]) -> None:
    Delivery.objects.all().delete()
    Client().post(page, {"email": "refused@example.com"})
    send_due()
    assert [(d.sent_at, d.drop_reason) for d in Delivery.objects.all()] == [(None, "refused")]
    assert mailoutbox == []
