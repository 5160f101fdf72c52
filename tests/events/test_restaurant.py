from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pypdfium2 import PdfDocument

from events import erasure, next_steps, restaurant
from events import restaurant_words as words
from events.models import Details, Partstat, RestaurantCall, Session, Venue
from events.restaurant import Order
from members.models import Activity, Member
from tests.events.pages import statements, talk, text

MONDAY = datetime(2027, 1, 11, 3, 0, tzinfo=UTC)
START = datetime(2027, 1, 13, 22, 0, tzinfo=UTC)


@pytest.fixture
def morning(make_session, series, time_machine) -> Session:
    time_machine.move_to(MONDAY, tick=False)
    Venue.objects.update(payment="当日まとめて現金で", provisional_days=6, contact_name="店長の水尾さん")
    series.venue.refresh_from_db()
    return make_session(starts_at=START, number=38)


def comes(session: Session, member: Member, diet: str = "") -> None:
    answered = session.rsvp(member, Partstat.ACCEPTED, now=MONDAY)
    Details.objects.update_or_create(rsvp=answered, defaults={"diet": diet})
    session.refresh_from_db()


def said(session: Session, language: str = "ja") -> str:
    standing = restaurant.standings([session])[session.pk]
    with translation.override(language):
        return words.text(words.sentences(session, standing.order, standing.last, caller="潮見"))


def note(session: Session, actor: Member, **told: Any) -> RestaurantCall:
    values = {"number": 2, "others": 0, "diets": {}, "to": "店長", "now": MONDAY} | told
    return RestaurantCall.note(session, actor=actor, **values)


# What is said


def test_the_first_call_in_japanese(morning, hana, ken, sato) -> None:
    comes(morning, hana, "卵")
    comes(morning, ken)
    talk(morning, sato)
    assert said(morning) == (
        "お世話になっております。朝食会の潮見と申します。1月14日(木)、7時からの朝食会の件です。"
        "人数は3名でお願いいたします。食べられないものがある者が1名おります。卵が1名です。"
        "当日は6時40分に入らせていただき、8時20分に終わる予定です。"
        "お支払いは、当日まとめて現金でお願いいたします。どうぞよろしくお願いいたします。"
    )


def test_the_first_call_in_english(morning, hana) -> None:
    comes(morning, hana)
    assert said(morning, "en") == (
        "Hello, this is 潮見 of Breakfast. It is about our breakfast on Thu 14 Jan at 7:00. We shall be 1. "
        "Nobody has told us of an allergy. We come in at 6:40 and are done by 8:20. "
        "About paying: 当日まとめて現金で. Thank you for having us."
    )


def test_a_later_call_says_what_was_told_before(morning, hana, ken, kosuke) -> None:
    comes(morning, hana)
    note(morning, kosuke, number=1)
    assert "人数は変わらず1名です。" in said(morning)
    comes(morning, ken)
    assert "先日1名とお伝えしましたが、2名に変わりました。" in said(morning)


def test_the_same_words_are_counted_together_and_nobody_is_named(morning, hana, ken, mallory) -> None:
    for member, diet in ((hana, "そば"), (ken, " そば。"), (mallory, "えび・かに")):
        comes(morning, member, diet)
    order = restaurant.standings([morning])[morning.pk].order
    assert list(order.diets.items()) == [("そば", 2), ("えび・かに", 1)]
    assert [name for name in ("hana", "ken", "mallory") if name in said(morning)] == []


def test_who_has_no_seat_is_not_cooked_for(morning, hana, ken) -> None:
    comes(morning, hana, "卵")
    comes(morning, ken, "そば")
    morning.rsvp(ken, Partstat.DECLINED, now=MONDAY)
    morning.refresh_from_db()
    assert restaurant.standings([morning])[morning.pk].order == Order(seats=1, diets={"卵": 1})


def test_a_guest_who_has_a_seat_as_a_member_eats_once(morning, hana, sato) -> None:
    talk(morning, sato)
    sato.member = hana
    sato.save()
    comes(morning, hana)
    assert restaurant.standings([morning])[morning.pk].order.number == 1


# What was said is kept


def test_one_tap_keeps_what_stood_on_the_page_even_if_it_changed_meanwhile(client, morning, hana, ken, kosuke) -> None:
    comes(morning, hana, "卵")
    client.force_login(kosuke)
    page = client.get(f"/sessions/{morning.code}/restaurant/?others=2")
    comes(morning, ken)
    sent = {"said": page.context["sealed"], "to": "店長の水尾さん"}
    answers = [client.post(f"/sessions/{morning.code}/restaurant/", sent).status_code for _tap in range(2)]
    kept = list(RestaurantCall.objects.values_list("number", "others", "diets", "to", "caller"))
    assert (answers, kept) == ([302, 302], [(3, 2, {"卵": 1}, "店長の水尾さん", kosuke.pk)])
    assert Activity.objects.filter(verb="session.restaurant").count() == 1
    shown = text(client, f"/sessions/{morning.code}/restaurant/")
    assert "1月11日(月)に3名とお伝えしました。いまは4名です。" in shown


def test_what_was_not_on_a_page_of_ours_is_refused(client, morning, kosuke) -> None:
    client.force_login(kosuke)
    response = client.post(f"/sessions/{morning.code}/restaurant/", {"said": "99", "to": "店長"})
    assert (response.status_code, RestaurantCall.objects.count()) == (422, 0)


def test_what_is_not_eaten_is_erased_after_fourteen_days(morning, kosuke) -> None:
    note(morning, kosuke, diets={"卵": 1})
    erasure.erase(now=morning.ends_at + timedelta(days=13))
    before = RestaurantCall.objects.get().diets
    erasure.erase(now=morning.ends_at + timedelta(days=14))
    assert (before, RestaurantCall.objects.get().diets, RestaurantCall.objects.get().number) == ({"卵": 1}, {}, 2)


# The desk


def asked(session: Session, *, now: datetime = MONDAY) -> list[tuple[str, str]]:
    seen = Session.objects.select_related("series", "venue").get(pk=session.pk)
    return [(step.what, step.why) for step in restaurant.steps([seen], now)]


def test_the_desk_asks_for_the_first_number_when_the_restaurant_wants_it(morning, hana) -> None:
    comes(morning, hana)
    early = START - timedelta(days=8, minutes=1)
    assert asked(morning, now=early) == []
    assert asked(morning) == [("お店に人数を伝える", "いまのところ1名です。")]


def test_the_desk_shows_the_difference_since(morning, hana, ken, kosuke) -> None:
    comes(morning, hana)
    note(morning, kosuke, number=1)
    assert asked(morning) == []
    comes(morning, ken, "卵")
    assert asked(morning) == [
        (
            "お店が知っている人数と違います",
            "1月11日(月)に1名とお伝えしました。いまは2名です。食べられないものがある方が1名増えました。",
        )
    ]


def test_a_changed_allergy_alone_is_a_difference_too(morning, hana, kosuke) -> None:
    comes(morning, hana, "そば")
    note(morning, kosuke, number=1, diets={"卵": 1})
    assert asked(morning)[0][1] == "1月11日(月)に1名とお伝えし、そのままです。食べられないものが変わりました。"


def test_nothing_is_asked_of_a_draft_or_of_what_is_called_off(morning, kosuke) -> None:
    note(morning, kosuke, number=9)
    Session.objects.update(published_at=None)
    assert asked(morning) == []
    Session.objects.update(published_at=MONDAY)
    assert len(asked(morning)) == 1
    morning.cancel("雪", now=MONDAY)
    assert asked(morning) == []


def test_the_steps_take_as_many_queries_for_thirty_mornings(
    make_session, morning, kosuke, django_assert_num_queries
) -> None:
    for number in range(29):
        made = make_session(starts_at=START + timedelta(days=number + 1))
        note(made, kosuke, number=5)
    for some in (1, 30):
        sessions = list(Session.objects.select_related("series", "venue").order_by("pk")[:some])
        with django_assert_num_queries(3):
            list(restaurant.steps(sessions, MONDAY))


# Page and paper


def test_the_page_takes_as_many_queries_with_thirty_calls(client, morning, kosuke) -> None:
    client.force_login(kosuke)
    page = f"/sessions/{morning.code}/restaurant/"
    note(morning, kosuke)
    client.get(page)
    first = statements(lambda: client.get(page))
    for number in range(30):
        note(morning, kosuke, number=number + 10)
    assert [first, statements(lambda: client.get(page))] == [(200, 8), (200, 8)]


def test_the_sheet_tells_numbers_and_no_names(client: Client, morning, hana, kosuke, sato) -> None:
    comes(morning, hana, "卵と髙菜")
    talk(morning, sato)
    client.force_login(kosuke)
    response = client.get(f"/sessions/{morning.code}/restaurant.pdf?others=1")
    (page,) = PdfDocument(response.content)
    written = page.get_textpage().get_text_range()
    for line in ("第38回", "3名", "卵と髙菜", "1名", "6:40", "当日まとめて現金で"):
        assert line in written
    assert [name for name in ("hana", "佐藤") if name in written] == []


def test_the_restaurant_page_is_for_hosts(client, morning, hana) -> None:
    client.force_login(hana)
    found = [client.get(f"/sessions/{morning.code}/restaurant{end}").status_code for end in ("/", ".pdf")]
    assert (found, next_steps.of([morning], now=MONDAY) != []) == ([404, 404], True)
