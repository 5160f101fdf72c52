"""The photo of a guest: sent on the private page, written anew, shown where the guest is, taken away again."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from events.models import Session
from invitations import shelf
from invitations.models import Invitation
from members import photos
from members.models import Activity, Member
from speakers.forms import SpeakerForm
from speakers.models import Speaker
from tests.events.pages import text
from tests.invitations.test_letter_page import path
from tests.records.photos import photo

NOW = timezone.now


pytestmark = pytest.mark.usefixtures("media")


def page(invitation: Invitation) -> str:
    return f"/letters/{invitation.code}/"


def send(client: Client, invitation: Invitation, **files: Any) -> int:
    return client.post(page(invitation), {"part": "face", **files}).status_code


def test_a_photo_is_kept_without_what_the_camera_wrote(sent: Invitation, guest: Client, media: Path) -> None:
    assert send(guest, sent, photo=photo()) == 302
    stored = (media / Speaker.objects.get().photo.name).read_bytes()
    assert (stored[:3], b"A camera of Ken" in stored) == (b"\xff\xd8\xff", False)
    seen = guest.get(f"/letters/{sent.code}/face/")
    assert (seen.status_code, seen.content, seen["Referrer-Policy"]) == (200, stored, "no-referrer")
    assert Activity.objects.latest("pk").verb == "invitation.show_face"


def test_the_link_of_the_mail_shows_it_too_and_no_other_link_does(sent: Invitation, guest: Client) -> None:
    send(guest, sent, photo=photo())
    addresses = [f"{path(sent)}face/", f"/letters/{sent.code}/wrong/face/", f"/letters/{sent.code}/face/"]
    assert [Client().get(address).status_code for address in addresses] == [200, 404, 404]


def test_another_photo_takes_the_place_of_the_first_and_one_can_be_taken_away(
    sent: Invitation, guest: Client, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        send(guest, sent, photo=photo("navy"))
        send(guest, sent, photo=photo("maroon"))
    assert len(list((media / "photos").iterdir())) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert send(guest, sent, gone="1") == 302
    assert (list((media / "photos").iterdir()), Speaker.objects.get().photo_url) == ([], "")
    assert guest.get(f"/letters/{sent.code}/face/").status_code == 404


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("photo.jpg", b"not a photo at all", "写真として読めません"),
        ("photo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "写真として読めません"),
    ],
)
def test_what_is_no_photo_is_refused_and_the_old_one_stays(
    sent: Invitation, guest: Client, name: str, body: bytes, said: str
) -> None:
    send(guest, sent, photo=photo())
    before = Speaker.objects.get().photo.name
    answer = guest.post(page(sent), {"part": "face", "photo": SimpleUploadedFile(name, body, "image/jpeg")})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert Speaker.objects.get().photo.name == before


def test_nothing_sent_is_said_so(sent: Invitation, guest: Client) -> None:
    assert send(guest, sent) == 422


def test_it_is_seen_with_the_announced_morning_and_not_before(
    sent: Invitation, guest: Client, session: Session, hana: Member
) -> None:
    send(guest, sent, photo=photo())
    speaker = Speaker.objects.get()
    client = Client()
    client.force_login(hana)
    assert f'src="{speaker.photo_url}"' in text(client, session.get_absolute_url())
    assert f'src="{speaker.photo_url}"' in text(client, speaker.get_absolute_url())
    assert client.get(speaker.photo_url)["Content-Type"] == "image/jpeg"
    Session.objects.update(published_at=None)
    assert client.get(speaker.photo_url).status_code == 404


def test_a_host_keeps_the_photo_as_well(sent: Invitation, kosuke: Member, session: Session) -> None:
    client = Client()
    client.force_login(kosuke)
    speaker = sent.speaker
    before = Session.objects.get().changed_at
    sent.accept(how="link", now=NOW())
    address = f"/guests/{speaker.code}/face/"
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"photo": photo()}).status_code == 302
    speaker.refresh_from_db()
    assert f'src="{speaker.photo_url}"' in client.get(f"/guests/{speaker.code}/edit/").content.decode()
    assert Session.objects.get().changed_at > before
    assert client.post(address, {"gone": "1"}).status_code == 302
    assert [row.verb for row in Activity.objects.filter(target=f"speaker:{speaker.code}")] == ["speaker.face"] * 2


def test_links_stand_on_the_guests_page_and_only_whole_ones(sent: Invitation, guest: Client, hana: Member) -> None:
    told = {"part": "about", "title": "", "yomi": "", "romaji": "", "bio": "", "food": "", "arrival": ""}
    refused = guest.post(page(sent), told | {"links": "javascript:alert(1)", "bio": "夜明け前に三十年。"})
    assert (refused.status_code, "夜明け前に三十年。" in refused.content.decode()) == (422, True)
    assert guest.post(page(sent), told | {"links": "https://example.com/sato"}).status_code == 302
    client = Client()
    client.force_login(hana)
    assert 'href="https://example.com/sato" rel="noopener noreferrer nofollow"' in text(
        client, sent.speaker.get_absolute_url()
    )


def test_a_guest_who_has_become_a_member_is_linked_by_a_host(sent: Invitation, kosuke: Member, ken: Member) -> None:
    client = Client()
    client.force_login(kosuke)
    told = {"name": "佐藤 朝子", "honorific": "sensei", "language": "ja", "email": "sato@example.com"}
    assert client.post(f"/guests/{sent.speaker.code}/edit/", told | {"member": str(ken.pk)}).status_code == 302
    assert Speaker.objects.get().member == ken


def test_two_who_give_a_photo_at_once_leave_no_file_behind(
    sent: Invitation, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """Host and guest have both read the row before either is done."""
    seen = [Speaker.objects.get() for _ in range(2)]
    for row, color in zip(seen, ("navy", "maroon"), strict=True):
        with django_capture_on_commit_callbacks(execute=True):
            photos.put(row, "photo", ContentFile(photo(color).read()))
    assert [one.name for one in (media / "photos").iterdir()] == [
        Speaker.objects.get().photo.name.removeprefix("photos/")
    ]


def test_a_host_who_corrects_the_record_leaves_the_photo_given_meanwhile(
    sent: Invitation, guest: Client, kosuke: Member, now: datetime
) -> None:
    told = {"name": "佐藤 朝子", "honorific": "sensei", "language": "ja", "bio": "夜明け前に三十年。"}
    form = SpeakerForm(told, instance=Speaker.objects.get())
    assert (form.is_valid(), send(guest, sent, photo=photo())) == (True, 302)
    shelf.correct(form.instance, form.Meta.fields, now=now, actor=kosuke)
    found = Speaker.objects.get()
    assert (bool(found.photo), found.bio) == (True, told["bio"])
