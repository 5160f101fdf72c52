"""What a role may do, at every address there is; and that what a host does stands in the record, with what was done."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive.activity import WORDS
from events.models import Job, Membership, Rsvp, Session
from events.models.roles import MAY, Right
from invitations.models import Invitation
from members.models import Activity, Member
from speakers.models import Speaker
from tests.crawl import Row, answer, as_before, client_of, state_of_the_club, visit
from tests.noted import ELSEWHERE, NOTED
from tests.test_access import TABLE, people, things

# To whom the list at the door answers as it does to a host; everything else is to them as to any member.
DOOR = {"roster", "roster_marks", "roster_walk_ins", "roster_closing", "roster_excuse"}
# What a host may not do, or is another's: to them it is not there.
OWNERS = {"series_role", "series_offer", "series_offer_withdrawal"}
ROLES = ("plain", "door", "cohost", "former", "host")
# Where the answer is about oneself rather than the series.
ONES_OWN = {
    "introduction_answer",
    "memory",
    "exchange",
    "vcard",
    "favour",
    "ask",
    "cards",
    "takeaway",
    "intention",
    "series_stepping_down",
}


@pytest.fixture
def cast(request: pytest.FixtureRequest, person: Callable[..., Member]) -> dict[str, Member]:
    """One of each role of the breakfast; `former` hosted it once, and `plain` only belongs to it."""
    found = people(request)
    series, now = request.getfixturevalue("series"), timezone.now()
    for name, role in (("plain", "member"), ("door", "door"), ("cohost", "host"), ("former", "host")):
        found[name] = person(name)
        Membership.objects.create(
            series=series, member=found[name], role=role, left_at=now if name == "former" else None
        )
    return found


def test_a_role_may_what_the_table_says() -> None:
    assert {role: sorted(rights) for role, rights in MAY.items()} == {
        "member": [],
        "door": [Right.DOOR],
        "host": [Right.DOOR, Right.HOST],
        "owner": [Right.DOOR, Right.HOST, Right.OWN],
    }


def test_the_door_has_its_list_and_nothing_else_and_a_host_all_but_what_owners_have(
    cast: dict[str, Member], request: pytest.FixtureRequest
) -> None:
    named, clients = things(request), {role: client_of(role, cast) for role in ROLES}
    wrong = []
    for row, method in [(row, method) for row in TABLE for method in ("get", "post") if hosting(row, method)]:
        said = {role: answer(visit(as_before(clients[role]), method, row, named)) for role in ROLES}
        at_door = said["host"] if row.name in DOOR else said["plain"]
        as_host = said["plain"] if row.name in OWNERS else said["host"]
        for role, expected in (("door", at_door), ("cohost", as_host)):
            if said[role] != expected and said["host"] != said["plain"]:
                wrong.append((row.page, row.note, method, role, said[role], expected))
        if said["host"] != said["plain"] == "404" and said["former"] != "404":
            wrong.append((row.page, row.note, method, "former", said["former"], "404"))
    assert wrong == []


def more(request: pytest.FixtureRequest, cast: dict[str, Member]) -> dict[str, str]:
    """What is named besides: a letter not sent yet, a question, a morning called off, people with tasks."""
    get, now = request.getfixturevalue, timezone.now()
    named, make_session = things(request), get("make_session")
    speaker = Speaker.objects.create(name="雨貝 一樹", email="amagai@example.com")
    idea = Invitation.objects.create(session=get("session"), speaker=speaker, host=cast["host"], greeting="拝啓")
    asked = [
        Rsvp.objects.create(
            session=get("session"), member=one, question="なぜ朝に?", partstat="ACCEPTED", seated_at=now
        )
        for one in (cast["member"], cast["plain"])
    ]
    Job.objects.create(session=get("session"), kind="door", member=cast["plain"])
    off = make_session(starts_at=now + timedelta(days=40), cancelled_at=now, cancel_reason="雪")
    Membership.objects.filter(member=cast["former"]).update(left_at=None, offered_at=now, offered_by=cast["host"])
    codes = {"idea": idea.code, "question": str(asked[-1].pk), "off": off.code}
    return named | codes | {"cohost": cast["cohost"].code, "door": cast["door"].code}


def send(client: Client, name: str, named: dict[str, str]) -> int:
    """What NOTED says is sent, sent."""
    cache.clear()
    arguments, sends = NOTED[name]
    url = reverse(name, args=[word.format(**named) for word in arguments.split()])
    return client.post(url, {key: text.format(**named) for key, text in sends.items()}).status_code


# What cannot happen before something else did.
FIRST = {"introduction_keeping": "introduction_drop", "introduction_unlocking": "introduction_lock"}
UNSENT = {"introduction_drop", "introduction_lock", "introduction_keeping", "introduction_unlocking", "session_release"}


@pytest.fixture
def stage(cast: dict[str, Member], request: pytest.FixtureRequest) -> tuple[Client, dict[str, str]]:
    named = more(request, cast)
    return client_of("cohost", cast), named


def test_what_a_host_does_is_in_the_record_of_the_series_with_its_words(
    stage: tuple[Client, dict[str, str]], cast: dict[str, Member]
) -> None:
    client, named = stage
    owner, wrong = client_of("host", cast), {}
    for name in NOTED:
        with transaction.atomic():
            unsent(named, name)
            mine = owner if name in OWNERS else client
            if name in FIRST:
                send(mine, FIRST[name], named)
            before = Activity.objects.count()
            status = send(mine, name, named)
            new = list(Activity.objects.order_by("-pk")[: Activity.objects.count() - before])
            done = [row.verb for row in new if row.verb in WORDS and row.actor_id]
            wrong |= {} if done else {name: (status, done)}
            transaction.set_rollback(True)
    assert wrong == {}


def test_without_its_line_in_the_record_nothing_is_done(
    stage: tuple[Client, dict[str, str]], cast: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, named = stage
    owner, wrong = client_of("host", cast), {}
    record = Activity.record

    def fails(*_args: object, **_kwargs: object) -> None:
        raise OSError("no space left")

    for name in NOTED:
        with transaction.atomic():
            unsent(named, name)
            mine = owner if name in OWNERS else client
            if name in FIRST:
                send(mine, FIRST[name], named)
            before = state_of_the_club()
            monkeypatch.setattr(Activity, "record", fails)
            try:
                send(mine, name, named)
            except OSError:
                after = state_of_the_club()
                changed = [table for table in after if after[table] != before[table]]
                wrong |= {name: changed} if changed else {}
            else:
                wrong[name] = ["was not recorded"]
            monkeypatch.setattr(Activity, "record", record)
            transaction.set_rollback(True)
    assert wrong == {}


def unsent(named: dict[str, str], name: str) -> None:
    """Proposals that wait, for what can only be done to those."""
    if name in UNSENT:
        session = Session.objects.get(code=named["closed"])
        session.roster_final_at = None
        session.save(update_fields=["roster_final_at"])
        round_ = session.introduction_round  # type: ignore[attr-defined]
        round_.released_at = None
        round_.computed_at = timezone.now()
        round_.save()
        round_.introductions.update(asked_at=None, answer_until=None)


def hosting(row: Row, method: str) -> bool:
    """Where somebody who hosts the series is answered otherwise than others."""
    said = row.expected(method)
    return row.name not in ONES_OWN and (said["host"] != said["member"] or said["host"] != said["stranger"])


def test_every_address_where_a_host_changes_something_is_in_the_record_or_says_why_not() -> None:
    mute = {"404", "405", "login"}
    posts = [(row.name, row.expected("post")) for row in TABLE if hosting(row, "post")]
    changing = {name for name, said in posts if said["host"] not in mute and said["host"] != said["member"]}
    assert sorted(changing - set(NOTED) - set(ELSEWHERE)) == []
