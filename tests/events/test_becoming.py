"""Friends and walk-ins who become members: that morning is theirs, and who brought them is kept."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from events import becoming, check_in, roster
from events.erasure import erase
from events.links import walk_in_link
from events.models import Attendance, Companion, Partstat, Session
from introductions import memories, seating
from members.levels import Level
from members.models import Activity, Member
from members.refusals import Refusal
from outbox import kinds, rendering
from outbox.models import Delivery
from tests.events.pages import text

# Thursday 10 December 2026, 7:00 in Tokyo.
START = datetime(2026, 12, 9, 22, 0, tzinfo=UTC)
LONG_AGO = START - timedelta(days=9)
AFTER = START + timedelta(hours=4)
MAIL = "kengo@example.com"


@pytest.fixture
def morning(make_session, hana: Member, club) -> Session:
    """hana came with a friend who left an address."""
    session = make_session(starts_at=START, published_at=LONG_AGO, number=132)
    session.rsvp(hana, Partstat.ACCEPTED, now=LONG_AGO)
    session.add_friend(hana, "青砥 和馬", yomi="あおと かずま", email="kazuma@example.com", now=LONG_AGO)
    return session


def close(session: Session) -> None:
    roster.close(session, now=START + timedelta(hours=2), actor=None)


def came_in(session: Session, email: str = MAIL) -> Attendance:
    return check_in.walk_in(
        session, "水無瀬 健吾", yomi="みなせ けんご", email=email, now=START + timedelta(minutes=5), actor=None
    )


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def link(row: Attendance) -> str:
    return walk_in_link(row).removeprefix(settings.SITE_URL)


# Friends


def test_a_friend_who_becomes_a_member_with_that_address_finds_the_morning(morning: Session, hana, person) -> None:
    close(morning)
    Delivery.objects.all().delete()
    kazuma = person("kazuma", joined_at=AFTER)
    assert [becoming.join_known(now=AFTER), becoming.join_known(now=AFTER)] == [1, 0]
    row = Attendance.objects.get(member=kazuma)
    assert (row.session, row.introduced_by, Companion.objects.get().member) == (morning, hana, kazuma)
    assert Companion.objects.get().email == ""
    assert [place.name for place in roster.places(morning)] == ["hana", "kazuma"]


def test_who_was_a_member_before_is_not_somebodys_friend_by_an_address_typed(morning: Session, person) -> None:
    person("kazuma", joined_at=LONG_AGO - timedelta(days=1))
    close(morning)
    assert becoming.join_known(now=AFTER) == 0


def test_a_friend_who_joins_before_the_morning_is_on_its_list_as_a_member(morning: Session, hana, person) -> None:
    kazuma = person("kazuma", joined_at=LONG_AGO + timedelta(days=1))
    becoming.join_known(now=LONG_AGO + timedelta(days=2))
    close(morning)
    row = Attendance.objects.get(companion__isnull=False)
    assert (row.member, row.introduced_by, roster.key_of(row)[0]) == (kazuma, hana, "f")


def test_a_member_with_a_seat_of_their_own_is_not_there_twice(morning: Session, person) -> None:
    kazuma = person("kazuma", joined_at=LONG_AGO + timedelta(days=1))
    becoming.join_known(now=LONG_AGO + timedelta(days=2))
    morning.rsvp(kazuma, Partstat.ACCEPTED, now=LONG_AGO + timedelta(days=3))
    close(morning)
    assert Attendance.objects.filter(member=kazuma).count() == 1


def test_the_memory_cards_of_both_say_who_brought_whom(morning: Session, hana, person) -> None:
    close(morning)
    kazuma = person("kazuma", joined_at=AFTER, yomi="かずま")
    Member.objects.update(name_level=Level.MEMBERS)
    becoming.join_known(now=AFTER)
    with time_machine.travel(AFTER, tick=False):
        cards = [memories.of(*pair, now=AFTER) for pair in ((kazuma, hana.code), (hana, kazuma.code))]
        assert [card and card.brought and card.brought.introduced_by for card in cards] == [hana, hana]
        said = [text(of(me), f"/met/{other.code}/") for me, other in ((kazuma, hana), (hana, kazuma))]
    assert "hanaさんがはじめて連れてきてくれました" in said[0]
    assert "あなたのお連れの方としてはじめて来ました" in said[1]


def test_a_friend_sits_with_whom_they_came_with_the_first_time(morning: Session, hana, make_session, person) -> None:
    for number in range(14):
        morning.rsvp(person(f"member{number}", industry="EGIS"[number % 4]), Partstat.ACCEPTED, now=LONG_AGO)
    seating.plan(morning, now=LONG_AGO, actor=None)
    table = {chair.name: chair.table for chair in seating.chairs(morning)}
    assert len(set(table.values())) > 1
    assert table["青砥 和馬"] == table["hana"]


# A host who knows


def test_a_host_joins_the_two_by_the_same_name(morning: Session, kosuke, hana, person) -> None:
    close(morning)
    kazuma = person("aoto", joined_at=LONG_AGO, name_level=Level.MEMBERS)
    Member.objects.filter(pk=kazuma.pk).update(name="青砥 和馬")
    page = f"/sessions/{morning.code}/roster/"
    assert "会員の青砥 和馬さん" in text(of(kosuke), page)
    row = Attendance.objects.get(companion__isnull=False)
    url = f"{page}people/{row.pk}/"
    assert of(hana).post(url, {"member": kazuma.code}).status_code == 404
    assert of(kosuke).post(url, {"member": hana.code}).status_code == 404, "nobody else is meant by this name"
    assert of(kosuke).post(url, {"member": kazuma.code}).status_code == 302
    row.refresh_from_db()
    assert (row.member, row.introduced_by) == (kazuma, hana)
    assert list(Activity.objects.filter(verb="attendance.join").values_list("actor", "detail")) == [
        (kosuke.pk, {"member": kazuma.code})
    ]


# Walk-ins


def mail() -> dict[str, object]:
    delivery = Delivery.objects.get(kind="walk_in.welcome")
    made = rendering.render(delivery, rendering.letter(delivery))
    made["text"] = re.sub(r"/becoming/[\w:.-]+/", "/becoming/…/", str(made["text"]).replace(settings.SITE_URL, ""))
    return made


def test_a_walk_in_with_an_address_gets_one_mail_after_the_morning(morning: Session) -> None:
    row = came_in(morning)
    owed = Delivery.objects.get(kind="walk_in.welcome")
    assert (owed.to, owed.next_attempt_at, owed.language) == (MAIL, morning.ends_at, "ja")
    row.ask_to_join(MAIL, now=AFTER)
    made = mail()
    assert made["subject"] == "ご一緒できてうれしく思います: 12月10日(木) 7:00"
    assert (
        made["text"]
        == """水無瀬 健吾さん、「値札のない朝」にお越しくださり、ありがとうございました。

またいらしてくださるなら、ひと押しで会員になれます。次の回からご自分でお答えいただけて、この朝が最初に来た回になります。

会員になる:
/becoming/…/

----
受付でアドレスをうかがいました。お送りするのはこの一通だけです。何もなさらなければ、アドレスは会の60日後に消します。
河口の朝会

"""
    )


def test_without_an_address_struck_out_or_refused_nothing_goes(morning: Session) -> None:
    came_in(morning, email="")
    Refusal.objects.add("no@example.com", "", now=LONG_AGO)
    came_in(morning, email="no@example.com")
    assert Delivery.objects.filter(kind="walk_in.welcome").count() == 0
    row = came_in(morning)
    delivery = Delivery.objects.get(kind="walk_in.welcome")
    check_in.mark(morning, f"w{row.pk}", here=False, now=START + timedelta(minutes=9), actor=None)
    with pytest.raises(kinds.Unwanted):
        rendering.letter(delivery)


@time_machine.travel(AFTER, tick=False)
def test_by_the_link_a_walk_in_becomes_a_member_with_that_morning(morning: Session, client: Client) -> None:
    row = came_in(morning)
    close(morning)
    url = link(row)
    assert "水無瀬 健吾さん、ご一緒できて" in text(client, url)
    assert (Member.objects.filter(email=MAIL).count(), Attendance.objects.get(pk=row.pk).member) == (0, None)
    assert client.post(url)["Location"] == "/profile/"
    member = Member.objects.get(email=MAIL)
    assert (member.name, member.yomi, member.joined_at) == ("水無瀬 健吾", "みなせ けんご", None)
    row.refresh_from_db()
    assert (row.member, row.email, client.session["_auth_user_id"]) == (member, "", str(member.pk))
    roster.reopen(morning, now=AFTER, actor=None)
    close(morning)
    assert [place.key for place in roster.places(morning) if place.row.member == member] == [f"w{row.pk}"]


@time_machine.travel(AFTER, tick=False)
def test_the_link_signs_nobody_in_to_an_account_there_was(morning: Session, client: Client, person) -> None:
    """Whoever the mail was passed on to comes no further than the sign-in page."""
    kengo = person("kengo", joined_at=LONG_AGO)
    row = came_in(morning)
    for _time in range(2):
        assert client.post(link(row))["Location"].startswith("/accounts/login/")
        assert "_auth_user_id" not in client.session
    row.refresh_from_db()
    assert row.member == kengo


@time_machine.travel(AFTER, tick=False)
def test_a_link_to_an_address_that_was_corrected_is_dead(morning: Session, client: Client) -> None:
    row = came_in(morning, email="mistyped@example.com")
    url = link(row)
    row.ask_to_join(MAIL, now=AFTER)
    assert [client.get(url).status_code, client.get(link(row)).status_code] == [404, 200]


@time_machine.travel(AFTER, tick=False)
def test_hosts_see_who_has_no_account_and_ask_later(morning: Session, kosuke, hana) -> None:
    row = came_in(morning, email="")
    close(morning)
    page = f"/sessions/{morning.code}/roster/"
    assert "会員ではない方: メールでお尋ねする" in text(of(kosuke), page)
    assert of(hana).post(f"{page}walk-ins/{row.pk}/mail/", {"email": MAIL}).status_code == 404
    assert of(kosuke).post(f"{page}walk-ins/{row.pk}/mail/", {"email": "ka..n@x.jp"}).status_code == 422
    assert of(kosuke).post(f"{page}walk-ins/{row.pk}/mail/", {"email": MAIL}).status_code == 302
    assert Delivery.objects.filter(kind="walk_in.welcome", to=MAIL).count() == 1
    assert "メールでお尋ねしました" in text(of(kosuke), page)


@time_machine.travel(AFTER, tick=False)
def test_nothing_about_a_walk_in_is_shown_to_others(morning: Session, hana) -> None:
    came_in(morning)
    close(morning)
    client = of(hana)
    for page in (f"/sessions/{morning.code}/", f"/sessions/{morning.code}/cards/", "/introductions/"):
        assert ("水無瀬" in text(client, page), MAIL in text(client, page)) == (False, False)


def test_the_address_of_a_walk_in_is_gone_sixty_days_later(morning: Session) -> None:
    came_in(morning)
    erase(now=morning.ends_at + timedelta(days=60))
    assert Attendance.objects.get().email == ""
