"""The host's side: whom to ask, the letter, sending it, what was heard, the link."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from events import next_steps
from events.models import Session, Talk
from invitations import link, steps
from invitations.forms import LetterForm
from invitations.models import Invitation
from members.models import Member
from outbox.models import Delivery
from outbox.rendering import letter as letter_of
from outbox.rendering import render
from speakers import covers
from speakers.models import Book, Speaker
from tests.events.pages import talk
from tests.records.photos import photo

NOW = timezone.now
NEW = {
    "name": "久我 庄平",
    "yomi": "くが しょうへい",
    "honorific": "san",
    "email": "kuga@example.com",
    "letter_language": "ja",
}


@pytest.fixture
def host(kosuke: Member, club) -> Client:
    client = Client()
    client.force_login(kosuke)
    return client


def new(session: Session) -> str:
    return f"/sessions/{session.code}/invitations/new/"


def letter(invitation: Invitation, **changed: object) -> dict[str, object]:
    """What the letter's form sends when nothing but `changed` is changed."""
    names = (
        "goes_to", "subject", "greeting", "why_you", "closing", "who_comes", "length", "honorarium", "travel", "tax",
        "meal", "companions", "recording", "off_record", "approval", "book_sales", "equipment",
    )  # fmt: skip
    return {name: getattr(invitation, name) for name in names} | {"book": invitation.book_id or ""} | changed


def test_a_new_guest_gets_a_drafted_letter_and_no_mail(host: Client, session: Session) -> None:
    response = host.post(new(session), NEW | {"book_title": "運ばれる側から", "book_publisher": "灯船社"})
    invitation = Invitation.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/invitations/{invitation.code}/")
    assert (invitation.speaker.name, invitation.book.title, invitation.state) == ("久我 庄平", "運ばれる側から", "idea")
    assert ("『運ばれる側から』を拝読し" in invitation.why_you, Delivery.objects.count()) == (True, 0)


def test_a_known_guest_is_chosen_with_the_newest_book(host: Client, session: Session, sato: Speaker) -> None:
    host.post(new(session), {"known": sato.pk, "honorific": "san", "letter_language": "en"})
    invitation = Invitation.objects.get()
    assert (invitation.speaker, invitation.book, invitation.language) == (sato, Book.objects.get(), "en")
    assert invitation.greeting.startswith("Please forgive a letter out of the blue.")


def known(sato: Speaker, **typed: str) -> dict[str, object]:
    return {"known": sato.pk, "honorific": "san", "letter_language": "ja", **typed}


def test_what_is_typed_beside_a_known_guest_is_kept_where_nothing_is_on_record(
    host: Client, session: Session, sato: Speaker
) -> None:
    Speaker.objects.update(email="", yomi="")
    Book.objects.update(publisher="")
    title = sato.books.get().title
    typed = {"email": "sato@new.example.com", "contact_name": "森", "book_title": title, "book_publisher": "灯船社"}
    assert host.post(new(session), known(sato, yomi="さとう あさこ", name="佐藤　朝子", **typed)).status_code == 302
    sato.refresh_from_db()
    assert (sato.email, sato.yomi, sato.contact_name) == ("sato@new.example.com", "さとう あさこ", "森")
    assert (sato.books.get().publisher, Invitation.objects.get().addressee) == ("灯船社", "sato@new.example.com")


def test_what_differs_from_a_known_guest_is_said_beside_it_and_the_host_chooses(
    host: Client, session: Session, sato: Speaker
) -> None:
    Speaker.objects.update(honorific="san")
    Book.objects.update(publisher="暁書房")
    typed = {"email": "sato@new.example.com", "book_title": sato.books.get().title, "book_publisher": "灯船社"}
    asked = host.post(new(session), known(sato, **typed) | {"honorific": "sensei"})
    said, page = asked.context["form"].errors, asked.content.decode()
    assert (asked.status_code, Invitation.objects.count()) == (422, 0)
    assert [said[name][0] for name in ("email", "honorific", "book_publisher")] == [
        "登録されているもの: sato@example.com",
        "登録されているもの: さん",
        "登録されているもの: 暁書房",
    ]
    assert ('value="sato@new.example.com"' in page, 'name="instead"' in page) == (True, True)
    assert 'name="instead"' not in host.get(new(session)).content.decode()
    assert Speaker.objects.get().email == "sato@example.com"
    host.post(new(session), known(sato, **typed, instead="on"))
    sato.refresh_from_db()
    assert (sato.email, sato.books.get().publisher) == ("sato@new.example.com", "灯船社")
    assert Invitation.objects.get().addressee == "sato@new.example.com"


def test_another_name_beside_a_known_guest_and_a_publisher_without_a_title_are_asked_about(
    host: Client, session: Session, sato: Speaker
) -> None:
    name, publisher = {"name": "久我 庄平", "instead": "on"}, {"book_publisher": "灯船社"}
    for typed, field in ((name, "name"), (publisher, "book_title")):
        asked = host.post(new(session), known(sato, **typed))
        assert (asked.status_code, list(asked.context["form"].errors)) == (422, [field])
    assert Invitation.objects.count() == 0


def test_another_shape_of_the_same_kanji_is_the_same_name(host: Client, session: Session, sato: Speaker) -> None:
    Speaker.objects.update(name="髙橋 朝子")
    assert host.post(new(session), known(sato, name="高橋朝子")).status_code == 302
    assert Speaker.objects.get().name == "髙橋 朝子"


def test_the_same_guest_twice_is_one_invitation(host: Client, session: Session, sato: Speaker) -> None:
    for _tap in range(2):
        host.post(new(session), {"known": sato.pk, "honorific": "san", "letter_language": "ja"})
    assert Invitation.objects.count() == 1


def test_without_a_name_what_was_typed_stays(host: Client, session: Session) -> None:
    response = host.post(new(session), NEW | {"name": "", "contact_name": "森 編集長"})
    page = response.content.decode()
    assert (response.status_code, 'value="森 編集長"' in page, Speaker.objects.count()) == (422, True, 0)


def test_only_an_address_of_the_contact_person_makes_them_the_addressee(host: Client, session: Session) -> None:
    host.post(new(session), NEW | {"email": "", "contact_name": "森", "contact_email": "mori@example.com"})
    assert Invitation.objects.get().addressee == "mori@example.com"


def test_a_letter_saved_while_the_guest_answers_leaves_the_answer(sent: Invitation, now) -> None:
    form = LetterForm(letter(sent, honorarium="1万円"), instance=Invitation.objects.get(), now=now)
    assert form.is_valid()
    sent.accept(how="link", now=now)
    form.keep(now=now, actor=sent.host)
    sent.refresh_from_db()
    assert (sent.honorarium, sent.state) == ("1万円", "accepted")


def test_the_letter_is_changed_field_by_field(host: Client, sent: Invitation) -> None:
    url = f"/invitations/{sent.code}/edit/"
    assert host.post(url, letter(sent, honorarium="1万円", meal="")).status_code == 302
    page = host.get(f"/invitations/{sent.code}/").content.decode()
    assert ("<dd>1万円" in page, "<dd>未定" in page) == (True, True)


def test_dates_to_choose_from_are_the_mornings_with_nobody_to_speak(
    host: Client, sent: Invitation, make_session
) -> None:
    free = make_session(starts_at=sent.session.starts_at + timedelta(days=28), published_at=None)
    url = f"/invitations/{sent.code}/edit/"
    chosen = free.local_start.isoformat()
    assert host.post(url, letter(sent, other_dates=[chosen])).status_code == 302
    assert host.post(url, letter(sent, other_dates=[(free.starts_at + timedelta(1)).isoformat()])).status_code == 422
    sent.refresh_from_db()
    assert sent.other_dates == [free.starts_at]


def test_too_long_a_field_keeps_the_whole_letter_typed(host: Client, sent: Invitation) -> None:
    response = host.post(f"/invitations/{sent.code}/edit/", letter(sent, tax="長" * 121, meal="おむすび"))
    page = response.content.decode()
    assert (response.status_code, "長" * 121 in page, 'value="おむすび"' in page) == (422, True, True)


def test_the_page_shows_the_state_of_the_asking_and_of_its_mail_apart(host: Client, sent: Invitation, now) -> None:
    url = f"/invitations/{sent.code}/"
    told = []
    for change in ({}, {"last_error": "421 busy"}, {"failed_at": now, "last_error": "550 no such user"}):
        Delivery.objects.update(**change)
        page = host.get(url).content.decode()
        told.append(
            [word in page for word in ("お願い中", "まもなく送ります", "くり返し", "送れませんでした", "550 no such")]
        )
    assert told == [
        [True, True, False, False, False],
        [True, False, True, False, False],
        [True, False, False, True, True],
    ]


def test_sending_is_a_tap_of_the_host(host: Client, invite) -> None:
    invitation = invite()
    looked = host.get(f"/invitations/{invitation.code}/sending/").status_code
    assert (looked, Delivery.objects.count()) == (405, 0)
    assert host.post(f"/invitations/{invitation.code}/sending/")["Location"] == f"/invitations/{invitation.code}/"
    assert Delivery.objects.values_list("kind", "to").get() == ("guest.letter", "sato@example.com")


def test_sending_without_an_address_says_so(host: Client, invite, sato: Speaker) -> None:
    Speaker.objects.update(email="")
    page = host.post(f"/invitations/{invite().code}/sending/", follow=True).content.decode()
    assert ("宛先のメールアドレスがありません。" in page, Delivery.objects.count()) == (True, 0)


def test_an_answer_by_telephone_is_recorded_with_its_note(host: Client, sent: Invitation) -> None:
    heard = {"state": "accepted", "how": "phone", "note": "編集の森さんから"}
    assert host.post(f"/invitations/{sent.code}/answer/", heard).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.answered_how, sent.answer_note) == ("accepted", "phone", "編集の森さんから")


def test_an_answer_that_is_none_is_refused(host: Client, sent: Invitation) -> None:
    for heard in ({"state": "thanked", "how": "phone"}, {"state": "confirmed", "how": "phone"}, {"state": "accepted"}):
        assert host.post(f"/invitations/{sent.code}/answer/", heard).status_code == 422
    sent.refresh_from_db()
    assert sent.state == "asked"


def test_the_reminder_is_read_changed_and_sent(host: Client, sent: Invitation) -> None:
    Invitation.objects.update(written_at=NOW() - timedelta(days=8))
    page = host.get(f"/invitations/{sent.code}/").content.decode()
    assert "にお便りを差し上げた件で" in page
    url = f"/invitations/{sent.code}/reminder/"
    too_long = host.post(url, {"nudge": "長" * 1001})
    assert (too_long.status_code, "長" * 1001 in too_long.content.decode()) == (422, True)
    assert Delivery.objects.count() == 1
    host.post(url, {"nudge": "先日のお便りの件です。\nご都合はいかがでしょうか。"})
    delivery = Delivery.objects.latest("pk")
    text = render(delivery, letter_of(delivery))["text"]
    assert text.startswith("先日のお便りの件です。\nご都合はいかがでしょうか。\n\n----\n\n佐藤 朝子 様\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "<dd>未定<small>源泉徴収　未定"),
        ({"is_paid": "false"}, "<dd>恐れ入りますが、ご用意がございません<small>交通費"),
        ({"is_paid": "true"}, "<dd>ご用意いたします(額は未定です)<small>源泉徴収　未定"),
        (
            {"is_paid": "true", "fee": "20000", "is_withheld": "true"},
            "<dd>20,000円<small>源泉徴収　いたします(お手取り 17,958円)",
        ),
        (
            {"is_paid": "true", "fee": "20000", "is_withheld": "false", "tax": "個人の主催のため"},
            "<dd>20,000円<small>源泉徴収　いたしません(個人の主催のため)",
        ),
    ],
)
def test_the_honorarium_is_yes_no_or_not_yet_decided(
    host: Client, sent: Invitation, typed: dict[str, str], said: str
) -> None:
    assert host.post(f"/invitations/{sent.code}/edit/", letter(sent, **typed)).status_code == 302
    assert said in host.get(f"/invitations/{sent.code}/").content.decode()


def test_an_amount_without_a_yes_is_asked_about(host: Client, sent: Invitation) -> None:
    response = host.post(f"/invitations/{sent.code}/edit/", letter(sent, is_paid="false", fee="1000"))
    assert (response.status_code, "金額が書かれています。" in response.content.decode()) == (422, True)


def test_the_link_is_shown_renewed_and_closed(host: Client, sent: Invitation) -> None:
    url, old = f"/invitations/{sent.code}/", link.address(sent)
    assert old in host.get(url).content.decode()
    host.post(f"{url}link/")
    sent.refresh_from_db()
    page = host.get(url).content.decode()
    assert (link.address(sent) in page, old in page) == (True, False)
    host.post(f"{url}link/revocation/")
    assert "/letters/" not in host.get(url).content.decode()


def test_before_it_is_sent_no_link_is_shown(host: Client, invite) -> None:
    assert "/letters/" not in host.get(f"/invitations/{invite().code}/").content.decode()


def test_the_desk_says_what_is_next(host: Client, sent: Invitation, make_session, now) -> None:
    def said() -> list[str]:
        # What there will be to do one day is said where there is nothing to do now.
        page = host.get("/desk/").content.decode().partition('class="empty')[0]
        words = (
            "まだ返事がありません",
            "に電話する",
            "別の日をご希望",
            "まだ送っていません",
            "ゲストがまだ決まっていません",
        )
        return [word for word in words if word in page]

    Session.objects.update(recurrence_id=sent.session.local_start.date())
    assert said() == []
    Invitation.objects.update(written_at=now - timedelta(days=7, minutes=1))
    assert said() == ["まだ返事がありません"]
    Invitation.objects.update(letters=2)
    assert said() == ["に電話する"]
    other = sent.session.starts_at + timedelta(days=7)
    Invitation.objects.update(other_dates=[other])
    sent.accept(how="link", start=other, now=now)
    assert said() == ["別の日をご希望"]
    Invitation.objects.update(state="idea")
    assert said() == ["まだ送っていません"]
    Invitation.objects.update(state="asked")
    sent.decline(how="phone", now=now)
    assert said() == ["ゲストがまだ決まっていません"]
    assert "お名前を入れると、手紙の下書きができます。" in host.get("/desk/").content.decode()


def test_a_book_without_a_cover_is_the_last_thing_on_the_desk_and_leads_to_where_one_is_given(
    host: Client, sent: Invitation, make_session, sato, now
) -> None:
    start, book = now + timedelta(days=41), sato.books.get()
    morning, next_one = make_session(starts_at=start), make_session(starts_at=start + timedelta(hours=2))
    for session in (morning, next_one):
        talk(session, sato)

    def steps() -> list[tuple[Session, str, str]]:
        found = next_steps.of([morning, next_one, sent.session], now=now)
        return [(step.session, step.what, step.url) for step in found if "表紙" in step.what]

    with translation.override("ja"):
        # One of a series, the next.
        url = f"/guests/{sato.code}/edit/?book={book.code}#book-{book.code}"
        assert steps() == [(morning, "佐藤 朝子先生の本の表紙がありません", url)]
        page = host.get("/desk/").content.decode()
        assert (page.count("無くても、題から描いた表紙が出ます。"), f'href="{url}"' in page) == (1, True)
        # The button leads to the form, opened.
        place = f'<details class="details" id="book-{book.code}"'
        plain = host.get(f"/guests/{sato.code}/edit/").content.decode()
        assert (f"{place} open>" in host.get(url).content.decode(), f"{place}>" in plain) == (True, True)
        Invitation.objects.update(written_at=now - timedelta(days=8))
        assert next_steps.of([sent.session, morning], now=now)[-1].session == morning
        Session.objects.filter(pk=morning.pk).update(cancelled_at=now, cancel_reason="雪")
        morning.refresh_from_db()
        assert [session for session, _what, _url in steps()] == [next_one]
        covers.put(book, covers.read(photo().read()))
        assert steps() == []


def test_a_book_of_a_morning_far_off_waits(make_session, sato, now) -> None:
    morning = make_session(starts_at=now + timedelta(days=43))
    talk(morning, sato)
    assert list(steps.drawn_covers([morning], now)) == []
    assert len(list(steps.drawn_covers([morning], now + timedelta(days=2)))) == 1


@pytest.mark.parametrize(
    ("guests", "one_off", "asks"),
    [
        ([], False, True),
        ([], True, False),
        ([True, True, True, False, False, False], False, True),
        ([True, True, False, False, False, False], False, False),
        # Only the last six count.
        ([False, False, False, False, True, True, True, True], False, False),
    ],
)
def test_a_guest_is_asked_for_where_guests_usually_speak(
    make_session, kosuke: Member, sato: Speaker, now, guests: list[bool], one_off: bool, asks: bool
) -> None:
    for nth, had_guest in enumerate(guests):
        talk = Talk.objects.create(session=make_session(starts_at=now - timedelta(days=28 * (nth + 1))), member=kosuke)
        if had_guest:
            talk.speakers.add(sato)
    coming = make_session()
    coming.recurrence_id = None if one_off else coming.local_start.date()
    said = [(step.what, step.why) for step in steps.steps([coming], now)]
    why = "お名前を入れると、手紙の下書きができます。"
    assert said == ([("ゲストがまだ決まっていません", why)] if asks else [])
    with translation.override("en"):
        english = [(step.what, step.why) for step in steps.steps([coming], now)]
    assert english == ([("Nobody is to speak yet", "Enter a name, and the letter is drafted for you.")] if asks else [])


def test_five_days_before_an_unanswered_letter_is_telephoned_after(host: Client, sent: Invitation, now) -> None:
    at, opened = f"/invitations/{sent.code}/", '<details class="details" id="heard" open>'
    assert opened not in host.get(at).content.decode()
    sent.session.move(now + timedelta(days=4, hours=23), now=now)
    desk = host.get("/desk/").content.decode()
    assert ("佐藤 朝子先生に電話する" in desk, f'href="{at}#heard"' in desk) == (True, True)
    assert opened in host.get(at).content.decode()


def test_the_desk_asks_the_same_number_of_queries_for_one_invitation_and_for_thirty(
    sent: Invitation, make_session, now, django_assert_num_queries
) -> None:
    for number in (1, 30):
        for k in range(number):
            session = make_session(starts_at=now + timedelta(days=20 + k, minutes=number))
            Invitation.objects.create(session=session, speaker=sent.speaker)
        sessions = list(Session.objects.select_related("series"))
        with django_assert_num_queries(3):
            list(steps.steps(sessions, now))
