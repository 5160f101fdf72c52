import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from math import dist

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Attendance, Session
from introductions import circle
from introductions.circle_picture import INNERMOST, RING, dots, picture, rings
from introductions.models import Introduction, Round
from members.levels import Level
from members.models import Block, Member
from tests.events.pages import crowd, statements, text

MakeSession = Callable[..., Session]
# How large a character of the drawing is, in its own units (static/css/components/circle.css), and how many pixels the
# drawing has on a phone of 390.
CHARACTER, ON_A_PHONE = 17, 342


@pytest.fixture
def morning(make_session: MakeSession) -> Callable[..., Session]:
    """A closed morning of the past to which these people came."""
    days = iter(range(1, 400))

    def make(*people: Member, closed: bool = True) -> Session:
        start = timezone.now() - timedelta(days=next(days))
        session = make_session(starts_at=start, roster_closed_at=start if closed else None)
        Attendance.objects.bulk_create([Attendance(session=session, member=one) for one in people])
        return session

    return make


@pytest.fixture
def listed(hana: Member, ken: Member, kosuke: Member) -> list[Member]:
    """Three who let those of the same morning see them."""
    Member.objects.filter(pk__in=[hana.pk, ken.pk, kosuke.pk]).update(name_level=Level.MORNING)
    return [hana, ken, kosuke]


def near(member: Member) -> dict[str, tuple[int, int]]:
    """Who stands near this member: band and mornings by name."""
    found = circle.of(member, now=timezone.now())
    return {one.name: (band.times, one.times) for band in found.bands for one in band.people}


# Who is in it


def test_trades_of_one_dye_stand_together_in_the_legend(morning, listed, mallory) -> None:
    for one, industry in zip(listed, "AOI", strict=True):
        Member.objects.filter(pk=one.pk).update(industry=industry)
    morning(mallory, *listed)
    dyes = circle.of(mallory, now=timezone.now()).dyes
    assert {tone: [trade.number for trade in trades] for tone, trades in dyes.items()} == {3: [1, 1], 2: [1]}


def test_the_oftener_we_met_the_nearer(morning, listed, mallory) -> None:
    hana, ken, kosuke = listed
    for n in range(11):
        morning(mallory, hana, *([ken] if n < 4 else []), *([kosuke] if n < 1 else []))
    assert near(mallory) == {"hana": (10, 11), "ken": (2, 4), "kosuke": (1, 1)}


def test_who_is_not_listed_blocked_gone_or_of_an_open_roster_is_not_in_it(morning, listed, mallory, person) -> None:
    hana, ken, kosuke = listed
    shy, gone = person("shy"), person("gone", name_level=Level.MORNING, is_active=False)
    morning(mallory, hana, ken, shy, gone)
    morning(mallory, kosuke, closed=False)
    Block.objects.create(member=ken, other=mallory)
    assert near(mallory) == {"hana": (1, 1)}


def test_nothing_of_others_is_in_my_picture(client: Client, morning, listed, mallory) -> None:
    hana, ken, kosuke = listed
    morning(mallory, hana)
    morning(hana, ken, kosuke)
    client.force_login(mallory)
    page = text(client, "/circle/")
    assert [(one.name, f">{one.name}さん<" in page or f">{one.name}<" in page) for one in listed] == [
        ("hana", True), ("ken", False), ("kosuke", False)
    ]  # fmt: skip


def test_a_ring_is_two_yeses_and_no_less(morning, listed, mallory, now: datetime) -> None:
    hana, ken, _kosuke = listed
    round_ = Round.objects.create(session=morning(mallory, hana, ken), seed="1")
    for other, made in ((hana, now), (ken, None)):
        first, second = sorted((other, mallory), key=lambda one: one.pk)
        yes = {"first_answer": "yes", "second_answer": "yes" if made else ""}
        Introduction.objects.create(round=round_, first=first, second=second, value=1, made_at=made, **yes)
    found = circle.of(mallory, now=now)
    assert {one.name: one.introduced for one in found.people} == {"hana": True, "ken": False}


# How it is drawn


def a_circle(*sizes: int) -> circle.Circle:
    """Bands of so many people each, the innermost first."""
    bands = []
    for times, size in zip(circle.BANDS, sizes, strict=False):
        people = [
            circle.Near(Member(name=f"会{n}", industry="G", code=f"c{times}n{n}"), times, introduced=False)
            for n in range(size)
        ]
        bands.append(circle.Band(times, people))
    return circle.Circle(bands)


SHAPES = [(1,), (3, 2), (5, 12, 20, 23), (60,), (0, 0, 30, 30), (1, 1, 1, 57), (9, 17, 34)]


@pytest.mark.parametrize("sizes", SHAPES)
def test_seals_and_their_rings_never_touch_and_nobody_is_left_out(sizes) -> None:
    drawn = list(dots(rings(a_circle(*sizes).drawn)))
    gaps = [dist((a.x, a.y), (b.x, b.y)) for a, b in combinations(drawn, 2)]
    assert (len(drawn), min(gaps, default=99) > 2 * RING) == (sum(sizes), True)


@pytest.mark.parametrize("sizes", SHAPES)
def test_no_two_characters_overlap_and_all_are_large_enough_on_a_phone(sizes, me_alone: Member) -> None:
    drawing = str(picture(a_circle(*sizes), me_alone))
    places = [(0.0, 0.0), *((float(x), float(y)) for x, y in re.findall(r'<text x="(\S+)" y="(\S+)"', drawing))]
    overlap = [
        (one, other)
        for one, other in combinations(places, 2)
        if abs(one[0] - other[0]) < CHARACTER and abs(one[1] - other[1]) < CHARACTER
    ]
    width = float(drawing.partition('viewBox="')[2].split()[2])
    assert (len(places), overlap) == (sum(sizes) + 1, [])
    assert CHARACTER * ON_A_PHONE / width >= 12


@pytest.fixture
def me_alone() -> Member:
    return Member(name="潮見 耕介", code="me0000000a")


def test_who_is_nearer_is_drawn_nearer() -> None:
    drawn = list(dots(rings(a_circle(5, 12, 20, 23).drawn)))
    far = {times: [dist((0, 0), (one.x, one.y)) for one in drawn if one.near.times == times] for times in circle.BANDS}
    bounds = [(min(far[times]), max(far[times])) for times in circle.BANDS]
    assert (bounds[0][0] == pytest.approx(INNERMOST), bounds == sorted(bounds)) == (True, True)
    assert all(inner[1] < outer[0] for inner, outer in pairwise(bounds))


def test_sixty_are_drawn_and_the_list_has_everybody() -> None:
    found = a_circle(5, 70, 3)
    assert (sum(len(band.people) for band in found.drawn), len(found.people)) == (60, 78)


# The page


def test_the_picture_has_one_sentence_and_a_list_behind_it(client: Client, morning, listed, mallory) -> None:
    hana, ken, _kosuke = listed
    for n in range(5):
        morning(mallory, hana, *([ken] if n < 1 else []))
    client.force_login(mallory)
    page = text(client, "/circle/")
    assert 'role="group" aria-label="まんなかがあなた、まわりに2人。 5回から9回が1人、1回が1人"' in page
    assert (page.count('class="circle__seal"'), page.count('class="people__name"')) == (2, 2)
    assert page.count(f'href="/members/{hana.code}/"') == 2
    assert f'href="/members/{hana.code}/" aria-label="hanaさん"><title>hanaさん</title>' in page


def test_an_empty_circle_invites(client: Client, mallory) -> None:
    client.force_login(mallory)
    assert "まだどなたもいません。" in text(client, "/circle/")


def test_it_costs_the_same_with_one_and_with_sixty_people(client: Client, morning, mallory) -> None:
    client.force_login(mallory)
    client.get("/about/")  # the club itself is remembered
    costs = []
    for number in (1, 60):
        people = crowd(number)
        Member.objects.filter(pk__in=[one.pk for one in people]).update(name_level=Level.MORNING)
        morning(mallory, *people)
        costs.append(statements(lambda: client.get("/circle/")))
    assert costs == [(200, 5), (200, 5)]
