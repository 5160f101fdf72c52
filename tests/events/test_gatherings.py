import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from events import roster
from events.models import Gathering, Membership, ReminderException, Session, Venue
from events.models.reminder import MONTHLY, begin_with
from invitations.models import Invitation
from members.models import Activity
from outbox.models import Delivery
from tests.events.pages import statements, text
from tests.events.test_reminder_pages import morning_form

NOW = timezone.now
PAGE = "/series/breakfast/gatherings/"


def sent(**changed: str) -> dict[str, str]:
    soon = (timezone.localdate() + timedelta(days=5)).isoformat()
    told = {
        "kind": "group", "title": "値上げの伝え方の分科会", "about": "先月の続きです。", "place": "喫茶みなと 一階",
        "on": soon, "at": "18:30", "duration_minutes": "90", "capacity": "5", "fee_amount": "1000",
    }  # fmt: skip
    return told | changed


def proposed(series, member, **fields) -> Gathering:
    values = {"title": "昼の一杯", "starts_at": NOW() + timedelta(days=5)} | fields
    gathering = Gathering(series=series, member=member, **values)
    gathering.propose(now=NOW())
    return Gathering.objects.get(title=values["title"])


def test_a_member_proposes_a_host_lets_it_through_and_the_member_hosts_that_one(
    client, club, series, hana, kosuke
) -> None:
    client.force_login(hana)
    assert client.post(PAGE, sent())["Location"] == PAGE
    gathering = Gathering.objects.get()
    client.force_login(kosuke)
    assert "hanaさんから「値上げの伝え方の分科会」" in text(client, "/desk/")
    assert "値上げの伝え方の分科会" in text(client, PAGE)
    answers = [client.post(f"/gatherings/{gathering.code}/", {"answer": "yes"})["Location"] for _twice in range(2)]
    session = Session.objects.get()
    assert answers == [session.get_absolute_url()] * 2
    assert (session.recurrence_id, session.number, session.capacity, session.seats_taken) == (None, None, 5, 1)
    assert (session.is_draft, session.fee_amount, session.local_start.hour) == (False, 1000, 18)
    assert (str(session.venue), Venue.objects.offered(None).filter(name="喫茶みなと 一階").exists()) == (
        "喫茶みなと 一階",
        False,
    )
    assert f'href="{PAGE}"' not in text(client, "/desk/")
    client.force_login(hana)
    page = text(client, session.get_absolute_url())
    assert ("値上げの伝え方の分科会" in page, "喫茶みなと 一階" in page, "世話人へ" in page or "edit/" in page) == (
        True,
    ) * 3
    assert client.get(f"/sessions/{session.code}/edit/").status_code == 200
    assert client.get(f"/sessions/{session.code}/roster/").status_code == 200


def test_hosting_one_gathering_opens_no_other_morning(client, club, series, session, hana, ken, kosuke) -> None:
    mine = proposed(series, hana).let_through(now=NOW(), actor=kosuke)
    assert mine is not None
    client.force_login(hana)
    assert [client.get(f"/sessions/{code}/edit/").status_code for code in (mine.code, session.code)] == [200, 404]
    assert client.get(f"/series/{series.slug}/edit/").status_code == 404
    client.force_login(ken)
    assert client.get(f"/sessions/{mine.code}/edit/").status_code == 404


def test_others_neither_see_a_proposal_nor_answer_it(client, club, series, hana, ken, mallory, kosuke) -> None:
    gathering = proposed(series, hana)
    Membership.objects.create(series=series, member=ken)
    client.force_login(ken)
    assert ("昼の一杯" in text(client, PAGE), client.post(f"/gatherings/{gathering.code}/").status_code) == (False, 404)
    client.force_login(mallory)
    assert client.get(PAGE).status_code == 404
    client.force_login(hana)
    assert "昼の一杯" in text(client, PAGE)
    client.post(f"/gatherings/{gathering.code}/", {"answer": "yes"})
    assert Gathering.objects.count() == 0


def test_a_no_is_a_no_also_after_a_second_tap(series, hana, kosuke) -> None:
    gathering = proposed(series, hana)
    gathering.decline(now=NOW(), actor=kosuke)
    assert (gathering.let_through(now=NOW(), actor=kosuke), Session.objects.count()) == (None, 0)
    assert list(Activity.objects.values_list("verb", flat=True)) == ["gathering.no"]


def test_a_gathering_meets_in_the_room_of_that_name(series, hana, kosuke) -> None:
    known = Venue.objects.create(name="喫茶みなと 二階")
    session = proposed(series, hana, place="喫茶みなと 二階").let_through(now=NOW(), actor=kosuke)
    assert session is not None
    assert session.venue == known


def test_a_long_way_to_say_where_is_told_whole(series, hana, kosuke) -> None:
    place = "かもめ川の右岸を下って" * 18
    session = proposed(series, hana, place=place).let_through(now=NOW(), actor=kosuke)
    assert session is not None
    assert session.venue is not None
    assert session.venue.whereabouts.replace(" ", "") == place


def test_its_member_reads_that_it_is_not_going_to_be(client, club, series, hana, ken, kosuke) -> None:
    proposed(series, hana).decline(now=NOW(), actor=kosuke)
    Membership.objects.create(series=series, member=ken)
    shown = []
    for member in (hana, ken):
        client.force_login(member)
        shown.append("「昼の一杯」は、今回は見送りになりました" in text(client, PAGE))
    assert shown == [True, False]


def test_what_is_past_and_a_fourth_are_refused_and_nothing_typed_is_lost(client, club, series, hana) -> None:
    client.force_login(hana)
    response = client.post(PAGE, sent(on="2020-01-01"))
    page = response.content.decode()
    assert (response.status_code, "過ぎた日時です" in page, "先月の続きです。" in page) == (
        422,
        True,
        True,
    )
    for number in range(3):
        proposed(series, hana, title=f"昼 {number}")
    with pytest.raises(ValidationError, match="三つ"):
        proposed(series, hana, title="昼 3")


def test_the_same_twice_is_once(series, hana) -> None:
    when = NOW() + timedelta(days=3)
    for _twice in range(2):
        proposed(series, hana, starts_at=when)
    assert Gathering.objects.count() == 1


def test_the_page_takes_as_many_queries_with_thirty(client, club, series, kosuke, person) -> None:
    proposed(series, person("p"))
    client.force_login(kosuke)
    client.get(PAGE)
    first = statements(lambda: client.get(PAGE))
    for number in range(29):
        proposed(series, person(f"p{number}"), title=f"集まり {number}")
    assert [first, statements(lambda: client.get(PAGE))] == [(200, 7), (200, 7)]


def let_through(series, member, kosuke, **fields) -> Session:
    session = proposed(series, member, **fields).let_through(now=NOW(), actor=kosuke)
    assert session is not None
    return session


def at(session: Session, start) -> None:
    Session.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=1))


def links(client, url: str) -> set[str]:
    """Where the middle of a page leads to."""
    page = client.get(url).content.decode()
    main = page.partition("<main")[2].partition("</main")[0]
    return {found.partition("?")[0] for found in re.findall(r'href="(/[^"#]*)', main)}


@pytest.mark.parametrize("hours", [120, 3, -2])
def test_no_page_leads_who_proposed_a_gathering_to_a_closed_door(client, club, series, hana, kosuke, hours) -> None:
    session = let_through(series, hana, kosuke, fee_amount=1000)
    at(session, NOW() + timedelta(hours=hours))
    client.force_login(hana)
    here = {url for url in links(client, session.get_absolute_url()) if session.code in url}
    there = {url for page in here if not page.endswith((".ics", ".pdf")) for url in links(client, page)}
    assert len(here) > 5
    assert [url for url in sorted(here | there) if ".pdf" not in url and client.get(url).status_code >= 400] == []
    assert (session.get_absolute_url() + "clock/" in there) == (hours < 100)


def test_what_is_the_series_stays_with_its_hosts(client, club, series, hana, kosuke, sato) -> None:
    session = let_through(series, hana, kosuke)
    asked = Invitation.objects.create(session=session, speaker=sato, host=kosuke)
    at(session, NOW() - timedelta(days=11))
    pages = [f"/sessions/{session.code}/bulletin/", f"/sessions/{session.code}/invitations/new/"]
    pages += [asked.get_absolute_url()]
    for member, status in ((hana, 404), (kosuke, 200)):
        client.force_login(member)
        assert [client.get(page).status_code for page in pages] == [status] * 3
    client.force_login(hana)
    assert client.post(pages[0], {"greeting": "どうぞ", "send": "1"}).status_code == 404
    assert "invitations/new" not in client.get(f"/sessions/{session.code}/edit/").content.decode()


def test_who_proposed_it_writes_to_those_who_answered_and_not_to_the_whole_series(
    client, club, series, hana, ken, mallory, kosuke
) -> None:
    session = let_through(series, hana, kosuke)
    Membership.objects.create(series=series, member=mallory)
    session.rsvp(ken, "ACCEPTED", now=NOW())
    Delivery.objects.all().delete()
    url = f"/sessions/{session.code}/messages/"
    offered = {}
    for member in (hana, kosuke):
        client.force_login(member)
        offered[member.name] = re.findall(r'name="segment" value="(\w+)"', client.get(url).content.decode())
    assert offered == {
        "hana": ["coming", "waiting", "declined"],
        "kosuke": ["coming", "waiting", "declined", "unanswered"],
    }
    client.force_login(hana)
    words = {"subject": "待ち合わせ", "text": "改札の前です。", "send": "1"}
    assert client.post(url, words | {"segment": "unanswered"}).status_code == 422
    assert client.post(url, words | {"segment": "coming"}).status_code == 302
    assert sorted(Delivery.objects.values_list("to", flat=True)) == ["hana@example.com", "ken@example.com"]


def test_who_proposed_it_words_no_reminder_to_the_whole_series(client, club, series, hana, kosuke) -> None:
    begin_with(series, MONTHLY)
    session = let_through(series, hana, kosuke)
    worded = []
    # What a host worded for those who have not answered stays as it is.
    for member, template in ((hana, "invite"), (hana, "tomorrow"), (kosuke, "invite"), (hana, "tomorrow")):
        client.force_login(member)
        sent = morning_form(session, template, greeting="苗もお分けします。")
        assert client.post(f"/sessions/{session.code}/reminders/", sent).status_code == 302
        worded.append(sorted(ReminderException.objects.values_list("rule__template", flat=True)))
    assert worded == [[], ["tomorrow"], ["invite"], ["invite", "tomorrow"]]


def test_what_comes_next_stands_on_its_page_for_who_proposed_it(client, club, series, hana, ken, kosuke) -> None:
    session = let_through(series, hana, kosuke)
    session.rsvp(ken, "ACCEPTED", now=NOW())
    at(session, NOW() - timedelta(hours=2))
    shown = []
    for member in (hana, ken, kosuke):
        client.force_login(member)
        page = text(client, session.get_absolute_url())
        shown.append(("つぎにすること" in page, "名簿を締める" in page))
    # Hosts of the series read it on their desk.
    assert shown == [(True, True), (False, False), (False, False)]
    client.force_login(kosuke)
    assert "名簿を締める" in text(client, "/desk/")


def test_the_door_tells_who_proposed_it_nothing_of_other_mornings(
    client, club, series, make_session, hana, ken, kosuke
) -> None:
    before = make_session(starts_at=NOW() + timedelta(days=1))
    before.rsvp(ken, "ACCEPTED", now=NOW())
    at(before, NOW() - timedelta(days=2))
    roster.close(Session.objects.get(pk=before.pk), absent={f"m{ken.pk}"}, excused=set(), now=NOW(), actor=kosuke)
    session = let_through(series, hana, kosuke)
    session.rsvp(ken, "ACCEPTED", now=NOW())
    at(session, NOW() + timedelta(hours=1))
    seen = []
    for member in (kosuke, hana):
        client.force_login(member)
        page = client.get(f"/sessions/{session.code}/roster/")
        seen.append([place.missed for place in page.context["places"] if place.row.member_id == ken.pk])
    assert seen == [[1], [0]]
