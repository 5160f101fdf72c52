"""The monthly letter: when it lies ready, what is in it, to whom it goes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from archive.bulletins.due import ready, steps
from archive.bulletins.parts import excerpt, offer, period, read
from archive.models import Bulletin
from events.models import Membership, Series, Session
from introductions.followups import FollowUp
from introductions.models import Introduction, Round
from members.levels import Level
from members.models import Activity, Block, Member
from members.news import News
from outbox.models import Delivery, Lane
from outbox.stops import Stop
from records.models import Report, Takeaway
from speakers.models import Speaker
from tests.events.pages import crowd, talk

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)
NOW = START + timedelta(days=10, hours=3)


@pytest.fixture
def morning(make_session: Callable[..., Session]) -> Session:
    return make_session(starts_at=START, number=37, published_at=START - timedelta(days=30))


def kept(session: Session, *chosen: str, greeting: str = "皆さま") -> Bulletin:
    keys = list(chosen) or [f"morning:{session.pk}"]
    return Bulletin.objects.keep(session, greeting=greeting, chosen=keys, language="ja", now=NOW)


def line(session: Session, member: Member | None, text: str, audience: str = "members", **fields: object) -> Takeaway:
    return Takeaway.objects.create(session=session, member=member, text=text, audience=audience, **fields)


def test_the_letter_lies_ready_ten_days_after_the_morning(morning: Session) -> None:
    at = [START + timedelta(days=d, minutes=m) for d, m in ((9, 1439), (10, 0), (39, 1439), (40, 0))]
    assert [ready([morning], now=now) for now in at] == [[], [morning], [morning], []]
    (step,) = steps([morning], NOW)
    assert (step.what, step.url) == ("今月のたよりができています", f"/sessions/{morning.code}/bulletin/")


def test_a_morning_that_was_called_off_or_is_a_draft_has_none(make_session: Callable[..., Session]) -> None:
    off = make_session(starts_at=START, cancelled_at=START, cancel_reason="台風")
    draft = make_session(starts_at=START, published_at=None)
    assert ready([off, draft], now=NOW) == []


def test_a_weekly_series_has_one_letter_a_month(make_session: Callable[..., Session], kosuke: Member) -> None:
    weeks = [make_session(starts_at=START + timedelta(weeks=n)) for n in range(6)]
    kept(weeks[0]).send(now=NOW, actor=kosuke)
    found = [ready(weeks, now=NOW + timedelta(weeks=n)) for n in range(6)]
    assert found == [[], [], [], [], [weeks[4]], [weeks[5]]]


def test_a_letter_that_was_begun_is_finished_before_a_later_one(make_session: Callable[..., Session]) -> None:
    first, second = (make_session(starts_at=START + timedelta(weeks=n)) for n in range(2))
    kept(first)
    assert ready([first, second], now=NOW + timedelta(weeks=1)) == [first]


def test_two_series_have_a_letter_each_in_one_query(
    morning: Session, make_session: Callable[..., Session], django_assert_num_queries: Callable[[int], object]
) -> None:
    evening = Series.objects.create(slug="evening", name="夜の会", starts_on="2024-01-10", at="19:00")
    other = make_session(starts_at=START, series=evening)
    with django_assert_num_queries(1):
        assert ready([morning, other], now=NOW) == [morning, other]


def test_it_tells_of_the_mornings_since_the_last_letter(make_session: Callable[..., Session], kosuke: Member) -> None:
    _old, first, off, second, third = (make_session(starts_at=START + timedelta(weeks=n)) for n in (-1, 0, 1, 2, 3))
    Session.objects.filter(pk=off.pk).update(cancelled_at=START, cancel_reason="台風")
    assert period(third, now=NOW).mornings == (first, second, third)
    kept(first).send(now=NOW, actor=kosuke)
    assert period(third, now=NOW).mornings == (second, third)


def test_three_lines_are_in_those_for_everyone_first_and_none_that_was_for_the_hosts(
    morning: Session, person: Callable[..., Member]
) -> None:
    people = [person(f"p{n}") for n in range(6)]
    members = [line(morning, people[n], f"{n}") for n in range(3)]
    public = line(morning, people[3], "3", audience="public")
    line(morning, people[4], "4", audience="hosts")
    line(morning, people[5], "5", audience="public", hidden_at=NOW)
    offered = offer(morning, now=NOW)
    keys = [f"line:{one.pk}" for one in (public, *members)]
    assert offered.keys == (f"morning:{morning.pk}", *keys)
    assert offered.chosen == (f"morning:{morning.pk}", *keys[:3])


def test_the_next_morning_is_told_of_as_long_as_it_is_on(
    morning: Session, make_session: Callable[..., Session], hana: Member
) -> None:
    coming = make_session(starts_at=START + timedelta(days=28), number=38)
    make_session(starts_at=START + timedelta(days=56))
    keys = offer(morning, now=NOW).keys
    assert keys == (f"morning:{morning.pk}", f"next:{coming.pk}")
    (item,) = read(keys[1:], hana)[0].items
    assert item.title == "2月11日(木) 7:00　第38回 値札のない朝"
    Session.objects.filter(pk=coming.pk).update(cancelled_at=NOW, cancel_reason="雪")
    assert read(keys[1:], hana) == []


def test_where_the_next_morning_has_no_guest_the_next_guest_is_told_of_too(
    morning: Session, make_session: Callable[..., Session], sato: Speaker
) -> None:
    first, second, third = (make_session(starts_at=START + timedelta(days=days)) for days in (20, 28, 56))
    keys = [f"next:{one.pk}" for one in (first, second, third)]
    found = [offer(morning, now=NOW).keys[1:]]
    for session in (third, second, first):
        talk(session, sato)
        found.append(offer(morning, now=NOW).keys[1:])
    assert found == [(keys[0],), (keys[0], keys[2]), (keys[0], keys[1]), (keys[0],)]


def test_a_line_narrowed_or_hidden_later_leaves_the_letter(morning: Session, hana: Member, ken: Member) -> None:
    lines = [line(morning, hana, "湯気"), line(morning, ken, "原価")]
    keys = [f"line:{one.pk}" for one in lines]
    assert [item.text for item in read(keys, hana)[0].items] == ["湯気", "原価"]
    Takeaway.objects.filter(pk=lines[0].pk).update(audience="hosts")
    Takeaway.objects.filter(pk=lines[1].pk).update(hidden_at=NOW)
    assert read(keys, hana) == []


def test_a_line_without_its_writers_name_has_no_face(morning: Session, hana: Member) -> None:
    (item,) = read([f"line:{line(morning, hana, '湯気', signed='none').pk}"], hana)[0].items
    assert (item.who, item.person) == ("", None)


def test_who_is_kept_away_reads_no_line_with_that_name(morning: Session, hana: Member, ken: Member) -> None:
    Block.objects.create(member=hana, other=ken)
    keys = [f"line:{line(morning, hana, text, signed=signed).pk}" for text, signed in (("湯気", "surname"),)]
    keys.append(f"line:{line(morning, None, '原価', signed='name').pk}")
    assert [[item.text for item in read(keys, one)[0].items] for one in (hana, ken)] == [["湯気", "原価"], ["原価"]]


def test_a_draft_of_a_report_is_not_told(morning: Session, kosuke: Member, hana: Member) -> None:
    keys = [f"morning:{morning.pk}"]
    for is_published, told in ((False, ""), (True, "湯気の話。")):
        Report.objects.write(morning, "湯気の話。", language="ja", is_published=is_published, now=NOW, actor=kosuke)
        assert read(keys, hana)[0].items[0].text == told


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("短い一行。", "短い一行。"),
        ("見出し\n" + "あ" * 60 + "。" + "い" * 60 + "。" + "う" * 60 + "。", "あ" * 60 + "。" + "い" * 60 + "。"),
        ("あ" * 200, "あ" * 139 + "…"),
    ],
)
def test_a_report_is_told_in_whole_sentences(text: str, begin: str) -> None:
    assert excerpt(text) == begin


def test_it_goes_to_members_of_the_series_who_want_it_once(
    morning: Session, series: Series, kosuke: Member, hana: Member, ken: Member, mallory: Member
) -> None:
    for member in (ken, mallory):
        series.join(member, now=NOW)
    Member.objects.filter(pk=mallory.pk).update(joined_at=None)
    Stop.objects.stop(ken.email, [("letter", f"series:{series.pk}")], now=NOW)
    bulletin = kept(morning)
    assert (bulletin.send(now=NOW, actor=kosuke), bulletin.send(now=NOW, actor=kosuke)) == (2, 0)
    rows = Delivery.objects.order_by("pk").values_list("key", "to", "lane", "next_attempt_at")
    assert list(rows) == [
        (f"bulletin:{bulletin.pk}:{one.pk}", one.email, Lane.BULK, NOW) for one in (kosuke, hana, ken)
    ]
    done = Activity.objects.get(verb="bulletin.send")
    assert (done.actor, done.target, done.detail) == (kosuke, "series:breakfast", {"to": 2, "about": morning.code})


def test_sent_by_night_it_goes_in_the_morning(morning: Session, kosuke: Member) -> None:
    night = datetime(2027, 1, 25, 23, 0, tzinfo=TOKYO)
    kept(morning).send(now=night, actor=kosuke)
    assert {row.next_attempt_at for row in Delivery.objects.all()} == {datetime(2027, 1, 26, 7, 0, tzinfo=TOKYO)}


def test_an_empty_letter_does_not_go(morning: Session, kosuke: Member) -> None:
    bulletin = Bulletin.objects.keep(morning, greeting="皆さま", chosen=[], language="ja", now=NOW)
    with pytest.raises(ValidationError, match="載せるものがありません"):
        bulletin.send(now=NOW, actor=kosuke)
    assert Delivery.objects.count() == 0


def test_once_sent_it_stays_as_it_is(morning: Session, kosuke: Member) -> None:
    kept(morning).send(now=NOW, actor=kosuke)
    with pytest.raises(ValidationError, match="送信ずみ"):
        kept(morning, greeting="あとから")
    assert Bulletin.objects.get().greeting == "皆さま"


def test_members_who_may_see_the_series_may_read_its_letters(
    morning: Session, series: Series, kosuke: Member, hana: Member, mallory: Member
) -> None:
    kept(morning)
    assert list(Bulletin.objects.visible_to(hana)) == []
    Bulletin.objects.get().send(now=NOW, actor=kosuke)
    Series.objects.filter(pk=series.pk).update(audience=Series.Audience.SERIES)
    visible = [Bulletin.objects.visible_to(one).count() for one in (hana, mallory)]
    Series.objects.filter(pk=series.pk).update(audience=Series.Audience.PUBLIC)
    Member.objects.filter(pk=hana.pk).update(joined_at=None)
    hana.refresh_from_db()
    assert (visible, [Bulletin.objects.visible_to(one).count() for one in (hana, mallory)]) == ([1, 0], [0, 1])


@pytest.mark.parametrize("number", [1, 30])
def test_sending_takes_the_same_number_of_statements_for_many(
    morning: Session, series: Series, kosuke: Member, number: int, django_assert_num_queries: Callable[[int], object]
) -> None:
    Membership.objects.bulk_create([Membership(series=series, member=one) for one in crowd(number)])
    bulletin = kept(morning)
    with django_assert_num_queries(8):
        bulletin.send(now=NOW, actor=kosuke)
    assert Delivery.objects.count() == number + 2


def test_news_is_told_of_members_of_the_series_who_let_its_members_read_it(
    morning: Session, series: Series, hana: Member, ken: Member, kosuke: Member, mallory: Member
) -> None:
    series.join(ken, now=NOW)
    News.objects.tell(kosuke, "本の三章まで書けました。", level=Level.SERIES, now=NOW)
    News.objects.tell(hana, "内緒です。", level=Level.MORNING, now=NOW)
    News.objects.tell(mallory, "よその会の者です。", level=Level.MEMBERS, now=NOW)
    (key,) = offer(morning, now=NOW).keys[1:]
    (item,) = read([key], ken)[0].items
    assert (item.text, item.who, item.is_public) == ("本の三章まで書けました。", "kosukeさん", False)
    assert read([key], mallory) == []
    Block.objects.create(member=kosuke, other=ken)
    assert (read([key], ken), len(read([key], hana))) == ([], 1)


def test_news_told_anew_leaves_the_letter_that_told_the_old(morning: Session, hana: Member, kosuke: Member) -> None:
    News.objects.tell(kosuke, "店を移りました。", level=Level.MEMBERS, now=NOW)
    keys = offer(morning, now=NOW).keys[1:]
    assert len(read(keys, hana)) == 1
    News.objects.tell(kosuke, "店を閉めました。", level=Level.MEMBERS, now=NOW)
    assert read(keys, hana) == []


def test_news_is_told_once(make_session: Callable[..., Session], morning: Session, kosuke: Member) -> None:
    """From one letter to the next, also what was written between the letter and the next morning."""
    News.objects.tell(kosuke, "店を移りました。", level=Level.MEMBERS, now=NOW - timedelta(days=1))
    kept(morning).send(now=NOW, actor=kosuke)
    after = make_session(starts_at=START + timedelta(days=26))
    later = NOW + timedelta(days=28)
    assert offer(after, now=later).keys == (f"morning:{after.pk}",)
    News.objects.tell(kosuke, "店を閉めました。", level=Level.MEMBERS, now=NOW + timedelta(days=1))
    assert len(offer(after, now=later).keys) == 2


def test_what_came_of_an_introduction_is_told_where_it_was_meant_for_the_club(
    morning: Session, hana: Member, ken: Member, kosuke: Member, mallory: Member
) -> None:
    round_ = Round.objects.create(session=morning, seed="1", computed_at=START)
    told = {"asked_at": START, "story": "返却できる紙の丼を、二店で試しています。", "story_at": NOW}
    keys = []
    for first, second, seen in ((hana, ken, "wall"), (kosuke, mallory, "hosts"), (hana, kosuke, "private")):
        one, other = sorted((first, second), key=lambda member: member.pk)
        introduction = Introduction.objects.create(round=round_, first=one, second=other, value=1)
        row = FollowUp.objects.create(introduction=introduction, member=first, story_for=seen, **told)
        keys.append(f"story:{row.pk}")
    assert offer(morning, now=NOW).keys[1:] == (keys[0],)
    (item,) = read(keys, mallory)[0].items
    assert (item.text, item.who, item.is_public) == (told["story"], "hanaさん", False)
    Block.objects.create(member=hana, other=mallory)
    assert read(keys, mallory) == []
