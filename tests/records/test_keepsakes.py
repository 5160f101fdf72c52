"""Photos and files of a morning: who sees them, who has one hidden, and what is kept of what was sent."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from events.models import Attendance, Rsvp, Session
from events.models.asked import Details
from members.models import Activity, Member
from records.keepsakes import Audience, Handout, Picture
from records.markdown import html
from records.models import Report
from tests.events.pages import text
from tests.records.photos import kept, photo

NOW = timezone.now()


pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture
def morning(make_session: Callable[..., Session], hana: Member) -> Session:
    """Two weeks ago; hana came."""
    session = make_session(starts_at=NOW - timedelta(days=14), number=12)
    Attendance.objects.create(session=session, member=hana)
    return session


def slides(name: str = "talk.pdf", content: bytes = b"%PDF-1.7 slides") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(client: Client, session: Session, *sent: SimpleUploadedFile, **more: Any) -> Any:
    values = {"photos": list(sent), "audience": "came", "looked": "on", "send": "1"} | more
    return client.post(f"/sessions/{session.code}/pictures/kept/", values)


def test_a_host_sends_photos_and_only_the_picture_is_kept(client: Client, morning: Session, kosuke: Member) -> None:
    client.force_login(kosuke)
    assert send(client, morning, photo(), photo("teal", (600, 900))).status_code == 302
    first, second = Picture.objects.order_by("pk")
    assert [(one.width, one.height) for one in (first, second)] == [(1200, 800), (600, 900)]
    with first.file.open() as file, first.small.open() as thumb, Image.open(file) as large, Image.open(thumb) as small:
        assert (large.size, small.size, dict(large.getexif())) == ((1200, 800), (480, 320), {})
    assert b"camera" not in client.get(f"/pictures/{first.code}/").getvalue()
    assert list(Activity.objects.values_list("verb", "detail")) == [("picture.add", {"photos": 2})]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ([SimpleUploadedFile("x.jpg", b"no picture")], "写真として読めません"),
        ([], "ここがまだ空いています。ご記入ください。"),
        ([photo("navy", (2, 2)) for _ in range(13)], "一度に載せられるのは12枚まで"),
    ],
)
def test_what_cannot_be_kept_is_said(
    client: Client, morning: Session, kosuke: Member, sent: list[SimpleUploadedFile], says: str
) -> None:
    client.force_login(kosuke)
    answer = send(client, morning, *sent)
    assert (answer.status_code, says in answer.content.decode(), Picture.objects.count()) == (422, True, 0)


def test_who_would_rather_not_be_in_pictures_is_named_and_has_to_be_looked_for(
    client: Client, morning: Session, kosuke: Member, hana: Member
) -> None:
    rsvp = Rsvp.objects.create(session=morning, member=hana, partstat="ACCEPTED")
    Details.objects.create(rsvp=rsvp, no_pictures=True)
    client.force_login(kosuke)
    page = text(client, f"/sessions/{morning.code}/pictures/kept/")
    assert "写真に写りたくない方:</b></p><p>hana" in page
    assert send(client, morning, photo(), looked="").status_code == 422


@pytest.mark.parametrize(
    ("audience", "published", "seen"),
    [
        ("came", False, "hana kosuke"),
        ("came", True, "hana kosuke"),
        ("members", False, "hana kosuke"),
        ("members", True, "hana kosuke mallory"),
        ("public", False, "hana kosuke"),
        ("public", True, "nobody hana kosuke mallory"),
    ],
)
def test_a_photo_goes_as_far_as_its_host_chose_and_no_further_than_the_report(
    client: Client,
    morning: Session,
    kosuke: Member,
    hana: Member,
    mallory: Member,
    audience: str,
    published: bool,
    seen: str,
) -> None:
    row = kept(morning, kosuke, audience)
    Report.objects.create(session=morning, body="朝", published_at=NOW if published else None)
    readers = {"nobody": None, "hana": hana, "kosuke": kosuke, "mallory": mallory}
    found = {}
    for name, member in readers.items():
        client.logout()
        if member:
            client.force_login(member)
        addresses = [
            f"/pictures/{row.code}/",
            f"/pictures/{row.code}/small/",
            f"/sessions/{morning.code}/pictures/",
        ]
        found[name] = {client.get(address).status_code for address in addresses}
        assert (f"/pictures/{row.code}/small/" in text(client, f"/sessions/{morning.code}/")) == (found[name] == {200})
    assert found == {name: {200} if name in seen.split() else {404} for name in readers}


def test_whoever_came_hides_a_photo_from_everybody_at_once_and_for_good(
    client: Client, morning: Session, kosuke: Member, hana: Member, mallory: Member
) -> None:
    row = kept(morning, kosuke, Audience.PUBLIC)
    Report.objects.create(session=morning, body="朝", published_at=NOW)
    client.force_login(mallory)
    assert client.post(f"/pictures/{row.code}/hiding/").status_code == 404
    client.force_login(hana)
    assert client.get(f"/pictures/{row.code}/hiding/").status_code == 405
    assert client.post(f"/pictures/{row.code}/hiding/").status_code == 302
    assert client.post(f"/pictures/{row.code}/hiding/").status_code == 404
    row.refresh_from_db()
    assert (row.hidden_by, row.hidden_at is not None) == (hana, True)
    client.force_login(kosuke)
    assert client.get(f"/pictures/{row.code}/").status_code == 404
    page = text(client, f"/sessions/{morning.code}/pictures/kept/")
    assert ("来た方が1枚を隠しました。" in page, "hana" in page, row.code in page) == (True, False, False)


def test_a_host_says_what_it_shows_and_takes_it_away_with_its_files(
    client: Client, morning: Session, kosuke: Member, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = kept(morning, kosuke), kept(morning, kosuke)
    client.force_login(kosuke)
    values = {
        "form-TOTAL_FORMS": 2,
        "form-INITIAL_FORMS": 2,
        "keep": "1",
        **{f"form-0-{name}": value for name, value in {"id": first.pk, "caption": "窓", "audience": "public"}.items()},
        **{f"form-1-{name}": value for name, value in {"id": second.pk, "audience": "came", "DELETE": "on"}.items()},
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/sessions/{morning.code}/pictures/kept/", values).status_code == 302
    assert list(Picture.objects.values_list("caption", "audience")) == [("窓", "public")]
    verbs = [one.verb for one in Activity.objects.order_by("pk")]
    assert verbs == ["picture.add", "picture.add", "picture.describe", "picture.remove"]
    before = morning.changed_at
    morning.refresh_from_db()
    assert morning.changed_at > before  # a page that was looked at before is out of date
    assert Activity.objects.filter(verb="picture.remove", target=f"session:{morning.code}", actor=kosuke).count() == 1
    assert [second.file.storage.exists(one.name) for one in (second.file, second.small, first.file)] == [
        False,
        False,
        True,
    ]


def test_a_photo_stands_in_the_report_for_whoever_may_see_it(client: Client, morning: Session, kosuke: Member) -> None:
    row = kept(morning, kosuke, Audience.MEMBERS)
    other = kept(morning, kosuke)
    body = f"朝\n\n![窓の外]({row.code})\n\n![無い](zzzzzzzzzz) ![x](https://evil.example/x.png)"
    shown = html(body, [row])
    image = f'<p><img src="/pictures/{row.code}/" width="1200" height="800" alt="" loading="lazy"></p>'
    assert shown == f"<p>朝</p>\n{image}\n<p>無い x</p>\n"
    assert html(f"![x]({other.code})", [row]) == "<p>x</p>\n"
    Report.objects.create(session=morning, body=body, published_at=NOW)
    page = text(client, f"/sessions/{morning.code}/")
    assert (row.code in page, "窓の外" in page) == (False, True)


def test_a_file_is_given_to_keep_under_its_title(
    client: Client, morning: Session, kosuke: Member, hana: Member
) -> None:
    client.force_login(kosuke)
    values = {"file": slides(), "title": "値札/の話", "audience": "came", "send": "1"}
    assert client.post(f"/sessions/{morning.code}/handouts/kept/", values).status_code == 302
    row = Handout.objects.get()
    client.force_login(hana)
    assert "値札/の話</a> <span" in text(client, f"/sessions/{morning.code}/")
    answer = client.get(f"/handouts/{row.code}/")
    assert (answer.getvalue(), answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        b"%PDF-1.7 slides",
        "application/octet-stream",
        "nosniff",
    )
    assert answer["Content-Disposition"] == ("attachment; filename*=UTF-8''%E5%80%A4%E6%9C%AD%2F%E3%81%AE%E8%A9%B1.pdf")
    client.logout()
    assert client.get(f"/handouts/{row.code}/").status_code == 404


def _zip() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as pack:
        pack.writestr("slide.xml", "x")
    return body.getvalue()


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (slides("talk.pptx", _zip()), 302),
        (slides("talk.PDF"), 302),
        (slides("talk.html", b"<script>"), 422),
        (slides("talk.pdf", b"<script>"), 422),
        (slides("talk.pptx", b"PK\x03\x04 nothing"), 422),
        (slides("talk.svg", b"<svg onload=x>"), 422),
    ],
)
def test_only_what_is_slides_is_kept(
    client: Client, morning: Session, kosuke: Member, file: SimpleUploadedFile, status: int
) -> None:
    client.force_login(kosuke)
    values = {"file": file, "title": "話", "audience": "came", "send": "1"}
    assert client.post(f"/sessions/{morning.code}/handouts/kept/", values).status_code == status


@pytest.mark.parametrize("photos", [1, 30])
def test_a_past_morning_costs_the_same_with_many_photos(
    client: Client, morning: Session, kosuke: Member, django_assert_num_queries: Any, photos: int
) -> None:
    for _ in range(photos):
        Picture.objects.create(
            session=morning, file="photos/x.jpg", small="photos/y.jpg", width=3, height=2, audience="public"
        )
    Report.objects.create(session=morning, body="朝", published_at=NOW)
    client.get(f"/sessions/{morning.code}/")
    with django_assert_num_queries(8):
        assert client.get(f"/sessions/{morning.code}/").status_code == 200
    with django_assert_num_queries(2):
        assert client.get(f"/sessions/{morning.code}/pictures/").status_code == 200
