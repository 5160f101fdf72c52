"""How much one person may send: asked by every form that takes a file, counted over every model that keeps one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from events.models import HostPhoto, Series, Session
from members import personal_data, quota
from members.models import Member
from members.personal_data import file_columns
from members.quota import kept_of
from members.sending import SendingForm
from records.keepsakes import Handout
from speakers.models import Speaker
from tests.records.photos import kept, photo

NOW = timezone.now()
MONTH_AGO = NOW - timedelta(days=31)
SAYS = "この30日に送られたものが、これで合わせて200 MBを超えます"

pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture
def morning(make_session: Callable[..., Session]) -> Session:
    return make_session(starts_at=NOW - timedelta(days=14), number=12)


def sent_already(morning: Session, actor: Member, megabytes: float, at: object = NOW) -> Handout:
    """A file of that size lies there; the disk keeps nothing of its zeros."""
    row = Handout.objects.add(morning, ContentFile(b"", "a.pdf"), title="x", audience="came", now=at, actor=actor)
    with Path(row.file.path).open("r+b") as file:
        file.truncate(int(megabytes * 1_000_000))
    return row


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("talk.pdf", b"%PDF-1.7 slides")


def table() -> SimpleUploadedFile:
    return SimpleUploadedFile("past.csv", "日付,題\n2026-01-08,本の話\n".encode())


PLACE = {"name": "食堂つばめ", "map_url": "maps.example.com/x", "provisional_days": "6", "final_days": "1"}
PLACE |= {"final_at": "15:00", "spare_covers": "2", "late_amount": "1500", "cover_amount": "1200", "room_amount": "0"}
FORMS = {
    "/sessions/{session}/pictures/kept/": lambda: {"photos": photo(), "audience": "came", "looked": "on", "send": "1"},
    "/sessions/{session}/handouts/kept/": lambda: {"file": pdf(), "title": "席の図", "audience": "came", "send": "1"},
    "/places/new/": lambda: PLACE | {"photo": photo()},
    "/places/me/": lambda: {"photo": photo()},
    "/guests/{speaker}/face/": lambda: {"photo": photo()},
    "/guests/{speaker}/books/": lambda: {"title": "値札のない朝", "cover": photo()},
    "/profile/": lambda: {"name": "耕介", "industry": "E", "photo": photo()},
    "/series/{series}/imports/": lambda: {"file": table()},
}


@pytest.mark.parametrize("place", FORMS)
def test_each_form_takes_what_fits_and_no_more(
    client: Client, morning: Session, kosuke: Member, sato: Speaker, series: Series, place: str
) -> None:
    url = place.format(session=morning.code, speaker=sato.code, series=series.slug)
    client.force_login(kosuke)
    full = sent_already(morning, kosuke, 199.99999)
    refused = client.post(url, FORMS[place]())
    full.remove(now=NOW, actor=kosuke)
    Path(full.file.path).unlink(missing_ok=True)
    taken = client.post(url, FORMS[place]())
    assert (refused.status_code, SAYS in refused.content.decode(), taken.status_code) == (422, True, 302)


@pytest.mark.parametrize("place", FORMS)
def test_where_the_disk_is_full_it_is_said_beside_the_field_and_nothing_is_kept(
    client: Client, morning: Session, kosuke: Member, sato: Speaker, series: Series, media: Path, place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(quota, "MEGABYTES_SPARED", 10**9)
    client.force_login(kosuke)
    answer = client.post(place.format(session=morning.code, speaker=sato.code, series=series.slug), FORMS[place]())
    said = "サーバーの容量に空きがない" in answer.content.decode()
    assert (answer.status_code, said, list(media.rglob("*.*"))) == (422, True, [])


def test_what_was_typed_beside_it_stays(client: Client, morning: Session, kosuke: Member) -> None:
    client.force_login(kosuke)
    sent_already(morning, kosuke, 200)
    page = client.post(f"/sessions/{morning.code}/handouts/kept/", FORMS["/sessions/{session}/handouts/kept/"]())
    assert 'value="席の図"' in page.content.decode()


def test_it_counts_whatever_one_has_sent_and_nobody_elses(morning: Session, kosuke: Member, hana: Member) -> None:
    sent_already(morning, kosuke, 3)
    sent_already(morning, hana, 5)
    picture = kept(morning, kosuke)
    HostPhoto.give(kosuke, ContentFile(b"x" * 70), now=MONTH_AGO)
    since = NOW - timedelta(days=30)
    assert kept_of(kosuke, since=since) == 3_000_000 + picture.file.size + picture.small.size + 70
    assert kept_of(hana, since=since) == 5_000_000


def test_what_a_month_has_passed_over_counts_no_more(client: Client, morning: Session, kosuke: Member) -> None:
    sent_already(morning, kosuke, 200, at=MONTH_AGO)
    client.force_login(kosuke)
    answer = client.post(f"/sessions/{morning.code}/handouts/kept/", FORMS["/sessions/{session}/handouts/kept/"]())
    assert answer.status_code == 302


def test_a_file_that_is_gone_from_the_disk_counts_nothing(morning: Session, kosuke: Member) -> None:
    Path(sent_already(morning, kosuke, 1).file.path).unlink()
    assert kept_of(kosuke, since=MONTH_AGO) == 0


def all_forms(of: type = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for one in of.__subclasses__():
        yield one
        yield from all_forms(one)


def test_every_form_that_takes_a_file_asks() -> None:
    assert get_resolver().url_patterns  # all of them are loaded
    takes = {
        one
        for one in all_forms()
        if not one.__module__.startswith(("django.", "allauth.", "tests."))
        and any(isinstance(field, forms.FileField) for field in getattr(one, "base_fields", {}).values())
    }
    assert {one.__name__ for one in takes if not issubclass(one, SendingForm)} == set()
    assert len(takes) >= 8


# What the site itself makes, and forgets again after days.
MADE_HERE = {"members.DataExport", "archive.ClubExport"}
# One picture each, made small: a room's door, a guest's face, a book's cover are the club's.
OF_THE_CLUB = {"events.Venue", "speakers.Speaker", "speakers.Book"}


def test_every_model_that_keeps_a_file_says_whose_it_is() -> None:
    keeps = {model._meta.label for model in apps.get_models() if file_columns(model)}
    counted = {policy.model for policy in personal_data.policies() if policy.sends}
    assert (keeps - counted, counted - keeps) == (MADE_HERE | OF_THE_CLUB, set())
