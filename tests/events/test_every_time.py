"""Coming every time unless one says no: seats when a morning is published, silence, pauses, and the end."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from events import every_time, reminders
from events.links import every_time_link
from events.models import Attendance, Membership, Partstat, ReminderRule, Rsvp, Series, Session, StandingRsvp
from events.models.reminder import MONTHLY, begin_with
from members.models import Member
from outbox import rendering
from outbox.kinds import Unwanted
from outbox.models import Delivery
from tests.events import pages
from tests.events.pages import statements

# Thursday 10 December 2026, 7:00 in Tokyo, and the hours before it.
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
EARLY = START - timedelta(days=30)
T3 = datetime(2026, 12, 7, 3, 10, tzinfo=UTC)
T2 = T3 + timedelta(days=1)
PASSES = datetime(2026, 12, 8, 11, 0, tzinfo=UTC)


@pytest.fixture
def holders(series: Series, person: Callable[..., Member]) -> list[Member]:
    """Four who come every time, a day apart, the first the longest."""
    people = [person(name) for name in ("ichi", "niko", "mitsu", "yoko")]
    for number, member in enumerate(people):
        series.join(member, now=EARLY)
        every_time.begin(series, member, now=EARLY - timedelta(days=9 - number))
    return people


def published(make_session: Any, *, at: datetime = EARLY, **fields: Any) -> Session:
    start = fields.get("starts_at", START)
    values = {"starts_at": start, "recurrence_id": start.date(), "capacity": 4, "published_at": None} | fields
    session: Session = make_session(**values)
    session.publish(now=at)
    return session


def seated(session: Session) -> list[str]:
    return [rsvp.member.name for rsvp in session.rsvps.seated().select_related("member").order_by("pk") if rsvp.member]


def mails(*kinds: str) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(kind__startswith="standing.").order_by("pk").values_list("kind", "to")
    return [(kind.removeprefix("standing."), to.split("@")[0]) for kind, to in rows if not kinds or kind in kinds]


def text(row: Delivery, at: datetime) -> str:
    with time_machine.travel(at, tick=False):
        return str(rendering.render(row, rendering.letter(row))["text"])


# Seats


def test_half_of_the_seats_go_to_who_waited_longest_and_the_others_are_told(
    make_session: Any, holders: list[Member]
) -> None:
    session = published(make_session)
    assert (seated(session), session.seats_taken) == (["ichi", "niko"], 2)
    assert mails() == [("seat", "ichi"), ("seat", "niko"), ("full", "mitsu"), ("full", "yoko")]


def test_next_time_those_come_first_who_got_none(make_session: Any, holders: list[Member]) -> None:
    published(make_session)
    second = published(make_session, starts_at=START + timedelta(days=28), at=EARLY + timedelta(days=1))
    third = published(make_session, starts_at=START + timedelta(days=56), at=EARLY + timedelta(days=2))
    assert [seated(second), seated(third)] == [["mitsu", "yoko"], ["ichi", "niko"]]


def test_publishing_and_seating_twice_changes_nothing(make_session: Any, holders: list[Member]) -> None:
    session = published(make_session)
    before = (seated(session), mails(), list(StandingRsvp.objects.values_list("waits_since", flat=True).order_by("pk")))
    session.publish(now=EARLY + timedelta(hours=1))
    session.seat_standing(now=EARLY + timedelta(hours=1), tells=True)
    after = (seated(session), mails(), list(StandingRsvp.objects.values_list("waits_since", flat=True).order_by("pk")))
    assert after == before


def test_who_said_no_stays_away_and_the_seat_goes_to_others(
    make_session: Any, holders: list[Member], ken: Member
) -> None:
    session = published(make_session)
    session.rsvp(holders[0], Partstat.DECLINED, now=EARLY)
    session.seat_standing(now=EARLY)
    assert seated(session) == ["niko", "mitsu"]
    assert Rsvp.objects.get(member=holders[0]).standing_at is None


def test_where_somebody_waits_nobody_comes_before_them(
    series: Series, make_session: Any, hana: Member, ken: Member, mallory: Member
) -> None:
    session = published(make_session, capacity=1)
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=EARLY)
    series.join(mallory, now=EARLY)
    assert every_time.begin(series, mallory, now=EARLY) == []
    session.rsvp(hana, Partstat.DECLINED, now=EARLY)
    assert seated(session) == ["ken"]


def test_begun_late_it_holds_for_the_mornings_already_announced(
    series: Series, make_session: Any, hana: Member
) -> None:
    first, second = published(make_session), published(make_session, starts_at=START + timedelta(days=28))
    first.rsvp(hana, Partstat.DECLINED, now=EARLY)
    assert every_time.begin(series, hana, now=EARLY) == [second]


def test_beginning_late_goes_past_no_hour_for_answers(series: Series, make_session: Any, hana: Member) -> None:
    session = published(make_session)
    hours = {"rsvp_opens_at": EARLY + timedelta(days=1), "rsvp_closes_at": EARLY + timedelta(days=20)}
    Session.objects.filter(pk=session.pk).update(**hours)
    seats = [every_time.begin(series, hana, now=EARLY + timedelta(days=days)) for days in (0, 21, 19)]
    assert seats == [[], [], [session]]


def test_seats_kept_for_newcomers_stay_theirs(make_session: Any, holders: list[Member]) -> None:
    session = make_session(
        starts_at=START, recurrence_id=START.date(), capacity=4, published_at=None, seats_for_new=3
    )  # fmt: skip
    Attendance.objects.bulk_create(
        Attendance(session=make_session(starts_at=EARLY - timedelta(days=40)), member=member) for member in holders
    )
    session.publish(now=EARLY)
    assert seated(session) == ["ichi"]


def test_an_outing_beside_the_rule_is_not_one_of_the_times(
    series: Series, make_session: Any, holders: list[Member]
) -> None:
    assert seated(published(make_session, recurrence_id=None)) == []
    Series.objects.filter(pk=series.pk).update(rule="")
    later = published(make_session, recurrence_id=None, starts_at=START + timedelta(days=2))
    assert seated(later) == ["ichi", "niko"]


@pytest.mark.parametrize("why", ["paused", "ended", "left", "gone"])
def test_no_seat_for_who_paused_ended_left_or_went(
    series: Series, make_session: Any, holders: list[Member], why: str
) -> None:
    word = StandingRsvp.objects.get(member=holders[0])
    if why == "paused":
        every_time.pause(word, date(2026, 12, 11), now=EARLY)
    elif why == "ended":
        every_time.end(word, StandingRsvp.End.ASKED, now=EARLY)
    elif why == "left":
        series.leave(holders[0], now=EARLY)
    else:
        Member.objects.filter(pk=holders[0].pk).update(is_active=False)
    assert seated(published(make_session)) == ["niko", "mitsu"]


def test_a_pause_is_over_on_its_day(make_session: Any, holders: list[Member]) -> None:
    every_time.pause(StandingRsvp.objects.get(member=holders[0]), date(2026, 12, 10), now=EARLY)
    assert seated(published(make_session)) == ["ichi", "niko"]


def test_who_leaves_the_series_and_comes_back_answers_each_time(
    series: Series, make_session: Any, holders: list[Member]
) -> None:
    series.leave(holders[0], now=EARLY)
    series.join(holders[0], now=EARLY)
    assert seated(published(make_session)) == ["niko", "mitsu"]


# Given back


def test_pausing_gives_the_silent_seats_in_that_time_back(make_session: Any, holders: list[Member]) -> None:
    first, later = published(make_session, capacity=8), published(
        make_session, starts_at=START + timedelta(days=90), capacity=8
    )  # fmt: skip
    spoken = published(make_session, starts_at=START + timedelta(days=7), capacity=8)
    spoken.rsvp(holders[0], Partstat.ACCEPTED, now=EARLY)
    every_time.pause(StandingRsvp.objects.get(member=holders[0]), date(2027, 1, 10), now=EARLY)
    assert ["ichi" in seated(one) for one in (first, spoken, later)] == [False, True, True]


def test_a_seat_that_costs_by_now_is_not_given_back_unasked(make_session: Any, holders: list[Member]) -> None:
    session = published(make_session, headcount_at=EARLY + timedelta(days=1), late_amount=1500)
    every_time.end(StandingRsvp.objects.get(member=holders[0]), StandingRsvp.End.ASKED, now=EARLY + timedelta(days=2))
    assert seated(session) == ["ichi", "niko"]


@pytest.mark.parametrize(
    ("day", "months", "until"),
    [
        (date(2026, 12, 10), 1, date(2027, 1, 10)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
    ],
)
def test_months_end_on_a_day_there_is(day: date, months: int, until: date) -> None:
    assert every_time.months_on(day, months) == until


# Asked, and passed on


@pytest.fixture
def wanted(make_session: Any, holders: list[Member], hana: Member, ken: Member, mallory: Member) -> Session:
    """Two come every time and two besides; mallory waits."""
    session = published(make_session)
    kosuke = Member.objects.get(name="kosuke")
    for member in (hana, ken, mallory):
        session.rsvp(member, Partstat.ACCEPTED, now=EARLY)
    assert (session.seats_left, kosuke.name) == (0, "kosuke")
    Delivery.objects.all().delete()
    return session


def test_holders_are_asked_three_and_two_days_before_when_somebody_waits(wanted: Session) -> None:
    for at in (T3 - timedelta(minutes=1), T3, T3 + timedelta(minutes=1), T3 + timedelta(hours=5), T2, T2, PASSES):
        every_time.carry_on(now=at)
    assert mails() == [("ask", "ichi"), ("ask", "niko"), ("ask", "ichi"), ("ask", "niko")]


def test_nobody_is_asked_when_nobody_waits(wanted: Session, mallory: Member) -> None:
    wanted.rsvp(mallory, Partstat.DECLINED, now=EARLY)
    every_time.carry_on(now=T3)
    assert mails() == []


def test_who_has_said_that_they_come_is_not_asked(wanted: Session, holders: list[Member]) -> None:
    wanted.rsvp(holders[0], Partstat.ACCEPTED, now=EARLY)
    wanted.set_capacity(6, now=EARLY)
    wanted.add_friend(holders[1], "友だち", now=EARLY)
    wanted.rsvp(another(), Partstat.ACCEPTED, now=EARLY)
    every_time.carry_on(now=T3)
    assert mails() == []


def another() -> Member:
    """Somebody who then waits."""
    return Member.objects.create_user("late@example.com", name="late")


def test_where_a_reminder_goes_it_asks_as_well(series: Series, wanted: Session, holders: list[Member]) -> None:
    begin_with(series, MONTHLY)
    every_time.carry_on(now=T3)
    assert mails() == []
    assert Rsvp.objects.silent().exclude(standing_asked_at=None).count() == 2
    reminders.carry_out(now=T3)
    texts = {row.to.split("@")[0]: text(row, T3) for row in Delivery.objects.filter(kind="reminder.still_coming")}
    asked = (
        "お待ちの方: 毎回ご参加とのことで、お席をおとりしています。いま1名の方が席をお待ちです。"
        "来られないときは、ひと押しで席をゆずれます。お返事がなければ、席はそのままです。\n"
    )
    assert {name: asked in said for name, said in texts.items()} == {
        "ichi": True, "niko": True, "hana": False, "ken": False
    }  # fmt: skip
    assert "毎回の参加を休む・やめる" in texts["ichi"]


def test_silence_keeps_the_seat(wanted: Session) -> None:
    for at in (T3, T2, PASSES, PASSES + timedelta(hours=1)):
        every_time.carry_on(now=at)
    assert seated(wanted) == ["ichi", "niko", "hana", "ken"]


def test_where_the_series_says_so_the_last_seat_passes_on_in_the_evening(
    series: Series, wanted: Session, mallory: Member
) -> None:
    Series.objects.filter(pk=series.pk).update(standing_passes_on=True)
    wanted.set_near_start("at_once", now=EARLY)
    for at in (T3, T2, PASSES - timedelta(minutes=1)):
        every_time.carry_on(now=at)
    assert seated(wanted) == ["ichi", "niko", "hana", "ken"]
    for at in (PASSES, PASSES + timedelta(minutes=1)):
        every_time.carry_on(now=at)
    wanted.refresh_from_db()
    assert (sorted(seated(wanted)), wanted.seats_taken) == (["hana", "ichi", "ken", "mallory"], 4)
    assert mails("standing.passed") == [("passed", "niko")]
    assert Rsvp.objects.get(member__name="niko").partstat == Partstat.NEEDS_ACTION


@pytest.mark.parametrize(
    ("room", "stay"),
    [(3, ["hana", "ken", "mallory"]), (2, ["hana", "ichi", "ken", "niko"])],
)
def test_nobody_loses_a_seat_that_nobody_gets(
    series: Series, wanted: Session, mallory: Member, room: int, stay: list[str]
) -> None:
    """Four have a seat in a room that has become smaller: two silent seats free one of three, and none of two."""
    Series.objects.filter(pk=series.pk).update(standing_passes_on=True)
    wanted.set_near_start("at_once", now=EARLY)
    wanted.set_capacity(room, now=EARLY)
    for at in (T3, T2, PASSES):
        every_time.carry_on(now=at)
    wanted.refresh_from_db()
    assert (sorted(seated(wanted)), wanted.seats_taken) == (stay, len(stay))
    assert len(mails("standing.passed")) == 4 - len(stay) + ("mallory" in stay)


def test_who_was_never_asked_keeps_the_seat(series: Series, wanted: Session) -> None:
    Series.objects.filter(pk=series.pk).update(standing_passes_on=True)
    every_time.carry_on(now=PASSES)
    assert seated(wanted) == ["ichi", "niko", "hana", "ken"]


def test_after_a_move_one_is_asked_anew(series: Series, wanted: Session) -> None:
    Series.objects.filter(pk=series.pk).update(standing_passes_on=True)
    every_time.carry_on(now=T3)
    wanted.move(START + timedelta(days=7), now=T3 + timedelta(minutes=1))
    assert not Rsvp.objects.exclude(standing_asked_at=None).exists()
    every_time.carry_on(now=PASSES + timedelta(days=7))
    assert len(seated(wanted)) == 4


# Absences


def absent(make_session: Any, member: Member, *days: int, status: str = "absent") -> None:
    for away in days:
        at = START + timedelta(days=away)
        session = make_session(starts_at=at, roster_closed_at=at + timedelta(hours=2), published_at=at)
        Attendance.objects.create(session=session, member=member, status=status)


def test_after_the_second_absence_a_mail_says_so_and_after_the_third_it_ends(
    make_session: Any, holders: list[Member]
) -> None:
    member = holders[0]
    absent(make_session, member, -14)
    absent(make_session, member, -10, status="excused")
    every_time.count_absences(now=START)
    assert mails() == []
    absent(make_session, member, -7)
    for _twice in range(2):
        every_time.count_absences(now=START)
    assert mails() == [("warned", "ichi")]
    absent(make_session, member, 7)
    for _twice in range(2):
        every_time.count_absences(now=START + timedelta(days=8))
    assert mails() == [("warned", "ichi"), ("ended", "ichi")]
    word = StandingRsvp.objects.get(member=member)
    assert (word.has_ended, word.end) == (True, "absent")


def test_nobody_loses_it_who_was_not_told_before(make_session: Any, holders: list[Member]) -> None:
    absent(make_session, holders[0], -21, -14, -7)
    every_time.count_absences(now=START)
    every_time.count_absences(now=START + timedelta(hours=1))
    assert mails() == [("warned", "ichi")]


def test_begun_anew_absences_count_anew(series: Series, make_session: Any, holders: list[Member]) -> None:
    absent(make_session, holders[0], -14, -7)
    word = StandingRsvp.objects.get(member=holders[0])
    every_time.end(word, StandingRsvp.End.ASKED, now=START)
    every_time.begin(series, holders[0], now=START)
    every_time.count_absences(now=START)
    assert mails() == []


def test_a_warning_that_was_excused_meanwhile_does_not_go(make_session: Any, holders: list[Member]) -> None:
    absent(make_session, holders[0], -14, -7)
    every_time.count_absences(now=START)
    Attendance.objects.filter(member=holders[0]).update(status="excused")
    with pytest.raises(Unwanted, match="excused"):
        text(Delivery.objects.get(kind="standing.warned"), START)


# Pages


def wish(client: Client, url: str, what: str) -> int:
    return client.post(url, {"wish": what}).status_code


@pytest.mark.parametrize("by_mail", [False, True])
def test_begun_paused_and_ended_with_a_tap(
    client: Client, series: Series, hana: Member, make_session: Any, by_mail: bool
) -> None:
    now = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        session = published(make_session, at=now)
        url = f"/series/{series.slug}/every-time/"
        if by_mail:
            url = every_time_link(hana, series, until=now).removeprefix("http://localhost:8000")
        else:
            client.force_login(hana)
        assert "毎回、席をとっておく" in client.get(url).content.decode()
        assert StandingRsvp.objects.count() == 0
        assert (wish(client, url, "begin"), seated(session)) == (302, ["hana"])
        assert "12月10日(木) 7:00" in client.get(url).content.decode()
        assert (wish(client, url, "pause2"), seated(session)) == (302, [])
        assert "2027年1月20日(水)まで、席はおとりしません。" in pages.text(client, url)
        assert wish(client, url, "resume") == 302
        assert StandingRsvp.objects.get().paused_until is None
        assert (wish(client, url, "end"), StandingRsvp.objects.get().end) == (302, "asked")
        assert wish(client, url, "forever") == 422


def test_who_does_not_belong_to_the_series_has_no_such_page(client: Client, series: Series, mallory: Member) -> None:
    client.force_login(mallory)
    assert client.get(f"/series/{series.slug}/every-time/").status_code == 404
    Membership.objects.filter(member=mallory).delete()
    token = every_time_link(mallory, series, until=START).removeprefix("http://localhost:8000")
    assert client.get(token).status_code == 404


def test_the_session_says_why_one_has_the_seat_and_takes_ones_word(
    client: Client, wanted: Session, holders: list[Member]
) -> None:
    client.force_login(holders[0])
    with time_machine.travel(EARLY, tick=False):
        page = client.get(wanted.get_absolute_url()).content.decode()
        assert "いま1名の方が席をお待ちです。" in page
        assert "/series/breakfast/every-time/" in page
        client.post(f"{wanted.get_absolute_url()}rsvp/", {"partstat": "ACCEPTED"})
        after = client.get(wanted.get_absolute_url()).content.decode()
    assert "席をお待ちです。" not in after
    assert "/series/breakfast/every-time/" in after


# Mails


def test_the_mail_of_the_seat(make_session: Any, holders: list[Member]) -> None:
    published(make_session, venue=None)
    said = text(Delivery.objects.get(kind="standing.seat", to="ichi@example.com"), EARLY)
    links = [line for line in said.splitlines() if line.startswith("http")]
    words = [line for line in said.splitlines() if line and not line.startswith("http")]
    assert words == [
        "ichiさん、毎回のご参加ありがとうございます。今回も席をおとりしました。いらっしゃるなら、何もなさらなくてけっこうです。",
        "第1回 値札のない朝",
        "とき: 12月10日(木) 7:00、開場 6:40",
        "会費: 2,000円",
        "道順と入口（お連れの方にも渡せます）:",
        "この回のページ:",
        "来られなくなったら、こちらから席をゆずれます。",
        "----",
        "ご欠席のご連絡がないかぎり毎回ご参加とうかがっているため、お送りしています。カレンダーの予定を添えました。",
        "毎回の参加を休む・やめる",
        "届くメールを選ぶ",
        "朝会",
    ]
    assert any("/every-time/" in link for link in links)


def test_the_others_hear_that_they_can_answer_themselves(make_session: Any, holders: list[Member]) -> None:
    session = published(make_session)
    row = Delivery.objects.get(kind="standing.full", to="mitsu@example.com")
    said = text(row, EARLY)
    assert said.startswith("mitsuさん、毎回ご参加の方が、そのためにおとりできる2席より多くいらっしゃいます。")
    session.rsvp(holders[2], Partstat.ACCEPTED, now=EARLY)
    with pytest.raises(Unwanted, match="answered"):
        text(row, EARLY)


def test_the_page_costs_as_many_statements_with_many_seats(
    client: Client, series: Series, hana: Member, make_session: Any
) -> None:
    client.force_login(hana)
    url, seen = f"/series/{series.slug}/every-time/", []
    for number in range(8):
        published(make_session, starts_at=START + timedelta(days=number), at=EARLY)
    with time_machine.travel(EARLY, tick=False):
        client.get(url)
        seen.append(statements(lambda: client.get(url)))
        every_time.begin(series, hana, now=EARLY)
        seen.append(statements(lambda: client.get(url)))
    assert seen == [(200, 6), (200, 7)]


def test_the_reminder_rules_are_those_that_go_to_who_comes(series: Series) -> None:
    begin_with(series, MONTHLY)
    assert ReminderRule.objects.filter(audience="coming").count() == 2
