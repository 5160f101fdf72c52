"""The hours for answers, the restaurant's number and what leaving late costs: as rules, at the door, on the pages."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation

from events import calendar_replies, dates, making, restaurant, window_words, windows
from events.links import answer_link
from events.models import Partstat, Rsvp, SeatsError, Series, Session
from events.models.window import Hour, Terms
from members.models import Activity, Member
from outbox import rendering
from outbox.models import Delivery
from tests.events.pages import statements, text

# Thursday 10 December 2026, 7:00 in Tokyo.
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
EARLY = START - timedelta(days=60)
# Monday 18:00: the restaurant's number; Tuesday 20:00: answers end.
TOLD, CLOSED = datetime(2026, 12, 7, 9, 0, tzinfo=UTC), datetime(2026, 12, 8, 11, 0, tzinfo=UTC)
OPENED = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
SOME, LATE = TOLD - timedelta(days=4), TOLD + timedelta(hours=1)
RULES = Terms(Hour(30, time(9, 0)), Hour(2, time(20, 0)), Hour(3, time(18, 0)), late=1500)


@pytest.fixture
def morning(make_session: Any, hana: Member) -> Session:
    """Two seats; hana, with a friend, has both."""
    session: Session = make_session(starts_at=START, capacity=2, published_at=None)
    session.set_terms(RULES, own=False, now=EARLY)
    session.publish(now=EARLY)
    session.rsvp(hana, Partstat.ACCEPTED, now=SOME)
    session.add_friend(hana, "友だち", now=SOME)
    Delivery.objects.all().delete()
    return session


def window(session: Session) -> list[str]:
    session.refresh_from_db()
    at = [session.rsvp_opens_at, session.rsvp_closes_at, session.headcount_at]
    return [dates.instant(one.astimezone(session.zone)) if one else "" for one in at]


def owed(member: Member) -> int:
    return Rsvp.objects.get(member=member).owes_amount


# The rules, and the instants that follow


def test_the_hours_are_the_wall_clocks_and_move_with_the_morning(morning: Session) -> None:
    assert window(morning) == ["11月10日(火) 9:00", "12月8日(火) 20:00", "12月7日(月) 18:00"]
    morning.move(START + timedelta(days=7, hours=1), now=SOME)
    assert window(morning) == ["11月17日(火) 9:00", "12月15日(火) 20:00", "12月14日(月) 18:00"]
    assert (morning.terms, morning.late_amount) == (RULES, 1500)


def test_across_a_change_of_the_clocks_the_hour_on_the_wall_stays(make_session: Any) -> None:
    start = datetime(2027, 3, 14, 11, 0, tzinfo=UTC)  # 7:00 in New York, on the morning the clocks went on
    session = make_session(starts_at=start, timezone="America/New_York")
    session.set_terms(Terms(closes=Hour(1, time(18, 0))), own=False, now=EARLY)
    assert session.rsvp_closes_at == datetime(2027, 3, 13, 23, 0, tzinfo=UTC)


def test_an_hour_past_the_start_is_none(make_session: Any) -> None:
    session = make_session(starts_at=START)
    session.set_terms(Terms(closes=Hour(0, time(18, 0)), headcount=Hour(0, time(7, 0))), own=False, now=EARLY)
    assert window(session) == ["", "", ""]


def test_the_rules_of_a_series_hold_for_its_mornings_but_those_with_their_own(
    series: Series, make_session: Any, kosuke: Member
) -> None:
    usual, own = (make_session(starts_at=START + timedelta(days=days), published_at=None) for days in (0, 7))
    past = make_session(starts_at=EARLY - timedelta(days=7))
    windows.choose_for(own, Terms(closes=Hour(1, time(12, 0))), now=EARLY, actor=kosuke)
    windows.choose(series, RULES, now=EARLY, actor=kosuke)
    assert [window(one) for one in (usual, own, past)] == [
        ["11月10日(火) 9:00", "12月8日(火) 20:00", "12月7日(月) 18:00"],
        ["", "12月16日(水) 12:00", ""],
        ["", "", ""],
    ]
    assert [one.late_amount for one in (usual, own)] == [1500, 0]
    windows.choose_for(own, None, now=EARLY, actor=kosuke)
    assert (window(own)[1], own.window_set_at) == ("12月15日(火) 20:00", None)
    assert list(Activity.objects.values_list("verb", flat=True)) == [
        "session.answers", "series.answers", "session.answers"
    ]  # fmt: skip


def test_a_morning_made_ahead_has_them_too(series: Series, kosuke: Member) -> None:
    windows.choose(series, RULES, now=EARLY, actor=kosuke)
    made = making.make_ahead(Series.objects.get(pk=series.pk), now=EARLY)
    assert {session.terms for session in made} == {RULES}


def test_who_answered_leaves_on_the_terms_that_were_read(morning: Session) -> None:
    dearer = Terms(RULES.opens, RULES.closes, Hour(9, time(12, 0)), late=9000)
    morning.set_terms(dearer, own=True, now=SOME)
    assert (morning.late_amount, window(morning)[2]) == (1500, "12月7日(月) 18:00")
    morning.set_terms(Terms(headcount=Hour(2, time(12, 0)), late=500), own=True, now=SOME)
    assert (morning.late_amount, window(morning)[2]) == (500, "12月8日(火) 12:00")
    morning.set_terms(Terms(headcount=Hour(9, time(12, 0))), own=True, now=SOME)
    morning.set_terms(RULES, own=True, now=SOME)
    assert morning.late_amount == 0


def test_a_price_needs_an_hour_and_a_window_an_inside(morning: Session) -> None:
    for fields in ({"headcount_at": None}, {"rsvp_opens_at": CLOSED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Session.objects.filter(pk=morning.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Series.objects.filter(pk=morning.series_id).update(late_amount=1500)


# At the door


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (OPENED - timedelta(minutes=1), "まだ受け付けていません。受付は11月10日(火) 9:00からです。"),
        (CLOSED + timedelta(minutes=1), "12月8日(火) 20:00で受付は終わりました。"),
    ],
)
def test_outside_the_hours_nobody_new_comes_by_any_door(
    morning: Session, ken: Member, now: datetime, said: str
) -> None:
    morning.set_capacity(9, now=EARLY)
    for ask in (
        lambda: morning.rsvp(ken, Partstat.ACCEPTED, now=now),
        lambda: morning.hold("花", "visitor@example.com", minutes=30, now=now),
        lambda: morning.confirm("visitor@example.com", ken, now=now),
    ):
        with pytest.raises(SeatsError, match=re.escape(said)):
            ask()
    assert morning.rsvps.exclude(member__name="hana").count() == 0


def test_at_the_hours_themselves_answers_are_taken(make_session: Any, hana: Member, ken: Member) -> None:
    session = make_session(starts_at=START)
    session.set_terms(RULES, own=False, now=EARLY)
    assert [session.rsvp(who, Partstat.ACCEPTED, now=at).is_seated for who, at in ((hana, OPENED), (ken, CLOSED))] == [
        True, True
    ]  # fmt: skip


def test_after_the_end_who_waits_takes_a_free_seat_and_who_comes_can_leave(
    morning: Session, hana: Member, ken: Member
) -> None:
    morning.rsvp(ken, Partstat.ACCEPTED, now=SOME)
    evening = morning.quiet_from() + timedelta(minutes=1)
    morning.rsvp(hana, Partstat.DECLINED, now=evening)
    assert morning.rsvp(ken, Partstat.ACCEPTED, now=evening).is_seated


def test_a_calendar_keeps_the_hours_and_owes_nothing_it_was_not_shown(
    morning: Session, hana: Member, settings: Any
) -> None:
    settings.BOUNCE_ADDRESS = "inbox@club.example"
    assert calendar_replies.address(morning, hana)
    morning.rsvp(hana, Partstat.DECLINED, now=LATE)
    assert owed(hana) == 0
    with pytest.raises(SeatsError, match="受付は終わりました"):
        morning.rsvp(hana, Partstat.ACCEPTED, now=CLOSED + timedelta(hours=1))


# What leaving costs


def test_until_the_restaurant_has_its_number_leaving_costs_nothing(morning: Session, hana: Member) -> None:
    morning.rsvp(hana, Partstat.DECLINED, now=TOLD - timedelta(seconds=1), agreed=0)
    assert owed(hana) == 0


def test_afterwards_it_costs_what_was_shown_and_nothing_happens_before_that(morning: Session, hana: Member) -> None:
    with pytest.raises(SeatsError) as refused:
        morning.rsvp(hana, Partstat.DECLINED, now=LATE, agreed=1500)
    assert (refused.value.code, "実費3,000円がかかります" in refused.value.message) == ("costs", True)
    assert (morning.rsvps.seated().count(), owed(hana)) == (1, 0)
    morning.rsvp(hana, Partstat.DECLINED, now=LATE, agreed=3000)
    assert (morning.rsvps.seated().count(), owed(hana)) == (0, 3000)
    morning.rsvp(hana, Partstat.DECLINED, now=LATE, agreed=3000)
    assert owed(hana) == 3000


def test_a_friend_who_stays_away_costs_one_seat(morning: Session, hana: Member) -> None:
    friend = morning.rsvps.get(member=hana).companions.get()
    with pytest.raises(SeatsError):
        morning.remove_friend(hana, friend.pk, now=LATE, agreed=0)
    assert morning.rsvps.get(member=hana).companions.count() == 1
    morning.remove_friend(hana, friend.pk, now=LATE, agreed=1500)
    morning.rsvp(hana, Partstat.DECLINED, now=LATE, agreed=1500)
    assert owed(hana) == 3000


def test_who_comes_after_all_owes_nothing(morning: Session, hana: Member) -> None:
    morning.rsvp(hana, Partstat.DECLINED, now=LATE, agreed=3000)
    morning.rsvp(hana, Partstat.ACCEPTED, now=LATE)
    assert owed(hana) == 0


def test_a_seat_that_came_by_itself_after_the_number_costs_nothing_until_one_taps(
    morning: Session, hana: Member, ken: Member
) -> None:
    morning.set_near_start("at_once", now=SOME)
    morning.rsvp(ken, Partstat.ACCEPTED, now=SOME)
    morning.rsvp(hana, Partstat.DECLINED, now=LATE, agreed=3000)
    later = LATE + timedelta(hours=1)
    assert Rsvp.objects.get(member=ken).is_seated
    morning.rsvp(ken, Partstat.DECLINED, now=later, agreed=0)
    morning.rsvp(ken, Partstat.ACCEPTED, now=later)
    with pytest.raises(SeatsError):
        morning.rsvp(ken, Partstat.DECLINED, now=later, agreed=0)


def test_whoever_cannot_come_on_the_new_day_owes_nothing(morning: Session, hana: Member) -> None:
    morning.move(START + timedelta(hours=1), now=LATE)
    morning.rsvp(hana, Partstat.DECLINED, now=LATE, agreed=0)
    assert (morning.late_amount, owed(hana)) == (0, 0)


# What people read


def page(client: Client, url: str, at: datetime) -> str:
    with time_machine.travel(at, tick=False):
        return text(client, url)


def test_the_page_says_when_it_opens_until_when_it_is_free_and_that_it_has_closed(
    morning: Session, client: Client
) -> None:
    morning.set_capacity(9, now=EARLY)
    at = [OPENED - timedelta(hours=1), SOME, LATE, CLOSED + timedelta(hours=1)]
    told = [page(client, morning.get_absolute_url(), when) for when in at]
    free = "12月7日(月) 18:00までは、費用なしで取りやめられます。それ以降は、お店の実費1,500円をご負担いただきます。"
    has_it = "お店に人数をお伝えしました。これから取りやめる場合は、お一人につきお店の実費1,500円をご負担いただきます。"
    over = "12月8日(火) 20:00で受付は終わりました。参加をご希望の方は、世話人にご連絡ください。"
    said = ["受付は 11月10日(火) 9:00 からです。", free, has_it, over]
    assert [[text in one for text in said] for one in told] == [
        [True, False, False, False],
        [False, True, False, False],
        [False, False, True, False],
        [False, False, False, True],
    ]


@pytest.mark.parametrize("by_mail", [False, True])
def test_the_price_stands_beside_the_button_that_costs_it(
    morning: Session, hana: Member, client: Client, by_mail: bool
) -> None:
    client.force_login(hana)
    with time_machine.travel(LATE, tick=False):
        url = answer_link(hana, morning).replace("http://localhost:8000", "") if by_mail else morning.get_absolute_url()
        post = url if by_mail else f"{url}rsvp/"
        shown = client.get(url).content.decode()
        assert "いま取りやめると、お店の実費3,000円をご負担いただきます。" in shown
        assert '<input type="hidden" name="price" value="3000">' in shown
        stale = client.post(post, {"partstat": "DECLINED", "price": "0"})
        assert (stale.status_code, "実費3,000円がかかります" in stale.content.decode()) == (409, True)
        assert (client.post(post, {"partstat": "DECLINED"}).status_code, owed(hana)) == (409, 0)
        assert client.post(post, {"partstat": "DECLINED", "price": "3000"}).status_code == 302
    assert owed(hana) == 3000


def test_the_mails_say_it(morning: Session, hana: Member, ken: Member) -> None:
    morning.set_capacity(3, now=SOME)
    morning.rsvp(ken, Partstat.ACCEPTED, now=SOME)
    morning.rsvp(hana, Partstat.DECLINED, now=LATE, agreed=3000)
    with time_machine.travel(SOME, tick=False):
        texts = {
            row.kind: str(rendering.render(row, rendering.letter(row))["text"])
            for row in Delivery.objects.filter(kind__in=["rsvp.confirmed", "rsvp.left"])
        }
    free = "12月7日(月) 18:00までは、費用なしで取りやめられます。それ以降は、お店の実費1,500円をご負担いただきます。"
    assert f"\n取りやめる場合: {free}\n" in texts["rsvp.confirmed"]
    due = "お店の実費3,000円をお願いします。お支払い方法は、世話人からご連絡します。"
    assert f"カレンダーの予定は消えます。\n\n{due}\n" in texts["rsvp.left"]


def test_the_desk_says_by_when_the_restaurant_has_its_number(morning: Session) -> None:
    at = [TOLD - timedelta(hours=49), TOLD - timedelta(hours=40), TOLD - timedelta(hours=2), TOLD]
    steps = [list(restaurant.steps([morning], when)) for when in at]
    assert [[(step.urgency, step.what, step.why, step.chip) for step in found] for found in steps] == [
        [],
        [(1, "12月7日(月) 18:00までに、お店に人数をお伝えください", SEATS, "")],
        [(0, "12月7日(月) 18:00までに、お店に人数をお伝えください", SEATS, "今日")],
        [],
    ]


SEATS = "いまのところ2名です。"


# The host's form


SENT = {
    "opens_days": "30", "opens_time": "9:00", "closes_days": "2", "closes_time": "20:00",
    "headcount_days": "3", "headcount_time": "18:00", "late": "1500",
}  # fmt: skip


def test_the_host_sets_them_and_reads_them_as_sentences_in_both_languages(
    series: Series, kosuke: Member, client: Client
) -> None:
    client.force_login(kosuke)
    url = f"/series/{series.slug}/answers/"
    seen = client.post(url, SENT | {"preview": "1"}).content.decode()
    series.refresh_from_db()
    assert series.terms == Terms()
    for _code, said in window_words.in_both(RULES, "JPY"):
        assert all(f"<li>{sentence}</li>" in seen for sentence in said)
    assert client.post(url, SENT).status_code == 302
    series.refresh_from_db()
    assert series.terms == RULES


def test_the_sentences() -> None:
    japanese, english = (said for _code, said in window_words.in_both(RULES, "JPY"))
    assert japanese == [
        "受付は30日前 9:00からです。それまでは、ページにそう書かれます。",
        "受付は2日前 20:00までです。そのあとも、参加の取りやめはできます。",
        "お店には3日前 18:00までに人数をお伝えします。「世話人の机」にも出ます。",
        "それまでの取りやめに費用はかかりません。それ以降は、お一人につきお店の実費1,500円をご負担いただきます。",
    ]
    assert english == [
        "Answers are taken from 9:00 30 days before on; before, the page says so.",
        "They are taken until 20:00 2 days before. One can still cancel afterwards.",
        "The restaurant is told how many come by 18:00 3 days before; your desk reminds you.",
        "Until then cancelling costs nothing; afterwards the restaurant’s price of ¥1,500 a seat is due.",
    ]
    with translation.override("en"):
        assert window_words.sentences(Terms(late=100), "JPY") == [
            "Answers are taken as soon as a morning is published.",
            "They are taken until it begins.",
            "The restaurant is told no number beforehand.",
            "Cancelling costs nothing.",
        ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"opens_time": ""}, "日数と時刻を両方入れるか"),
        ({"closes_days": "31"}, "受付が始まる前に終わってしまいます"),
        ({"headcount_days": "", "headcount_time": ""}, "お店に人数をお伝えする期限を入れてください"),
        ({"closes_days": "0", "closes_time": "7:00"}, "その時刻には、もう始まっています"),
        ({"late": "-1"}, "0 以上"),
    ],
)
def test_what_cannot_hold_is_said_and_what_was_typed_stays(
    series: Series, kosuke: Member, client: Client, wrong: dict[str, str], said: str
) -> None:
    client.force_login(kosuke)
    answer = client.post(f"/series/{series.slug}/answers/", SENT | wrong)
    shown = answer.content.decode()
    assert (answer.status_code, said in shown, 'value="30"' in shown) == (422, True, True)


def test_one_morning_may_do_it_differently_and_take_it_back(morning: Session, kosuke: Member, client: Client) -> None:
    client.force_login(kosuke)
    url = f"/sessions/{morning.code}/answers/"
    with time_machine.travel(SOME, tick=False):
        client.post(url, {"own": "own", "closes_days": "1", "closes_time": "12:00"})
        assert window(morning) == ["", "12月9日(水) 12:00", ""]
        client.post(url, SENT | {"own": ""})
    assert (window(morning), morning.window_set_at) == (["", "", ""], None)


def test_the_page_costs_as_many_statements_with_thirty_mornings(
    series: Series, make_session: Any, kosuke: Member, client: Client
) -> None:
    client.force_login(kosuke)
    client.get("/about/")
    session = make_session()
    for days in range(30):
        make_session(starts_at=START + timedelta(days=days))
    seen = [statements(lambda url=url: client.get(url)) for url in (
        f"/series/{series.slug}/answers/", f"/sessions/{session.code}/answers/"
    )]  # fmt: skip
    assert (seen, connection.vendor) == ([(200, 4), (200, 4)], "postgresql")
