import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from events import joining
from events.models import JoinLink, JoinRequest, Membership, Partstat, Series, Session, Visit
from events.models.series import Joining
from members import house_rules
from members.models import Activity, Club, Consent, Member
from outbox.models import Delivery
from outbox.sending import send_due
from tests.events.pages import statements, text

NOW = timezone.now
JOIN = "/series/breakfast/membership/"
YES = {"rules": "on"}


@pytest.fixture
def asking(series: Series) -> Series:
    Series.objects.update(joining=Joining.APPROVAL)
    series.refresh_from_db()
    return series


def role(member: Member) -> str:
    return Series.objects.get().role_of(member)


def wish(series: Series, member: Member, words: str = "") -> JoinRequest:
    joining.ask(series, member, words, now=NOW())
    return JoinRequest.objects.get(member=member, answered_at=None)


# The house rules


def test_nobody_joins_without_agreeing_and_what_was_agreed_is_kept_with_its_words_and_time(
    client, club, series, ken, time_machine
) -> None:
    time_machine.move_to("2027-01-05 12:00+09:00", tick=False)
    client.force_login(ken)
    refused = client.post(JOIN)
    assert (refused.status_code, role(ken), "同意にチェック" in refused.content.decode()) == (422, "", True)
    assert client.post(JOIN, YES)["Location"] == "/series/breakfast/"
    kept = Consent.objects.get(member=ken, kind="rules")
    assert (role(ken), kept.text_version, kept.given_at) == ("member", "2026-11", NOW())
    assert "勧誘はお断りします" in text(client, "/about/")


def test_who_has_agreed_is_not_asked_again_until_the_words_change(client, club, series, ken) -> None:
    house_rules.accept(ken, now=NOW())
    client.force_login(ken)
    assert 'name="rules"' not in text(client, JOIN)
    club.rules = "勧誘はお断りします。"
    club.save()
    assert ('name="rules"' in text(client, JOIN), "勧誘はお断りします。" in text(client, JOIN)) == (True, True)
    client.post(JOIN, YES)
    kept = [(row.text_version, row.withdrawn_at is None) for row in Consent.objects.order_by("pk")]
    assert kept == [("2026-11", False), (house_rules.version(Club.current()), True)]


# On the hosts' yes


def test_a_wish_waits_on_the_desk_and_one_tap_lets_in(client, club, asking, ken, kosuke) -> None:
    client.force_login(ken)
    sent = YES | {"words": "統計の仕事をしています"}
    assert [client.post(JOIN, sent).status_code for _twice in range(2)] == [302, 409]
    assert (role(ken), JoinRequest.objects.count()) == ("", 1)
    assert "申し込み済みです。" in text(client, "/series/breakfast/")
    client.force_login(kosuke)
    desk = text(client, "/desk/")
    assert ("kenさん" in desk, "統計の仕事をしています" in desk) == (True, True)
    found = re.search(r'action="(/series/breakfast/joining/\d+/)"', desk)
    assert found
    for _twice in range(2):
        assert client.post(found[1], {"answer": "yes", "from": "desk"})["Location"] == "/desk/"
    assert (role(ken), "kenさん" in text(client, "/desk/")) == ("member", False)
    assert Delivery.objects.filter(kind="series.answered", to=ken.email).count() == 1
    (done,) = Activity.objects.filter(verb="series.answer")
    assert (done.actor, done.detail) == (kosuke, {"accepts": True, "member": ken.code})


def test_a_kind_no_is_told_once_and_cannot_be_turned_by_a_second_tap(club, asking, ken, kosuke) -> None:
    request = wish(asking, ken)
    joining.answer(request, accepts=False, now=NOW(), actor=kosuke)
    joining.answer(request, accepts=True, now=NOW(), actor=kosuke)
    assert (role(ken), Delivery.objects.filter(kind="series.answered").count()) == ("", 1)
    assert joining.way(asking, ken, now=NOW()) is joining.Way.DECLINED
    assert joining.way(asking, ken, now=NOW() + joining.AGAIN_AFTER) is joining.Way.ASK


def test_the_answers_read_so(club, asking, ken, hana, kosuke, mallory, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Member.objects.filter(pk=mallory.pk).update(language="en")
    for member, accepts in ((ken, True), (mallory, False)):
        joining.answer(wish(asking, member), accepts=accepts, now=NOW(), actor=kosuke)
        send_due()
    yes, no = mail.outbox
    assert (yes.subject, yes.to) == ("「朝食会」へようこそ", ["ken@example.com"])
    assert without_links(yes.body).startswith(
        "kenさん、「朝食会」へようこそ。毎回の前に、ご都合をうかがうメールをお送りします。\n\n"
        "聞くだけでもかまいません。はじめての朝の流れは、こちらにあります。\n"
    )
    assert (no.subject, no.to) == ("About your wish to join Breakfast", ["mallory@example.com"])
    assert without_links(no.body).startswith(
        "Dear mallory, thank you for your wish to join Breakfast. "
        "The hosts are sorry that they cannot take you in this time.\n\n"
        "Please do not take it amiss. Mornings that are open to everybody stay open to you.\n"
    )


def without_links(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.startswith("http"))


def test_an_answer_for_one_morning_makes_nobody_belong_who_was_not_let_in(asking, session, ken, hana) -> None:
    """Control: where it is open, it does."""
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW())
    assert role(ken) == ""
    Series.objects.update(joining=Joining.OPEN)
    session.rsvp(ken, Partstat.DECLINED, now=NOW())
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW())
    assert role(ken) == "member"


def test_a_visitor_who_wants_to_hear_more_is_not_let_in_either(asking, session) -> None:
    visit = Visit.ask(session, name="雪", email="yuki@example.com", wants_more=True, now=NOW())
    visitor = visit.confirm(now=NOW()).member
    assert visitor is not None
    assert role(visitor) == ""


def test_others_can_answer_no_wish_of_a_series_that_is_not_theirs(client, asking, ken, hana, mallory) -> None:
    request = wish(asking, ken)
    other = Series.objects.create(slug="other", name="別の会", starts_on="2026-01-01", at="07:00")
    Membership.objects.create(series=other, member=mallory, role="owner")
    client.force_login(mallory)
    found = [client.post(f"/series/{slug}/joining/{request.pk}/", {"answer": "yes"}) for slug in ("breakfast", "other")]
    assert ([one.status_code for one in found], joining.waiting_for(mallory)) == ([404, 404], [])


def test_the_desk_asks_once_however_many_wait(asking, kosuke, person, django_assert_num_queries) -> None:
    for number in range(30):
        wish(asking, person(f"p{number}"))
    with django_assert_num_queries(1):
        assert len(joining.waiting_for(kosuke)) == 30


# By link


@pytest.fixture
def link(series: Series, kosuke: Member) -> JoinLink:
    Series.objects.update(joining=Joining.INVITED, audience=Series.Audience.SERIES)
    return joining.renew_link(series, now=NOW(), actor=kosuke)


def test_the_link_lets_into_a_closed_series_and_the_host_sees_how_many_came(client, club, link, ken, kosuke) -> None:
    page = text(client, f"/join/{link.key}/")
    assert ("朝食会" in page, f"?next=/join/{link.key}/" in page) == (True, True)
    client.force_login(ken)
    assert client.post(f"/join/{link.key}/").status_code == 422
    for _twice in range(2):
        assert client.post(f"/join/{link.key}/", YES)["Location"] == "/series/breakfast/"
    assert role(ken) == "member"
    client.force_login(kosuke)
    assert "このリンクから1人が入りました。" in text(client, "/series/breakfast/joining/")


def test_another_link_ends_the_one_before_and_the_page_tells_nothing(client, club, link, series, kosuke, ken) -> None:
    new = joining.renew_link(series, now=NOW(), actor=kosuke)
    answers = [client.get(f"/join/{key}/") for key in (link.key, "x" * 32, new.key)]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert "朝食会</h1>" not in answers[0].content.decode()
    joining.end_link(series, now=NOW(), actor=kosuke)
    assert client.get(f"/join/{new.key}/").status_code == 404
    client.force_login(ken)
    assert (client.post(f"/join/{link.key}/", YES).status_code, role(ken)) == (404, "")


def test_a_closed_series_is_known_by_its_link_alone(client, link, ken) -> None:
    client.force_login(ken)
    pages = [JOIN, "/series/breakfast/", "/series/breakfast/first/", "/series/breakfast/joining/"]
    assert [client.get(page).status_code for page in pages] == [404] * 4
    assert client.post(JOIN, YES).status_code == 404


def test_an_open_page_says_that_one_joins_by_a_link(client, link, ken) -> None:
    Series.objects.update(audience=Series.Audience.PUBLIC)
    client.force_login(ken)
    assert "世話人のリンクから入る会です。" in text(client, "/series/breakfast/")
    assert (client.post(JOIN, YES).status_code, role(ken)) == (409, "")


def test_a_wish_that_waits_is_granted_by_the_link_without_a_mail(asking, kosuke, ken) -> None:
    wish(asking, ken)
    joining.join_by(joining.renew_link(asking, now=NOW(), actor=kosuke), ken, now=NOW())
    assert (role(ken), JoinRequest.objects.waiting().count(), Delivery.objects.count()) == ("member", 0, 0)


# The host's page, and the first time


def test_a_host_chooses_who_may_join(client, series, kosuke, hana) -> None:
    client.force_login(hana)
    assert client.post("/series/breakfast/joining/", {"joining": "invited"}).status_code == 404
    client.force_login(kosuke)
    assert client.post("/series/breakfast/joining/", {"joining": "invited"}).status_code == 302
    series.refresh_from_db()
    assert (series.joining, Activity.objects.filter(verb="series.joining").count()) == ("invited", 1)


def test_the_first_time_is_told_minute_by_minute_with_its_price(client: Client, make_session, series) -> None:
    make_session(programme="6:40 開場\n7:15 お話\n8:20 終わり", starts_at=NOW() + timedelta(days=3))
    page = text(client, "/series/breakfast/first/")
    for words in ("<time>6:40</time><span>開場</span>", "<time>8:20</time>", "2,000円", "聞くだけでかまいません"):
        assert words in page
    assert "横の木戸" not in page


def test_newcomers_read_of_a_morning_by_the_rule_before_an_outing(client: Client, make_session, series) -> None:
    make_session(programme="5:20 正門に集合", starts_at=NOW() + timedelta(days=2))
    regular = make_session(programme="6:40 開場", starts_at=NOW() + timedelta(days=9), recurrence_id=NOW().date())
    page = text(client, "/series/breakfast/first/")
    assert ("正門に集合" in page, f'href="/sessions/{regular.code}/"' in page) == (False, True)


def test_without_a_running_order_doors_start_and_end_are_told(client: Client, series) -> None:
    page = text(client, "/series/breakfast/first/")
    assert re.findall(r"<time>([\d:]+)</time>", page) == ["6:40", "7:00", "8:20"]


def test_the_pages_take_as_many_queries_with_thirty_mornings(client, club, series, make_session, session) -> None:
    client.get("/series/breakfast/first/")
    first = [statements(lambda page=page: client.get(page)) for page in ("/series/breakfast/first/", JOIN)]
    for number in range(30):
        make_session(starts_at=session.starts_at + timedelta(days=number + 1))
    again = [statements(lambda page=page: client.get(page)) for page in ("/series/breakfast/first/", JOIN)]
    assert (Session.objects.count(), first, again) == (31, [(200, 2), (200, 2)], [(200, 2), (200, 2)])
