"""The cover of a book: given by its author or by a host, shown wherever the book is, taken away again."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from events.models import Series, Session
from invitations import shelf
from invitations.models import Invitation
from members.models import Activity, Member
from speakers.models import Book, Speaker
from tests.invitations.test_letter_page import path
from tests.records.photos import photo

pytestmark = pytest.mark.usefixtures("media")
COVER = (300, 444)
TOLD = {"title": "夜明けの帳場", "publisher": "ひばり書林", "isbn": ""}


def sent_by_guest(client: Client, invitation: Invitation, **told: Any) -> Any:
    return client.post(f"/letters/{invitation.code}/", {"part": "book"} | TOLD | told)


def kept(speaker: Speaker, color: str = "teal") -> Book:
    """The book of the cast, with a cover."""
    picture = photo(color, COVER)
    return shelf.keep(speaker, shelf.Told(**TOLD, cover=picture), now=timezone.now())


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def shown(book: Book) -> str:
    picture = book.picture
    assert picture is not None
    return f'src="{picture.url}" width="{picture.width}" height="{picture.height}"'


def test_an_author_gives_a_cover_to_a_book_that_is_there(sent: Invitation, guest: Client, media: Path) -> None:
    book = Book.objects.get()
    answer = sent_by_guest(guest, sent, which=book.code, cover=photo("teal", (2000, 2960)))
    assert (answer.status_code, answer["Location"]) == (302, f"/letters/{sent.code}/#book")
    book.refresh_from_db()
    stored = (media / book.cover.name).read_bytes()
    assert (stored[:3], b"A camera of Ken" in stored) == (b"\xff\xd8\xff", False)
    picture = book.picture
    assert picture is not None
    assert (picture.width, picture.height) == (324, 480)
    assert re.fullmatch(rf"/books/{book.code}/[0-9a-f]{{32}}\.jpg", picture.url)


def test_the_guests_page_shows_it_by_its_own_address_and_no_other_link_does(sent: Invitation, guest: Client) -> None:
    book = kept(sent.speaker)
    (src,) = re.findall(r'src="([^"]+)"', page(guest, f"/letters/{sent.code}/").partition('id="book"')[2])
    assert src.startswith(f"/letters/{sent.code}/covers/{book.code}/?")
    by_link = page(Client(), path(sent)).partition('id="book"')[2]
    (relative,) = re.findall(r'src="([^"]+)"', by_link)
    assert relative.startswith(f"covers/{book.code}/?")
    addresses = [f"{path(sent)}{relative}", f"/letters/{sent.code}/wrong/{relative}", src]
    assert [Client().get(address).status_code for address in addresses] == [200, 404, 404]
    assert guest.get(src)["Referrer-Policy"] == "no-referrer"


def test_another_cover_takes_the_place_of_the_first_and_one_can_be_taken_away(
    sent: Invitation, guest: Client, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    book = Book.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        for color in ("navy", "maroon", "maroon"):
            assert sent_by_guest(guest, sent, which=book.code, cover=photo(color, COVER)).status_code == 302
    assert len(list((media / "covers").iterdir())) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert sent_by_guest(guest, sent, which=book.code, cover_gone="on").status_code == 302
    assert (list((media / "covers").iterdir()), Book.objects.get().picture) == ([], None)


def test_without_a_new_cover_the_old_one_stays(sent: Invitation, guest: Client) -> None:
    before = kept(sent.speaker).cover.name
    assert sent_by_guest(guest, sent, which=Book.objects.get().code, publisher="灯船社").status_code == 302
    book = Book.objects.get()
    assert (book.cover.name, book.publisher) == (before, "灯船社")


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("cover.jpg", b"not a picture at all", "写真として読めません"),
        ("cover.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "写真として読めません"),
        ("cover.jpg", photo("navy", (50, 400)).read(), "表紙としては小さすぎる画像です"),
    ],
)
def test_what_is_no_cover_is_refused_and_what_was_typed_stays(
    sent: Invitation, guest: Client, name: str, body: bytes, said: str
) -> None:
    before = kept(sent.speaker).cover.name
    told = {"which": Book.objects.get().code, "publisher": "書きかけの社名"}
    answer = sent_by_guest(guest, sent, **told, cover=SimpleUploadedFile(name, body, "image/jpeg"))
    text = answer.content.decode()
    assert (answer.status_code, said in text, 'value="書きかけの社名"' in text) == (422, True, True)
    assert Book.objects.get().cover.name == before


def test_a_cover_waits_in_the_form_while_the_number_beside_it_is_mistaken(sent: Invitation, guest: Client) -> None:
    told = {"title": "二冊目の朝", "isbn": "9784000000001"}
    refused = sent_by_guest(guest, sent, **told, cover=photo("teal", COVER))
    (held,) = re.findall(r'name="cover_held" value="([^"]+)"', refused.content.decode())
    assert (refused.status_code, Book.objects.count()) == (422, 1)
    again = sent_by_guest(guest, sent, **told, cover_held=held)
    assert re.findall(r'name="cover_held" value="[^"]+"', again.content.decode()) != []
    assert sent_by_guest(guest, sent, **(told | {"isbn": "9784000000000"}), cover_held=held).status_code == 302
    picture = Book.objects.get(title="二冊目の朝").picture
    assert picture is not None
    assert (picture.width, picture.height) == COVER


@pytest.mark.parametrize("held", ["x", "====", "aGVsbG8=", "\x00"])
def test_what_only_claims_to_have_waited_is_nothing(sent: Invitation, guest: Client, held: str) -> None:
    assert sent_by_guest(guest, sent, title="二冊目の朝", cover_held=held).status_code == 302
    assert Book.objects.get(title="二冊目の朝").picture is None


def test_a_book_of_somebody_else_is_not_found(sent: Invitation, guest: Client) -> None:
    other = Book.objects.create(speaker=Speaker.objects.create(name="別の方"), title="別の本")
    assert sent_by_guest(guest, sent, which=other.code, cover=photo("teal", COVER)).status_code == 404
    gone = guest.post(f"/letters/{sent.code}/", {"part": "book_gone", "which": other.code})
    assert (gone.status_code, Book.objects.count()) == (422, 2)


def test_a_mistaken_book_goes_and_the_book_of_a_morning_stays(
    sent: Invitation, guest: Client, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    sent_by_guest(guest, sent, title="まちがい", cover=photo("teal", COVER))
    mistaken, of_morning = Book.objects.get(title="まちがい"), Book.objects.get(title="夜明けの帳場")

    def take_back(book: Book) -> int:
        return guest.post(f"/letters/{sent.code}/", {"part": "book_gone", "which": book.code}).status_code

    with django_capture_on_commit_callbacks(execute=True):
        assert [take_back(of_morning), take_back(mistaken)] == [422, 302]
    assert (Book.objects.get(), list((media / "covers").iterdir())) == (of_morning, [])
    assert Activity.objects.latest("pk").verb == "invitation.take_book_back"


def test_a_talk_called_like_the_book_follows_its_new_title(sent: Invitation, guest: Client) -> None:
    book = Book.objects.get()
    book.talks.update(title=book.title)
    assert sent_by_guest(guest, sent, which=book.code, title="夜明けの帳場 改訂版").status_code == 302
    assert (book.talks.get().title, Book.objects.get().title) == ("夜明けの帳場 改訂版",) * 2
    assert sent_by_guest(guest, sent, title="別の題").status_code == 302
    refused = sent_by_guest(guest, sent, which=book.code, title="別の題")
    assert (refused.status_code, "同じ題名の本が、すでに棚にあります" in refused.content.decode()) == (422, True)


def test_it_is_seen_with_the_announced_morning_and_not_before(
    sent: Invitation, guest: Client, session: Session, hana: Member
) -> None:
    book = kept(sent.speaker)
    here = shown(book)
    url = book.picture.url if book.picture else ""
    addresses = ["/", "/books/", session.get_absolute_url(), sent.speaker.get_absolute_url()]
    assert [page(Client(), address).count(here) for address in addresses] == [1, 1, 1, 1]
    answer = Client().get(url)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "public, max-age=31536000, immutable")
    Session.objects.update(published_at=None)
    host = Client()
    host.force_login(session.series.memberships.hosts().get().member)
    member = Client()
    member.force_login(hana)
    assert [one.get(url).status_code for one in (Client(), member, host)] == [404, 404, 200]
    assert host.get(url)["Cache-Control"] == "private, max-age=300"


def test_of_a_closed_series_only_its_members_see_it_and_no_cache_keeps_it(
    sent: Invitation, guest: Client, series: Series, hana: Member, ken: Member
) -> None:
    book = kept(sent.speaker)
    url = book.picture.url if book.picture else ""
    Series.objects.update(audience=Series.Audience.SERIES)
    member, other = Client(), Client()
    member.force_login(hana)
    other.force_login(ken)
    assert [one.get(url).status_code for one in (Client(), other, member)] == [404, 404, 200]
    assert member.get(url)["Cache-Control"] == "private, max-age=300"


def test_another_picture_is_another_address_and_the_old_one_is_gone(sent: Invitation, guest: Client) -> None:
    first, second = kept(sent.speaker, "teal"), kept(sent.speaker, "maroon")
    urls = [book.picture.url for book in (first, second) if book.picture]
    assert [Client().get(url).status_code for url in urls] == [404, 200]


def test_past_mornings_show_their_book_by_its_face(sent: Invitation, guest: Client, session: Session) -> None:
    book = kept(sent.speaker)
    start = timezone.now() - timedelta(days=30)
    Session.objects.update(starts_at=start, ends_at=start + timedelta(hours=1))
    assert page(Client(), "/").count(f'<li class="shelf__face"><a href="{sent.speaker.get_absolute_url()}">') == 1
    assert shown(book) in page(Client(), "/")


def test_a_host_keeps_the_shelf_as_well(sent: Invitation, guest: Client, kosuke: Member, session: Session) -> None:
    client = Client()
    client.force_login(kosuke)
    before = Session.objects.get().changed_at
    speaker, book = sent.speaker, Book.objects.get()
    address = f"/guests/{speaker.code}/books/"
    assert client.post(address, TOLD | {"which": book.code, "cover": photo("teal", COVER)}).status_code == 302
    book.refresh_from_db()
    assert shown(book) in page(client, f"/guests/{speaker.code}/edit/")
    assert Session.objects.get().changed_at > before
    assert client.post(address, TOLD | {"title": "まちがい"}).status_code == 302
    mistaken = Book.objects.get(title="まちがい")
    for one in (mistaken, book):
        client.post(f"{address}{one.code}/removal/")
    assert list(Book.objects.all()) == [book]
    verbs = [row.verb for row in Activity.objects.filter(target=f"speaker:{speaker.code}").order_by("pk")]
    assert verbs == ["speaker.book", "speaker.book", "speaker.book-removal"]


def test_a_shelf_holds_fifty_books(sent: Invitation, guest: Client) -> None:
    speaker = sent.speaker
    Book.objects.bulk_create(Book(speaker=speaker, title=f"本 {number}") for number in range(49))
    refused = sent_by_guest(guest, sent, title="五十一冊目", cover=photo("teal", COVER))
    assert (refused.status_code, "本棚に入る数を超えています" in refused.content.decode()) == (422, True)
    assert 'name="cover_held"' in refused.content.decode()


def test_taken_off_by_two_at_once_a_book_is_gone_once_with_the_cover_it_had_last(
    sent: Invitation, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """The second has read the row before the first was done, or before the cover was another."""
    with django_capture_on_commit_callbacks(execute=True):
        seen = kept(sent.speaker)
    with django_capture_on_commit_callbacks(execute=True):
        kept(sent.speaker, "navy")
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            shelf.take_off(seen, now=timezone.now())
    assert (Book.objects.count(), list((media / "covers").iterdir())) == (0, [])


def test_what_is_told_of_a_book_that_was_taken_off_meanwhile_is_not_lost(sent: Invitation) -> None:
    seen = kept(sent.speaker)
    shelf.take_off(seen, now=timezone.now())
    told = shelf.Told("朝の計算", "ひばり書林", "")
    shelf.keep(sent.speaker, told, book=Book(pk=seen.pk, speaker=sent.speaker), now=timezone.now())
    assert Book.objects.get().title == "朝の計算"


def test_two_who_give_two_books_one_title_at_once_are_told(sent: Invitation) -> None:
    """The form has looked before the other was done."""
    seen = kept(sent.speaker)
    Book.objects.create(speaker=sent.speaker, title="朝の計算")
    with pytest.raises(ValidationError, match="同じ題名の本"):
        shelf.keep(sent.speaker, shelf.Told("朝の計算", "", ""), book=seen, now=timezone.now())
