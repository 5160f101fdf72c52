"""Keeping away from somebody: the two vanish from each other everywhere, nobody is told, and it can be undone."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Attendance, Membership
from members.blocks import Block
from members.levels import Level
from members.models import Member
from members.news import News
from outbox.models import Delivery
from records.models import Takeaway

PAGES = ["/members/", "/members/{ken}/", "/met/{ken}/", "/met/{ken}/card.vcf", "/circle/"]
PAGES += ["/introductions/", "/sessions/{morning}/", "/sessions/{morning}/cards/", "/sessions/{next}/"]


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def twice(make_session, series, session, hana, ken, mallory) -> dict[str, str]:
    """hana, ken and mallory came to two mornings, come to the next one, are listed and let every member see them."""
    now = timezone.now()
    for member, name in ((hana, "花乃"), (ken, "健一朗")):
        member.name = name
        member.save()
    Member.objects.update(name_level=Level.MEMBERS, listed_at=now)
    mornings = [make_session(starts_at=now - timedelta(days=days), roster_closed_at=now) for days in (9, 2)]
    for member in (hana, ken, mallory):
        Membership.objects.get_or_create(series=series, member=member)
        Attendance.objects.bulk_create(Attendance(session=one, member=member) for one in mornings)
        session.rsvp(member, "ACCEPTED", now=now)
    for member in (hana, ken):
        News.objects.tell(member, f"{member.name} の近況", level=Level.MEMBERS, now=now)
        Takeaway.objects.create(
            session=mornings[1], member=member, text=f"{member.name} の一行", audience="members", signed="name"
        )
    Delivery.objects.all().delete()
    return {"morning": mornings[1].code, "next": session.code, "健一朗": ken.code, "花乃": hana.code}


def where(reader: Member, name: str, codes: dict[str, str]) -> list[str]:
    """On which of the pages somebody's name stands."""
    found = ((page, of(reader).get(page.format(**codes, ken=codes[name]))) for page in PAGES)
    return [page for page, response in found if name in response.content.decode()]


def test_the_two_vanish_from_each_others_pages_and_from_nobody_elses(twice, hana, ken, mallory) -> None:
    before = where(hana, "健一朗", twice), where(ken, "花乃", twice)
    assert before[0] == before[1]
    assert len(before[0]) >= 8
    of(hana).post(f"/members/{ken.code}/distance/")
    assert (where(hana, "健一朗", twice), where(ken, "花乃", twice)) == ([], [])
    assert where(mallory, "健一朗", twice) == where(mallory, "花乃", twice) == before[0]


def test_nobody_is_told(twice, hana, ken) -> None:
    before = of(ken).get("/profile/").content
    of(hana).post(f"/members/{ken.code}/distance/")
    assert Delivery.objects.count() == 0
    assert len(of(ken).get("/profile/").content) == len(before)
    assert "花乃" not in of(ken).get("/profile/apart/").content.decode()


def test_it_is_undone_by_who_did_it(twice, hana, ken) -> None:
    everywhere = where(hana, "健一朗", twice)
    for _again in range(2):
        of(hana).post(f"/members/{ken.code}/distance/")
    mine = of(hana).get("/profile/apart/").content.decode()
    assert "健一朗" in mine
    assert of(ken).post(f"/profile/apart/{hana.code}/removal/").status_code == 404
    assert Block.objects.count() == 1
    of(hana).post(f"/profile/apart/{ken.code}/removal/")
    assert (Block.objects.count(), where(hana, "健一朗", twice)) == (0, everywhere)


def test_both_may_keep_away_and_each_undoes_their_own(twice, hana, ken) -> None:
    Block.objects.keep_away(hana, ken, now=timezone.now())
    Block.objects.keep_away(ken, hana, now=timezone.now())
    Block.objects.let_near(hana, ken)
    assert where(hana, "健一朗", twice) == []


def test_who_is_not_seen_cannot_be_kept_away_from(hana, ken) -> None:
    Member.objects.filter(pk=ken.pk).update(name_level=Level.HOSTS)
    assert of(hana).post(f"/members/{ken.code}/distance/").status_code == 404
    assert of(hana).post(f"/members/{hana.code}/distance/").status_code == 404


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_costs_the_same_for_one_and_for_thirty(person, hana, number, django_assert_num_queries) -> None:
    for n in range(number):
        Block.objects.keep_away(hana, person(f"other{n}"), now=timezone.now())
    client = of(hana)
    with django_assert_num_queries(5):
        client.get("/profile/apart/")
