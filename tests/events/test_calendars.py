from collections.abc import Callable
from datetime import timedelta
from typing import Any

import icalendar
import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from events import calendars
from events.models import Membership, Series, Session
from members.models import Member


def entries(content: bytes) -> list[dict[str, str]]:
    events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    names = ("UID", "SEQUENCE", "STATUS", "SUMMARY", "CLASS")
    return [{name: str(event[name]) for name in names if name in event} for event in events]


def feed_path(member: Member) -> str:
    return calendars.feed_url(member).removeprefix("http://localhost:8000")


def test_a_session_is_one_entry_with_its_uid(client: Client, session: Session) -> None:
    response = client.get(f"/sessions/{session.code}.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert entries(response.content) == [
        {"UID": session.uid, "SEQUENCE": "0", "STATUS": "CONFIRMED", "SUMMARY": "朝食会: 値札のない朝"}
    ]


def test_a_cancelled_session_stays_in_the_series_feed_as_cancelled(client: Client, session: Session) -> None:
    session.cancel("台風", now=timezone.now())
    found = entries(client.get(f"/series/{session.series.slug}.ics").content)
    assert [(e["STATUS"], e["SEQUENCE"]) for e in found] == [("CANCELLED", "1")]


def test_drafts_and_closed_series_are_in_no_feed_of_strangers(
    client: Client, make_session: Callable[..., Session], series: Series
) -> None:
    draft = make_session(published_at=None)
    assert client.get(f"/sessions/{draft.code}.ics").status_code == 404
    assert entries(client.get("/series/breakfast.ics").content) == []
    Series.objects.update(audience=Series.Audience.SERIES)
    assert client.get("/series/breakfast.ics").status_code == 404


def test_my_feed_holds_what_i_come_to_or_wait_for_and_is_private(
    client: Client, make_session: Callable[..., Session], hana: Member, ken: Member
) -> None:
    start = timezone.now() + timedelta(days=5)
    seated, full, other = (make_session(starts_at=start + timedelta(days=n), capacity=1) for n in range(3))
    seated.rsvp(hana, "ACCEPTED", now=timezone.now())
    full.rsvp(ken, "ACCEPTED", now=timezone.now())
    full.rsvp(hana, "ACCEPTED", now=timezone.now())
    other.rsvp(hana, "DECLINED", now=timezone.now())
    found = entries(client.get(feed_path(hana)).content)
    assert [(e["UID"], e["STATUS"], e["CLASS"]) for e in found] == [
        (seated.uid, "CONFIRMED", "PRIVATE"),
        (full.uid, "TENTATIVE", "PRIVATE"),
    ]


def test_a_feed_shows_only_what_its_member_may_see_now(
    client: Client, session: Session, series: Series, hana: Member
) -> None:
    session.rsvp(hana, "ACCEPTED", now=timezone.now())
    Series.objects.update(audience=Series.Audience.SERIES)
    assert len(entries(client.get(feed_path(hana)).content)) == 1
    Membership.objects.filter(member=hana).update(left_at=timezone.now())
    assert entries(client.get(feed_path(hana)).content) == []


@pytest.mark.parametrize("wrong", ["x", "", "0" * 43, "あ"])
def test_a_wrong_secret_leads_nowhere(client: Client, hana: Member, wrong: str) -> None:
    assert client.get(f"/calendar/{hana.code}/{wrong}.ics").status_code == 404


def test_the_secret_of_one_opens_no_other_feed(client: Client, hana: Member, ken: Member) -> None:
    token = calendars.feed_token(hana)
    assert client.get(f"/calendar/{ken.code}/{token}.ics").status_code == 404


def test_who_guesses_sixty_times_a_minute_waits_and_the_right_secret_is_never_refused(hana: Member) -> None:
    cache.clear()
    guesser, elsewhere = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    for _time in range(61):
        assert guesser.get(feed_path(hana)).status_code == 200
    wrong = [f"/calendar/{code}/{n}.ics" for n in range(30) for code in (hana.code, "aaaaaaaaaa")]
    assert [guesser.get(path).status_code for path in [*wrong, wrong[0], wrong[1]]] == [404] * 60 + [429] * 2
    assert (guesser.get(feed_path(hana)).status_code, elsewhere.get(wrong[0]).status_code) == (200, 404)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert guesser.get(wrong[0]).status_code == 404


def test_without_redis_a_guess_is_still_only_wrong(client: Client, hana: Member, settings: Any) -> None:
    away = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}
    settings.CACHES = settings.CACHES | {"default": away}
    assert [client.get(f"/calendar/{hana.code}/x.ics").status_code for _time in range(61)] == [404] * 61


def test_a_new_address_kills_the_old_one_at_once(client: Client, hana: Member) -> None:
    old = feed_path(hana)
    client.force_login(hana)
    client.post("/calendar/rotation/")
    hana.refresh_from_db()
    assert client.get(old).status_code == 404
    assert client.get(feed_path(hana)).status_code == 200


def test_an_unchanged_feed_is_not_sent_again(client: Client, hana: Member) -> None:
    first = client.get(feed_path(hana))
    again = client.get(feed_path(hana), HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, first["X-Robots-Tag"], first["Cache-Control"]) == (304, "noindex", "private, no-cache")


@pytest.mark.parametrize("rows", [1, 30])
def test_a_feed_costs_the_same_with_many_sessions(
    client: Client,
    make_session: Callable[..., Session],
    hana: Member,
    django_assert_num_queries: Callable[..., object],
    rows: int,
) -> None:
    for n in range(rows):
        later = make_session(starts_at=timezone.now() + timedelta(days=n + 1))
        later.rsvp(hana, "ACCEPTED", now=timezone.now())
    client.get(feed_path(hana))
    with django_assert_num_queries(4):
        client.get(feed_path(hana))
