"""What an invitation's verbs do, whoever calls them."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from events.models import Session, Talk
from invitations.models import OPEN_AFTER, Invitation
from invitations.shelf import Told
from members.models import Activity, Member
from outbox.kinds import Unwanted
from outbox.models import Delivery
from outbox.rendering import letter as letter_of
from speakers.models import Speaker

Invite = Callable[..., Invitation]
NOW = timezone.now
LINK, PHONE = Invitation.Told.LINK, Invitation.Told.PHONE


def mails() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("kind", "to"))


def programme(session: Session) -> list[tuple[str, list[str], str]]:
    """Title, speakers, book of each talk."""
    return [
        (talk.title, [speaker.name for speaker in talk.speakers.all()], talk.book.title if talk.book else "")
        for talk in Talk.objects.filter(session=session)
    ]


def test_nothing_is_sent_before_the_host_sends_it(invite: Invite) -> None:
    assert (invite().state, mails()) == ("idea", [])


def test_the_letter_goes_once_to_one_address(invite: Invite) -> None:
    invitation = invite()
    for _tap in range(3):
        invitation.send(now=NOW())
    assert (invitation.state, mails()) == ("asked", [("guest.letter", "sato@example.com")])


def test_the_contact_person_gets_it_only_when_chosen(invite: Invite, sato: Speaker) -> None:
    sato.contact_name, sato.contact_email = "森", "mori@example.com"
    sato.save()
    invite(goes_to="contact").send(now=NOW())
    assert mails() == [("guest.letter", "mori@example.com")]


def test_a_copy_goes_to_the_contact_person_where_the_host_chose_so_and_to_nobody_else(
    invite: Invite, sato: Speaker
) -> None:
    invitation = invite(goes_to="copy")
    with pytest.raises(ValidationError):
        invitation.send(now=NOW())
    invitation.speaker.contact_name, invitation.speaker.contact_email = "森", "mori@example.com"
    invitation.speaker.save()
    invitation.send(now=NOW())
    delivery = Delivery.objects.get()
    assert (delivery.to, letter_of(delivery).cc) == ("sato@example.com", ("mori@example.com",))


def test_without_an_address_nothing_is_sent_and_nothing_said_to_be(invite: Invite, sato: Speaker) -> None:
    sato.email = ""
    sato.save()
    invitation = invite()
    with pytest.raises(ValidationError):
        invitation.send(now=NOW())
    invitation.refresh_from_db()
    assert (invitation.state, invitation.asked_at, mails()) == ("idea", None, [])


def test_a_letter_passed_on_by_hand_opens_the_page_without_a_mail(invite: Invite) -> None:
    invitation = invite()
    before = invitation.is_readable(NOW())
    invitation.hand_over(now=NOW())
    assert (before, invitation.is_readable(NOW()), mails()) == (False, True, [])


def test_accepting_puts_guest_and_book_into_the_programme_and_tells_the_host(sent: Invitation) -> None:
    sent.accept(how=LINK, now=NOW(), note="楽しみにしております")
    assert programme(sent.session) == [("値札のない朝", ["佐藤 朝子"], "夜明けの帳場")]
    assert mails()[1:] == [("guest.answered", "kosuke@example.com")]


def test_accepting_twice_is_one_talk_and_one_mail(sent: Invitation) -> None:
    for _tap in range(2):
        sent.accept(how=LINK, now=NOW())
    assert (len(programme(sent.session)), mails()[1:]) == (1, [("guest.answered", "kosuke@example.com")])


@pytest.mark.django_db(transaction=True)
def test_accepting_at_the_same_instant_from_two_windows_is_one_talk_and_one_mail(sent: Invitation) -> None:
    together = threading.Barrier(6)

    def accept() -> None:
        mine = Invitation.objects.get(pk=sent.pk)
        together.wait()
        mine.accept(how=LINK, now=NOW())
        connection.close()

    threads = [threading.Thread(target=accept) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(programme(sent.session)), mails()[1:]) == (1, [("guest.answered", "kosuke@example.com")])


def test_declining_after_accepting_takes_the_guest_out_again(sent: Invitation) -> None:
    sent.accept(how=LINK, now=NOW())
    sent.decline(how=LINK, now=NOW(), note="出張が入りました")
    assert (sent.state, sent.answer_note, programme(sent.session)) == ("declined", "出張が入りました", [])
    assert mails()[1:] == [("guest.answered", "kosuke@example.com")] * 2


def test_declining_leaves_what_the_host_planned_besides(sent: Invitation) -> None:
    Talk.objects.create(session=sent.session, title="みんなで自己紹介")
    sent.accept(how=LINK, now=NOW())
    sent.decline(how=LINK, now=NOW())
    assert programme(sent.session) == [("みんなで自己紹介", [], "")]


def test_a_talk_given_by_two_stays_when_one_declines(sent: Invitation) -> None:
    other = Speaker.objects.create(name="雨貝 一樹")
    sent.accept(how=LINK, now=NOW())
    Talk.objects.get().speakers.add(other)
    sent.decline(how=LINK, now=NOW())
    assert programme(sent.session) == [("値札のない朝", ["雨貝 一樹"], "夜明けの帳場")]


def test_a_no_can_become_a_yes(sent: Invitation) -> None:
    sent.decline(how=LINK, now=NOW())
    sent.accept(how=LINK, now=NOW())
    assert (sent.state, len(programme(sent.session))) == ("accepted", 1)


def test_what_the_host_heard_by_telephone_needs_no_mail_to_the_host(sent: Invitation, kosuke: Member) -> None:
    sent.record("accepted", how=PHONE, note="朝食は不要", now=NOW(), actor=kosuke)
    assert (sent.state, sent.answered_how, sent.answer_note) == ("accepted", "phone", "朝食は不要")
    assert (len(programme(sent.session)), len(mails())) == (1, 1)
    assert Activity.objects.filter(verb="invitation.accepted").values_list("actor__name").get() == ("kosuke",)


def test_still_thinking_takes_the_guest_out_of_the_programme(sent: Invitation, kosuke: Member) -> None:
    sent.accept(how=LINK, now=NOW())
    sent.record("talking", how=PHONE, now=NOW(), actor=kosuke)
    assert (sent.state, programme(sent.session)) == ("talking", [])


def test_another_date_is_not_announced_on_the_wrong_one(sent: Invitation) -> None:
    other = sent.session.starts_at + timedelta(days=28)
    Invitation.objects.update(other_dates=[other])
    sent.accept(how=LINK, start=other, now=NOW())
    assert (sent.state, sent.wants_other_date, programme(sent.session)) == ("accepted", True, [])


def test_a_date_nobody_offered_is_refused(sent: Invitation) -> None:
    with pytest.raises(ValidationError):
        sent.accept(how=LINK, start=sent.session.starts_at + timedelta(hours=1), now=NOW())
    sent.refresh_from_db()
    assert (sent.state, programme(sent.session)) == ("asked", [])


def test_taking_the_chosen_date_moves_the_morning_where_the_series_has_none(sent: Invitation, kosuke: Member) -> None:
    other = sent.session.starts_at + timedelta(days=3)
    Invitation.objects.update(other_dates=[other])
    sent.accept(how=LINK, start=other, now=NOW())
    for _tap in range(2):
        sent.take_date(now=NOW(), actor=kosuke)
    session = Session.objects.get()
    assert (session.starts_at, session.sequence, len(programme(session))) == (other, 1, 1)
    assert mails()[2:] == [("guest.changed", "sato@example.com")]


def test_taking_the_chosen_date_leads_to_the_morning_of_that_date(
    sent: Invitation, make_session, kosuke: Member
) -> None:
    first, there = sent.session, make_session(starts_at=sent.session.starts_at + timedelta(days=28), title="")
    Invitation.objects.update(other_dates=[there.starts_at])
    sent.accept(how=LINK, start=there.starts_at, now=NOW())
    sent.take_date(now=NOW(), actor=kosuke)
    first.refresh_from_db()
    assert (first.sequence, programme(first), len(programme(there))) == (0, [], 1)
    assert (Invitation.objects.get().session_id, sent.wants_other_date) == (there.pk, False)
    assert mails()[2:] == [("guest.changed", "sato@example.com")]


def test_a_guest_hears_of_no_fee_but_of_a_move_that_was_still_on_its_way_when_the_fee_changed(
    sent: Invitation,
) -> None:
    sent.accept(how=LINK, now=NOW())
    sent.session.charge(2500, now=NOW())
    assert mails()[2:] == []
    sent.session.move(sent.session.starts_at + timedelta(days=1), now=NOW())
    sent.session.charge(3000, now=NOW())
    assert mails()[2:] == [("guest.changed", "sato@example.com")] * 2
    assert letter_of(Delivery.objects.latest("pk")).context["session"] == sent.session


def test_a_guest_who_comes_hears_that_the_morning_moved(sent: Invitation) -> None:
    sent.accept(how=LINK, now=NOW())
    sent.session.move(sent.session.starts_at + timedelta(days=1), now=NOW())
    assert mails()[2:] == [("guest.changed", "sato@example.com")]
    assert (sent.wants_other_date, len(programme(sent.session))) == (False, 1)


def test_a_guest_hears_nothing_of_a_morning_moved_and_moved_back_before_any_mail_went(sent: Invitation) -> None:
    sent.accept(how=LINK, now=NOW())
    starts = sent.session.starts_at
    for at in (starts + timedelta(days=1), starts):
        sent.session.move(at, now=NOW())
    with pytest.raises(Unwanted, match="as it was"):
        letter_of(Delivery.objects.filter(kind="guest.changed").latest("pk"))


def test_a_guest_who_has_not_accepted_hears_nothing_of_a_move(sent: Invitation) -> None:
    sent.session.move(sent.session.starts_at + timedelta(days=1), now=NOW())
    assert mails() == [("guest.letter", "sato@example.com")]


def test_a_reminder_goes_once_a_day_at_most(sent: Invitation, now: datetime) -> None:
    sent.write_again(now=now + timedelta(hours=1))
    for hours in (169, 170):
        sent.write_again(now=now + timedelta(hours=hours))
    assert [d.context["nudge"] for d in Delivery.objects.order_by("pk")] == [False, True]


def test_what_did_not_arrive_is_sent_again_at_once_and_as_it_was(sent: Invitation, now: datetime) -> None:
    Delivery.objects.update(failed_at=now)
    sent.write_again(now=now + timedelta(minutes=1))
    assert [d.context["nudge"] for d in Delivery.objects.order_by("pk")] == [False, False]


def test_nobody_who_has_answered_is_reminded(sent: Invitation, now: datetime) -> None:
    sent.decline(how=LINK, now=now)
    sent.write_again(now=now + timedelta(days=8))
    assert [kind for kind, _to in mails()] == ["guest.letter", "guest.answered"]


@pytest.mark.parametrize(("after", "readable"), [(OPEN_AFTER, True), (OPEN_AFTER + timedelta(seconds=1), False)])
def test_the_page_closes_thirty_days_after_the_morning(sent: Invitation, after: timedelta, readable: bool) -> None:
    assert sent.is_readable(sent.session.ends_at + after) is readable


@pytest.mark.parametrize(("after", "readable"), [(OPEN_AFTER, True), (OPEN_AFTER + timedelta(seconds=1), False)])
def test_the_page_closes_thirty_days_after_a_no(sent: Invitation, after: timedelta, readable: bool) -> None:
    now = NOW()
    sent.session.move(now + timedelta(days=90), now=now)
    sent.decline(how=LINK, now=now)
    assert sent.is_readable(now + after) is readable


def test_answers_are_taken_until_the_morning_begins(sent: Invitation) -> None:
    start = sent.session.starts_at
    with pytest.raises(ValidationError):
        sent.accept(how=LINK, now=start)
    sent.accept(how=LINK, now=start - timedelta(seconds=1))
    assert sent.state == "accepted"


def test_a_morning_without_a_title_takes_the_books(sent: Invitation) -> None:
    Session.objects.update(title="")
    sent.session.refresh_from_db()
    sent.accept(how=LINK, now=NOW())
    assert programme(sent.session) == [("夜明けの帳場", ["佐藤 朝子"], "夜明けの帳場")]


def test_a_book_brought_later_stands_beside_the_talk(invite: Invite) -> None:
    bookless = Speaker.objects.create(name="久我 庄平", email="kuga@example.com")
    invitation = invite(speaker=bookless, book=None)
    Session.objects.update(title="")
    invitation.session.refresh_from_db()
    invitation.send(now=NOW())
    invitation.accept(how=LINK, now=NOW())
    before = programme(invitation.session)
    invitation.bring_book(Told("運ばれる側から", "灯船社", ""), now=NOW())
    assert before == [("久我 庄平", ["久我 庄平"], "")]
    assert programme(invitation.session) == [("運ばれる側から", ["久我 庄平"], "運ばれる側から")]
