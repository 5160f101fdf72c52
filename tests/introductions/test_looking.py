"""The evening before: whom to look for at breakfast, told to each of the two alone, as long as both come and agree."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from events import this_morning
from events.models import Attendance, ReminderRule, Session
from events.models.reminder import begin_with
from events.reminders import carry_out
from introductions import consent, looking
from introductions.acquaintance import Exchange
from introductions.lookouts import Lookout
from introductions.pauses import Pause
from members.concerns import Concern
from members.models import Block, Member
from outbox import rendering
from outbox.models import Delivery
from outbox.sending import send_due

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)
DAY_BEFORE = datetime(2027, 1, 13, 9, 0, tzinfo=TOKYO)
EVENING = datetime(2027, 1, 13, 18, 0, tzinfo=TOKYO)


@pytest.fixture
def coming(make_session: Callable[..., Session], club, hana: Member, ken: Member, agree, settings) -> Session:
    """hana and ken have a seat and agreed; hana wants to know what ken knows."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Member.objects.filter(pk=hana.pk).update(industry="I", want_to_learn="統計の読み方")
    Member.objects.filter(pk=ken.pk).update(industry="S", ask_me="公開されている統計の探し方")
    session = make_session(starts_at=START)
    begin_with(session.series, [(ReminderRule.Template.TOMORROW, 1, EVENING.time())])
    agree(hana, ken)
    come(session, hana, ken)
    return session


def come(session: Session, *members: Member, at: datetime = DAY_BEFORE - timedelta(days=9)) -> None:
    for member in members:
        session.rsvp(member, "ACCEPTED", now=at)


def chosen(session: Session, now: datetime = DAY_BEFORE) -> list[set[str]]:
    looking.tick(now=now)
    rows = Lookout.objects.filter(session=session).standing(now).select_related("first", "second")
    return [{row.first.name, row.second.name} for row in rows.order_by("pk")]


def evening_mails() -> dict[str, str]:
    """What goes out the evening before, by the reader's address."""
    Delivery.objects.all().delete()
    with time_machine.travel(EVENING, tick=False):
        carry_out(now=EVENING)
        send_due()
    return {letter.to[0]: letter.body for letter in mail.outbox}


def test_the_reminder_says_whom_to_look_for_why_and_with_which_question(coming: Session) -> None:
    looking.tick(now=DAY_BEFORE)
    told = evening_mails()
    assert len(told) == 2
    text = told["hana@example.com"]
    assert text[text.index("会ってみたい方") : text.index("道順と入口")] == (
        """\
会ってみたい方

kenさん
統計
「統計の読み方」を知りたい、とお書きでした。kenさんは「公開されている統計の探し方」のことなら何でも聞いてください、とのことです。
最初の話題に: 「『公開されている統計の探し方』には、どんなきっかけで関わるようになりましたか」

お二人のあいだでだけ、お伝えしています。お名前は名札でお確かめください。

"""
    )
    assert told["ken@example.com"].partition("会ってみたい方")[2].split("\n")[2] == "hanaさん"


@pytest.mark.parametrize("what", ["withdrawn", "cancelled", "block", "rest", "told the hosts"])
def test_what_is_taken_back_until_the_mail_goes_is_not_said(
    coming: Session, hana: Member, ken: Member, what: str
) -> None:
    looking.tick(now=DAY_BEFORE)
    match what:
        case "withdrawn":
            consent.refuse(ken, now=DAY_BEFORE)
        case "cancelled":
            coming.rsvp(ken, "DECLINED", now=DAY_BEFORE)
        case "block":
            Block.objects.create(member=ken, other=hana)
        case "rest":
            Pause.take(ken, until=None, now=DAY_BEFORE)
        case _:
            tell_the_hosts(hana, ken)
    told = evening_mails()
    assert "会ってみたい方" not in told["hana@example.com"]
    assert "会ってみたい方" not in told.get("ken@example.com", "")


def tell_the_hosts(hana: Member, ken: Member) -> None:
    Concern.objects.tell(hana, ken, "商品の勧誘を受けました", kind="canvassing", named=True, now=DAY_BEFORE)


def test_a_mail_that_has_to_go_once_more_does_not_say_what_was_taken_back(coming: Session, ken: Member) -> None:
    looking.tick(now=DAY_BEFORE)
    Delivery.objects.all().delete()
    with time_machine.travel(EVENING, tick=False):
        carry_out(now=EVENING)
        before = {row.to: _version(row) for row in Delivery.objects.all()}
        consent.refuse(ken, now=EVENING)
        after = {row.to: _version(row) for row in Delivery.objects.all()}
    assert [before[to] != after[to] for to in before] == [True, True]


def _version(row: Delivery) -> str:
    return rendering.letter(row).version


def test_the_page_of_the_morning_names_the_same_to_that_member_alone(
    coming: Session, hana: Member, kosuke: Member, client: Client
) -> None:
    looking.tick(now=DAY_BEFORE)
    with time_machine.travel(EVENING, tick=False):
        client.force_login(hana)
        mine = client.get(f"/sessions/{coming.code}/morning/").content.decode()
        client.force_login(kosuke)
        hosts = client.get(f"/sessions/{coming.code}/morning/").content.decode()
    assert ("会ってみたい方" in mine, "「統計の読み方」を知りたい" in mine, "会ってみたい方" in hosts) == (
        True,
        True,
        False,
    )


def test_who_does_not_agree_or_has_no_seat_is_named_to_nobody(coming: Session, mallory: Member, person, agree) -> None:
    rei = person("rei")
    agree(rei)
    come(coming, mallory)
    assert chosen(coming) == [{"hana", "ken"}]


def test_nobody_is_named_whom_one_has_met_as_long_as_there_is_somebody_else(
    coming: Session, hana: Member, ken: Member, person, agree, make_morning
) -> None:
    with time_machine.travel(DAY_BEFORE - timedelta(days=20), tick=False):
        make_morning(hana, ken)
    assert chosen(coming) == [{"hana", "ken"}]
    Lookout.objects.all().delete()
    rei = person("rei")
    agree(rei)
    come(coming, rei, at=DAY_BEFORE + timedelta(hours=1))
    assert sorted(map(sorted, chosen(coming, DAY_BEFORE + timedelta(hours=2)))) == [["hana", "rei"], ["ken", "rei"]]


def test_who_was_proposed_to_each_other_before_is_not_named(coming: Session, hana: Member, ken: Member, asked) -> None:
    assert chosen(coming) == []


def test_who_has_the_others_card_is_not_named(coming: Session, hana: Member, ken: Member) -> None:
    assert chosen(coming) == [{"hana", "ken"}]
    Exchange.say(hana, ken, session=None, now=DAY_BEFORE)
    assert chosen(coming) == [{"hana", "ken"}]
    Exchange.say(ken, hana, session=None, now=DAY_BEFORE)
    assert chosen(coming) == []
    Lookout.objects.all().delete()
    looking.choose(coming, now=DAY_BEFORE)
    assert not Lookout.objects.exists()


def test_nobody_is_to_look_for_more_than_two_and_everybody_has_somebody(coming: Session, person, agree) -> None:
    crowd = [person(f"n{n:02}", industry="EIGS"[n % 4]) for n in range(13)]
    agree(*crowd)
    come(coming, *crowd)
    named = [one for pair in chosen(coming) for one in pair]
    assert (len(set(named)), max(map(named.count, named))) == (15, 2)


def test_nobody_is_to_look_for_three_even_where_somebody_has_nobody_then(
    coming: Session, hana, ken, person, agree
) -> None:
    others = [ken, person("rei"), person("sen")]
    agree(*others)
    come(coming, *others[1:])
    Block.objects.bulk_create(Block(member=one, other=two) for one in others for two in others if one != two)
    assert sorted(len(pair & {"hana"}) for pair in chosen(coming)) == [1, 1]


def test_a_later_answer_gets_somebody_and_takes_nobody_away(coming: Session, person, agree) -> None:
    first = [person(f"n{n:02}", industry="EIGS"[n % 4]) for n in range(5)]
    agree(*first)
    come(coming, *first)
    before = chosen(coming)
    late = person("late", industry="M")
    agree(late)
    come(coming, late, at=EVENING + timedelta(hours=1))
    after = chosen(coming, EVENING + timedelta(hours=2))
    assert ([pair for pair in after if pair in before], any("late" in pair for pair in after)) == (before, True)


def test_it_is_the_same_whoever_asks_and_how_often(coming: Session, person, agree) -> None:
    crowd = [person(f"n{n:02}", industry="EIGS"[n % 4]) for n in range(9)]
    agree(*crowd)
    come(coming, *crowd)
    first = chosen(coming)
    assert chosen(coming, DAY_BEFORE + timedelta(minutes=5)) == first
    Lookout.objects.all().delete()
    looking.choose(coming, now=DAY_BEFORE)
    assert chosen(coming) == first


@pytest.mark.parametrize(("days", "hour", "found"), [(2, 0, 0), (2, 23, 0), (1, 0, 1), (0, 0, 1)])
def test_it_is_chosen_on_the_day_before_not_earlier(coming: Session, days: int, hour: int, found: int) -> None:
    assert len(chosen(coming, (START - timedelta(days=days)).replace(hour=hour, minute=30))) == found


def test_it_is_forgotten_when_the_morning_is_over(coming: Session) -> None:
    assert (len(chosen(coming)), len(chosen(coming, coming.ends_at))) == (1, 0)
    assert Lookout.objects.count() == 0


def test_two_are_named_to_each_other_once(coming: Session) -> None:
    looking.tick(now=DAY_BEFORE)
    row = Lookout.objects.get()
    for first, second in ((row.first, row.second), (row.second, row.first)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Lookout.objects.create(session=coming, first=first, second=second, value=1)


@pytest.mark.parametrize("people", [1, 30])
def test_one_query_tells_everybody(coming: Session, person, agree, people: int, django_assert_num_queries) -> None:
    crowd = [person(f"n{n:02}", industry="EIGS"[n % 4]) for n in range(people)]
    agree(*crowd)
    Session.objects.filter(pk=coming.pk).update(capacity=60)
    coming.refresh_from_db()
    come(coming, *crowd)
    looking.tick(now=DAY_BEFORE)
    with time_machine.travel(EVENING, tick=False), django_assert_num_queries(1):
        assert len(looking.section(coming, crowd)) == people


def test_the_page_knows_who_tells(coming: Session, hana: Member) -> None:
    looking.tick(now=DAY_BEFORE)
    with time_machine.travel(EVENING, tick=False):
        assert [one.name for one in this_morning.word(coming, hana).look_for] == ["ken"]


def test_a_newcomer_and_somebody_who_knows_the_club_read_that_first(coming: Session, hana: Member, ken: Member) -> None:
    Member.objects.filter(pk__in=[hana.pk, ken.pk]).update(want_to_learn="")
    for member, number in ((hana, 0), (ken, 3)):
        for days in range(number):
            start = START - timedelta(days=30 + days)
            past = Session.objects.create(
                series=coming.series, starts_at=start, roster_closed_at=start + timedelta(hours=2), title="前の朝"
            )
            Attendance.objects.create(session=past, member=member)
    looking.tick(now=DAY_BEFORE)
    with time_machine.travel(EVENING, tick=False):
        why = [this_morning.word(coming, member).look_for[0].why for member in (hana, ken)]
    assert why == [
        "kenさんは3回目で、会のことをよくご存じです。いらしたばかりの方には心強いお相手です。",
        "hanaさんはいらしたばかりです。会のことを教えてさしあげてください。",
    ]
