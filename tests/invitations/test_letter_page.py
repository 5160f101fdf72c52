"""The guest's page behind the private link: looking sets nothing, and a link opens one letter or none."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from events.models import Partstat, Session, Talk
from invitations import link
from invitations.models import Invitation
from members.models import Member
from outbox.models import Delivery
from speakers.models import Book, Speaker
from tests.crawl import state_of_the_club

Invite = Callable[..., Invitation]
NOW = timezone.now


def path(invitation: Invitation) -> str:
    """The letter's address as it stands in the mail."""
    return urlsplit(link.address(invitation)).path


def post(client: Client, url: str, **sent: str) -> tuple[int, str]:
    response = client.post(url, sent)
    return response.status_code, response.headers.get("Location", "")


def accept(invitation: Invitation, client: Client | None = None, **more: str) -> tuple[int, str]:
    date = invitation.session.local_start.isoformat()
    sent = {"part": "reply", "answer": "accept", "date": date, "note": ""} | more
    return post(client or Client(), path(invitation), **sent)


def test_looking_sets_no_cookie_and_writes_no_row(sent: Invitation) -> None:
    before = state_of_the_club()
    client = Client()
    response = client.get(path(sent))
    assert (response.status_code, dict(client.cookies), state_of_the_club()) == (200, {}, before)
    assert "csrfmiddlewaretoken" not in response.content.decode()


def test_the_page_is_kept_from_referrers_search_engines_and_caches(sent: Invitation) -> None:
    response = Client().get(path(sent))
    told = ("Referrer-Policy", "X-Robots-Tag", "Cache-Control", "Content-Language")
    assert [response[name] for name in told] == ["no-referrer", "noindex, nofollow", "private, no-store", "ja"]


def test_the_letter_speaks_its_own_language(invite: Invite, sato: Speaker) -> None:
    invitation = invite(language="en")
    invitation.send(now=NOW())
    page = Client(headers={"accept-language": "ja"}).get(path(invitation))
    assert (page["Content-Language"], "Dear Asako Sato," in page.content.decode()) == ("en", True)
    assert '<html lang="en">' in page.content.decode()


def test_the_first_answer_leads_to_the_address_without_the_token(sent: Invitation) -> None:
    client = Client(enforce_csrf_checks=True)
    assert accept(sent, client) == (302, f"/letters/{sent.code}/#reply")
    sent.refresh_from_db()
    assert (sent.state, client.get(f"/letters/{sent.code}/").status_code) == ("accepted", 200)


def test_the_clean_address_opens_only_where_the_guest_answered(sent: Invitation) -> None:
    accept(sent)
    assert Client().get(f"/letters/{sent.code}/").status_code == 404


def test_the_clean_address_wants_a_token_against_forgery(sent: Invitation) -> None:
    client = Client(enforce_csrf_checks=True)
    accept(sent, client)
    assert post(client, f"/letters/{sent.code}/", part="reply", answer="decline")[0] == 403
    page = client.get(f"/letters/{sent.code}/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    answered = post(client, f"/letters/{sent.code}/", part="reply", answer="decline", csrfmiddlewaretoken=token[1])
    assert answered == (302, f"/letters/{sent.code}/#reply")


def test_the_link_of_one_invitation_opens_nothing_else(sent: Invitation, invite: Invite, make_session) -> None:
    other = invite(session=make_session(starts_at=NOW() + timedelta(days=40)))
    other.send(now=NOW())
    token = path(sent).split("/")[3]
    client = Client()
    accept(sent, client)
    assert client.get(f"/letters/{other.code}/{token}/").status_code == 404
    assert client.get(f"/letters/{other.code}/").status_code == 404
    assert post(client, f"/letters/{other.code}/{token}/", part="reply", answer="decline")[0] == 404


def test_a_wrong_link_looks_like_no_page_at_all(sent: Invitation) -> None:
    right = path(sent).split("/")[3]
    wrong = ["x", "%00", "%FF", "None", "[]", right[:-1], right + "A", right.swapcase(), f"{right}%00", "é"]
    for token in wrong:
        response = Client().get(f"/letters/{sent.code}/{token}/")
        nothing = Client().get(f"/letters/{'a' * 10}/{token}/")
        said = response.content.decode().replace(sent.code, "a" * 10)
        assert (token, response.status_code, said) == (token, 404, nothing.content.decode())
    for address in (
        f"/letters/{sent.code}//",
        f"/letters/{sent.code}/",
        f"/letters//{right}/",
        f"/letters/%00/{right}/",
    ):
        assert (address, Client().get(address).status_code) == (address, 404)


def test_a_renewed_link_voids_the_old_one_and_what_browsers_remember(sent: Invitation) -> None:
    old, client = path(sent), Client()
    accept(sent, client)
    sent.renew_link(now=NOW())
    assert [client.get(url).status_code for url in (old, f"/letters/{sent.code}/", path(sent))] == [404, 404, 200]
    assert path(sent) != old


def test_a_revoked_link_opens_nothing(sent: Invitation) -> None:
    client = Client()
    accept(sent, client)
    sent.revoke_link(now=NOW())
    assert [client.get(url).status_code for url in (path(sent), f"/letters/{sent.code}/")] == [404, 404]


def test_a_letter_that_was_not_sent_is_not_there(invite: Invite) -> None:
    assert Client().get(path(invite())).status_code == 404


def test_whoever_gets_the_link_forwarded_sees_this_matter_alone(
    sent: Invitation, hana: Member, ken: Member, session: Session
) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW(), question="夜明け前に眠くなりませんか")
    session.rsvp(ken, Partstat.DECLINED, now=NOW(), question="来られない人の質問")
    accept(sent)
    page = Client().get(path(sent)).content.decode()
    assert "夜明け前に眠くなりませんか" in page
    for hidden in (hana.name, hana.email, hana.code, hana.role, ken.name, "来られない人の質問"):
        assert hidden not in page.replace(sent.host.email, "")


def test_five_people_make_a_picture_of_trades(sent: Invitation, session: Session, person) -> None:
    for n, trade in enumerate("AEGIJ"):
        session.rsvp(person(f"m{n}", industry=trade), Partstat.ACCEPTED, now=NOW())
    page = Client().get(path(sent)).content.decode()
    assert ("いまのところ5名が参加します。" in page, 'class="mix"' in page) == (True, True)


def test_the_session_page_shows_the_guest_and_the_book_once_accepted(sent: Invitation, session: Session) -> None:
    before = Client().get(session.get_absolute_url()).content.decode()
    accept(sent)
    after = Client().get(session.get_absolute_url()).content.decode()
    assert [text in before for text in ("佐藤", "夜明けの帳場")] == [False, False]
    assert [text in after for text in ("佐藤", "夜明けの帳場", "先生")] == [True, True, True]


def test_declining_works_with_a_word_and_can_be_taken_back(sent: Invitation) -> None:
    client = Client()
    assert post(client, path(sent), part="reply", answer="decline", note="海外におります")[0] == 302
    sent.refresh_from_db()
    assert (sent.state, sent.answer_note) == ("declined", "海外におります")
    accept(sent, client)
    sent.refresh_from_db()
    assert (sent.state, Talk.objects.count()) == ("accepted", 1)


def test_another_day_needs_a_word_and_keeps_it_typed(sent: Invitation) -> None:
    response = Client().post(path(sent), {"part": "reply", "answer": "accept", "date": "other", "note": ""})
    assert (response.status_code, "ご都合のよい日をお書きください。" in response.content.decode()) == (422, True)
    assert accept(sent, date="other", note="火曜なら")[0] == 302
    sent.refresh_from_db()
    assert (sent.state, sent.answer_note, Talk.objects.count()) == ("talking", "火曜なら", 0)


def test_too_long_a_word_is_kept_and_refused(sent: Invitation) -> None:
    response = Client().post(path(sent), {"part": "reply", "answer": "decline", "note": "長" * 1001})
    page = response.content.decode()
    assert (response.status_code, "長" * 1001 in page, "1,000字以内" in page) == (422, True, True)
    sent.refresh_from_db()
    assert sent.state == "asked"


def test_a_date_of_ones_own_making_is_refused(sent: Invitation) -> None:
    assert accept(sent, date=(NOW() + timedelta(days=1)).isoformat())[0] == 422


def test_whoever_comes_back_finds_the_date_they_chose(sent: Invitation) -> None:
    other = sent.session.local_start + timedelta(days=28)
    Invitation.objects.update(other_dates=[other])
    checked = re.compile(r'name="date" value="([^"]+)" checked')
    before = checked.findall(Client().get(path(sent)).content.decode())
    accept(sent, date=other.isoformat())
    after = checked.findall(Client().get(path(sent)).content.decode())
    assert (before, after) == ([sent.session.local_start.isoformat()], [other.isoformat()])


def test_an_unknown_part_is_nothing(sent: Invitation) -> None:
    assert [post(Client(), path(sent), part=part)[0] for part in ("", "host", "reply\x00")] == [404, 404, 404]


def test_what_the_guest_tells_stands_on_the_page_of_the_morning(sent: Invitation, session: Session) -> None:
    client = Client()
    accept(sent, client)
    told = {
        "title": "元・市場の経理係",
        "yomi": "さとう あさこ",
        "romaji": "Asako Sato",
        "bio": "夜明け前に働いて三十年。",
    }
    url = f"/letters/{sent.code}/"
    assert post(client, url, part="about", **told) == (302, f"{url}#about")
    needs = {"food": "えび", "arrival": "6:30に入口", "brings": "0"}
    assert post(client, url, part="needs", **needs) == (302, f"{url}#needs")
    sent.refresh_from_db()
    guest = Speaker.objects.get()
    assert [getattr(guest, name) for name in told] == list(told.values())
    assert (sent.food, sent.arrival) == ("えび", "6:30に入口")
    page = Client().get(session.get_absolute_url()).content.decode()
    assert ("元・市場の経理係" in page, "えび" in page) == (True, False)


def test_the_page_says_what_of_it_is_shown_where_and_how_to_ask_the_host(sent: Invitation, session: Session) -> None:
    Member.objects.update(name="潮見 耕介", romaji="Kosuke Shiomi")
    accept(sent)
    said = {
        "ja": (
            "紹介文と本はゲストのページに、お名前とお肩書、今回の本はその日のページに載ります。",
            "潮見 耕介さんにメールで尋ねる",
        ),
        "en": (
            "This and your books appear on your page as our guest; name, title and book on the page of the morning.",
            "Ask Kosuke Shiomi by mail",
        ),
    }
    for language, words in said.items():
        Invitation.objects.update(language=language)
        page = Client().get(path(sent)).content.decode()
        assert (language, [text in page for text in words]) == (language, [True, True])
    Speaker.objects.update(bio="夜明け前に働いて三十年。")
    at = [f"/guests/{sent.speaker.code}/", session.get_absolute_url()]
    pages = [Client().get(url).content.decode() for url in at]
    assert [("夜明け前に働いて" in page, "夜明けの帳場" in page) for page in pages] == [(True, True), (False, True)]


def test_the_guest_changes_nothing_but_what_is_asked(sent: Invitation) -> None:
    client = Client()
    accept(sent, client)
    post(client, f"/letters/{sent.code}/", part="about", email="evil@example.com", name="X", honorific="san")
    guest = Speaker.objects.get()
    assert (guest.email, guest.name, guest.honorific) == ("sato@example.com", "佐藤 朝子", "sensei")


def test_a_book_with_a_mistyped_isbn_is_kept_typed(sent: Invitation) -> None:
    client = Client()
    accept(sent, client)
    response = client.post(f"/letters/{sent.code}/", {"part": "book", "title": "続・帳場", "isbn": "978-4-00-000000-1"})
    assert (response.status_code, 'value="続・帳場"' in response.content.decode()) == (422, True)
    assert Book.objects.count() == 1


def test_a_book_is_kept_with_thirteen_digits(sent: Invitation) -> None:
    client = Client()
    accept(sent, client)
    url = f"/letters/{sent.code}/"
    assert (
        post(client, url, part="book", title="続・帳場", publisher="灯船社", isbn="4-00-000000-4")[1] == f"{url}#book"
    )
    assert Book.objects.filter(title="続・帳場").values_list("publisher", "isbn").get() == ("灯船社", "9784000000000")


def test_a_cancelled_morning_takes_no_answer(sent: Invitation) -> None:
    sent.session.cancel("台風のため", now=NOW())
    page = Client().get(path(sent)).content.decode()
    assert ("台風のため" in page, 'value="accept"' in page, accept(sent)[0]) == (True, False, 422)
    assert Delivery.objects.filter(kind="guest.answered").count() == 0


def test_the_page_asks_the_database_no_more_for_many_past_mornings(
    sent: Invitation, make_session, sato: Speaker, django_assert_num_queries
) -> None:
    counts = []
    for n in (1, 30):
        for k in range(n):
            past = make_session(starts_at=NOW() - timedelta(days=10 * k + 30 * n))
            Talk.objects.create(session=past, title=f"{n}.{k}").speakers.add(sato)
        Client().get(path(sent))
        with django_assert_num_queries(7) as seen:
            Client().get(path(sent))
        counts.append(len(seen))
    assert counts == [7, 7]
