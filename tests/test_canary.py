"""Nothing leaks: a canary sits in every line of a profile at every level, and every answer is read as six readers.

Each of the seven people belongs to the series, came to the closed morning, comes to the next one, let their name be
listed, gave a talk, wrote a line to take home and one for themselves alone, and agreed to be introduced: whatever could
carry their words about.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from archive import people as listed_people
from archive.importing.people import Named
from archive.models import Intake, ListedPerson
from events import reminders
from events.models import Attendance, Membership, Partstat, ReminderRule, Rsvp, Series, Session, Talk
from introductions import consent
from introductions.models import Introduction, Round
from members.levels import LINES, Level, all_at
from members.models import Member
from outbox import kinds, rendering
from outbox.models import Delivery
from records.models import Intention, Takeaway
from tests import test_access
from tests.crawl import Row

# Choices are words of a list and no canary can sit in them; tests/members/test_seen_by.py has them.
PLANTED = [line for line in LINES if line.name not in {"industry", "occupation"}]
CANARY = re.compile(r"canary-(\d)-([a-z]+)", re.IGNORECASE)
# A page that lets a browser ask for a photo says that there is one.
DRAWN = re.compile(r'src="/members/planted(\d)xx/photo/')
# How near each reader stands to all seven.
READERS = {
    "nobody": Level.PUBLIC,
    "member": Level.MEMBERS,
    "series": Level.SERIES,
    "morning": Level.MORNING,
    "cards": Level.CARDS,
    "host": Level.HOSTS,
}
# What two who were introduced read of each other, because they agreed to it: introductions.consent has the text.
INTRODUCED = {"/introductions/", "intro.made to cards"}
AGREED = {(1, "role"), (1, "askme"), (1, "wanttolearn")} | {(int(level), "mail") for level in Level}
# Whose talk, list, roster or introduction it is, says the name by a consent of its own.
NAMED_ELSEWHERE = {"name"}


def word(level: Level, line: str) -> str:
    return f"canary-{level:d}-{line.replace('_', '')}"


def plant(person: Callable[..., Member], level: Level) -> Member:
    """Somebody whose every line says which line it is and how far it may go."""
    lines = {line.name: word(level, line.name) for line in PLANTED if line.name not in {"mail", "links", "photo"}}
    lines["links"] = f"https://example.org/{word(level, 'links')}"
    made = person(lines.pop("name"), listed_at=timezone.now(), **lines, **all_at(level))
    Member.objects.filter(pk=made.pk).update(email=f"{word(level, 'mail')}@example.org", code=f"planted{level:d}xx")
    made.refresh_from_db()
    for column in (made.photo, made.photo_small):
        column.save("", ContentFile(word(level, "photo").encode()))
    return made


@pytest.fixture
def morning(make_session: Callable[..., Session]) -> Session:
    start = timezone.now() - timedelta(hours=4)
    return make_session(starts_at=start, roster_closed_at=start + timedelta(hours=2), title="去る朝", number=None)


@pytest.fixture
def planted(
    person: Callable[..., Member], morning: Session, session: Session, series: Series, media: Path
) -> dict[Level, Member]:
    people = {level: plant(person, level) for level in Level}
    for level, one in people.items():
        Membership.objects.create(series=series, member=one)
        Attendance.objects.create(session=morning, member=one)
        Rsvp.objects.create(
            session=session,
            member=one,
            partstat=Partstat.ACCEPTED,
            seated_at=timezone.now(),
            answered_at=timezone.now(),
        )
        audience = ["hosts", "members", "public"][level % 3]
        Talk.objects.create(session=morning, member=one, title="わたしの仕事")
        Takeaway.objects.create(
            session=morning, member=one, text="一行", audience=audience, signed="name" if level else "none"
        )
        asked = {"asked_before": session, "asked_for": session.local_start.date()}
        Intention.objects.create(session=morning, member=one, text=word(Level.NOBODY, "willdo"), **asked)
        consent.give(one, now=timezone.now())
    Session.objects.filter(pk=session.pk).update(seats_taken=len(people))
    on_a_list(series, morning)
    return people


def on_a_list(series: Series, morning: Session) -> None:
    """Somebody whom an older list names, at that morning, and who has not answered: nobody may read a word of it."""
    intake = Intake.objects.create(
        series=series, kind="people", name="people.csv", columns={}, read_at=timezone.now(), wanted_at=timezone.now()
    )
    said = {"name": word(Level.NOBODY, "list"), "yomi": word(Level.NOBODY, "listreading")}
    row = Named(1, email=f"{word(Level.NOBODY, 'listmail')}@example.org", on=morning.local_start.date(), **said)
    listed_people.take_in(intake, [row], now=timezone.now())


@pytest.fixture
def readers(
    person: Callable[..., Member], planted: dict[Level, Member], kosuke: Member, mallory: Member, morning: Session,
    session: Session, series: Series,
) -> dict[str, Member | None]:  # fmt: skip
    sora, asa, fuda = (person(name) for name in ("sora", "asa", "fuda"))
    Membership.objects.create(series=series, member=sora)
    Attendance.objects.create(session=morning, member=asa)
    Rsvp.objects.create(session=session, member=asa, partstat="ACCEPTED", seated_at=timezone.now())
    round_ = Round.objects.create(session=morning, seed="", released_at=timezone.now())
    now = timezone.now()
    for one in planted.values():
        first, second = sorted((one, fuda), key=lambda member: member.pk)
        Introduction.objects.create(
            round=round_, first=first, second=second, value=1, terms={"a_learns": 1, "b_learns": 1, "newcomer": 1},
            asked_at=now, answer_until=now + timedelta(days=7), first_answer="yes", second_answer="yes", made_at=now,
        )  # fmt: skip
    return {"nobody": None, "member": mallory, "series": sora, "morning": asa, "cards": fuda, "host": kosuke}


def of(reader: Member | None) -> Client:
    client = Client(raise_request_exception=False)
    if reader:
        client.force_login(reader)
    return client


def allowed(reader: str) -> set[tuple[int, str]]:
    """Each canary this reader may see: the line's own bounds hold it back too."""
    near = READERS[reader]
    return {
        (int(level), line.name.replace("_", ""))
        for level in Level
        for line in PLANTED
        if all_at(level)[line.level] >= near
    }


def found(text: str) -> set[tuple[int, str]]:
    said = {(int(level), line.lower()) for level, line in CANARY.findall(text)}
    return said | {(int(level), "photo") for level in DRAWN.findall(text)}


def reader_of(response: object) -> str:
    return getattr(response, "content", b"").decode(errors="replace") + repr(getattr(response, "headers", ""))


def addresses(request: pytest.FixtureRequest, planted: dict[Level, Member], days: list[Session]) -> Iterator[str]:
    """Every page there is, of these sessions and these people, searches for each canary, and what is not there."""
    for row in (row for row in test_access.TABLE if row.get != "405"):
        yield from (row.url(named) for named in _named(request, row, planted, days))
    yield from (f"/archive/?q={word(level, line.name)}" for level in Level for line in PLANTED)
    yield from ("/nothing/here/", "/archive/?page=999&q=canary", "/members/aaaaaaaaaa/")


def _named(
    request: pytest.FixtureRequest, row: Row, planted: dict[Level, Member], days: list[Session]
) -> Iterator[dict[str, str]]:
    known: dict[str, str] = request.getfixturevalue("known_things")
    if "{member}" in row.page:
        yield from (known | {"member": one.code} for one in planted.values())
    elif re.search(r"\{(session|past|closed)\}", row.page):
        yield from (known | dict.fromkeys(("session", "past", "closed"), day.code) for day in days)
    else:
        yield known


@pytest.fixture
def known_things(request: pytest.FixtureRequest, planted: dict[Level, Member]) -> dict[str, str]:
    return test_access.things(request)


@pytest.mark.parametrize("reader", READERS)
def test_no_answer_says_more_than_its_reader_may_know(
    request: pytest.FixtureRequest, known_things, planted, readers, morning, session, reader: str
) -> None:
    client, may = of(readers[reader]), allowed(reader)
    leaks: dict[str, set[tuple[int, str]]] = {}
    for url in addresses(request, planted, [session, morning]):
        hits = found(reader_of(client.get(url))) - found(url)
        agreed = AGREED if reader == "cards" and url in INTRODUCED else set()
        if wrong := {hit for hit in hits - may - agreed if hit[1] not in NAMED_ELSEWHERE}:
            leaks[url] = wrong
    assert leaks == {}
    assert Intention.objects.filter(text=word(Level.NOBODY, "willdo")).count() == len(planted)
    assert (
        ListedPerson.objects.waiting().filter(name=word(Level.NOBODY, "list"), attendances__session=morning).count()
        == 1
    )


@pytest.mark.parametrize("reader", READERS)
def test_a_page_says_all_that_its_reader_may_know_and_no_more(planted, readers, reader: str) -> None:
    client, hits = of(readers[reader]), set()
    for one in planted.values():
        response = client.get(one.get_absolute_url())
        hits |= found(reader_of(response)) if response.status_code == 200 else set()
    shown = {level for level, line in hits if line == "name"}
    assert hits == {hit for hit in allowed(reader) if hit[0] in shown}
    assert shown == {level for level, line in allowed(reader) if line == "name"}


def test_no_mail_says_more_than_its_reader_may_know(planted, readers, morning, session, series) -> None:
    """Every mail that falls due around these mornings, as its reader gets it."""
    by_address = {member.email: name for name, member in readers.items() if member}
    pairs = Introduction.objects.with_people()
    rows = [
        mail for pair in pairs for mail in (pair._mail("intro.made", pair.first), pair._mail("intro.made", pair.second))
    ]
    for template, audience, days in (("invite", "unanswered", 7), ("tomorrow", "coming", 1), ("thanks", "came", 0)):
        ReminderRule.objects.create(series=series, template=template, audience=audience, days_before=days, at="12:10")
    for when in range(-30, 12 * 24):
        reminders.carry_out(now=session.starts_at - timedelta(hours=when))
    session.move(session.starts_at + timedelta(hours=1), now=timezone.now())
    rows += list(Delivery.objects.all())
    read = {row.kind for row in rows}
    leaks: dict[str, set[tuple[int, str]]] = {}
    for row in rows:
        try:
            mail = rendering.render(row, rendering.letter(row))
        except (kinds.Unwanted, kinds.NotNow):
            continue
        reader = by_address.get(row.to)
        about = f"{row.kind} to {reader}"
        agreed = AGREED if about in INTRODUCED else set()
        if reader and (wrong := {hit for hit in found(str(mail)) - allowed(reader) - agreed if hit[1] != "name"}):
            leaks[about] = wrong
    assert {"intro.made", "session.changed", "reminder.invite", "reminder.tomorrow"} <= read
    assert leaks == {}


def test_the_crawl_would_see_a_leak(planted, readers, monkeypatch) -> None:
    """The control: with the rule off, a stranger reads what is for nobody."""
    monkeypatch.setattr("members.levels.hidden", lambda *_: set())
    Member.objects.update(name_level=Level.MEMBERS)
    page = reader_of(of(readers["member"]).get(planted[Level.NOBODY].get_absolute_url()))
    assert {(0, "phone"), (0, "photo")} <= found(page)
