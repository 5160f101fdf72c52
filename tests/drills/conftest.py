"""What the drills of mails begin with: a mail server, an empty broker, processes, people who are owed reminders."""

from collections.abc import Callable, Iterator
from datetime import time as clock
from pathlib import Path

import pytest
import redis
from aiosmtpd.controller import Controller
from django.conf import settings
from django.utils import timezone

from events.models import Membership, ReminderRule, Segment, Series, Session
from members.models import Member
from outbox.models import Delivery, Lane
from tests.drills.crew import Crew, Server, free_port


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server(free_port())
    controller = Controller(told, hostname="127.0.0.1", port=told.port)
    controller.start()
    yield told
    controller.stop()


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS.url) as line:
        line.flushall()
        yield line


@pytest.fixture
def crew(tmp_path: Path, server: Server) -> Iterator[Crew]:
    crew = Crew(tmp_path, server)
    yield crew
    for name in list(crew.running):
        crew.kill(name)
    for log in tmp_path.glob("*.log"):
        print(log.name, log.read_text(encoding="utf-8")[-2000:])


def where_it_is_noon() -> str:
    """A zone for a session whose reminders go out now, because they keep quiet at night."""
    ahead = 12 - timezone.now().hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@pytest.fixture
def reminders(series: Series, make_session: Callable[..., Session]) -> Callable[[int], list[Delivery]]:
    """Owe so many people a reminder of the same session, as events.reminders does."""
    session = make_session(timezone=where_it_is_noon())
    rule = ReminderRule.objects.create(
        series=series,
        template=ReminderRule.Template.INVITE,
        audience=Segment.UNANSWERED,
        days_before=7,
        at=clock(12, 10),
    )
    day = session.local_start.date().isoformat()

    def owe(number: int) -> list[Delivery]:
        people = Member.objects.bulk_create(
            Member(email=f"guest{n}@example.com", name=f"客{n}", industry="G", joined_at=timezone.now())
            for n in range(number)
        )
        Membership.objects.bulk_create(Membership(series=series, member=member) for member in people)
        return [
            Delivery(
                kind=f"reminder.{rule.template}",
                key=f"reminder:{rule.pk}:{session.pk}:{member.pk}:{day}",
                to=member.email,
                language="ja",
                context={"rule": rule.pk, "session": session.pk, "member": member.pk, "day": day},
                lane=Lane.BULK,
            )
            for member in people
        ]

    return owe
