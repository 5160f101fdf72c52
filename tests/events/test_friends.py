"""Friends: until the doors open, on a seat or a spare cover; mails of the one morning for those who want them."""

import contextlib
import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from events import passing_on, reminders
from events.erasure import erase
from events.links import friend_link
from events.models import Companion, Partstat, ReminderRule, SeatsError, Segment, Session
from events.models.companion import MAILS_A_DAY
from members import erasing
from members.models import Activity, Member
from members.refusals import Refusal
from outbox import kinds, rendering
from outbox.models import Delivery
from tests.events.pages import crowd, talk, text

# Thursday 10 December 2026, 7:00 in Tokyo, doors at 6:40.
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
EVENING = datetime(2026, 12, 9, 9, 0, tzinfo=UTC)
DOORS = START - timedelta(minutes=20)


@pytest.fixture
def morning(make_session, sato, club, hana) -> Session:
    """hana has the only seat; one spare cover."""
    session = make_session(starts_at=START, number=132, capacity=1, spare_covers=1, published_at=NOW)
    talk(session, sato)
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    Delivery.objects.all().delete()
    return session


def refusal(session: Session, member: Member, now: datetime) -> str:
    with pytest.raises(SeatsError) as refused:
        session.add_friend(member, "水無瀬 健吾", now=now)
    return str(refused.value.code)


def taken(session: Session) -> tuple[int, int]:
    session.refresh_from_db()
    return session.seats_taken, session.spares_taken


# Spare covers


def test_a_spare_cover_is_for_a_friend_once_the_restaurant_knows_how_many_come(morning: Session, hana) -> None:
    assert refusal(morning, hana, NOW) == "full"
    morning.headcount_told(now=NOW)
    morning.add_friend(hana, "青砥 和馬", now=NOW)
    assert taken(morning) == (2, 1)
    assert refusal(morning, hana, NOW) == "full"


def test_by_six_on_the_evening_before_the_restaurant_knows(morning: Session, hana) -> None:
    assert refusal(morning, hana, EVENING - timedelta(minutes=1)) == "full"
    morning.add_friend(hana, "青砥 和馬", now=EVENING)
    assert taken(morning) == (2, 1)


def test_a_spare_cover_is_nobodys_who_comes_on_his_own_word(morning: Session, ken) -> None:
    morning.headcount_told(now=NOW)
    assert morning.rsvp(ken, Partstat.ACCEPTED, now=NOW).is_waiting
    assert morning.hold("笹本 すみれ", "sumire@example.com", minutes=30, now=NOW) is None


def test_who_leaves_frees_no_seat_as_long_as_a_friend_sits_beyond_them(morning: Session, hana, ken, mallory) -> None:
    morning.set_capacity(2, now=NOW)
    for member in (ken, mallory):
        morning.rsvp(member, Partstat.ACCEPTED, now=NOW)
    morning.headcount_told(now=NOW)
    morning.add_friend(hana, "青砥 和馬", now=NOW)
    morning.rsvp(ken, Partstat.DECLINED, now=NOW)
    assert (taken(morning), morning.rsvps.get(member=mallory).is_waiting) == ((2, 0), True)


def test_a_party_that_waits_is_seated_when_its_friend_may_have_a_spare_cover(morning: Session, hana, ken) -> None:
    morning.rsvp(ken, Partstat.ACCEPTED, now=NOW)
    morning.add_friend(ken, "青砥 和馬", now=NOW)
    morning.rsvp(hana, Partstat.DECLINED, now=NOW)
    assert morning.rsvps.get(member=ken).is_waiting
    morning.headcount_told(now=NOW)
    assert (taken(morning), morning.rsvps.get(member=ken).is_seated) == ((2, 1), True)


def test_the_tick_frees_spare_covers_on_the_evening_before(morning: Session, hana, ken) -> None:
    morning.set_near_start("at_once", now=NOW)
    morning.rsvp(ken, Partstat.ACCEPTED, now=NOW)
    morning.add_friend(ken, "青砥 和馬", now=NOW)
    morning.rsvp(hana, Partstat.DECLINED, now=NOW)
    passing_on.carry_on(now=EVENING - timedelta(minutes=1))
    assert morning.rsvps.get(member=ken).is_waiting
    passing_on.carry_on(now=EVENING)
    assert (taken(morning), morning.rsvps.get(member=ken).is_seated) == ((2, 1), True)


def test_a_moved_morning_is_told_to_the_restaurant_anew(morning: Session, hana) -> None:
    morning.headcount_told(now=NOW)
    morning.move(START + timedelta(days=7), now=NOW)
    assert (morning.spares_freed_at, refusal(morning, hana, NOW)) == (None, "full")


def test_seats_kept_for_newcomers_come_before_spare_covers(morning: Session, hana, make_session) -> None:
    earlier = make_session(starts_at=NOW - timedelta(days=30))
    earlier.attendances.create(member=hana)
    morning.rsvp(hana, Partstat.DECLINED, now=NOW)
    morning.set_capacity(2, now=NOW)
    morning.rsvp(hana, Partstat.ACCEPTED, now=NOW)
    morning.keep_for_newcomers(1, now=NOW)
    morning.headcount_told(now=NOW)
    assert refusal(morning, hana, NOW) == "full"


def test_a_series_gives_its_number_to_the_mornings_to_come(morning: Session, kosuke: Member) -> None:
    passing_on.choose(morning.series, "offer", 0, 3, now=NOW, actor=kosuke)
    morning.refresh_from_db()
    assert (morning.spare_covers, morning.series.spare_covers) == (3, 3)


# Until when


def test_a_friend_is_brought_until_the_doors_open_also_after_answers_have_closed(morning: Session, hana) -> None:
    Session.objects.filter(pk=morning.pk).update(rsvp_closes_at=NOW)
    morning.add_friend(hana, "青砥 和馬", now=DOORS - timedelta(minutes=1))
    morning.set_capacity(9, now=DOORS)
    assert refusal(morning, hana, DOORS) == "refused"


def test_whoever_is_brought_can_be_sent_home_until_it_begins(morning: Session, hana) -> None:
    friend = morning.add_friend(hana, "青砥 和馬", now=EVENING)
    morning.remove_friend(hana, friend.pk, now=DOORS)
    assert taken(morning) == (1, 0)


# Mails


def bring(session: Session, member: Member, now: datetime = EVENING, email: str = "kazuma@example.com") -> Companion:
    return session.add_friend(member, "青砥 和馬", yomi="あおと かずま", email=email, now=now)


def owed() -> list[tuple[str, str]]:
    return list(Delivery.objects.filter(kind__startswith="friend.").order_by("pk").values_list("kind", "to"))


def mail(kind: str) -> dict[str, Any]:
    delivery = Delivery.objects.filter(kind=kind).latest("pk")
    made = rendering.render(delivery, rendering.letter(delivery))
    made["text"] = re.sub(r"/friends/[\w:.-]+/", "/friends/…/", str(made["text"]).replace(settings.SITE_URL, ""))
    return made


def test_a_friend_without_an_address_gets_no_mail(morning: Session, hana) -> None:
    morning.add_friend(hana, "青砥 和馬", now=EVENING)
    assert owed() == []


def test_a_friend_who_wants_mails_is_told_of_the_seat(morning: Session, hana) -> None:
    bring(morning, hana)
    assert owed() == [("friend.coming", "kazuma@example.com")]
    made = mail("friend.coming")
    assert made["subject"] == "お席をおとりしました: 12月10日(木) 7:00"
    assert (
        made["text"]
        == f"""青砥 和馬さん、hanaさんのお連れの方として、席をおとりしました。お二人でお越しになるのをお待ちしています。

第132回 値札のない朝

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
ゲスト: 佐藤 朝子先生
会費: 2,000円

来られなくなったら、hanaさんにひとこと伝えてください。

道順と入口はこちら:
/m/{morning.meeting_code}/

この回のメールを止める:
/friends/…/

----
この回のメールのために、hanaさんからアドレスをうかがいました。ほかには使わず、60日後に消します。
河口の朝会

"""
    )


def test_a_friend_who_waits_is_told_when_the_party_is_seated(morning: Session, hana, ken) -> None:
    morning.rsvp(ken, Partstat.ACCEPTED, now=NOW)
    bring(morning, ken, NOW)
    assert owed() == []
    morning.set_capacity(3, now=NOW)
    assert owed() == [("friend.coming", "kazuma@example.com")]


def evening_rule(session: Session) -> ReminderRule:
    values = {"template": "tomorrow", "audience": Segment.COMING, "days_before": 1, "at": time(18)}
    return ReminderRule.objects.create(series=session.series, greeting="奥の部屋です。", **values)


@time_machine.travel(EVENING + timedelta(minutes=1), tick=False)
def test_on_the_evening_before_the_friend_is_told_with_those_who_come(morning: Session, hana) -> None:
    evening_rule(morning)
    bring(morning, hana, EVENING)
    Delivery.objects.all().delete()
    for _tick in range(2):
        reminders.carry_out(now=timezone.now())
    assert list(Delivery.objects.order_by("kind").values_list("kind", "to")) == [
        ("friend.evening", "kazuma@example.com"),
        ("reminder.tomorrow", "hana@example.com"),
    ]
    made = mail("friend.evening")
    assert made["subject"] == "お待ちしています: 12月10日(木) 7:00"
    assert (
        made["text"]
        == f"""青砥 和馬さん、お席をご用意しています。明日の朝、hanaさんとお越しになるのをお待ちしています。

奥の部屋です。

第132回 値札のない朝

とき: 12月10日(木) 7:00、開場 6:40
ところ: 喫茶みなと 東京都かもめ区1-2-3
行き方: 横の木戸を二回たたいてください
ゲスト: 佐藤 朝子先生
会費: 2,000円

来られなくなったら、hanaさんにひとこと伝えてください。

道順と入口はこちら:
/m/{morning.meeting_code}/

この回のメールを止める:
/friends/…/

----
この回のメールのために、hanaさんからアドレスをうかがいました。ほかには使わず、60日後に消します。
河口の朝会

"""
    )


def test_a_move_and_a_cancellation_are_told_to_friends_too(morning: Session, hana) -> None:
    bring(morning, hana)
    morning.move(START + timedelta(hours=1), now=EVENING)
    made = mail("friend.changed")
    assert (made["subject"], "8:00、開場 7:40" in made["text"]) == ("会の変更のお知らせ: 12月10日(木) 8:00", True)
    morning.cancel("台風", now=EVENING)
    made = mail("friend.changed")
    assert (
        made["text"]
        == """青砥 和馬さん、hanaさんといらっしゃる予定だった 12月10日(木) 8:00 の会は、中止になりました。

台風

この回のメールを止める:
/friends/…/

----
この回のメールのために、hanaさんからアドレスをうかがいました。ほかには使わず、60日後に消します。
河口の朝会

"""
    )


def test_moved_and_moved_back_before_any_mail_went_is_no_news_to_friends(morning: Session, hana) -> None:
    bring(morning, hana)
    morning.move(START + timedelta(hours=1), now=EVENING)
    morning.move(START, now=EVENING)
    with pytest.raises(kinds.Unwanted, match="as it was"):
        mail("friend.changed")
    morning.cancel("台風", now=EVENING)
    assert "中止になりました" in mail("friend.changed")["text"]
    Delivery.objects.filter(pk=Delivery.objects.latest("pk").pk).update(sent_at=EVENING)
    morning.restore(now=EVENING)
    morning.cancel("やはり台風", now=EVENING)
    with pytest.raises(kinds.Unwanted, match="told already"):
        mail("friend.changed")


def test_another_fee_is_told_to_friends_too(morning: Session, hana) -> None:
    bring(morning, hana)
    morning.charge(2500, now=EVENING)
    assert "会費: 2,500円\n" in mail("friend.changed")["text"]
    assert list(Delivery.objects.filter(kind="friend.changed").values_list("to", flat=True)) == ["kazuma@example.com"]


def test_the_friend_stops_the_mails_and_keeps_the_seat(morning: Session, hana, client: Client) -> None:
    friend = bring(morning, hana)
    with time_machine.travel(EVENING, tick=False):
        page = friend_link(friend).removeprefix(settings.SITE_URL)
        assert "hanaさんとご一緒です。" in text(client, page)
        assert Companion.objects.get().email == "kazuma@example.com"
        assert client.post(page).status_code == 302
        assert "この回のメールは届きません。" in text(client, page)
        with pytest.raises(kinds.Unwanted):
            mail("friend.coming")
    morning.cancel("台風", now=EVENING)
    assert (taken(morning), Delivery.objects.filter(kind="friend.changed").count()) == ((2, 1), 0)


def test_a_refused_address_gets_nothing_and_the_page_says_nothing_of_it(morning: Session, hana) -> None:
    Refusal.objects.add("kazuma@example.com", "", now=NOW)
    bring(morning, hana)
    assert owed() == []


def sent() -> list[tuple[str, str]]:
    """What really goes of what is owed to friends, in the order it fell due."""
    found = []
    for delivery in Delivery.objects.open().filter(kind__startswith="friend.").order_by("pk"):
        with contextlib.suppress(kinds.Unwanted):
            rendering.letter(delivery)
            found.append((delivery.kind, delivery.to))
            Delivery.objects.filter(pk=delivery.pk).update(sent_at=NOW + timedelta(seconds=delivery.pk))
            continue
        delivery.drop("not wanted", now=NOW)
    return found


@time_machine.travel(EVENING, tick=False)
def test_one_address_is_written_to_once_a_morning_and_three_times_a_day(morning: Session, make_session, hana) -> None:
    friend = bring(morning, hana)
    morning.remove_friend(hana, friend.pk, now=EVENING)
    bring(morning, hana, EVENING + timedelta(hours=1))
    assert sent() == [("friend.coming", "kazuma@example.com")]
    for number in range(MAILS_A_DAY + 2):
        other = make_session(starts_at=START + timedelta(days=1, minutes=number))
        other.rsvp(hana, Partstat.ACCEPTED, now=EVENING)
        bring(other, hana)
    assert Delivery.objects.filter(kind="friend.coming").count() == MAILS_A_DAY


def test_a_friend_is_told_when_the_member_gives_the_seats_back(morning: Session, hana) -> None:
    bring(morning, hana)
    assert sent() == [("friend.coming", "kazuma@example.com")]
    morning.rsvp(hana, Partstat.DECLINED, now=EVENING)
    made = mail("friend.left")
    assert (made["subject"], made["text"]) == (
        "お席が取りやめになりました: 12月10日(木) 7:00",
        f"""hanaさんのお連れの方としておとりしていたお席は、取りやめになりました。

第132回 値札のない朝
12月10日(木) 7:00

わけは、hanaさんにお尋ねください。この回のメールは、もうお送りしません。

ご自身で参加を申し込まれるときは、こちらから:
/sessions/{morning.code}/

----
お席のことをお知らせしていたので、お送りしています。
河口の朝会

""",
    )
    assert (sent(), Companion.objects.count()) == ([("friend.left", "kazuma@example.com")], 0)


def test_a_friend_who_alone_is_sent_home_is_told(morning: Session, hana) -> None:
    friend = bring(morning, hana)
    assert sent() == [("friend.coming", "kazuma@example.com")]
    morning.remove_friend(hana, friend.pk, now=EVENING)
    assert sent() == [("friend.left", "kazuma@example.com")]


def test_a_friend_of_somebody_whose_account_is_gone_is_told_without_a_name(morning: Session, hana) -> None:
    bring(morning, hana)
    assert sent() == [("friend.coming", "kazuma@example.com")]
    erasing.erase(hana, now=EVENING)
    assert "会員のお連れの方としておとりしていたお席は、取りやめになりました。" in mail("friend.left")["text"]


def test_who_never_heard_of_the_seat_hears_nothing_of_its_loss(morning: Session, hana, ken) -> None:
    friend = bring(morning, hana)
    morning.remove_friend(hana, friend.pk, now=EVENING)
    assert sent() == []
    morning.rsvp(ken, Partstat.ACCEPTED, now=EVENING)
    bring(morning, ken, email="manami@example.com")
    morning.rsvp(ken, Partstat.DECLINED, now=EVENING)
    assert sent() == []


def test_while_the_first_mail_is_on_the_wire_the_other_waits(morning: Session, hana) -> None:
    friend = bring(morning, hana)
    Delivery.objects.update(attempts=1)
    morning.remove_friend(hana, friend.pk, now=EVENING)
    with pytest.raises(kinds.NotNow):
        mail("friend.left")
    Delivery.objects.filter(kind="friend.coming").update(sent_at=NOW)
    assert sent() == [("friend.left", "kazuma@example.com")]


def test_who_is_brought_again_is_told_again_and_only_then(morning: Session, hana) -> None:
    told = []
    for hour in range(2):
        friend = bring(morning, hana, EVENING + timedelta(hours=hour))
        told += sent()
        morning.remove_friend(hana, friend.pk, now=EVENING + timedelta(hours=hour))
        told += sent() if hour == 0 else []
    bring(morning, hana, EVENING + timedelta(hours=2))
    assert [kind for kind, _to in told] == ["friend.coming", "friend.left", "friend.coming"]
    assert sent() == [], "given back and taken again before any mail went: nothing to tell"


def test_a_friend_is_told_by_day_or_before_the_doors_open(morning: Session, hana) -> None:
    night = datetime(2026, 12, 2, 14, 0, tzinfo=UTC)
    friend = bring(morning, hana, EVENING)
    morning.remove_friend(hana, friend.pk, now=night)
    bring(morning, hana, EVENING)
    morning.rsvp(hana, Partstat.DECLINED, now=START - timedelta(hours=8))
    due = Delivery.objects.filter(kind="friend.left").order_by("pk").values_list("next_attempt_at", flat=True)
    assert list(due) == [night + timedelta(hours=8), START - timedelta(hours=8)]


def test_two_friends_of_one_have_two_addresses(morning: Session, hana) -> None:
    morning.set_capacity(9, now=NOW)
    bring(morning, hana, NOW)
    with pytest.raises(SeatsError) as refused:
        morning.add_friend(hana, "沢 まなみ", email="KAZUMA@example.com", now=NOW)
    assert refused.value.code == "address"


def test_the_address_is_gone_sixty_days_later(morning: Session, hana, ken) -> None:
    bring(morning, hana)
    morning.rsvp(ken, Partstat.ACCEPTED, now=EVENING)
    ends = Session.objects.get(pk=morning.pk).ends_at
    erase(now=ends + timedelta(days=59))
    assert Companion.objects.get().email == "kazuma@example.com"
    assert Delivery.objects.filter(to="kazuma@example.com").exists()
    erase(now=ends + timedelta(days=60))
    assert Companion.objects.get().email == ""
    assert not Delivery.objects.filter(to="kazuma@example.com").exists(), "the outbox forgets it too"
    assert Delivery.objects.filter(to="ken@example.com").exists()


# The pages


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@time_machine.travel(EVENING, tick=False)
def test_the_page_offers_a_spare_cover_and_hands_out_the_card(morning: Session, hana) -> None:
    client, page = of(hana), f"/sessions/{morning.code}/"
    assert "お連れの方のための予備の席があります" in text(client, page)
    sent = {"name": "青砥 和馬", "yomi": "あおと", "email": "kazuma@example.com"}
    assert client.post(f"{page}friends/", sent).status_code == 302
    shown = text(client, page)
    assert ("メールが届きます" in shown, f"{settings.SITE_URL}/m/{morning.meeting_code}/" in shown) == (True, True)
    assert "お連れの方のための予備の席があります" not in shown
    assert "1席がすべて埋まり、さらに1人が席につきます" in shown


@time_machine.travel(EVENING, tick=False)
def test_an_address_no_mail_reaches_is_refused_and_what_was_typed_stays(morning: Session, hana) -> None:
    sent = {"name": "青砥 和馬", "email": "ka..zuma@docomo.ne.jp"}
    response = of(hana).post(f"/sessions/{morning.code}/friends/", sent)
    page = response.content.decode()
    assert (response.status_code, 'value="青砥 和馬"' in page, Companion.objects.count()) == (422, True, 0)


@time_machine.travel(NOW, tick=False)
def test_a_host_says_with_one_tap_that_the_restaurant_knows(morning: Session, kosuke: Member, hana) -> None:
    client, page = of(kosuke), f"/sessions/{morning.code}/seats/"
    assert "お店に伝えました" in text(client, page)
    assert client.post(f"/sessions/{morning.code}/headcount/").status_code == 302
    assert "お店に伝えました" not in text(client, page)
    morning.add_friend(hana, "青砥 和馬", now=NOW)
    assert "予備1席のうち1席" in text(client, "/desk/")
    assert list(Activity.objects.values_list("verb", "detail")) == [("session.headcount", {"covers": 1, "spare": 1})]


def test_everybody_in_a_large_room_costs_the_tick_no_more(morning: Session, django_assert_num_queries) -> None:
    morning.set_capacity(40, now=NOW)
    evening_rule(morning)
    for number, member in enumerate(crowd(10)):
        morning.rsvp(member, Partstat.ACCEPTED, now=NOW)
        bring(morning, member, NOW, f"friend{number}@example.com")
    morning.add_friend(Member.objects.get(name="hana"), "沢 まなみ", email="manami@example.com", now=NOW)
    Delivery.objects.all().delete()
    with django_assert_num_queries(15):
        reminders.carry_out(now=EVENING + timedelta(minutes=1))
    assert len(owed()) == 11
