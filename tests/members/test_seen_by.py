"""Who sees which line: the ladder, its bounds, finding without finding out, and what a list costs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from events.models import Attendance, Membership
from members.levels import CONTACT, LINES, Level, all_at
from members.models import Consent, Member


@pytest.fixture
def rin(person) -> Member:
    """Somebody with a step of the ladder for each of their lines."""
    return person(
        "rin", yomi="りん", role="染め物", organisation="河岸の工房", ask_me="藍の育て方", want_to_learn="帳簿",
        working_towards="店を持つ", one_line="青い手です", phone="090-0000-0001", industry="E", occupation="make",
        name_level=6, one_line_level=6, role_level=5, ask_me_level=4, want_to_learn_level=3, phone_level=2,
        working_towards_level=1, organisation_level=0, industry_level=0, occupation_level=5,
        photo="photos/rin.jpg", photo_level=4,
    )  # fmt: skip


def seen(viewer: Member | AnonymousUser, code: str) -> list[str]:
    """Which of the lines that are filled this reader gets."""
    found = Member.objects.seen_by(viewer).get(code=code)
    return sorted(line.name for line in LINES if any(getattr(found, column) for column in line.columns))


PUBLIC = ["name", "one_line"]
ANY = sorted([*PUBLIC, "role", "occupation"])


def test_each_step_sees_what_is_meant_for_it_and_all_that_is_wider(
    rin, kosuke, hana, mallory, series, make_session
) -> None:
    Membership.objects.create(series=series, member=rin)
    assert seen(AnonymousUser(), rin.code) == PUBLIC
    assert seen(mallory, rin.code) == ANY
    assert seen(hana, rin.code) == sorted([*ANY, "ask_me", "photo"])
    closed = make_session(starts_at=timezone.now() - timedelta(days=1), roster_closed_at=timezone.now())
    Attendance.objects.bulk_create(Attendance(session=closed, member=one) for one in (rin, mallory))
    assert seen(mallory, rin.code) == sorted([*ANY, "ask_me", "photo", "want_to_learn"])
    near = ["ask_me", "photo", "want_to_learn", "phone", "working_towards"]
    assert seen(kosuke, rin.code) == sorted([*ANY, *near])
    assert seen(rin, rin.code) == sorted(line.name for line in LINES if line.name not in {"links", "line_id", "hours"})


def test_an_open_list_and_an_absence_make_nobody_near(rin, mallory, make_session) -> None:
    open_ = make_session(starts_at=timezone.now() - timedelta(days=1))
    Attendance.objects.bulk_create(Attendance(session=open_, member=one) for one in (rin, mallory))
    missed = make_session(starts_at=timezone.now() - timedelta(days=2), roster_closed_at=timezone.now())
    Attendance.objects.create(session=missed, member=rin)
    Attendance.objects.create(session=missed, member=mallory, status="absent")
    assert seen(mallory, rin.code) == ANY


def test_whose_name_is_not_for_a_reader_is_not_there_nor_counted(rin, mallory) -> None:
    Member.objects.filter(pk=rin.pk).update(name_level=Level.SERIES)
    found = Member.objects.seen_by(mallory).filter(code=rin.code)
    assert (found.count(), list(found)) == (0, [])


def test_somebody_as_seen_cannot_be_saved(rin, mallory) -> None:
    found = Member.objects.seen_by(mallory).get(code=rin.code)
    for one in (found, rin.as_seen_at(Level.MEMBERS)):
        with pytest.raises(RuntimeError):
            one.save()
    rin.refresh_from_db()
    assert rin.phone == "090-0000-0001"


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_the_database_itself_holds_each_line_within_its_bounds(rin, line) -> None:
    for level in (line.narrowest - 1, line.widest + 1):
        if level >= 0:
            with pytest.raises(IntegrityError), transaction.atomic():
                Member.objects.filter(pk=rin.pk).update(**{line.level: level})
    assert {one.widest for one in CONTACT} == {Level.CARDS}


# Finding


@pytest.mark.parametrize("words", ["染め物", "ｿﾒﾓﾉ ", "rin", "リン", "りん", "Rin 染め"])
def test_what_one_may_read_is_found_however_it_is_written(rin, mallory, words: str) -> None:
    Member.objects.filter(pk=rin.pk).update(role="染め物、そめもの")
    assert [one.name for one in Member.objects.seen_by(mallory).saying(words)] == ["rin"]


@pytest.mark.parametrize("words", ["藍", "帳簿", "河岸", "店を持つ", "090-0000-0001", "rin 藍"])
def test_what_one_may_not_read_finds_nobody(rin, mallory, words: str) -> None:
    found = Member.objects.seen_by(mallory).saying(words)
    assert (found.count(), list(found)) == (0, [])


def test_a_percent_sign_is_a_character(rin, mallory) -> None:
    assert [Member.objects.seen_by(mallory).saying(words).count() for words in ("%", "_", "\\")] == [0, 0, 0]


@pytest.mark.parametrize("number", [1, 30])
def test_a_list_is_one_statement(person, mallory, number: int, django_assert_num_queries) -> None:
    Member.objects.update(name_level=Level.HOSTS)
    for n in range(number):
        person(f"member{n}", name_level=Level.MEMBERS)
    with django_assert_num_queries(1):
        assert len(Member.objects.seen_by(mallory).exclude(pk=mallory.pk).saying("member")) == number


# The pages


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_the_preview_shows_each_reader_what_they_would_read(rin) -> None:
    lines = {"role": "染め物", "ask_me": "藍の育て方", "want_to_learn": "帳簿", "phone": "090-0000-0001", "name": "rin"}
    shown = {}
    for level in Level:
        page = (
            of(rin)
            .get(f"/profile/preview/?as={level.value}")
            .content.decode()
            .split("<article")[1]
            .split("</article")[0]
        )
        shown[level.value] = [name for name, text in lines.items() if text in page]
    everything = list(lines)
    assert shown == {
        0: ["role", "ask_me", "want_to_learn", "name"],  # no such preview: the same morning is shown
        1: everything,
        2: everything,
        3: ["role", "ask_me", "want_to_learn", "name"],
        4: ["role", "ask_me", "name"],
        5: ["role", "name"],
        6: ["name"],
    }


def test_only_whose_name_is_public_has_a_page_outside(rin, hana) -> None:
    page = Client().get(rin.get_absolute_url())
    text = page.content.decode()
    assert (page.status_code, "青い手です" in text, "染め物" in text, "noindex" in text) == (200, True, False, True)
    hidden, missing = Client().get(hana.get_absolute_url()), Client().get("/members/aaaaaaaaaa/")
    assert [(one.status_code, one["Location"].split("?")[0]) for one in (hidden, missing)] == [
        (302, "/accounts/login/"),
        (302, "/accounts/login/"),
    ]


FORM = {"name": "凛", "yomi": "りん", "industry": "E"}


def test_a_new_profile_is_for_hosts_and_contact_for_nobody(db) -> None:
    member = Member.objects.create_user("new@example.com")
    of(member).post("/profile/", FORM)
    member.refresh_from_db()
    narrow = {line.level: int(Level.NOBODY if line in CONTACT else Level.HOSTS) for line in LINES}
    assert {name: getattr(member, name) for name in narrow} == narrow


def test_all_but_the_contact_is_set_at_once_and_nothing_is_saved_by_it(hana) -> None:
    contact = {line.level: "0" for line in CONTACT}
    response = of(hana).post("/profile/", FORM | contact | {"role": "まだ保存しない", "preset": "3"})
    form = response.context["form"]
    chosen = {line.name: str(form[line.level].value()) for line in LINES}
    wide = {line.name: "3" for line in LINES if line not in CONTACT} | {line.name: "0" for line in CONTACT}
    assert (response.status_code, chosen, form["role"].value()) == (200, wide, "まだ保存しない")
    hana.refresh_from_db()
    assert hana.role == "食品の流通"


def test_public_lines_are_consents_that_can_be_taken_back(hana) -> None:
    client = of(hana)
    client.post("/profile/", FORM | {"name_level": "6", "one_line_level": "6"})
    client.post("/profile/", FORM | {"name_level": "6", "one_line_level": "5"})
    said = {one.kind: one.withdrawn_at is None for one in Consent.objects.filter(member=hana)}
    assert said == {"public_name": True, "public_line": False}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("phone_level", "3"),
        ("role_level", "6"),
        ("name_level", "0"),
        ("phone", "03-0000-0000 内線三"),
        ("links", "javascript:alert(1)"),
        ("links", "https://a.example https://b.example https://c.example https://d.example"),
    ],
)
def test_what_goes_too_far_is_refused_and_nothing_typed_is_lost(hana, field: str, typed: str) -> None:
    response = of(hana).post("/profile/", FORM | {"role": "書いたまま", field: typed})
    form = response.context["form"]
    assert (list(form.errors), form["role"].value(), form[field].value()) == ([field], "書いたまま", typed)
    assert all_at(Level.PUBLIC)["phone_level"] == Level.CARDS
