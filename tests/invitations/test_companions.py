"""Who comes with the guest: a seat each by the one door, in the restaurant's number and the bill, never a payer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from events import next_steps, restaurant, roster
from events.models import Attendance, Membership, Partstat, Session
from invitations import details, steps
from invitations.models import Invitation
from members.models import Activity, Member
from purse import collecting
from speakers.models import Speaker
from tests.introductions.test_papers import pages
from tests.invitations.test_letter_page import accept, path

NOW = timezone.now
TOLD = {"food": "", "arrival": "", "brings": "0", "brings_names": "", "brings_food": ""}


def tell(client: Client, invitation: Invitation, **told: str) -> tuple[int, str]:
    response = client.post(f"/letters/{invitation.code}/", {"part": "needs", **TOLD, **told})
    return response.status_code, response.headers.get("Location", "")


def seats(session: Session) -> tuple[int, int, int]:
    """Taken in all, the guest's people among them, and how many those would be."""
    session.refresh_from_db()
    return session.seats_taken, session.guest_seats, session.guest_party


def lines(host: Client, session: Session, kind: str) -> list[str]:
    """What stands on a paper of this morning, line by line."""
    found = pages(host.get(f"/sessions/{session.code}/papers/{kind}.pdf").content)
    return [line for page in found for line in page]


def test_each_takes_a_seat_and_gives_it_back(sent: Invitation, guest: Client, session: Session, hana: Member) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    assert tell(guest, sent, brings="2", brings_names="編集の三枝、母") == (302, f"/letters/{sent.code}/#needs")
    assert seats(session) == (3, 2, 2)
    text = guest.get(f"/letters/{sent.code}/").content.decode()
    assert ("お連れの方のお席を2名分ご用意しました。" in text, "いまのところ1名が参加します" in text) == (True, True)
    tell(guest, sent, brings="1")
    assert seats(session) == (2, 1, 1)
    assert Activity.objects.filter(verb="invitation.prepare").count() == 2


def test_more_than_four_are_refused_and_nothing_typed_is_lost(sent: Invitation, guest: Client) -> None:
    answer = guest.post(
        f"/letters/{sent.code}/", {"part": "needs", **TOLD, "brings": "5", "food": "そばは食べられません"}
    )
    assert (answer.status_code, "そばは食べられません" in answer.content.decode()) == (422, True)
    assert Invitation.objects.get().brings == 0


def test_where_the_room_is_full_they_are_next_before_the_queue(
    sent: Invitation, guest: Client, make_session, hana: Member, ken: Member, mallory: Member
) -> None:
    session = sent.session
    session.set_capacity(2, now=NOW())
    for member in (hana, ken, mallory):
        session.rsvp(member, Partstat.ACCEPTED, now=NOW())
    tell(guest, sent, brings="1")
    assert seats(session) == (2, 0, 1)
    assert "お連れの方全員のお席がまだございません" in guest.get(f"/letters/{sent.code}/").content.decode()
    session.rsvp(ken, Partstat.DECLINED, now=NOW())
    assert (seats(session), session.rsvps.waiting().get().member) == ((2, 1, 1), mallory)


def test_the_desk_says_that_somebody_with_the_guest_has_no_seat(
    sent: Invitation, guest: Client, hana: Member, session: Session
) -> None:
    session.set_capacity(1, now=NOW())
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    tell(guest, sent, brings="2")
    session.refresh_from_db()
    step: next_steps.Step = next(iter(steps.steps([session], NOW())))
    assert (step.what, step.label) == ("佐藤 朝子先生のお連れの2名の席がありません", "席を増やす")
    session.set_capacity(3, now=NOW())
    assert seats(session) == (3, 2, 2)


@pytest.mark.parametrize("leave", ["decline", "another day"])
def test_a_guest_who_does_not_come_keeps_no_seats(
    sent: Invitation, guest: Client, session: Session, leave: str
) -> None:
    tell(guest, sent, brings="2")
    sent.refresh_from_db()
    if leave == "decline":
        sent.decline(how="link", now=NOW())
    else:
        sent.ask_for_another_date(note="火曜なら", now=NOW())
    assert seats(session) == (0, 0, 0)
    sent.accept(how="link", now=NOW())
    assert seats(session) == (2, 2, 2)


def test_they_go_along_to_the_date_the_guest_chose(sent: Invitation, session: Session, make_session) -> None:
    there = make_session(starts_at=session.starts_at + timedelta(days=28), title="")
    Invitation.objects.update(other_dates=[there.starts_at], brings=2)
    sent.accept(how="link", start=there.starts_at, now=NOW())
    assert (seats(session), seats(there)) == ((0, 0, 0), (0, 0, 0))
    sent.take_date(now=NOW(), actor=sent.host)
    assert (seats(session), seats(there)) == ((0, 0, 0), (2, 2, 2))


def test_the_restaurant_counts_them_and_hears_what_is_not_eaten(
    sent: Invitation, guest: Client, session: Session, hana: Member
) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    tell(guest, sent, food="卵。", brings="1", brings_food="そば")
    session.refresh_from_db()
    order = restaurant.standings([session])[session.pk].order
    assert (order.seats, order.guests, order.number, order.diets) == (2, 1, 3, {"そば": 1, "卵": 1})


def test_what_they_do_not_eat_is_nobodys_business_once_they_stay_away(
    sent: Invitation, guest: Client, session: Session
) -> None:
    tell(guest, sent, brings="1", brings_food="そば")
    tell(guest, sent, brings="0", brings_food="そば")
    session.refresh_from_db()
    assert session.guest_diets == []


def test_they_are_in_the_bill_and_not_among_those_who_pay(
    sent: Invitation, guest: Client, session: Session, hana: Member
) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    tell(guest, sent, brings="2")
    assert [payer.place.row.member for payer in collecting.till(session).payers] == [hana]


def test_a_host_writes_down_what_was_told_by_telephone(sent: Invitation, session: Session, kosuke: Member) -> None:
    sent.accept(how="phone", actor=kosuke, now=NOW())
    client = Client()
    client.force_login(kosuke)
    told = {"meets": "入り口で", "brings": "2", "brings_names": "編集の三枝", "food": "卵", "arrival": "6時40分、徒歩"}
    assert client.post(f"/invitations/{sent.code}/morning/", told).status_code == 302
    assert seats(session) == (2, 2, 2)
    shown = client.get(f"/invitations/{sent.code}/").content.decode()
    assert all(word in shown for word in ("編集の三枝", "卵", "6時40分、徒歩"))


def test_the_guest_reads_how_many_seats_there_are(sent: Invitation, guest: Client) -> None:
    def with_you() -> str:
        return dict(details.facts(Invitation.objects.whole().get()))["お連れの方"]

    assert with_you() == sent.companions != ""
    tell(guest, sent, brings="2")
    assert with_you() == "お席を2名分ご用意しています"


def test_two_weeks_after_the_morning_it_is_forgotten(sent: Invitation, guest: Client, session: Session) -> None:
    tell(guest, sent, food="卵", brings="1", brings_names="母", brings_food="そば", arrival="始発で")
    over = session.ends_at
    assert Invitation.objects.forget(now=over + timedelta(days=13)) == 0
    assert Invitation.objects.forget(now=over + timedelta(days=14)) == 1
    sent.refresh_from_db()
    assert (sent.food, sent.arrival, sent.brings, sent.brings_names, sent.brings_food) == ("", "", 1, "", "")


def test_nothing_is_told_before_a_yes_and_after_the_morning(sent: Invitation, guest: Client, session: Session) -> None:
    Session.objects.update(starts_at=NOW() - timedelta(days=2), ends_at=NOW() - timedelta(days=2))
    assert (tell(guest, sent, brings="2")[0], seats(session)) == (422, (0, 0, 0))
    Session.objects.update(starts_at=NOW() + timedelta(days=9), ends_at=NOW() + timedelta(days=10))
    Invitation.objects.update(state="asked")
    assert (tell(guest, sent, brings="2")[0], Invitation.objects.get().brings) == (422, 0)


def test_the_link_of_the_mail_tells_it_as_well(sent: Invitation, session: Session) -> None:
    accept(sent)
    answer = Client().post(path(sent), {"part": "needs", **TOLD, "brings": "1"})
    assert (answer.status_code, seats(session)) == (302, (1, 1, 1))


def test_telling_costs_as_many_statements_with_thirty_in_the_queue(
    sent: Invitation, guest: Client, django_assert_num_queries: Any, person: Callable[..., Member], session: Session
) -> None:
    session.set_capacity(1, now=NOW())
    for n in range(30):
        session.rsvp(person(f"w{n}"), Partstat.ACCEPTED, now=NOW())
    invitation = Invitation.objects.whole().get()
    with django_assert_num_queries(10):
        invitation.prepare({"brings": 1}, now=NOW())


def test_whether_the_book_is_read_beforehand_is_said_as_a_wish(
    sent: Invitation, session: Session, kosuke: Member
) -> None:
    sent.accept(how="phone", actor=kosuke, now=NOW())
    client = Client()
    client.force_login(kosuke)
    said = "よろしければ、先に読んでからお越しください。まだの方もどうぞ。"
    before = said in client.get(session.get_absolute_url()).content.decode()
    client.post(f"/invitations/{sent.code}/morning/", {"brings": "0", "reads_first": "on"})
    assert (before, said in client.get(session.get_absolute_url()).content.decode()) == (False, True)
    client.post(f"/invitations/{sent.code}/morning/", {"brings": "0"})
    assert said not in client.get(session.get_absolute_url()).content.decode()


def test_the_door_knows_them_under_the_guest_and_they_are_on_no_list(
    sent: Invitation, guest: Client, session: Session, hana: Member, ken: Member, django_assert_num_queries
) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    Membership.objects.create(series=session.series, member=ken, role=Membership.Role.DOOR)
    tell(guest, sent, brings="2", brings_names="編集の三枝、母", arrival="6:40ごろタクシーで", brings_food="乳製品")
    client = Client()
    client.force_login(ken)
    address = f"/sessions/{session.code}/roster/"
    with django_assert_num_queries(12):
        page = client.get(address).content.decode()
    said = ["編集の三枝、母", "佐藤 朝子先生のお連れの方2名", "到着: 6:40ごろタクシーで", "<dd>乳製品</dd>"]
    assert [text for text in said if text not in page] == []
    assert [place.name for place in roster.places(session)] == ["hana"]
    assert [payer.name for payer in collecting.till(session).payers] == ["hana"]
    assert Attendance.objects.count() == 0
    client.force_login(hana)
    assert client.get(address).status_code == 404
    sent.decline(how="link", now=NOW())
    client.force_login(ken)
    page = client.get(address).content.decode()
    assert [text for text in said if text in page] == []


def test_guests_and_who_comes_with_them_have_a_badge(
    sent: Invitation, guest: Client, session: Session, hana: Member, client: Client, kosuke: Member
) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    Speaker.objects.update(title="帳場の人、作家", yomi="さとう あさこ")
    tell(guest, sent, brings="2", brings_names="編集の三枝さん、𠮷野さん")
    client.force_login(kosuke)
    heading, *said = lines(client, session, "badges")
    assert [line for line in said if line != heading] == [
        "さとう あさこ", "佐藤 朝子", "ゲスト", "帳場の人、作家",
        "編集の三枝さん", "ゲスト 佐藤 朝子先生のお連れ",
        "𠮷野さん", "ゲスト 佐藤 朝子先生のお連れ",
        "はな", "hana", "食品の流通",
    ]  # fmt: skip
    page = client.get(f"/sessions/{session.code}/papers/").content.decode()
    assert "ゲストとお連れの方の名札が最初にあります。" in page
    # The list names the guest, who is announced, and counts those who come along; a table is planned for none of them.
    assert [line for line in lines(client, session, "people") if "人が参加します" in line] == [
        "ほかに3人が参加します。"
    ]
    assert "佐藤" in "".join(lines(client, session, "people"))
    assert not [line for line in lines(client, session, "tables") if "佐藤" in line]


def test_who_comes_with_the_guest_without_a_name_has_a_badge_to_be_written_on(
    sent: Invitation, guest: Client, session: Session, client: Client, kosuke: Member
) -> None:
    tell(guest, sent, brings="3", brings_names="編集の方と、そのお子さん")
    client.force_login(kosuke)
    assert lines(client, session, "badges").count("ゲスト 佐藤 朝子先生のお連れ") == 3
    tell(guest, sent, brings="0", brings_names="")
    assert not [line for line in lines(client, session, "badges") if "お連れ" in line]


def test_a_guest_who_has_a_seat_as_a_member_has_one_badge(
    sent: Invitation, guest: Client, session: Session, hana: Member, client: Client, kosuke: Member
) -> None:
    Speaker.objects.update(member=hana)
    client.force_login(kosuke)
    assert "佐藤 朝子" in lines(client, session, "badges")
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    assert [name for name in lines(client, session, "badges") if name in {"hana", "佐藤 朝子"}] == ["hana"]
