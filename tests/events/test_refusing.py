"""お断り: no code goes to the address, no seat is kept, and whoever tries learns nothing from the pages."""

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from events import refusing
from events.models import Rsvp
from members.models import Activity, Member
from members.refusals import Refusal
from outbox.models import Delivery
from outbox.sending import send_due

SIGNUP, LOGIN = "/accounts/signup/", "/accounts/login/"


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def shape(response) -> tuple[int, str]:
    return response.status_code, response.get("Location", "")


@pytest.mark.parametrize("page", [SIGNUP, LOGIN])
def test_a_refused_address_is_answered_like_any_other_and_gets_no_mail(db, kosuke, page) -> None:
    refusing.refuse("Gone@Example.com", "", now=timezone.now(), actor=kosuke)
    refused, other = Client(), Client()
    answers = shape(refused.post(page, {"email": "gone@example.com"})), shape(other.post(page, {"email": "new@e.jp"}))
    assert answers[0] == answers[1]
    follow = refused.get(answers[0][1]), other.get(answers[1][1])
    lines = [one.content.decode().count("\n") for one in follow]
    assert lines[0] == lines[1] > 10
    send_due()
    assert list(Delivery.objects.values_list("to", "drop_reason")) == [
        ("gone@example.com", "refused"),
        ("new@e.jp", ""),
    ]


def test_who_is_refused_is_signed_out_gives_the_seat_back_and_cannot_come_in(session, hana, ken, kosuke) -> None:
    session.set_capacity(1, now=timezone.now())
    for member in (hana, ken):
        session.rsvp(member, "ACCEPTED", now=timezone.now())
    browser = of(hana)
    refusing.refuse(hana.email, "勧誘", now=timezone.now(), actor=kosuke)
    assert not get_user(browser).is_authenticated
    assert list(Rsvp.objects.seated().values_list("member__name", flat=True)) == ["ken"]
    Delivery.objects.all().delete()
    Client().post(LOGIN, {"email": hana.email})
    send_due()
    assert list(Delivery.objects.values_list("drop_reason", flat=True)) == ["refused"]
    assert browser.post(f"/sessions/{session.code}/rsvp/", {"partstat": "ACCEPTED"})["Location"].startswith(LOGIN)


def test_a_link_in_an_old_mail_answers_no_more(session, hana, kosuke) -> None:
    from events.links import answer_link

    link = answer_link(hana, session).replace("http://testserver", "")
    path = "/" + link.split("/", 3)[3]
    refusing.refuse(hana.email, "", now=timezone.now(), actor=kosuke)
    Client().post(path, {"partstat": "ACCEPTED"})
    assert Rsvp.objects.count() == 0


def test_it_can_be_taken_back(hana, kosuke, series) -> None:
    host = of(kosuke)
    host.post("/desk/refused/", {"address": hana.email, "why": "勧誘"})
    refusal = Refusal.objects.get()
    assert (Refusal.objects.covers(" HANA@example.com"), refusal.why) == (True, "勧誘")
    host.post(f"/desk/refused/{refusal.pk}/removal/")
    hana.refresh_from_db()
    assert (Refusal.objects.covers(hana.email), hana.is_active) == (False, True)
    assert list(Activity.objects.order_by("pk").values_list("verb", flat=True)) == ["refusal.add", "refusal.remove"]


def test_an_address_that_is_no_longer_kept_is_refused_still_also_after_the_key_was_changed(settings, kosuke) -> None:
    refusing.refuse("gone@example.com", "", now=timezone.now(), actor=kosuke)
    Refusal.objects.update(address=None, why="")
    settings.LINK_KEYS = ["another-key-that-is-long-enough-for-anybody-0123456789", *settings.LINK_KEYS]
    assert (Refusal.objects.covers("gone@example.com"), Refusal.objects.covers("ken@example.com")) == (True, False)
    settings.LINK_KEYS = settings.LINK_KEYS[:1]
    assert not Refusal.objects.covers("gone@example.com")


def test_a_refused_address_without_an_account_gets_no_mail_with_which_to_answer(session, kosuke) -> None:
    refusing.refuse("gone@example.com", "", now=timezone.now(), actor=kosuke)
    page = f"/sessions/{session.code}/visit/"
    answers = [
        Client().post(page, {"name": "冬木 雪", "email": address}) for address in ("gone@example.com", "new@e.jp")
    ]
    assert [(one.status_code, one["Location"].rsplit("/", 2)[0]) for one in answers] == [(302, "/visits")] * 2
    assert list(Delivery.objects.filter(kind="rsvp.visitor").values_list("to", flat=True)) == ["new@e.jp"]
