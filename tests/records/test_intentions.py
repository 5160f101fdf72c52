"""What somebody will do with it: written beside the line taken home, read by nobody else, asked about once."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from events.models import Attendance, ReminderRule, Series, Session
from events.models.reminder import MONTHLY, begin_with, due_at
from events.reminders import carry_out
from members.models import Block, Club, Member
from outbox.models import Delivery
from outbox.sending import send_due
from outbox.stops import Stop
from records import intentions, taken_home
from records.models import Intention, Takeaway
from search.models import Document
from tests.events.pages import statements, text
from tests.events.test_seats_race import at_once

TOKYO = ZoneInfo("Asia/Tokyo")
THAT = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)
NEXT = datetime(2027, 2, 11, 7, 0, tzinfo=TOKYO)
A_DAY = timedelta(days=1)
WORDS = "値札をぜんぶ書きなおす"
FORM = {"text": "値札は声だ", "audience": "public", "signed": "name", "will_do": WORDS}


@pytest.fixture
def that(club: Club, series: Series, make_session: Callable[..., Session], hana: Member, ken: Member) -> Session:
    """A morning to which Hana and Ken came."""
    session = make_session(starts_at=THAT, roster_closed_at=THAT + timedelta(hours=2), title="値札の朝")
    for member in (hana, ken):
        Attendance.objects.create(session=session, member=member)
    return session


@pytest.fixture
def coming(that: Session, series: Series, make_session: Callable[..., Session], hana: Member, settings) -> Session:
    """The next morning, to which Hana comes; the series writes the evening before."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    begin_with(series, MONTHLY)
    session = make_session(starts_at=NEXT, title="次の朝")
    session.rsvp(hana, "ACCEPTED", now=NEXT - 20 * A_DAY)
    Delivery.objects.all().delete()
    return session


def client_of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def meant(session: Session, member: Member, words: str = WORDS) -> Intention:
    Intention.objects.mean(session, member, words, language="ja", now=session.ends_at)
    return Intention.objects.get(session=session, member=member)


def evening(session: Session) -> list[str]:
    """The mails of the evening before, as its tick and the reminders make them."""
    at = due_at(ReminderRule.objects.get(template="tomorrow"), session)
    before = len(mail.outbox)
    with time_machine.travel(at, tick=False):
        intentions.tick(now=at)
        carry_out(now=at)
        send_due()
    return [str(letter.body) for letter in mail.outbox[before:]]


def asked(body: str) -> list[str]:
    return re.findall(r"/intentions/\S+", body)


def test_it_is_written_on_the_same_form_and_read_by_its_writer_alone(
    that: Session, hana: Member, ken: Member, kosuke: Member, mallory: Member
) -> None:
    address = f"/sessions/{that.code}/takeaway/"
    with time_machine.travel(THAT + A_DAY, tick=False):
        home = client_of(hana)
        assert home.post(address, FORM).status_code == 302
        assert Intention.objects.get().text == WORDS
        pages = [text(home, url) for url in (that.get_absolute_url(), address, "/mornings/")]
        assert [WORDS in page for page in pages] == [True] * 3
        others = [Client(), *map(client_of, (ken, kosuke, mallory))]
        assert [WORDS in text(one, that.get_absolute_url()) for one in others] == [False] * 4
        assert ["値札は声だ" in text(one, that.get_absolute_url()) for one in others] == [True] * 4
    assert Document.objects.matching("書きなおす").count() == 0


@pytest.mark.parametrize(
    ("said", "line", "mine"),
    [
        ({"text": "", "will_do": WORDS}, [], [WORDS]),
        ({"text": "値札は声だ", "will_do": ""}, ["値札は声だ"], []),
        ({"text": "値札は声だ", "will_do": " 一軒\u2028まわる "}, ["値札は声だ"], ["一軒 まわる"]),
    ],
)
def test_either_may_stay_empty(that: Session, hana: Member, said: dict[str, str], line: list[str], mine: list[str]):
    """And what is emptied is taken back."""
    home, address = client_of(hana), f"/sessions/{that.code}/takeaway/"
    for form in (FORM, FORM | said):
        assert home.post(address, form).status_code == 302
    assert list(Takeaway.objects.values_list("text", flat=True)) == line
    assert list(Intention.objects.values_list("text", flat=True)) == mine


def test_nothing_at_all_and_too_much_is_said_and_stays_in_the_form(that: Session, hana: Member) -> None:
    home, address = client_of(hana), f"/sessions/{that.code}/takeaway/"
    empty = home.post(address, FORM | {"text": " ", "will_do": ""})
    long = home.post(address, FORM | {"will_do": "長" * 201})
    assert (empty.status_code, "まだ空いています" in empty.content.decode()) == (422, True)
    assert (long.status_code, "長" * 201 in long.content.decode()) == (422, True)
    assert (Takeaway.objects.count(), Intention.objects.count()) == (0, 0)


def test_the_evening_before_the_next_morning_asks_once(that: Session, coming: Session, hana: Member) -> None:
    meant(that, hana)
    (body,) = evening(coming)
    assert body[body.index("やってみると") : body.index("道順と入口")].splitlines()[:7] == [
        "やってみると書いたこと",
        "",
        f"「{WORDS}」",
        "その後、いかがでしたか。",
        "ひと押しで答える:",
        f"http://localhost:8000{asked(body)[0]}",
        "",
    ]
    assert "この一行を読めるのは、ご本人だけです。お尋ねするのは一度きりです。" in body


def test_who_answered_is_not_asked_and_nobody_twice(
    that: Session, coming: Session, hana: Member, ken: Member, make_session: Callable[..., Session]
) -> None:
    """The mail of a morning moved by a week, and of the one after that, does not ask again."""
    coming.rsvp(ken, "ACCEPTED", now=NEXT - 20 * A_DAY)
    after = make_session(starts_at=NEXT + 28 * A_DAY)
    for member in (hana, ken):
        after.rsvp(member, "ACCEPTED", now=NEXT)
        meant(that, member)
    Intention.objects.get(member=ken).say("not_yet", now=NEXT - 2 * A_DAY)
    Delivery.objects.all().delete()
    assert sorted(len(asked(body)) for body in evening(coming)) == [0, 1]
    coming.move(NEXT + 7 * A_DAY, now=NEXT - timedelta(hours=10))
    coming.refresh_from_db()
    assert [asked(body) for body in evening(coming) if "明日の朝" in body] == [[], []]
    assert [asked(body) for body in evening(after)] == [[], []]


def test_who_gave_the_seat_back_before_the_mail_is_asked_before_the_next_one(
    that: Session, coming: Session, hana: Member, make_session: Callable[..., Session]
) -> None:
    row = meant(that, hana)
    intentions.tick(now=NEXT - timedelta(hours=30))
    row.refresh_from_db()
    assert (row.asked_before, row.asked_for) == (coming, NEXT.date())
    coming.rsvp(hana, "DECLINED", now=NEXT - timedelta(hours=29))
    intentions.tick(now=NEXT - timedelta(hours=28))
    row.refresh_from_db()
    assert (row.asked_before, row.asked_for) == (None, None)
    after = make_session(starts_at=NEXT + 28 * A_DAY)
    after.rsvp(hana, "ACCEPTED", now=NEXT)
    Delivery.objects.all().delete()
    assert [len(asked(body)) for body in evening(after)] == [1]


def test_a_morning_called_off_or_moved_before_its_mail_has_not_asked(
    that: Session, coming: Session, hana: Member, kosuke: Member
) -> None:
    row = meant(that, hana)
    intentions.tick(now=NEXT - timedelta(hours=30))
    coming.move(NEXT + 7 * A_DAY, now=NEXT - timedelta(hours=29))
    intentions.tick(now=NEXT - timedelta(hours=28))
    row.refresh_from_db()
    assert row.asked_before is None
    intentions.tick(now=NEXT + 6 * A_DAY)
    row.refresh_from_db()
    assert row.asked_for == (NEXT + 7 * A_DAY).date()
    coming.refresh_from_db()
    coming.cancel(reason="雪", now=NEXT + 6 * A_DAY, actor=kosuke)
    intentions.tick(now=NEXT + 6 * A_DAY)
    row.refresh_from_db()
    assert row.asked_before is None


@pytest.mark.parametrize(("days", "is_asked"), [(4, False), (5, True), (366, True), (367, False)])
def test_not_so_soon_that_nothing_can_have_been_done_nor_after_a_year(
    that: Session, hana: Member, make_session: Callable[..., Session], days: int, is_asked: bool
) -> None:
    row = meant(that, hana)
    session = make_session(starts_at=THAT + days * A_DAY)
    session.rsvp(hana, "ACCEPTED", now=THAT)
    for hours in (24 + 7, 24 + 6, 1):
        intentions.tick(now=session.starts_at - timedelta(hours=hours, minutes=59))
        row.refresh_from_db()
    assert (row.asked_before == session) is is_asked


def test_before_the_day_before_nobody_is_asked(that: Session, coming: Session, hana: Member) -> None:
    row = meant(that, hana)
    for hours, is_asked in ((31.5, False), (31, True)):
        intentions.tick(now=NEXT - timedelta(hours=hours))
        row.refresh_from_db()
        assert (row.asked_before is not None) is is_asked


def test_who_stopped_these_mails_finds_the_question_on_the_page(that: Session, coming: Session, hana: Member) -> None:
    meant(that, hana)
    Stop.objects.create(address=hana.email, topic="remind", about=f"series:{that.series_id}", since=THAT)
    assert evening(coming) == []
    with time_machine.travel(NEXT - timedelta(hours=12), tick=False):
        for url in (coming.get_absolute_url(), f"/sessions/{coming.code}/morning/"):
            assert WORDS in text(client_of(hana), url)


def test_a_tap_on_the_card_answers_and_the_card_is_gone(
    that: Session, coming: Session, hana: Member, ken: Member, kosuke: Member
) -> None:
    meant(that, hana)
    at = NEXT - timedelta(hours=12)
    intentions.tick(now=at)
    url = f"/sessions/{that.code}/intention/"
    with time_machine.travel(at, tick=False):
        home = client_of(hana)
        assert f'action="{url}"' in text(home, coming.get_absolute_url())
        assert [WORDS in text(client_of(one), coming.get_absolute_url()) for one in (ken, kosuke)] == [False, False]
        for stranger in (ken, kosuke):
            assert client_of(stranger).post(url, {"outcome": "done"}).status_code == 404
        assert home.get(url).status_code == 405
        assert home.post(url, {"outcome": "bought"}).status_code == 302
        assert Intention.objects.get().outcome == ""
        assert home.post(url, {"outcome": "done", "before": "1"})["Location"] == f"{coming.get_absolute_url()}morning/"
        assert (Intention.objects.get().outcome, Intention.objects.get().answered_at) == ("done", at)
        assert WORDS not in text(home, coming.get_absolute_url())
        assert "できました" in text(home, "/mornings/")


def test_who_answers_on_the_page_of_the_morning_stays_there_as_long_as_the_seat_is_theirs(
    that: Session, coming: Session, hana: Member
) -> None:
    meant(that, hana)
    at = NEXT - timedelta(minutes=30)
    intentions.tick(now=at)
    url, said = f"/sessions/{that.code}/intention/", {"outcome": "not_yet", "before": "1"}
    page = f"{coming.get_absolute_url()}morning/"
    with time_machine.travel(at, tick=False):
        home = client_of(hana)
        assert f'action="{url}"' in text(home, page)
        assert home.post(url, said)["Location"] == page
        coming.rsvp(hana, "DECLINED", now=at)
        assert home.post(url, said)["Location"] == coming.get_absolute_url()


def test_not_yet_may_become_done_among_ones_own_mornings(that: Session, hana: Member) -> None:
    row, home = meant(that, hana), client_of(hana)
    row.say("not_yet", now=NEXT)
    assert 'value="done"' in text(home, "/mornings/")
    assert home.post(f"/sessions/{that.code}/intention/", {"outcome": "done"})["Location"] == "/mornings/"
    assert 'name="outcome"' not in text(home, "/mornings/")


def test_the_link_of_the_mail_shows_by_get_and_acts_by_post(that: Session, coming: Session, hana: Member) -> None:
    meant(that, hana)
    (body,) = evening(coming)
    (path,) = asked(body)
    with time_machine.travel(NEXT, tick=False):
        shown = Client().get(path)
        assert (shown.status_code, WORDS in shown.content.decode()) == (200, True)
        assert (shown["Referrer-Policy"], shown["X-Robots-Tag"]) == ("strict-origin", "noindex")
        assert Intention.objects.get().outcome == ""
        assert Client().post(path, {"outcome": "x"}).status_code == 422
        assert Client().post(path, {"outcome": "let_go"})["Location"] == path
        assert "やめにしました" in Client().get(path).content.decode()
    assert Intention.objects.get().outcome == "let_go"
    with time_machine.travel(NEXT + 91 * A_DAY, tick=False):
        assert Client().get(path).status_code == 404


def test_a_link_made_void_or_of_a_line_taken_back_opens_nothing(that: Session, hana: Member) -> None:
    row = meant(that, hana)
    token = intentions.link(row, now=NEXT).rpartition("/intentions/")[2].strip("/")
    assert intentions.read(token, now=NEXT) == row
    Member.objects.filter(pk=hana.pk).update(link_version=2)
    assert intentions.read(token, now=NEXT) is None
    Member.objects.filter(pk=hana.pk).update(link_version=1)
    Intention.objects.mean(that, hana, "", language="ja", now=NEXT)
    assert intentions.read(token, now=NEXT) is None


def test_the_same_words_again_keep_the_answer_and_others_are_asked_about_anew(that: Session, hana: Member) -> None:
    meant(that, hana).say("done", now=NEXT)
    assert meant(that, hana).outcome == "done"
    again = meant(that, hana, "もう一枚書く")
    assert (again.outcome, again.asked_before) == ("", None)


def test_an_answer_has_its_time(that: Session, hana: Member) -> None:
    meant(that, hana)
    with pytest.raises(IntegrityError), transaction.atomic():
        Intention.objects.update(outcome="done")


def test_many_lines_of_many_people_cost_as_much_as_one(
    that: Session, coming: Session, person: Callable[..., Member], hana: Member
) -> None:
    at = NEXT - timedelta(hours=12)
    meant(that, hana)
    counted = []
    for number in (1, 30):
        while Intention.objects.count() < number:
            meant(that, person(f"p{Intention.objects.count()}"))
        intentions.tick(now=at)
        home = client_of(hana)
        home.get("/mornings/")
        counted.append(statements(lambda home=home: home.get("/mornings/")))
    assert counted == [(200, 7)] * 2


def test_blocks_change_nothing_for_it_is_ones_own(that: Session, coming: Session, hana: Member, ken: Member) -> None:
    Block.objects.create(member=ken, other=hana)
    meant(that, hana)
    assert [len(asked(body)) for body in evening(coming)] == [1]


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_eight_times_at_once_is_one_line(that: Session, hana: Member) -> None:
    def say() -> None:
        taken_home.keep(that, hana, **FORM, language="ja", now=that.ends_at)

    assert at_once([say] * 8) == []
    assert [row.text for row in Intention.objects.all()] == [WORDS]
