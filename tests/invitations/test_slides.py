"""Slides of a guest: sent on the private page, seen by hosts now, by others from the morning on as far as each goes."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from events.models import Attendance, Session
from invitations.models import Invitation
from members.models import Activity, Member
from records.keepsakes import Handout
from tests.invitations.test_letter_page import path

NOW = timezone.now
PDF = b"%PDF-1.7\n%%EOF"


pytestmark = pytest.mark.usefixtures("media")


def send(
    client: Client, invitation: Invitation, name: str = "talk.pdf", body: bytes = PDF, **told: str
) -> tuple[int, str]:
    file = SimpleUploadedFile(name, body)
    words = {"part": "slides", "title": "帳場の三十年", "audience": "came"} | told
    response = client.post(f"/letters/{invitation.code}/", words | {"file": file})
    return response.status_code, response.content.decode()


def status(client: Client, url: str) -> int:
    """Of the answer, read to its end: the file is closed then."""
    response = client.get(url)
    assert response.getvalue()
    return response.status_code


def as_member(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def deck() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return body.getvalue()


@pytest.mark.parametrize(("name", "body"), [("talk.pdf", PDF), ("talk.pptx", deck())])
def test_slides_are_kept_and_the_guest_can_look_at_them(
    sent: Invitation, guest: Client, name: str, body: bytes
) -> None:
    assert send(guest, sent, name, body)[0] == 302
    handout = Handout.objects.get()
    assert (handout.speaker, handout.added_by, handout.audience) == (sent.speaker, None, "came")
    seen = guest.get(f"/letters/{sent.code}/slides/{handout.code}/")
    assert (seen.getvalue(), seen["Referrer-Policy"]) == (body, "no-referrer")
    assert status(Client(), f"{path(sent)}slides/{handout.code}/") == 200
    assert status(Client(), f"/letters/{sent.code}/slides/{handout.code}/") == 404
    assert Activity.objects.latest("pk").verb == "handout.receive"


@pytest.mark.parametrize(
    ("name", "body", "told", "said"),
    [
        ("talk.pdf", b"not a pdf", {}, "保存できるPDFやスライドではありません"),
        ("talk.exe", PDF, {}, "保存できるPDFやスライドではありません"),
        ("talk.pdf", PDF, {"title": ""}, "必ず入力"),
        ("talk.pdf", PDF, {"audience": "hosts"}, "hosts"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_words_stay(
    sent: Invitation, guest: Client, name: str, body: bytes, told: dict[str, str], said: str
) -> None:
    status, page = send(guest, sent, name, body, **told)
    title = told.get("title", "帳場の三十年")
    assert (status, f'value="{title}"' in page or not title, Handout.objects.exists()) == (422, True, False), said


def test_four_are_enough(sent: Invitation, guest: Client) -> None:
    seen = [send(guest, sent)[0] for _n in range(5)]
    assert (seen, Handout.objects.count()) == ([302, 302, 302, 302, 422], 4)


@pytest.mark.parametrize(
    ("audience", "before", "after"),
    [
        ("came", [404, 404, 404, 200], [404, 404, 200, 200]),
        ("members", [404, 404, 404, 200], [404, 200, 200, 200]),
        ("public", [404, 404, 404, 200], [200, 200, 200, 200]),
    ],
)
def test_who_reads_them_and_from_when(
    sent: Invitation, guest: Client, hana: Member, ken: Member, kosuke: Member, audience, before, after
) -> None:
    send(guest, sent, audience=audience)
    url = Handout.objects.get().get_absolute_url()
    Attendance.objects.create(session=sent.session, member=hana)
    readers = [Client(), as_member(ken), as_member(hana), as_member(kosuke)]
    assert [status(reader, url) for reader in readers] == before
    Session.objects.update(starts_at=NOW() - timedelta(hours=2), ends_at=NOW() - timedelta(hours=1))
    assert [status(reader, url) for reader in readers] == after


def test_the_guest_takes_back_their_own_and_no_other(
    sent: Invitation, guest: Client, kosuke: Member, media: Path, django_capture_on_commit_callbacks
) -> None:
    send(guest, sent)
    mine = Handout.objects.get()
    file = SimpleUploadedFile("menu.pdf", PDF)
    theirs = Handout.objects.add(sent.session, file, title="献立", audience="came", now=NOW(), actor=kosuke)
    url = f"/letters/{sent.code}/"
    assert guest.post(url, {"part": "slide", "handout": theirs.code}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert guest.post(url, {"part": "slide", "handout": mine.code}).status_code == 302
    assert (list(Handout.objects.all()), len(list((media / "handouts").iterdir()))) == ([theirs], 1)
    assert status(guest, f"{url}slides/{theirs.code}/") == 404
    assert Activity.objects.latest("pk").verb == "handout.take_back"


def test_who_has_not_accepted_sends_nothing(sent: Invitation) -> None:
    file = SimpleUploadedFile("talk.pdf", PDF)
    told = {"part": "slides", "title": "帳場", "audience": "came", "file": file}
    assert (Client().post(path(sent), told).status_code, Handout.objects.count()) == (422, 0)


def test_after_the_morning_slides_can_still_be_sent(sent: Invitation, guest: Client) -> None:
    Session.objects.update(starts_at=NOW() - timedelta(days=2), ends_at=NOW() - timedelta(days=2))
    assert "帳場の三十年" not in guest.get(f"/letters/{sent.code}/").content.decode()
    assert send(guest, sent)[0] == 302
    assert "帳場の三十年" in guest.get(f"/letters/{sent.code}/").content.decode()
