"""A change for one morning or for all later ones: what is shown before is what happens, field by field."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from threading import Thread

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone

from events import foresight, making
from events.models import Membership, Partstat, Series, Session
from members.models import Activity, Member
from outbox.models import Delivery
from tests.events.pages import statements
from tests.events.test_hosting import edit

ORDER = "6:40 開場\n7:00 朝ごはん"
NOW = timezone.now


@pytest.fixture
def host(client: Client, kosuke: Member) -> Client:
    client.force_login(kosuke)
    return client


@pytest.fixture
def row(make_session: Callable[..., Session]) -> list[Session]:
    """Four mornings of the rule, a week apart."""
    first = make_session(recurrence_id=date(2027, 1, 1), programme="7:00 朝ごはん")
    later = [
        make_session(
            starts_at=first.starts_at + timedelta(days=7 * n),
            recurrence_id=date(2027, 1, 1 + n),
            programme="7:00 朝ごはん",
        )
        for n in (1, 2, 3)
    ]
    return [first, *later]


def look(client: Client, url: str, sends: dict[str, str]) -> tuple[str, str]:
    """The page shown first, and the mark of what it says."""
    response = client.post(url, sends)
    assert response.status_code == 200, response.content.decode()
    page = response.content.decode()
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found, page
    return page, found[1]


def both(client: Client, url: str, sends: dict[str, str]) -> int:
    """Look, then tap."""
    return client.post(url, sends | {"seen": look(client, url, sends)[1]}).status_code


def fresh(sessions: list[Session]) -> list[Session]:
    return list(Session.objects.filter(pk__in=[one.pk for one in sessions]).order_by("starts_at"))


def url(session: Session, page: str = "edit") -> str:
    return f"/sessions/{session.code}/{page}/"


def test_each_later_morning_takes_the_fields_nobody_edited_there(host: Client, row: list[Session]) -> None:
    host.post(url(row[1]), edit(row[1], fee_amount="5000"))
    host.post(url(row[2]), edit(row[2], title="晩ごはんの回", programme=ORDER))
    assert (
        both(host, url(row[0]), edit(row[0], title="この朝だけ", programme=ORDER, fee_amount="2500", scope="later"))
        == 302
    )
    found = fresh(row)
    assert [one.fee_amount for one in found] == [2500, 5000, 2500, 2500]
    assert [one.programme for one in found] == [ORDER] * 4
    assert [one.title for one in found] == ["この朝だけ", "値札のない朝", "晩ごはんの回", "値札のない朝"]
    assert [one.edited_fields for one in found] == [["title"], ["fee_amount"], ["programme", "title"], []]


def test_other_ends_of_lines_are_no_change(host: Client, row: list[Session]) -> None:
    Session.objects.filter(pk=row[0].pk).update(programme=ORDER)
    sends = edit(row[0], programme=ORDER.replace("\n", "\r\n"), fee_amount="2500", scope="later")
    assert both(host, url(row[0]), sends) == 302
    assert [one.programme for one in fresh(row)] == [ORDER, *["7:00 朝ごはん"] * 3]


def test_a_morning_outside_the_rule_speaks_for_itself_alone(host: Client, row: list[Session], session: Session) -> None:
    assert 'value="later"' not in host.get(url(session)).content.decode()
    assert host.post(url(session), edit(session, fee_amount="1", scope="later")).status_code == 302
    assert {one.fee_amount for one in fresh(row)} == {2000}


def test_what_is_not_changed_is_not_pushed(host: Client, row: list[Session]) -> None:
    Session.objects.filter(pk=row[0].pk).update(fee_amount=5000, capacity=40)
    dinner = Session.objects.get(pk=row[0].pk)
    assert both(host, url(dinner), edit(dinner, summary="晩ごはんの回", scope="later")) == 302
    later = fresh(row)[1]
    assert (later.summary, later.fee_amount, later.capacity) == ("晩ごはんの回", 2000, 24)


def test_mornings_not_made_yet_begin_with_it(host: Client, row: list[Session], series: Series) -> None:
    page = look(host, url(row[0]), edit(row[0], fee_amount="2500", programme=ORDER, scope="later"))[0]
    assert "まだ作られていない回" in page
    both(host, url(row[0]), edit(row[0], fee_amount="2500", programme=ORDER, scope="later"))
    series.refresh_from_db()
    made = making.make_ahead(series, now=NOW())
    assert made
    assert {(one.fee_amount, one.programme) for one in made} == {(2500, ORDER)}


def test_before_the_tap_nothing_is_done(host: Client, row: list[Session], hana: Member) -> None:
    before = [vars(one) for one in fresh(row)]
    look(host, url(row[0]), edit(row[0], fee_amount="2500", scope="later"))
    after = [vars(one) for one in fresh(row)]
    for one in (*before, *after):
        one.pop("_state")
    assert (after, Activity.objects.count(), Delivery.objects.count()) == (before, 0, 0)


@pytest.fixture
def queue(row: list[Session], hana: Member, ken: Member, kosuke: Member) -> list[Session]:
    """One seat in the first two mornings, hana's; ken and kosuke wait."""
    for session in row[:2]:
        session.set_capacity(1, now=NOW())
        for member in (hana, ken, kosuke):
            session.rsvp(member, Partstat.ACCEPTED, now=NOW())
    Delivery.objects.all().delete()
    return fresh(row)


def test_what_is_shown_is_what_happens(host: Client, queue: list[Session], series: Series) -> None:
    sends = edit(queue[0], capacity="2", fee_amount="2500", scope="later")
    page, mark = look(host, url(queue[0]), sends)
    assert "お待ちの2人に席が決まります" in " ".join(page.split())
    before = {one.pk: one for one in queue}
    assert host.post(url(queue[0]), sends | {"seen": mark}).status_code == 302
    assert "参加の方とお待ちの方4人にお知らせします" in " ".join(page.split())
    told = sorted((row.kind, row.to) for row in Delivery.objects.all())
    # Who gets a seat reads the new fee in that mail.
    seats, fees = [("rsvp.promoted", "ken@example.com")] * 2, ["hana@example.com"] * 2 + ["kosuke@example.com"] * 2
    assert told == [*seats, *(("session.changed", to) for to in fees)]
    changed = {one.pk: (one.capacity, one.fee_amount) for one in fresh(queue)}
    assert set(changed.values()) == {(2, 2500)}
    for one in queue:
        days = f"{one.local_start.month}月{one.local_start.day}日"
        assert (days in page, f"{before[one.pk].capacity} → 2" in page) == (True, True)


def test_what_is_the_same_for_all_is_said_once_and_a_day_that_stays_is_not(host: Client, row: list[Session]) -> None:
    page, _mark = look(host, url(row[0]), edit(row[0], fee_amount="2500", scope="later"))
    assert (page.count("2,000円 → 2,500円"), page.count("まだ作られていない回</dt>")) == (1, 1)
    hour = {"on": row[0].local_start.date().isoformat(), "at": "07:30", "venue": row[0].venue_id, "scope": "later"}
    hour |= {"sequence": row[0].sequence}
    page, _mark = look(host, url(row[0], "move"), hour)
    # Once for the four, once for those not made yet: these have no running order that moves along.
    assert page.count("7:00 → 7:30") == 2


def test_foresight_and_deed_agree_whatever_is_done(queue: list[Session], series: Series, kosuke: Member) -> None:
    """The same mark comes out of looking and of doing, for every verb there is."""
    first = queue[0]
    start = first.starts_at + timedelta(hours=1)
    acts: list[Callable[[Session], object]] = [
        lambda one: one.set_capacity(3, now=NOW()),
        lambda one: one.move(start, now=NOW(), actor=kosuke),
        lambda one: one.cancel("雪", now=NOW(), actor=kosuke),
        lambda one: one.restore(now=NOW(), actor=kosuke),
        lambda one: one.charge(2500, now=NOW()),
    ]
    for act in acts:

        def deed(act: Callable[[Session], object] = act) -> object:
            return act(Session.objects.get(pk=first.pk))

        shown = foresight.foresee(series, deed)
        done = foresight.carry_out(series, deed, seen=shown.mark)
        assert (done.mark, done.mails) == (shown.mark, shown.mails)
        assert sum(shown.mails.values()) >= 1


@pytest.mark.django_db(transaction=True)
def test_what_others_owe_at_the_same_moment_is_not_what_is_foreseen(
    row: list[Session], series: Series, kosuke: Member, hana: Member
) -> None:
    def answers() -> None:
        row[2].rsvp(hana, Partstat.ACCEPTED, now=NOW())
        connections.close_all()

    def act() -> None:
        meanwhile = Thread(target=answers)
        meanwhile.start()
        meanwhile.join()
        Session.objects.get(pk=row[0].pk).cancel("台風", now=NOW(), actor=kosuke)

    row[0].rsvp(kosuke, Partstat.ACCEPTED, now=NOW())
    assert foresight.foresee(series, act).mails == {"session.cancelled": 1}
    assert Delivery.objects.filter(to=hana.email, kind="rsvp.confirmed").exists()


def test_a_look_out_of_date_is_refused_and_what_was_typed_stays(host: Client, row: list[Session], hana: Member) -> None:
    sends = edit(row[0], summary="湯気の向こうの話", fee_amount="2500", scope="later")
    mark = look(host, url(row[0]), sends)[1]
    host.post(url(row[2]), edit(row[2], fee_amount="9000"))
    response = host.post(url(row[0]), sends | {"seen": mark})
    page = response.content.decode()
    assert (response.status_code, "湯気の向こうの話" in page, 'value="2500"' in page) == (409, True, True)
    assert "ご覧になったあとに変わった" in page
    assert [one.fee_amount for one in fresh(row)] == [2000, 2000, 9000, 2000]
    again = re.search(r'name="seen" value="(\w+)"', page)
    assert again
    assert host.post(url(row[0]), sends | {"seen": again[1]}).status_code == 302
    assert [one.fee_amount for one in fresh(row)] == [2500, 2500, 9000, 2500]


def test_what_touches_one_morning_and_tells_nobody_is_done_at_once(host: Client, row: list[Session]) -> None:
    assert host.post(url(row[0]), edit(row[0], fee_amount="2500")).status_code == 302
    assert [one.fee_amount for one in fresh(row)] == [2500, 2000, 2000, 2000]


def test_another_fee_of_one_morning_is_looked_at_before_it_is_told(host: Client, row, hana: Member, ken) -> None:
    row[0].rsvp(hana, Partstat.ACCEPTED, now=NOW())
    row[0].rsvp(ken, Partstat.DECLINED, now=NOW())
    Delivery.objects.all().delete()
    sends = edit(row[0], fee_amount="2500")
    page, mark = look(host, url(row[0]), sends)
    assert ("2,000円 → 2,500円" in page, "1人にお知らせします" in " ".join(page.split())) == (True, True)
    assert (fresh(row)[0].fee_amount, Delivery.objects.count()) == (2000, 0)
    assert host.post(url(row[0]), sends | {"seen": mark}).status_code == 302
    assert [(one.kind, one.to) for one in Delivery.objects.all()] == [("session.changed", "hana@example.com")]


@pytest.mark.parametrize(("hour", "page", "waits"), [(22, "edit", True), (12, "edit", False), (22, "move", False)])
def test_at_night_a_host_reads_that_the_mails_of_a_fee_go_in_the_morning(
    client: Client, kosuke: Member, row, hana: Member, hour: int, page: str, waits: bool
) -> None:
    row[0].rsvp(hana, Partstat.ACCEPTED, now=NOW())
    with time_machine.travel(datetime.combine(timezone.localdate(), time(hour), tzinfo=row[0].zone), tick=False):
        client.force_login(kosuke)
        sends = edit(row[0], fee_amount="2500", scope="later")
        if page == "move":
            start = row[0].local_start
            sends = {"on": start.date().isoformat(), "at": "07:30", "venue": str(row[0].venue_id), "scope": "later"}
        said = look(client, url(row[0], page), sends)[0]
    assert ("人にお知らせします" in said, "明朝7:00にお送りします" in said) == (True, waits)


def test_the_hour_goes_to_the_later_ones_each_on_its_day(
    host: Client, row: list[Session], series: Series, hana
) -> None:
    row[2].move(row[2].starts_at + timedelta(days=1), now=NOW())
    row[1].rsvp(hana, Partstat.ACCEPTED, now=NOW())
    Delivery.objects.all().delete()
    days = [one.local_start.date() for one in fresh(row)]
    sends = {
        "on": days[0].isoformat(), "at": "07:30", "venue": str(row[0].venue_id), "scope": "later", "sequence": "0",
    }  # fmt: skip
    assert both(host, url(row[0], "move"), sends) == 302
    found = fresh(row)
    assert [one.local_start.date() for one in found] == days
    assert [one.local_start.time() for one in found] == [time(7, 30), time(7, 30), time(7, 0), time(7, 30)]
    assert [one.sequence for one in found] == [1, 1, 1, 1]
    assert [(row.kind, row.to) for row in Delivery.objects.all()] == [("session.changed", "hana@example.com")]
    series.refresh_from_db()
    assert (series.at, found[0].programme) == (time(7, 30), "7:30 朝ごはん")


def test_another_day_goes_to_no_later_one(host: Client, row: list[Session]) -> None:
    day = row[0].local_start.date() + timedelta(days=1)
    sends = {"on": day.isoformat(), "at": "07:00", "venue": str(row[0].venue_id), "scope": "later"}
    response = host.post(url(row[0], "move"), sends)
    assert (response.status_code, "日程" in response.content.decode()) == (422, True)
    assert [one.sequence for one in fresh(row)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("page", "sends"), [("move", {"on": "2027-03-04", "at": "08:00"}), ("cancellation", {"reason": "雪のため"})]
)
def test_what_was_moved_meanwhile_is_looked_at_once_more(host: Client, row, page: str, sends: dict[str, str]) -> None:
    row[0].move(row[0].starts_at + timedelta(hours=1), now=NOW())
    response = host.post(url(row[0], page), sends | {"sequence": "0"})
    said = response.content.decode()
    assert (response.status_code, next(iter(sends.values())) in said) == (409, True)
    found = Session.objects.get(pk=row[0].pk)
    assert (found.sequence, found.cancelled_at) == (1, None)


def test_the_running_order_is_drafted_from_the_hours(host: Client, session: Session) -> None:
    page = host.get(url(session)).content.decode()
    assert "6:40 開場\n7:00 朝ごはん、ひとことずつ自己紹介\n7:20 ゲストのお話\n7:50 質問\n8:10 写真\n8:20 " in page


@pytest.mark.parametrize("number", [1, 30])
def test_looking_costs_a_few_statements_for_each_morning(host, make_session, number: int, series: Series) -> None:
    first = make_session(recurrence_id=date(2027, 1, 1))
    for n in range(number):
        make_session(
            starts_at=first.starts_at + timedelta(days=1 + n), recurrence_id=date(2027, 1, 2) + timedelta(days=n)
        )
    sends = edit(first, fee_amount="2500", scope="later")
    status, count = statements(lambda: host.post(url(first), sends))
    assert (status, count) == (200, 35 + 7 * number)


def test_a_morning_of_a_stranger_is_not_there(row: list[Session], mallory: Member, client: Client) -> None:
    Membership.objects.create(series=row[0].series, member=mallory, role="door")
    client.force_login(mallory)
    sends = edit(row[0], fee_amount="1", scope="later")
    assert client.post(url(row[0]), sends).status_code == 404
