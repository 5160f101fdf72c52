"""What is asked beside the answer: nothing of it is needed, hosts and the door read it, and it is erased in time."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection
from django.utils import timezone

from events import erasure, roster
from events.models import Details, Membership, Partstat, Question, Remembered, Reply, Series, Session
from events.pages import replies
from events.told import by_place
from members.models import Member
from outbox.sending import send_due
from tests.events.pages import statements, text
from tests.events.test_roster import begun, of

Make = Callable[..., Session]


@pytest.fixture
def coming(session: Session, hana: Member) -> Session:
    session.rsvp(hana, Partstat.ACCEPTED, now=timezone.now())
    return session


def url(session: Session, noun: str = "") -> str:
    return f"/sessions/{session.code}/{noun and noun + '/'}"


def tell(session: Session, member: Member, **told: str) -> int:
    return of(member).post(url(session, "details"), {f"told-{name}": value for name, value in told.items()}).status_code


def asked(session: Session, text: str = "どこから来ますか", kind: str = "text", **fields: object) -> Question:
    return Question.objects.create(session=session, text=text, kind=kind, **fields)


# After the answer


def test_one_tap_answers_and_the_questions_come_after_it(session: Session, hana: Member) -> None:
    client = of(hana)
    before = text(client, url(session))
    client.post(url(session, "rsvp"), {"partstat": "ACCEPTED"})
    session.refresh_from_db()
    after = text(client, url(session))
    assert ('name="told-diet"' in before, session.seats_taken, 'name="told-diet"' in after) == (False, 1, True)


def test_what_may_be_told_is_folded_away_until_something_in_it_is_refused(coming: Session, hana: Member) -> None:
    folded, form = '<details class="details">', of(hana)
    page = text(form, url(coming)).split('id="asked"')[1].split("<summary")[0]
    refused = form.post(url(coming, "details"), {"told-phone": "9" * 200}).content.decode()
    assert (folded in page, folded in refused.split('id="asked"')[1].split("<summary")[0]) == (True, False)


def test_what_is_told_is_kept_and_stands_in_the_form(coming: Session, hana: Member) -> None:
    assert tell(coming, hana, diet="卵", phone="090-0000-0001", no_pictures="on") == 302
    row = Details.objects.get(rsvp__member=hana)
    assert (row.diet, row.phone, row.no_pictures, row.is_listed) == ("卵", "090-0000-0001", True, None)
    page = text(of(hana), url(coming))
    assert [f'value="{value}"' in page for value in ("卵", "090-0000-0001")] == [True, True]


def test_wishes_for_the_table_are_kept_stand_in_the_form_and_are_taken_back(coming: Session, hana: Member) -> None:
    tell(coming, hana, near_door="on", with_known="on")
    row = Details.objects.get(rsvp__member=hana)
    assert (row.near_door, row.with_known) == (True, True)
    page = text(of(hana), url(coming))
    for name in ("near_door", "with_known"):
        assert re.search(rf'name="told-{name}"[^>]*checked', page)
    tell(coming, hana)
    row.refresh_from_db()
    assert (row.near_door, row.with_known) == (False, False)


def test_the_last_word_counts(coming: Session, hana: Member) -> None:
    tell(coming, hana, diet="卵", phone="090-0000-0001")
    tell(coming, hana)
    row = Details.objects.get(rsvp__member=hana)
    assert (row.diet, row.phone, Remembered.objects.get(member=hana).diet) == ("", "", "")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"diet": "あ" * 201}, "200"),
        ({"phone": "明日の朝に"}, "電話番号は、090-1234-5678 のようにお書きください。"),
        ({"phone": "0" * 31}, "30"),
    ],
)
def test_nothing_typed_is_lost_on_an_error_and_the_seat_stays(coming: Session, hana: Member, told, words: str) -> None:
    sent = {"told-diet": "卵は食べません", "told-no_pictures": "on"} | {f"told-{k}": v for k, v in told.items()}
    response = of(hana).post(url(coming, "details"), sent)
    page = response.content.decode()
    assert (response.status_code, words in page, next(iter(told.values())) in page) == (422, True, True)
    assert (Details.objects.count(), coming.rsvps.get().is_seated) == (0, True)


def test_who_has_no_seat_and_does_not_wait_is_asked_nothing(session: Session, hana: Member) -> None:
    assert (tell(session, hana, diet="卵"), Details.objects.count()) == (409, 0)


def test_what_concerns_food_is_remembered_for_the_next_morning(coming: Session, make_session: Make, hana) -> None:
    tell(coming, hana, diet="えび、かに")
    later = make_session(starts_at=coming.starts_at + timedelta(days=28))
    later.rsvp(hana, Partstat.ACCEPTED, now=timezone.now())
    assert 'value="えび、かに"' in text(of(hana), url(later))
    assert by_place(later, now=timezone.now())[f"m{hana.pk}"].diet == "えび、かに"


def test_what_was_said_for_one_morning_goes_before_what_is_remembered(
    coming: Session, make_session: Make, hana
) -> None:
    tell(coming, hana, diet="えび")
    later = make_session(starts_at=coming.starts_at + timedelta(days=28))
    later.rsvp(hana, Partstat.ACCEPTED, now=timezone.now())
    tell(later, hana, diet="なし")
    assert [by_place(one, now=timezone.now())[f"m{hana.pk}"].diet for one in (coming, later)] == ["えび", "なし"]


# Who reads it


def test_hosts_and_the_door_read_it_and_nobody_else(
    coming: Session, series: Series, hana: Member, ken: Member, kosuke: Member, mallory: Member
) -> None:
    Membership.objects.create(series=series, member=mallory, role=Membership.Role.DOOR)
    coming.rsvp(ken, Partstat.ACCEPTED, now=timezone.now())
    tell(coming, hana, diet="そばアレルギー", phone="090-0000-0001", no_pictures="on")
    words = ("そばアレルギー", "090-0000-0001", "写真×")
    for reader in (kosuke, mallory):
        page = text(of(reader), url(coming, "roster"))
        assert [word in page for word in words] == [True, True, True]
    pages = [text(of(ken), url(coming)), text(of(ken), f"/members/{hana.code}/"), text(of(kosuke), url(coming))]
    assert [word in page for page in pages for word in words] == [False] * 9


def test_in_pictures_or_not_stands_on_the_list_after_the_morning_too(coming: Session, hana, kosuke: Member) -> None:
    tell(coming, hana, no_pictures="on")
    roster.close(begun(coming), now=timezone.now(), actor=None)
    assert "写真×" in text(of(kosuke), url(coming, "roster"))


def test_who_gave_the_seat_back_is_not_on_the_list(coming: Session, hana: Member) -> None:
    tell(coming, hana, diet="卵")
    coming.rsvp(hana, Partstat.DECLINED, now=timezone.now())
    assert by_place(coming, now=timezone.now()) == {}


# Questions of the host


def test_a_host_asks_three_ways_and_reads_the_replies(coming: Session, hana: Member, ken, kosuke: Member) -> None:
    sent = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "0"}
    for n, (words, kind, choices) in enumerate(
        [("どこから", "text", ""), ("のみもの", "choice", "珈琲\n紅茶\n\n珈琲"), ("そのあとお茶", "yes_no", "")]
    ):
        sent |= {f"form-{n}-text": words, f"form-{n}-kind": kind, f"form-{n}-choices": choices}
    assert of(kosuke).post(url(coming, "asking"), sent).status_code == 302
    first, second, third = Question.objects.filter(session=coming)
    assert (second.choices, [one.position for one in (first, second, third)]) == (["珈琲", "紅茶"], [1, 2, 3])
    reply = {f"question{first.pk}": "横浜", f"question{second.pk}": "紅茶", f"question{third.pk}": "no"}
    assert tell(coming, hana, **reply) == 302
    coming.rsvp(ken, Partstat.ACCEPTED, now=timezone.now())
    tell(coming, ken, **{f"question{second.pk}": "珈琲"})
    found = replies.of(coming)
    assert [(one.words, one.counts) for one in found] == [
        ([("hana", "横浜")], ()), ((), [("珈琲", 1), ("紅茶", 1)]), ((), [("はい", 0), ("いいえ", 1)])
    ]  # fmt: skip
    assert "横浜" in text(of(kosuke), url(coming, "asking"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "", "kind": "yes_no"}, "たずねたいことを書いてください。"),
        ({"text": "あ" * 201}, "200"),
        ({"kind": "choice", "choices": "珈琲"}, "二つ以上"),
        ({"kind": "choice", "choices": "\n".join(str(n) for n in range(9))}, "八つまで"),
        ({"kind": "choice", "choices": "あ" * 61 + "\nい"}, "60字まで"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_a_sentence(
    session: Session, kosuke: Member, fields: dict[str, str], words: str
) -> None:
    values = {"text": "のみもの", "kind": "text", "choices": ""} | fields
    sent = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"} | {f"form-0-{k}": v for k, v in values.items()}
    response = of(kosuke).post(url(session, "asking"), sent)
    assert (response.status_code, Question.objects.count()) == (422, 0)
    assert words in response.content.decode()


def test_six_questions_are_one_too_many(session: Session, kosuke: Member) -> None:
    sent = {"form-TOTAL_FORMS": "6", "form-INITIAL_FORMS": "0"}
    for n in range(6):
        sent |= {f"form-{n}-text": f"問い{n}", f"form-{n}-kind": "text", f"form-{n}-choices": ""}
    assert (of(kosuke).post(url(session, "asking"), sent).status_code, Question.objects.count()) == (422, 0)


def test_a_reply_that_is_no_choice_is_refused_and_an_empty_one_takes_it_back(coming: Session, hana: Member) -> None:
    question = asked(coming, kind="choice", choices=["珈琲", "紅茶"])
    name = f"question{question.pk}"
    statuses = [tell(coming, hana, **{name: said}) for said in ("珈琲", "水")]
    assert (statuses, Reply.objects.get().text) == ([302, 422], "珈琲")
    tell(coming, hana, **{name: ""})
    assert Reply.objects.count() == 0


def test_a_question_of_another_morning_takes_no_reply(coming: Session, make_session: Make, hana: Member) -> None:
    other = asked(make_session())
    Details.tell(
        coming.rsvps.get(), {"diet": "", "phone": "", "no_pictures": False}, {other.pk: "x"}, now=timezone.now()
    )
    assert Reply.objects.count() == 0


def test_a_choice_without_choices_is_no_state_of_the_database(session: Session) -> None:
    with pytest.raises(IntegrityError, match="question_has_its_choices"):
        asked(session, kind="choice", choices=["珈琲"])


def test_once_more_without_its_people_asks_the_same(coming: Session, kosuke: Member, hana: Member) -> None:
    question = asked(coming)
    tell(coming, hana, **{f"question{question.pk}": "横浜"})
    of(kosuke).post(url(coming, "copy"))
    draft = Session.objects.latest("pk")
    assert [(one.text, one.replies.count()) for one in draft.questions.all()] == [(question.text, 0)]


# Erased in time


def everything() -> str:
    """Every word in every table of ours, mails that went out among them."""
    words = []
    for model in apps.get_models():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")  # noqa: S608 - our own tables
            words += [str(row[0]) for row in cursor.fetchall()]
    return "\n".join(words)


def kept(*words: str) -> list[bool]:
    found = everything()
    return [word in found for word in words]


def test_after_their_date_they_are_in_no_table_and_in_no_mail(
    make_session: Make, hana: Member, kosuke: Member, now: datetime, settings: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    session = make_session(starts_at=now + timedelta(hours=8))
    question = asked(session)
    session.rsvp(hana, Partstat.ACCEPTED, now=now)
    tell(session, hana, diet="canary-diet", phone="0120-00-1234", **{f"question{question.pk}": "canary-reply"})
    Remembered.objects.update(diet="")
    session.move(session.starts_at + timedelta(minutes=30), now=now, actor=kosuke)
    session.cancel("大雪", now=now, actor=kosuke)
    send_due()
    session.refresh_from_db()
    words = ("canary-diet", "0120-00-1234", "canary-reply")
    found = [kept(*words)]
    for after in (timedelta(hours=23), timedelta(days=1), timedelta(days=13, hours=23), timedelta(days=14)):
        erasure.erase(now=session.ends_at + after)
        found.append(kept(*words))
    assert found == [
        [True, True, True],
        [True, True, True],
        [True, False, True],
        [True, False, True],
        [False, False, False],
    ]


def test_food_stays_with_the_person_until_they_empty_it(coming: Session, make_session: Make, hana: Member) -> None:
    tell(coming, hana, diet="canary-diet")
    erasure.erase(now=coming.ends_at + timedelta(days=14))
    assert (Details.objects.get().diet, Remembered.objects.get().diet) == ("", "canary-diet")
    later = make_session(starts_at=coming.starts_at + timedelta(days=28))
    later.rsvp(hana, Partstat.ACCEPTED, now=timezone.now())
    tell(later, hana, diet="")
    assert kept("canary-diet") == [False]


def test_what_is_remembered_does_not_come_back_to_an_old_list(coming: Session, hana: Member) -> None:
    Remembered.objects.create(member=hana, diet="えび")
    nows = (coming.ends_at + timedelta(days=13), coming.ends_at + timedelta(days=14))
    assert [len(by_place(coming, now=now)) for now in nows] == [1, 0]


def test_erasing_twice_erases_nothing_more_and_leaves_other_mornings_alone(
    coming: Session, make_session: Make, hana: Member
) -> None:
    later = make_session(starts_at=coming.starts_at + timedelta(days=28))
    later.rsvp(hana, Partstat.ACCEPTED, now=timezone.now())
    for session in (coming, later):
        tell(session, hana, diet="卵", phone="090-0000-0001")
    at = coming.ends_at + timedelta(days=14)
    assert [erasure.erase(now=at), erasure.erase(now=at)] == [2, 0]
    assert Details.objects.get(rsvp__session=later).phone == "090-0000-0001"


# What it costs


def test_the_pages_cost_the_same_for_one_and_for_thirty(session: Session, person, kosuke: Member, hana) -> None:
    for number in range(3):
        asked(session, f"問い{number}")
    costs = []
    for people in (1, 29):
        for n in range(people):
            member = person(f"m{people}-{n}")
            session.rsvp(member, Partstat.ACCEPTED, now=timezone.now())
            rsvp = session.rsvps.get(member=member)
            told = {"diet": "卵", "phone": "1", "no_pictures": True}
            Details.tell(rsvp, told, {one.pk: "x" for one in session.questions.all()}, now=timezone.now())
        host, guest = of(kosuke), of(Member.objects.get(email="m1-0@example.com"))
        host.get("/about/")
        costs.append(
            [
                statements(lambda c=host: c.get(url(session, "asking"))),
                statements(lambda c=guest: c.get(url(session))),
            ]
        )
    assert costs == [[(200, 7), (200, 7)], [(200, 7), (200, 7)]]
