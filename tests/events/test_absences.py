"""Absences without a word: counted for twelve months, from closed lists, for hosts alone; a reason takes one out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events import roster
from events.models import Attendance, Membership, Partstat, Series, Session
from members.levels import Level
from members.models import Activity, Member
from tests.events.pages import text
from tests.events.test_roster import begun, close, of

Make = Callable[..., Session]
WORDS = "連絡のないお休み、この1年に{}回"


@pytest.fixture
def morning(make_session: Make, hana: Member, ken: Member) -> Session:
    session = make_session()
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=timezone.now())
    return begun(session)


def missed(make_session: Make, member: Member, *, days: int = 30, status: str = "absent", **fields: object) -> Session:
    at = timezone.now() - timedelta(days=days)
    session = make_session(starts_at=at, **{"roster_closed_at": at, **fields})
    Attendance.objects.create(session=session, member=member, status=status)
    return session


def counted(member: Member) -> int:
    return Attendance.objects.without_word(now=timezone.now()).filter(member=member).count()


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, 1),
        ({"days": 364}, 1),
        ({"days": 366}, 0),
        ({"status": "excused"}, 0),
        ({"status": "came"}, 0),
        ({"roster_closed_at": None}, 0),
        ({"cancelled_at": timezone.now(), "cancel_reason": "台風"}, 0),
    ],
)
def test_an_absence_counts_for_twelve_months_from_a_closed_list(make_session: Make, hana, fields, counts: int) -> None:
    missed(make_session, hana, **fields)
    assert counted(hana) == counts


def test_whoever_told_beforehand_is_not_counted(morning: Session, hana: Member, ken: Member) -> None:
    Session.objects.filter(pk=morning.pk).update(starts_at=timezone.now() + timedelta(minutes=5))
    morning.rsvp(hana, Partstat.DECLINED, now=timezone.now())
    close(begun(morning), absent={f"m{ken.pk}"})
    assert (counted(hana), counted(ken)) == (0, 1)


def test_the_door_ticks_that_somebody_told_why(morning: Session, hana: Member, ken: Member, kosuke: Member) -> None:
    sent = {"absent": [f"m{hana.pk}", f"m{ken.pk}"], "excused": [f"m{ken.pk}"]}
    of(kosuke).post(f"/sessions/{morning.code}/roster/closing/", sent)
    assert (counted(hana), counted(ken), Attendance.objects.get(member=ken).status) == (1, 0, "excused")


def test_a_reason_ticked_for_somebody_who_came_is_nothing(morning: Session, ken: Member) -> None:
    close(morning, excused={f"m{ken.pk}"})
    assert Attendance.objects.get(member=ken).status == "came"


def test_the_tick_of_a_reason_stays_when_the_list_is_opened_again(morning: Session, ken: Member) -> None:
    close(morning, absent={f"m{ken.pk}"}, excused={f"m{ken.pk}"})
    roster.reopen(morning, now=timezone.now(), actor=None)
    assert [(place.name, place.is_excused) for place in roster.places(morning)] == [("ken", True), ("hana", False)]


def test_closing_again_with_another_reason_is_not_thrown_away_in_silence(morning: Session, ken: Member) -> None:
    close(morning, absent={f"m{ken.pk}"})
    with pytest.raises(roster.RosterError):
        close(morning, absent={f"m{ken.pk}"}, excused={f"m{ken.pk}"})


def test_after_the_list_is_settled_a_reason_still_takes_an_absence_out_and_puts_it_back(
    morning: Session, ken: Member, kosuke: Member
) -> None:
    close(morning, absent={f"m{ken.pk}"})
    roster.settle(morning, now=timezone.now())
    Activity.objects.all().delete()
    url, counts = f"/sessions/{morning.code}/roster/excuse/", []
    for said in ("yes", "yes", "no"):
        of(kosuke).post(url, {"key": f"m{ken.pk}", "excused": said})
        counts.append(counted(ken))
    assert counts == [0, 0, 1]
    assert list(Activity.objects.order_by("pk").values_list("verb", "detail")) == [
        ("roster.excuse", {"excused": True}), ("roster.excuse", {"excused": False})
    ]  # fmt: skip


def test_no_reason_makes_somebody_absent_who_came(morning: Session, hana: Member) -> None:
    close(morning)
    for said in (True, False):
        roster.excuse(morning, f"m{hana.pk}", excused=said, now=timezone.now(), actor=None)
    assert Attendance.objects.get(member=hana).status == "came"


def test_hosts_read_the_count_on_the_list_and_the_door_does_not(
    morning: Session, make_session: Make, series: Series, hana: Member, kosuke: Member, mallory: Member
) -> None:
    Membership.objects.create(series=series, member=mallory, role=Membership.Role.DOOR)
    for _ in range(2):
        missed(make_session, hana)
    page = f"/sessions/{morning.code}/roster/"
    assert [WORDS.format(2) in text(of(one), page) for one in (kosuke, mallory)] == [True, False]
    close(morning, absent={f"m{hana.pk}"})
    assert [WORDS.format(2) in text(of(one), page) for one in (kosuke, mallory)] == [True, False]


def test_hosts_read_it_on_the_members_page_and_nobody_else(
    make_session: Make, hana: Member, ken: Member, kosuke: Member
) -> None:
    missed(make_session, hana)
    Member.objects.filter(pk=hana.pk).update(name_level=Level.MEMBERS)
    pages = [text(of(reader), f"/members/{hana.code}/") for reader in (kosuke, ken, hana)]
    assert [WORDS.format(1) in page for page in pages] == [True, False, False]


def test_a_host_is_not_told_of_another_series(make_session: Make, hana: Member, mallory: Member, now) -> None:
    missed(make_session, hana)
    other = Series.objects.create(slug="other", name="別の会", starts_on=now.date(), at="07:00")
    for member, role in ((mallory, "owner"), (hana, "member")):
        Membership.objects.create(series=other, member=member, role=role)
    assert WORDS.format(1) not in text(of(mallory), f"/members/{hana.code}/")


def test_giving_a_seat_back_is_thanked_and_never_having_had_one_is_not(
    make_session: Make, hana: Member, ken: Member, client: Client
) -> None:
    session = make_session()
    for member, answers in ((hana, ("ACCEPTED", "DECLINED")), (ken, ("DECLINED",))):
        for answer in answers:
            session.rsvp(member, answer, now=timezone.now())
    thanks = "お知らせくださり、ありがとうございます。"
    shown = [thanks in text(of(member), f"/sessions/{session.code}/") for member in (hana, ken)]
    assert shown == [True, False]
