"""What the tests of pages share: talks with their guests, full rooms, counted statements."""

import re
from collections.abc import Callable, Iterable

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Attendance, Partstat, Rsvp, Session, Talk, TalkSpeaker
from members.models import Member
from speakers.models import Speaker

BOUNDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
TRADES = "EIGSMLPOJD"
WHOLE_DAY = re.compile(r'<span class="nowrap">([^<]*日[^<]*)</span>')


def statements(visit: Callable[[], HttpResponse]) -> tuple[int, int]:
    """Status, and how many statements it took, without those that bound transactions."""
    with CaptureQueriesContext(connection) as queries:
        response = visit()
    return response.status_code, len([query for query in queries if not query["sql"].startswith(BOUNDS)])


def talk(session: Session, speaker: Speaker, title: str = "", **fields: object) -> Talk:
    """Put a talk of a guest into a session, with the guest's first book."""
    values = {"title": title or f"{speaker.name}の話", "book": speaker.books.first()} | fields
    made = Talk.objects.create(session=session, **values)
    TalkSpeaker.objects.create(talk=made, speaker=speaker)
    return made


def crowd(number: int) -> list[Member]:
    """Members of ten trades who let others of the same morning see their names, every second one."""
    now = timezone.now()
    known = Member.objects.count()
    people = [
        Member(
            email=f"m{known + n}@example.com",
            name=f"会員 {known + n}",
            reading=f"かいいん{known + n:05}",
            industry=TRADES[n % len(TRADES)],
            joined_at=now,
            listed_at=now if n % 2 else None,
        )
        for n in range(number)
    ]
    return Member.objects.bulk_create(people)


def seat(session: Session, people: Iterable[Member]) -> None:
    """Give seats as the verb leaves them, without its mails."""
    now = timezone.now()
    rows = [
        Rsvp(session=session, member=member, partstat=Partstat.ACCEPTED, seated_at=now, question="なぜ？", version=1)
        for member in people
    ]
    Rsvp.objects.bulk_create(rows)
    Session.objects.filter(pk=session.pk).update(seats_taken=len(rows))


def came(session: Session, people: Iterable[Member]) -> None:
    Attendance.objects.bulk_create([Attendance(session=session, member=member) for member in people])


def text(client: Client, url: str) -> str:
    """A page, decoded: without what keeps its dates whole at the end of a line."""
    return WHOLE_DAY.sub(r"\1", client.get(url).content.decode())
