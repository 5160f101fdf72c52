"""A change at the last hour: two taps at any hour, a mail that knows no night, and whom it has not reached."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from events import at_short_notice
from events.links import understood_link
from events.models import Companion, Membership, Notice, Partstat, Rsvp, Session
from events.pages import unreached
from members.models import Club, Member
from outbox.models import Delivery
from outbox.sending import send_due
from tests.events.pages import statements, text
from tests.events.test_roster import of

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)
NIGHT = datetime(2027, 1, 13, 23, 30, tzinfo=TOKYO)
Make = Callable[..., Session]


@pytest.fixture
def night() -> object:
    """The night before, long after nine."""
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def morning(club: Club, make_session: Make, hana: Member, ken: Member, settings: object, night: object) -> Session:
    """hana has the one seat, ken waits."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    session = make_session(starts_at=START, capacity=1)
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=NIGHT - timedelta(days=20))
    Delivery.objects.all().delete()
    return session


def called_off(session: Session) -> Session:
    session.cancel("大雪のため", now=timezone.now())
    return session


def link_in(letter: mail.EmailMessage) -> str:
    return next(line for line in letter.body.splitlines() if "/understood/" in line)


def unread(session: Session) -> list[str]:
    return [person.name for person in unreached.of(session).people]


def desk(member: Member) -> str:
    return text(of(member), "/desk/")


# When a word is asked for


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        (START.replace(day=12, hour=23, minute=59), False),
        (START.replace(day=13, hour=0), True),
        (START.replace(day=13, hour=21), True),
        (START - timedelta(minutes=1), True),
    ],
)
def test_a_word_is_asked_for_from_the_day_before_on(make_session: Make, hana: Member, now: datetime, asked) -> None:
    session = make_session(starts_at=START)
    session.rsvp(hana, Partstat.ACCEPTED, now=now - timedelta(days=9))
    session.cancel("大雪", now=now)
    assert Notice.objects.count() == int(asked)


def test_a_morning_of_today_moved_to_next_week_asks_too(morning: Session, hana: Member, ken: Member) -> None:
    morning.move(START + timedelta(days=7), now=NIGHT)
    assert list(Notice.objects.order_by("pk").values_list("rsvp__member", "sequence")) == [(hana.pk, 1), (ken.pk, 1)]


def test_a_morning_of_next_week_moved_to_tomorrow_asks_too(make_session: Make, hana: Member) -> None:
    session = make_session(starts_at=START + timedelta(days=7))
    session.rsvp(hana, Partstat.ACCEPTED, now=NIGHT)
    session.move(START, now=NIGHT)
    assert Notice.objects.count() == 1


def test_telling_twice_asks_once(morning: Session) -> None:
    called_off(morning)
    Notice.objects.tell(morning.pk, morning.sequence, now=NIGHT)
    assert Notice.objects.count() == 2


# The mail and its link


def test_the_mail_goes_at_half_past_eleven_at_night_and_asks_for_one_tap(morning: Session) -> None:
    called_off(morning)
    assert send_due() == 2
    letter = mail.outbox[0]
    body = [line for line in letter.body.splitlines() if not line.startswith("http")]
    assert "\n".join(body) == (
        "hanaさん、\n1月14日(木) 7:00 の回は中止になりました。\n\n値札のない朝\n\n理由:\n大雪のため\n\n"
        "カレンダーの予定は消えます。お手続きはいりません。\n\n"
        "届いたことが世話人に伝わるよう、一度だけ押してください:\n\nこの回のページ:\n\n"
        "----\n席のある方と、お待ちの方にお送りしています。\n届くメールを選ぶ\n河口の朝会"
    )
    assert ">承知しました</a>" in letter.alternatives[0][0]


def test_weeks_ahead_the_mail_asks_for_nothing(make_session: Make, hana: Member, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    session = make_session()
    session.rsvp(hana, Partstat.ACCEPTED, now=timezone.now())
    Delivery.objects.all().delete()
    called_off(session)
    send_due()
    assert "/understood/" not in mail.outbox[0].body


@pytest.mark.parametrize("change", ["cancelled", "moved"])
def test_the_link_shows_and_only_the_button_acts(morning: Session, client: Client, change: str) -> None:
    if change == "moved":
        morning.move(START + timedelta(hours=1), now=NIGHT)
    else:
        called_off(morning)
    send_due()
    link = link_in(mail.outbox[0])
    page = client.get(link).content.decode()
    assert ("この回は中止になりました" in page or "この回の予定が変わりました。" in page, unread(morning)) == (
        True, ["hana", "ken"]
    )  # fmt: skip
    response = client.post(link)
    assert (response.status_code, unread(morning)) == (302, ["ken"])
    assert "届いたことが、世話人に伝わりました。" in client.get(link).content.decode()


def test_the_first_word_counts(morning: Session, hana: Member, client: Client) -> None:
    called_off(morning)
    rsvp = Rsvp.objects.select_related("member").get(member=hana)
    client.post(understood_link(rsvp, morning))
    with time_machine.travel(NIGHT + timedelta(hours=1), tick=False):
        client.post(understood_link(rsvp, morning))
    assert Notice.objects.get(rsvp=rsvp).understood_at == NIGHT


def test_a_link_of_an_earlier_change_does_not_answer_for_the_latest(
    morning: Session, hana: Member, client: Client
) -> None:
    morning.move(START + timedelta(hours=1), now=NIGHT)
    send_due()
    old = link_in(mail.outbox[0])
    called_off(morning)
    assert "そのあと、また変更がありました。" in client.get(old).content.decode()
    client.post(old)
    assert unread(morning) == ["hana", "ken"]


def test_a_link_made_void_or_of_somebody_gone_leads_nowhere(morning: Session, hana: Member, client: Client) -> None:
    called_off(morning)
    link = understood_link(Rsvp.objects.select_related("member").get(member=hana), morning)
    Member.objects.filter(pk=hana.pk).update(link_version=2)
    assert [client.get(link).status_code, client.post(link).status_code] == [404, 404]
    assert unread(morning) == ["hana", "ken"]


def test_the_page_of_the_session_has_the_button_too(morning: Session, hana: Member) -> None:
    called_off(morning)
    page, post = f"/sessions/{morning.code}/", f"/sessions/{morning.code}/understanding/"
    client = of(hana)
    assert post in text(client, page)
    assert (client.post(post).status_code, unread(morning), post in text(client, page)) == (302, ["ken"], False)


# Whom it has not reached


def test_who_gave_the_seat_back_upon_it_has_understood(morning: Session, hana: Member) -> None:
    morning.move(START + timedelta(hours=1), now=NIGHT)
    morning.rsvp(hana, Partstat.DECLINED, now=NIGHT)
    assert unread(morning) == ["ken"]


def test_moved_and_moved_back_before_any_mail_went_asks_nobody(morning: Session, kosuke: Member) -> None:
    morning.move(START + timedelta(hours=1), now=NIGHT)
    morning.move(START, now=NIGHT)
    send_due()
    assert (unread(morning), "「承知しました」" in desk(kosuke)) == ([], False)


def test_the_desk_says_how_many_and_the_page_has_names_phones_and_what_became_of_the_mail(
    morning: Session, hana: Member, kosuke: Member
) -> None:
    Member.objects.filter(pk=hana.pk).update(phone="090-0000-0001", phone_level=2)
    Companion.objects.create(rsvp=Rsvp.objects.get(member=hana), name="友だち")
    called_off(morning)
    assert "「承知しました」がまだの方が2人います" in desk(kosuke)
    first, second = unreached.of(morning).people
    assert (first.name, first.phone, first.friends, first.is_waiting, first.mail) == (
        "hana", "090-0000-0001", 1, False, unreached.Mail.WAITS
    )  # fmt: skip
    assert (second.name, second.phone, second.is_waiting) == ("ken", "", True)
    send_due()
    Delivery.objects.filter(to=second.name + "@example.com").update(bounced_at=NIGHT)
    assert [one.mail for one in unreached.of(morning).people] == [unreached.Mail.GONE, unreached.Mail.FAILED]
    page = text(of(kosuke), f"/sessions/{morning.code}/unreached/")
    assert ('href="tel:090-0000-0001"' in page, "メールが届いていません" in page) == (True, True)


def test_a_phone_for_nobody_is_not_shown(morning: Session, hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(phone="090-0000-0001", phone_level=0)
    called_off(morning)
    assert unreached.of(morning).people[0].phone == ""


def test_the_host_notes_whom_they_told_by_telephone(morning: Session, hana: Member, kosuke: Member) -> None:
    called_off(morning)
    rsvp = Rsvp.objects.get(member=hana)
    url = f"/sessions/{morning.code}/unreached/"
    assert [of(kosuke).post(url, {"rsvp": sent}).status_code for sent in (rsvp.pk, "9" * 20, "x")] == [302, 404, 404]
    assert (unread(morning), Notice.objects.get(rsvp=rsvp).reached_by) == (["ken"], kosuke)


def test_once_it_would_have_begun_the_desk_asks_no_more(morning: Session, kosuke: Member) -> None:
    called_off(morning)
    counts = [unreached.unread([morning], now=now)[morning.pk] for now in (START - timedelta(minutes=1), START)]
    assert counts == [2, 0]


def test_the_list_costs_the_same_for_one_and_for_thirty(make_session: Make, person, kosuke: Member, night) -> None:
    costs = []
    for number in (1, 30):
        session = make_session(starts_at=START, capacity=60)
        for n in range(number):
            session.rsvp(person(f"m{number}-{n}"), Partstat.ACCEPTED, now=NIGHT)
        called_off(session)
        client = of(kosuke)
        client.get("/about/")  # the club itself is remembered
        costs.append(statements(lambda c=client, s=session: c.get(f"/sessions/{s.code}/unreached/")))
    assert costs == [(200, 7), (200, 7)]


# Two taps


def test_two_taps_call_it_off(morning: Session, kosuke: Member) -> None:
    client = of(kosuke)
    first = text(client, f"/sessions/{morning.code}/morning/")
    assert f'href="/sessions/{morning.code}/cancellation/"' in first
    assert 'name="reason" value="大雪のため"' in text(client, f"/sessions/{morning.code}/cancellation/")
    client.post(f"/sessions/{morning.code}/cancellation/", {"reason": "大雪のため"})
    morning.refresh_from_db()
    assert (morning.cancel_reason, unread(morning)) == ("大雪のため", ["hana", "ken"])


@pytest.mark.parametrize(
    ("reason", "japanese", "english"),
    [
        ("大雪のため", "大雪のため", "Because of the snow"),
        ("Because of the snow", "大雪のため", "Because of the snow"),
        ("大雪のため、道が通れません", "大雪のため、道が通れません", "大雪のため、道が通れません"),
    ],
)
def test_a_chosen_reason_is_said_in_the_readers_language_and_a_typed_one_as_it_was_typed(
    morning: Session, hana: Member, ken: Member, kosuke: Member, reason: str, japanese: str, english: str
) -> None:
    Member.objects.filter(pk=ken.pk).update(language="en")
    of(kosuke).post(f"/sessions/{morning.code}/cancellation/", {"reason": reason})
    assert send_due() == 2
    told = {letter.to[0]: letter.body.splitlines() for letter in mail.outbox}
    said = {
        to: lines[1 + max(lines.index(word) for word in ("理由:", "Reason:") if word in lines)]
        for to, lines in told.items()
    }
    assert said == {hana.email: japanese, ken.email: english}
    page = Client().get(morning.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    assert f"</strong>{english}</p>" in page


def test_two_taps_move_it(morning: Session, kosuke: Member) -> None:
    page = text(of(kosuke), f"/sessions/{morning.code}/move/")
    assert [label in page for label in ("30分後に", "1時間後に", "1週間後に")] == [True, True, True]
    venue = str(morning.venue_id)
    assert f'name="venue" value="{venue}"' in page
    of(kosuke).post(f"/sessions/{morning.code}/move/", {"on": "2027-01-14", "at": "07:30", "venue": venue})
    morning.refresh_from_db()
    assert (morning.local_start, morning.venue_id) == (START + timedelta(minutes=30), int(venue))


def test_a_week_later_is_the_same_hour_where_the_clocks_change_in_between(make_session: Make) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2027, 3, 25, 7, 0, tzinfo=zone)
    session = make_session(starts_at=start, timezone="Europe/Berlin")
    later = at_short_notice.shifts(session, now=start - timedelta(hours=9))[-1]
    assert (str(later.on), str(later.at)) == ("2027-04-01", "07:00:00")


def test_weeks_ahead_the_forms_stand_alone(session: Session, kosuke: Member) -> None:
    pages = [text(of(kosuke), f"/sessions/{session.code}/{noun}/") for noun in ("cancellation", "move")]
    assert ["一度押すだけで" in page for page in pages] == [False, False]


# Who cannot come


def test_who_cannot_come_after_all_stands_on_the_hosts_phone_and_on_the_list(
    morning: Session, hana: Member, kosuke: Member
) -> None:
    of(hana).post(f"/sessions/{morning.code}/rsvp/", {"partstat": "DECLINED"})
    pages = [text(of(kosuke), f"/sessions/{morning.code}/{noun}/") for noun in ("morning", "roster")]
    assert ["来られなくなりました（23:30に連絡）" in page for page in pages] == [True, True]
    assert "空いている席: 1 お待ちの方1人のうち、先に押した方の席になります。" in pages[0]


def test_who_gave_the_seat_back_days_before_or_never_had_one_is_not_among_them(
    make_session: Make, hana: Member, ken: Member, kosuke: Member, night
) -> None:
    session = make_session(starts_at=START)
    session.rsvp(hana, Partstat.ACCEPTED, now=NIGHT - timedelta(days=9))
    session.rsvp(hana, Partstat.DECLINED, now=NIGHT - timedelta(days=3))
    session.rsvp(ken, Partstat.DECLINED, now=NIGHT)
    assert "来られなくなりました" not in text(of(kosuke), f"/sessions/{session.code}/morning/")


# The hour of decision


def test_until_when_storm_and_snow_are_decided_stands_on_the_page(session: Session, client: Client) -> None:
    words = "台風や雪のときは、前の日の18:00までに決め、メールとこのページでお知らせします"
    shown = [words in text(client, f"/sessions/{session.code}/")]
    session.series.decides_at = None
    session.series.save()
    shown.append(words in text(client, f"/sessions/{session.code}/"))
    assert shown == [True, False]


def test_a_host_sets_the_hour(session: Session, kosuke: Member) -> None:
    assert 'name="decides_at" value="18:00"' in text(of(kosuke), f"/series/{session.series.slug}/edit/")


def test_another_series_host_sees_nobody(morning: Session, mallory: Member) -> None:
    called_off(morning)
    Membership.objects.filter(member=mallory).delete()
    url = f"/sessions/{morning.code}/unreached/"
    assert [of(mallory).get(url).status_code, of(mallory).post(url, {"rsvp": "1"}).status_code] == [404, 404]
