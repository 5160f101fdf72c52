"""Who hosts a series: tasks given and taken, the series handed on, a morning taken over."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from events import hosts
from events.models import Membership, RestaurantCall, Series, Session
from invitations.models import Invitation
from invitations.taking_over import take_over
from members.models import Activity, Member
from outbox.models import Delivery
from outbox.sending import send_due
from tests.events.pages import crowd, statements, text
from tests.members.test_my_data import signed_in

NOW = timezone.now


def roles(series: Series) -> dict[str, str]:
    found = series.memberships.active().order_by("pk").values_list("member__name", "role")
    return dict(found)


def told() -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(kind="series.role").order_by("pk")
    return [(row.to.split("@")[0], row.context["what"]) for row in rows]


def done() -> list[tuple[str, str]]:
    return [(row.actor.name, row.verb) for row in Activity.objects.order_by("pk").select_related("actor") if row.actor]


def test_a_member_hosts_too_and_is_told_once(series: Series, kosuke: Member, hana: Member) -> None:
    for _tap in range(2):
        hosts.appoint(series, hana, "host", now=NOW(), actor=kosuke)
    assert (roles(series), told()) == ({"kosuke": "owner", "hana": "host"}, [("hana", "host")])
    assert Activity.objects.get().detail == {"member": hana.pk, "role": "host"}


def test_nobody_is_appointed_who_does_not_belong(series: Series, kosuke: Member, ken: Member) -> None:
    with pytest.raises(ValidationError):
        hosts.appoint(series, ken, "host", now=NOW(), actor=kosuke)
    assert (roles(series), told()) == ({"kosuke": "owner", "hana": "member"}, [])


@pytest.mark.parametrize("role", ["member", "door", "host", "owner"])
def test_an_owner_is_not_taken_away_nor_made_by_a_tap(series: Series, kosuke: Member, hana: Member, role: str) -> None:
    Membership.objects.filter(member=hana).update(role="owner")
    with pytest.raises(ValidationError):
        hosts.appoint(series, hana, role, now=NOW(), actor=kosuke)
    assert roles(series) == {"kosuke": "owner", "hana": "owner"}


@pytest.mark.parametrize("way", [hosts.step_down, Series.leave])
def test_the_last_owner_cannot_leave(series: Series, kosuke: Member, hana: Member, way: Callable[..., None]) -> None:
    with pytest.raises(ValidationError, match="主催者"):
        way(series, kosuke, now=NOW())
    assert roles(series)["kosuke"] == "owner"
    Membership.objects.filter(member=hana).update(role="owner")
    way(series, kosuke, now=NOW())
    assert roles(series).get("kosuke", "member") == "member"


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays(series: Series, kosuke: Member, hana: Member) -> None:
    Membership.objects.filter(member=hana).update(role="owner")
    gate = threading.Barrier(2)

    def leaves(member: Member) -> None:
        gate.wait(timeout=20)
        try:
            Series.objects.get(pk=series.pk).leave(member, now=NOW())
        except ValidationError:
            pass
        finally:
            connection.close()

    for _round in range(5):
        threads = [threading.Thread(target=leaves, args=[one]) for one in (kosuke, hana)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert len(roles(series)) == 1
        series.memberships.update(left_at=None, role="owner")


def test_handing_on_takes_an_offer_and_a_yes(series: Series, kosuke: Member, hana: Member) -> None:
    hosts.appoint(series, hana, "host", now=NOW(), actor=kosuke)
    hosts.offer(series, hana, now=NOW(), actor=kosuke)
    assert roles(series) == {"kosuke": "owner", "hana": "host"}
    hosts.answer(series, hana, yes=True, now=NOW())
    assert roles(series) == {"kosuke": "host", "hana": "owner"}
    assert told() == [("hana", "host"), ("hana", "offer"), ("kosuke", "accepted")]
    assert done() == [("kosuke", "role.give"), ("kosuke", "role.offer"), ("hana", "role.accept")]
    with pytest.raises(ValidationError):
        hosts.answer(series, hana, yes=True, now=NOW())


def test_a_no_changes_nothing_and_the_owner_hears(series: Series, kosuke: Member, hana: Member) -> None:
    hosts.appoint(series, hana, "host", now=NOW(), actor=kosuke)
    hosts.offer(series, hana, now=NOW(), actor=kosuke)
    hosts.answer(series, hana, yes=False, now=NOW())
    assert (roles(series), told()[-1]) == ({"kosuke": "owner", "hana": "host"}, ("kosuke", "refused"))


def test_an_offer_is_for_a_host_stands_alone_and_lapses(series: Series, kosuke, hana, ken) -> None:
    with pytest.raises(ValidationError):
        hosts.offer(series, hana, now=NOW(), actor=kosuke)
    series.join(ken, now=NOW())
    for one in (hana, ken):
        hosts.appoint(series, one, "host", now=NOW(), actor=kosuke)
        hosts.offer(series, one, now=NOW(), actor=kosuke)
    assert [one.member for one in Membership.objects.offered(NOW())] == [ken]
    assert list(Membership.objects.offered(NOW() + timedelta(days=30))) == []
    hosts.withdraw(series, now=NOW(), actor=kosuke)
    with pytest.raises(ValidationError):
        hosts.answer(series, ken, yes=True, now=NOW())


def test_a_morning_taken_over_brings_the_guests_letters_along(session: Session, sato, kosuke, hana) -> None:
    Membership.objects.filter(member=hana).update(role="host")
    letter = Invitation.objects.create(session=session, speaker=sato, host=kosuke, greeting="拝啓", state="asked")
    for _tap in range(2):
        take_over(session, hana, now=NOW())
    letter.refresh_from_db()
    assert (letter.host, Session.objects.get().led_by, told()) == (hana, hana, [("kosuke", "lead")])
    assert done() == [("hana", "session.lead")]


def test_who_takes_a_morning_over_reads_what_the_restaurant_was_told(
    session: Session, kosuke: Member, hana: Member, ken: Member, client: Client
) -> None:
    Membership.objects.filter(member=hana).update(role="host")
    client.force_login(hana)
    url = f"/sessions/{session.code}/host/"
    assert "まだ何も伝えていません" in text(client, url)
    session.rsvp(ken, "ACCEPTED", now=NOW())
    told = {"number": 18, "others": 0, "diets": {"卵": 1}, "to": "小島さん"}
    RestaurantCall.note(session, **told, now=NOW(), actor=kosuke)
    page = text(client, url)
    assert [word in page for word in ("18名", "小島さん", "卵 1名", "いまは1名")] == [True, True, True, True]


@pytest.mark.parametrize("number", [1, 30])
def test_whose_morning_it_is_costs_the_same_for_many(session: Session, kosuke, client: Client, number: int) -> None:
    client.force_login(kosuke)
    for n in range(number):
        RestaurantCall.note(session, number=n, others=0, diets={}, to="", now=NOW(), actor=kosuke)
    assert statements(lambda: client.get(f"/sessions/{session.code}/host/")) == (200, 11)


def test_who_hosts_no_more_has_no_mornings_any_more(session: Session, series: Series, kosuke, hana) -> None:
    hosts.appoint(series, hana, "host", now=NOW(), actor=kosuke)
    hosts.lead(session, hana, now=NOW())
    hosts.appoint(series, hana, "door", now=NOW(), actor=kosuke)
    assert (Session.objects.get().led_by, roles(series)["hana"]) == (None, "door")


def test_the_card_names_who_took_the_morning_over(session: Session, hana: Member, client: Client) -> None:
    url = f"/m/{session.meeting_code}/"
    assert ("kosuke" in text(client, url), "hana" in text(client, url)) == (True, False)
    Membership.objects.filter(member=hana).update(role="host")
    hosts.lead(session, hana, now=NOW())
    assert ("kosuke" in text(client, url), "hana" in text(client, url)) == (False, True)


def test_taking_the_series_over_asks_to_sign_in_again(series: Series, kosuke, hana, client: Client) -> None:
    Membership.objects.filter(member=hana).update(role="host")
    hosts.offer(series, hana, now=NOW(), actor=kosuke)
    url = f"/series/{series.slug}/taking-over/"
    client.force_login(hana)
    assert "/accounts/again/" in client.post(url, {"answer": "yes"})["Location"]
    assert roles(series)["hana"] == "host"
    client = signed_in(hana)
    assert "kosukeさん" in text(client, url)
    assert client.post(url, {"answer": "yes"}).status_code == 302
    assert roles(series) == {"kosuke": "host", "hana": "owner"}


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_of_hosts_costs_the_same_for_many(series: Series, kosuke, client: Client, number: int) -> None:
    client.force_login(kosuke)
    for one in crowd(number):
        Membership.objects.create(series=series, member=one, role="host")
    url = f"/series/{series.slug}/hosts/?q=a"
    assert statements(lambda: client.get(url)) == (200, 10)


MAIL = """\
hanaさん、

「朝食会」の世話人をお願いします

kosukeさんが、あなたを世話人にしました。次にすること、ゲストへのお願い、公開、参加者へのご連絡、会計まで、すべてできます。\
したことは記録に残り、世話人どうしで見られます。

世話人の机:
http://localhost:8000/desk/
"""


def test_the_mail_says_what_the_task_is(series: Series, kosuke, hana, settings) -> None:
    hosts.appoint(series, hana, "host", now=NOW(), actor=kosuke)
    with translation.override("ja"):
        send_due()
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("「朝食会」の世話人をお願いします", ["hana@example.com"])
    assert sent.body.split("\n----")[0] == MAIL
