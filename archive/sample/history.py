"""The mornings of the past as rows: sessions, talks, reports, lines taken home, who came."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from archive.sample.attendances import attendances
from archive.sample.data import read
from archive.sample.days import Days
from archive.sample.dice import Dice
from archive.sample.mornings import Morning
from events import recurrence
from events.models import Attendance, Session, Talk, TalkSpeaker
from members.models import Member
from records.models import Intention, Report, Takeaway
from speakers.models import Speaker

Members = dict[str, Member]
Guests = dict[str, Speaker]
Remembered = list[tuple[Session, Morning]]
REPORTERS = ("小暮 文乃", "梁瀬 ことの", "潮見 耕介")


def make(mornings: list[Morning], members: Members, guests: Guests, days: Days) -> Remembered:
    """One session per morning, in the same order, with all that remains of it."""
    dice = Dice("history")
    sessions = Session.objects.bulk_create([_session(morning, dice) for morning in mornings])
    remembered = list(zip(sessions, mornings, strict=True))
    held = [(session, morning) for session, morning in remembered if morning.is_on]
    Talk.objects.bulk_create(_talks(held, members))
    for session, morning in held:
        if "guest" in morning.words:
            give_talk(session, guests[morning.words["guest"]], morning.words.get("topics", []))
    Report.objects.bulk_create(_reports(held, members, days))
    Takeaway.objects.bulk_create(_taken_home(held, members, days))
    Intention.objects.bulk_create(_meant(held, members, days))
    Attendance.objects.bulk_create(attendances(held, members))
    return remembered


def _session(morning: Morning, dice: Dice) -> Session:
    series = morning.series
    starts_at = recurrence.localise(morning.on, series.at, series.timezone)
    announced_at = _hour(morning, days_before=30, at=time(21))
    session = Session(
        code=dice.code(),
        meeting_code=dice.code(),
        series=series,
        number=morning.number,
        title=morning.words["title"],
        summary=morning.words.get("summary", ""),
        recurrence_id=morning.on,
        starts_at=starts_at,
        duration_minutes=series.duration_minutes,
        doors_minutes=series.doors_minutes,
        venue=series.venue,
        capacity=series.capacity,
        fee_amount=series.fee_amount,
        programme=running_order(series.slug),
        published_at=announced_at,
        created_at=announced_at,
    )
    session.complete()
    if morning.is_on:
        session.roster_closed_at = session.changed_at = session.ends_at
    else:
        session.cancelled_at = session.changed_at = _hour(morning, days_before=1, at=time(18))
        session.cancel_reason = _called_off(morning.on.month)
    return session


def _hour(morning: Morning, *, days_before: int, at: time) -> datetime:
    return recurrence.localise(morning.on - timedelta(days=days_before), at, morning.series.timezone)


def _called_off(month: int) -> str:
    """Why a morning was called off, whatever time of the year it fell on."""
    weather = {12: "大雪", 1: "大雪", 2: "大雪"} | dict.fromkeys(range(6, 11), "台風")
    return f"{weather.get(month, '強い風')}のため中止します。お話は翌月にうかがいます。"


def running_order(slug: str) -> str:
    """The programme of a series' mornings."""
    return next(str(words["programme"]) for words in read("club")["series"].values() if words["slug"] == slug)


def give_talk(session: Session, guest: Speaker, topics: Sequence[str] = ()) -> None:
    """Put a guest with the book into a session's programme."""
    book = guest.books.first()
    talk = Talk.objects.create(session=session, title=session.title, book=book, minutes=30, tags=list(topics))
    TalkSpeaker.objects.create(talk=talk, speaker=guest)


def _talks(held: Remembered, members: Members) -> Iterator[Talk]:
    """Members' own."""
    for session, morning in held:
        talks = morning.words.get("talks", [])
        for position, talk in enumerate(talks, start=1):
            minutes = 30 // len(talks)
            yield Talk(
                session=session,
                position=position,
                title=talk["title"],
                member=members[talk["by"]],
                minutes=minutes,
                tags=morning.words.get("topics", []),
            )


def _reports(held: Remembered, members: Members, days: Days) -> Iterator[Report]:
    for session, morning in held:
        if "report" not in morning.words:
            continue
        yield Report(
            session=session,
            body=morning.words["report"],
            author=members[REPORTERS[(morning.number or 0) % len(REPORTERS)]],
            created_at=days.after(session, days=2, at=time(21, 10)),
            approved_at=days.after(session, days=5, at=time(9, 30)),
            published_at=days.after(session, days=5, at=time(12)),
        )


def _taken_home(held: Remembered, members: Members, days: Days) -> Iterator[Takeaway]:
    for session, morning in held:
        for line in morning.words.get("taken_home", []):
            yield Takeaway(
                session=session,
                member=members[line["by"]],
                text=line["text"],
                audience=line.get("audience", Takeaway.Audience.PUBLIC),
                signed=line.get("signed", Takeaway.Signed.NAME),
                created_at=days.after(session, days=0, at=time(12, 40)),
            )


def _meant(held: Remembered, members: Members, days: Days) -> Iterator[Intention]:
    """What those who wrote a line meant to do with it; of older ones, what became of it."""
    for session, morning in held:
        for line in (one for one in morning.words.get("taken_home", []) if "will_do" in one):
            outcome = line.get("outcome", "")
            yield Intention(
                session=session,
                member=members[line["by"]],
                text=line["will_do"],
                created_at=days.after(session, days=0, at=time(12, 40)),
                outcome=outcome,
                answered_at=days.after(session, days=27, at=time(18, 20)) if outcome else None,
            )
