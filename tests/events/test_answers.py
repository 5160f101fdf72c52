import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.links import answer_link
from events.models import Companion, Membership, Partstat, Rsvp, Session
from events.standing import NONE, Answer, Friend, State, can_bring_friend, can_take_seat, state
from members import links
from members.models import Member
from outbox.models import Delivery
from tests.events.pages import crowd, seat, statements, text

NOW = timezone.now


def url(session: Session, what: str = "") -> str:
    return f"{session.get_absolute_url()}{what}"


def path(link: str) -> str:
    return link.removeprefix("http://localhost:8000").removeprefix("http://localhost")


def say(client: Client, session: Session, partstat: str = "ACCEPTED", **more: str):
    return client.post(url(session, "rsvp/"), {"partstat": partstat, **more})


# On the page


def test_one_tap_is_a_seat(client, session, ken) -> None:
    client.force_login(ken)
    response = say(client, session)
    assert (response.status_code, response["Location"]) == (302, url(session, "#seat"))
    page = text(client, url(session))
    assert ("席をおとりしました。" in page, "あなたの席があります" in page, "button--act" in page) == (
        True,
        True,
        False,
    )


def test_one_tap_costs_nine_statements(client, session, ken) -> None:
    """Session and reader, the morning, its lock, the answer sought and written, mail, seats, membership."""
    client.force_login(ken)
    assert statements(lambda: say(client, session)) == (302, 9)


def test_the_hundredth_seat_costs_as_much_as_the_first(client, make_session, ken) -> None:
    session = make_session(capacity=200)
    seat(session, crowd(100))
    client.force_login(ken)
    assert statements(lambda: say(client, session)) == (302, 9)


def test_a_full_morning_says_the_place_before_and_after_the_tap(client, make_session, hana, ken, mallory) -> None:
    session = make_session(capacity=1)
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW())
    client.force_login(mallory)
    assert "いま1人がお待ちで、2番目になります。" in text(client, url(session))
    say(client, session)
    page = text(client, url(session))
    assert ("いま2番目にお待ちです。" in page, "キャンセル待ちをやめる" in page) == (True, True)
    session.rsvp(ken, Partstat.DECLINED, now=NOW())
    assert "いま1番目にお待ちです。" in text(client, url(session))


def test_who_declines_can_come_back(client, session, ken) -> None:
    client.force_login(ken)
    say(client, session, "DECLINED")
    page = text(client, url(session))
    assert ("今回は見送り、とうかがっています。" in page, "参加する" in page) == (True, True)
    say(client, session)
    assert Rsvp.objects.get(member=ken).is_seated


def test_a_seat_given_back_is_said_to_go_to_who_waits(client, make_session, hana, ken) -> None:
    session = make_session(capacity=1)
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    client.force_login(hana)
    assert "席は、ほかの方に回ります。" in text(client, url(session))
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW())
    assert "席は、お待ちの1人のうち、先頭の方に回ります。" in text(client, url(session))
    say(client, session, "DECLINED")
    assert Rsvp.objects.get(member=ken).is_seated


def test_after_the_quiet_hour_the_page_offers_the_free_seat_to_who_waits(
    client, make_session, hana, ken, time_machine
) -> None:
    session = make_session(capacity=1)
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=NOW())
    late = session.quiet_from() + timedelta(minutes=1)
    session.rsvp(hana, Partstat.DECLINED, now=late)
    time_machine.move_to(late)
    client.force_login(ken)
    assert "空いた席をとる" in text(client, url(session))
    say(client, session)
    assert Rsvp.objects.get(member=ken).is_seated


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cancelled_at": NOW(), "cancel_reason": "台風"}, "この回は開かれません。"),
        ({"starts_at": NOW() - timedelta(minutes=1)}, "もう始まっています。"),
        ({"rsvp_opens_at": NOW() + timedelta(days=1)}, "まだ受け付けていません。"),
        ({"rsvp_closes_at": NOW() - timedelta(days=1)}, "受付は終わりました。"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_told_on_the_page(client, make_session, ken, fields, sentence) -> None:
    session = make_session(**fields)
    client.force_login(ken)
    response = say(client, session, question="なぜ三百円？")
    page = response.content.decode()
    alert = page[page.index('role="alert"') :]
    assert (response.status_code, sentence in alert[:1500]) == (409, True)
    assert Rsvp.objects.count() == 0


@pytest.mark.parametrize("partstat", ["", "NEEDS-ACTION", "MAYBE"])
def test_an_answer_of_no_shape_is_none(client, session, ken, partstat) -> None:
    client.force_login(ken)
    assert say(client, session, partstat).status_code == 422
    assert Rsvp.objects.count() == 0


def test_who_is_signed_out_answers_after_signing_in(client, session) -> None:
    for what in ("rsvp/", "friends/", "friends/1/removal/"):
        response = client.post(url(session, what), {"partstat": "ACCEPTED"})
        assert response["Location"] == f"/accounts/login/?next={url(session)}"


def test_who_has_no_name_yet_tells_it_first(client, session) -> None:
    client.force_login(Member.objects.create_user("new@example.com"))
    assert say(client, session)["Location"] == f"/profile/?next=%2Fsessions%2F{session.code}%2F"


def test_nobody_answers_for_a_morning_they_may_not_know_of(client, make_session, ken) -> None:
    draft = make_session(published_at=None)
    client.force_login(ken)
    assert [say(client, draft).status_code, client.get(url(draft, "rsvp/")).status_code] == [404, 405]


def test_a_question_is_kept_and_can_be_changed(client, session, hana, sato) -> None:
    client.force_login(hana)
    say(client, session)
    say(client, session, question="なぜ三百円なのですか？")
    assert Rsvp.objects.get().question == "なぜ三百円なのですか？"
    say(client, session)
    assert Rsvp.objects.get().question == "なぜ三百円なのですか？"
    response = say(client, session, question="あ" * 501)
    assert (response.status_code, "あ" * 501 in response.content.decode()) == (422, False)
    assert Delivery.objects.count() == 1


# Friends


def test_a_friend_comes_with_a_name_and_goes_again(client, session, hana) -> None:
    client.force_login(hana)
    say(client, session)
    response = client.post(url(session, "friends/"), {"name": "桐谷 健", "yomi": "きりたに けん"})
    assert response["Location"] == url(session, "#friends")
    assert ("桐谷 健" in text(client, url(session)), Session.objects.get().seats_taken) == (True, 2)
    friend = Companion.objects.get()
    client.post(url(session, f"friends/{friend.pk}/removal/"))
    assert (Companion.objects.count(), Session.objects.get().seats_taken) == (0, 1)


def test_nobody_removes_the_friend_of_another(client, session, hana, ken) -> None:
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=NOW())
    friend = session.add_friend(hana, "友だち", now=NOW())
    client.force_login(ken)
    client.post(url(session, f"friends/{friend.pk}/removal/"))
    assert Companion.objects.count() == 1


def test_a_friend_without_a_seat_is_refused_and_what_was_typed_stays(client, make_session, hana) -> None:
    session = make_session(capacity=1)
    client.force_login(hana)
    say(client, session)
    response = client.post(url(session, "friends/"), {"name": "桐谷 健", "yomi": "きりたに けん"})
    page = response.content.decode()
    assert (response.status_code, "お連れの方の席がもうありません。" in page) == (409, True)
    assert ('value="桐谷 健"' in page, 'value="きりたに けん"' in page) == (True, True)


@pytest.mark.parametrize("name", ["", "   ", "\x0b\u202e", "あ" * 81])
def test_a_friend_without_a_fit_name_is_refused(client, session, hana, name) -> None:
    client.force_login(hana)
    say(client, session)
    response = client.post(url(session, "friends/"), {"name": name, "yomi": "けん"})
    assert (response.status_code, 'value="けん"' in response.content.decode()) == (422, True)
    assert Companion.objects.count() == 0


# From the mail


def test_a_link_from_a_mail_shows_by_get_and_acts_by_post_without_signing_in(session, hana) -> None:
    browser, link = Client(), path(answer_link(hana, session))
    page = text(browser, link)
    assert ("参加する" in page, "今回は見送る" in page, Rsvp.objects.count()) == (True, True, 0)
    assert browser.post(link, {"partstat": "ACCEPTED"})["Location"] == link
    assert Rsvp.objects.get(member=hana).is_seated
    assert "席をおとりしました。" in text(browser, link)
    browser.post(link, {"partstat": "DECLINED"})
    assert Rsvp.objects.get(member=hana).partstat == Partstat.DECLINED


def test_after_a_friend_was_refused_every_other_button_of_the_mails_page_still_does_what_it_says(session, hana) -> None:
    browser, link = Client(), path(answer_link(hana, session))
    browser.post(link, {"partstat": "ACCEPTED"})
    browser.post(f"{link}friends/", {"name": "友野 葉", "yomi": "ともの よう"})
    refused = browser.post(f"{link}friends/", {"name": ""})
    forms = re.findall(r'<form[^>]*method="post"[^>]*>', refused.content.decode())
    acts = [re.search(r'action="(/answer/[^"]*)"', form) for form in forms if "/language/" not in form]
    assert (refused.status_code, [act and act[1] for act in acts]) == (422, [link, f"{link}friends/", link])


def test_the_link_tells_no_other_site_and_no_index(session, hana) -> None:
    for link in (path(answer_link(hana, session)), "/answer/nonsense/"):
        response = Client().get(link)
        assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("strict-origin", "noindex")


def test_head_and_options_do_nothing(session, hana) -> None:
    link = path(answer_link(hana, session))
    assert [Client().head(link).status_code, Client().options(link).status_code] == [200, 405]
    assert Rsvp.objects.count() == 0


def wrong(hana: Member, session: Session) -> dict[str, str]:
    good = {"m": hana.pk, "s": session.pk, "v": hana.link_version}
    tomorrow = NOW() + timedelta(days=1)
    return {
        "nonsense": "nonsense",
        "changed": links.sign("rsvp", good, until=tomorrow)[:-1] + "x",
        "another purpose": links.sign("unsubscribe", good, until=tomorrow),
        "old": links.sign("rsvp", good, until=NOW() - timedelta(seconds=1)),
        "made void": links.sign("rsvp", good | {"v": 0}, until=tomorrow),
        "of nobody": links.sign("rsvp", good | {"m": 0}, until=tomorrow),
        "of no morning": links.sign("rsvp", good | {"s": 0}, until=tomorrow),
    }


def test_a_link_that_is_not_ours_or_not_any_more_says_what_to_do(session, hana) -> None:
    for name, token in wrong(hana, session).items():
        for method in ("get", "post"):
            response = getattr(Client(), method)(f"/answer/{token}/", {"partstat": "ACCEPTED"})
            told = "このリンクは使えなくなりました" in response.content.decode()
            assert (name, method, response.status_code, told) == (name, method, 404, True)
    assert Rsvp.objects.count() == 0


def test_the_link_of_who_may_no_longer_see_the_morning_is_void(session, hana) -> None:
    link = path(answer_link(hana, session))
    session.series.audience = "series"
    session.series.save()
    Membership.objects.filter(member=hana).update(left_at=NOW())
    assert Client().get(link).status_code == 404


def test_a_link_works_until_the_day_after_and_no_longer(session, hana, time_machine) -> None:
    link = path(answer_link(hana, session))
    time_machine.move_to(session.ends_at + timedelta(hours=23))
    assert Client().get(link).status_code == 200
    response = Client().post(link, {"partstat": "ACCEPTED"})
    assert (response.status_code, "もう始まっています。" in response.content.decode()) == (409, True)
    time_machine.move_to(session.ends_at + timedelta(hours=25))
    assert Client().get(link).status_code == 404


# Where one stands, without a database

SOON = NOW() + timedelta(days=3)
SEATED, WAITING = Answer(Partstat.ACCEPTED, seated_at=NOW()), Answer(Partstat.ACCEPTED, place=2)


def morning(**fields: object) -> Session:
    values = {"starts_at": SOON, "ends_at": SOON + timedelta(hours=1), "published_at": NOW(), "capacity": 2} | fields
    return Session(**values)


@pytest.mark.parametrize(
    ("fields", "mine", "expected"),
    [
        ({}, NONE, State.OPEN),
        ({"seats_taken": 2}, NONE, State.FULL),
        ({"seats_taken": 2}, WAITING, State.WAITING),
        ({"seats_taken": 2}, SEATED, State.SEATED),
        ({"rsvp_closes_at": NOW() - timedelta(days=1)}, SEATED, State.SEATED),
        ({"rsvp_closes_at": NOW() - timedelta(days=1), "seats_taken": 2}, NONE, State.CLOSED),
        ({"rsvp_opens_at": NOW() + timedelta(days=1)}, NONE, State.NOT_OPEN),
        ({"starts_at": NOW() - timedelta(minutes=1)}, SEATED, State.BEGUN),
        ({"ends_at": NOW() - timedelta(minutes=1)}, SEATED, State.OVER),
        ({"published_at": None}, NONE, State.DRAFT),
        ({"cancelled_at": NOW(), "published_at": None}, SEATED, State.CANCELLED),
    ],
)
def test_the_first_that_holds_is_the_state(fields, mine, expected) -> None:
    assert state(morning(**fields), mine, now=NOW()) == expected


def test_who_waits_may_take_a_seat_when_the_whole_party_fits() -> None:
    party = Answer(Partstat.ACCEPTED, place=1, friends=(Friend(1, "友だち", ""),))
    for taken, alone, together in ((0, True, True), (1, True, False), (2, False, False)):
        session = morning(seats_taken=taken)
        assert [can_take_seat(session, mine, now=NOW()) for mine in (WAITING, party)] == [alone, together]
    closed = morning(rsvp_closes_at=NOW() - timedelta(days=1))
    assert (can_take_seat(closed, WAITING, now=NOW()), can_take_seat(morning(), SEATED, now=NOW())) == (True, False)


def test_a_friend_may_come_while_there_is_a_seat_or_one_waits_anyway() -> None:
    full = morning(seats_taken=2)
    many = Answer(Partstat.ACCEPTED, seated_at=NOW(), friends=tuple(Friend(n, "友", "") for n in range(3)))
    asked = [(morning(), SEATED), (full, SEATED), (full, WAITING), (morning(capacity=9), many)]
    assert [can_bring_friend(session, mine, now=NOW()) for session, mine in asked] == [True, False, True, False]
    closed = morning(rsvp_closes_at=NOW() - timedelta(days=1))
    at = [NOW(), closed.doors_at - timedelta(seconds=1), closed.doors_at]
    assert [can_bring_friend(closed, SEATED, now=now) for now in at] == [True, True, False]
