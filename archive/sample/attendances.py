"""Who came, as the door marked it."""

from collections.abc import Iterator

from archive.sample.data import people
from archive.sample.dice import Dice
from archive.sample.mornings import Morning
from events.models import Attendance, Session
from members.models import Member

# Friends who came on a member's word: name, reading.
FRIENDS = [
    ("青砥 和馬", "あおと かずま"),
    ("雲林院 史", "うじい ふみ"),
    ("丹波谷 美緒里", "たんばや みおり"),
    ("水無瀬 健吾", "みなせ けんご"),
    ("勅使川 なぎ", "てしがわ なぎ"),
    ("安食 理久", "あじき りく"),
    ("喜屋 ほのか", "きや ほのか"),
    ("神代 丈二", "かみよ じょうじ"),
]


def attendances(held: list[tuple[Session, Morning]], members: dict[str, Member]) -> Iterator[Attendance]:
    """A row for everybody who came, who said so and did not come, and for some friends."""
    dice = Dice("door")
    new = {person.name for person in people() if not person.is_old_hand}
    friends = iter(FRIENDS)
    for session, morning in held:
        brought = morning.words.get("brought", {})
        for name in morning.people:
            row = _row(session, members[name])
            row.first_time = name in new
            row.introduced_by = members[brought[name]] if name in brought else None
            new.discard(name)
            yield row
        if morning.words.get("guest"):
            yield from _missed(session, morning, members, dice)
        friend = next(friends, None) if morning.words.get("guest") and dice.random() < 0.8 else None
        if friend:
            row = _row(session, None)
            row.name, row.yomi = friend
            row.first_time, row.introduced_by = True, members[dice.choice(morning.people)]
            yield row


def _missed(session: Session, morning: Morning, members: dict[str, Member], dice: Dice) -> Iterator[Attendance]:
    """One or nobody of those who know the club said they would come and did not."""
    missing = [person for person in people() if person.is_old_hand and person.name not in morning.people]
    if missing and dice.random() < 0.7:
        row = _row(session, members[dice.choice(missing).name])
        row.status = dice.choice([Attendance.Status.ABSENT, Attendance.Status.EXCUSED])
        yield row


def _row(session: Session, member: Member | None) -> Attendance:
    return Attendance(session=session, member=member, marked_at=session.ends_at)
