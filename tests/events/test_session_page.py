from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events import versions
from events.models import Companion, Membership, Partstat, Series, Session, Talk, Venue
from events.pages import people
from members.industries import Industry
from members.models import Member
from records.models import Report, Takeaway
from speakers.models import Book, Speaker
from tests.events.pages import came, crowd, seat, statements, talk, text

NOW = timezone.now
PHONE = "090-0000-0000"


def over(make_session, days: int = 7, **fields) -> Session:
    return make_session(starts_at=NOW() - timedelta(days=days), **fields)


def url(session: Session) -> str:
    return session.get_absolute_url()


# What stands there


def test_the_page_answers_when_where_with_whom_and_is_there_a_seat(client, make_session, sato) -> None:
    session = make_session(number=132, summary="値段を考えます。", programme="6:40 開場\n7:00 朝ごはん\n本も売ります")
    talk(session, sato)
    page = text(client, url(session))
    for words in (
        "第132回",
        "値札のない朝",
        "<rt>さとう</rt>",
        "著書『夜明けの帳場』（ひばり書林）",
        "喫茶みなと",
        "2,000円",
    ):
        assert words in page
    for words in (
        "あと<b>24</b>席",
        "値段を考えます。",
        "<time>6:40</time><span>開場</span>",
        "<span>本も売ります</span>",
    ):
        assert words in page
    assert page.count('class="button button--act') == 1


def test_seats_and_button_come_before_when_where_and_fee(client, session) -> None:
    page = text(client, url(session))
    assert page.index('id="seat"') < page.index("session__act") < page.index('class="facts"')


def test_somebody_signed_out_goes_to_sign_in_and_back(client, session) -> None:
    page = text(client, url(session))
    assert f'href="{url(session)}visit/"' in page
    assert "<form" not in page[page.index("<main") : page.index("</main")]


@pytest.mark.parametrize(
    ("fields", "words", "acts"),
    [
        ({}, "受付中", True),
        ({"capacity": 1, "seats_taken": 1}, "お待ちの方はまだなく、1番目になります。", False),
        ({"rsvp_opens_at": NOW() + timedelta(days=1)}, "からです。", False),
        ({"rsvp_closes_at": NOW() - timedelta(days=1)}, "受付は終わりました。", False),
        ({"starts_at": NOW() - timedelta(minutes=1)}, "もう始まっています。", False),
        ({"starts_at": NOW() - timedelta(days=1)}, "date-block--past", False),
        ({"cancelled_at": NOW(), "cancel_reason": "台風のため"}, "台風のため", False),
    ],
)
def test_the_button_says_what_can_be_done(client, make_session, hana, fields, words, acts) -> None:
    session = make_session(**fields)
    client.force_login(hana)
    page = text(client, url(session))
    assert (words in page, "button--act" in page) == (True, acts)


def test_a_cancelled_morning_is_struck_and_asks_for_nothing(client, make_session, hana) -> None:
    session = make_session()
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    session.cancel("台風のため", now=NOW())
    client.force_login(hana)
    page = text(client, url(session))
    assert ("date-block--cancelled" in page, f"{url(session)}rsvp/" in page, "来る人" in page) == (True, False, False)


def test_only_the_next_morning_of_a_series_wears_the_dawn(client, session, make_session) -> None:
    later = make_session(starts_at=session.starts_at + timedelta(days=14))
    assert ["date-block--dawn" in text(client, url(one)) for one in (session, later)] == [True, False]


def test_before_and_after_lead_to_the_neighbours_that_are_on(client, session, make_session) -> None:
    make_session(starts_at=session.starts_at + timedelta(days=7), title="中止", cancelled_at=NOW(), cancel_reason="雪")
    make_session(starts_at=session.starts_at + timedelta(days=7), title="下書き", published_at=None)
    after = make_session(starts_at=session.starts_at + timedelta(days=14), title="その次", number=7)
    before = over(make_session, title="この前")
    page = text(client, url(session))
    pager = page[page.index('class="pager"') :]
    assert (url(before) in pager, url(after) in pager, "第7回 その次" in pager) == (True, True, True)
    assert ("中止" in pager, "下書き" in pager) == (False, False)


# Who may see what


def test_a_draft_is_for_hosts(client, make_session, kosuke, hana) -> None:
    draft = make_session(published_at=None)
    client.force_login(hana)
    assert client.get(url(draft)).status_code == 404
    client.force_login(kosuke)
    page = text(client, url(draft))
    assert ("下書き（世話人だけに見えます）" in page, 'content="noindex"' in page) == (True, True)


def test_a_session_of_a_closed_series_is_unknown_to_others(client, session, hana, mallory) -> None:
    Series.objects.update(audience=Series.Audience.SERIES)
    assert client.get(url(session)).status_code == 404
    client.force_login(mallory)
    assert client.get(url(session)).status_code == 404
    client.force_login(hana)
    assert client.get(url(session)).status_code == 200


def test_who_comes_is_shown_to_those_who_come_and_only_of_those_who_agreed(client, session, hana, ken, kosuke) -> None:
    comers = crowd(10)
    seat(session, comers)
    listed, hidden = comers[1].name, comers[2].name
    seen = {}
    for viewer in (None, hana, comers[0], kosuke):
        client.logout()
        if viewer:
            client.force_login(viewer)
        page = text(client, url(session))
        seen[viewer.name if viewer else ""] = (f">{listed}<" in page, f">{hidden}<" in page, "なぜ？" in page)
    shown, not_shown = (True, False, True), (False, False, False)
    assert seen == {"": not_shown, "hana": not_shown, comers[0].name: shown, "kosuke": shown}


def test_who_waits_does_not_see_who_comes(client, make_session, hana) -> None:
    session = make_session(capacity=10)
    comers = crowd(10)
    seat(session, comers)
    Session.objects.get(pk=session.pk).rsvp(hana, Partstat.ACCEPTED, now=NOW())
    client.force_login(hana)
    page = text(client, url(session))
    assert ("いま1番目にお待ちです。" in page, comers[1].name in page) == (True, False)


@pytest.mark.parametrize(("number", "drawn"), [(4, False), (5, True)])
def test_the_trades_are_a_picture_for_everybody_from_five_people_on(client, session, number, drawn) -> None:
    seat(session, crowd(number))
    assert ('<figure class="mix">' in text(client, url(session))) == drawn


def test_the_trades_stand_in_one_order_the_largest_first(session) -> None:
    seat(session, reversed(crowd(12)))
    trades = [label for label, _number in people.come(session, names=False).mix]
    assert trades[:2] == [str(Industry("E").label), str(Industry("I").label)]
    assert trades[2:] == [str(Industry(code).label) for code in sorted("GSMLPOJD")]


def test_the_meeting_point_is_for_those_who_come(client, session, hana, ken) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    for viewer, shown in ((None, False), (ken, False), (hana, True)):
        client.logout()
        if viewer:
            client.force_login(viewer)
        page = text(client, url(session))
        assert ("横の木戸を二回たたいてください" in page, f"/m/{session.meeting_code}/" in page) == (shown, shown)


def test_the_phone_number_stands_on_the_card_only_on_the_day(client, session, hana, time_machine) -> None:
    Venue.objects.update(phone=PHONE)
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    client.force_login(hana)
    card = f"/m/{session.meeting_code}/"
    assert [PHONE in text(client, page) for page in (url(session), card)] == [False, False]
    time_machine.move_to(session.starts_at - timedelta(hours=1))
    client.force_login(hana)
    assert [PHONE in text(client, page) for page in (url(session), card)] == [True, True]
    time_machine.move_to(session.starts_at + timedelta(days=1))
    assert PHONE not in text(client, card)


def test_the_card_opens_without_account_and_is_in_no_index(session) -> None:
    response = Client().get(f"/m/{session.meeting_code}/")
    page = response.content.decode()
    assert (response.status_code, response["X-Robots-Tag"]) == (200, "noindex")
    for words in ("喫茶みなと", "横の木戸を二回たたいてください", "kosukeさん"):
        assert words in page
    assert Client().get(f"/m/{session.code}/").status_code == 404


def test_the_card_of_a_draft_is_unknown_and_of_a_cancelled_one_says_so(client, make_session) -> None:
    draft = make_session(published_at=None)
    assert client.get(f"/m/{draft.meeting_code}/").status_code == 404
    off = make_session(cancelled_at=NOW(), cancel_reason="台風のため")
    page = text(client, f"/m/{off.meeting_code}/")
    assert ("台風のため" in page, "横の木戸" in page) == (True, False)


def test_a_members_talk_names_the_member_to_members_only(client, session, ken, hana) -> None:
    Talk.objects.create(session=session, title="統計の一日", member=ken)
    Talk.objects.create(session=session, title="物流の一日", member=hana)
    assert "kenさん" not in text(client, url(session))
    client.force_login(hana)
    assert "kenさん" in text(client, url(session))


@pytest.mark.parametrize(
    ("hour", "said"), [(7, ["どんな朝か", "押すだけで、この朝だけ"]), (19, ["どんな会か", "押すだけで、この回だけ"])]
)
def test_an_evening_is_not_spoken_of_as_a_morning(client, make_session, series, hana, hour, said) -> None:
    Series.objects.update(jobs=["photos"])
    start = (NOW() + timedelta(days=3)).astimezone(series.zone).replace(hour=hour, minute=0)
    session = make_session(starts_at=start, summary="値段を考えます。")
    series.join(hana, now=NOW())
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    client.force_login(hana)
    page = text(client, url(session))
    heads = ("どんな朝か", "どんな会か", "押すだけで、この朝だけ", "押すだけで、この回だけ")
    assert [words for words in heads if words in page] == said


def test_a_morning_of_one_members_talk_is_called_so(client, make_session, ken, hana) -> None:
    session = make_session(title="")
    Talk.objects.create(session=session, title="統計の一日", member=ken)
    page = text(client, url(session))
    assert ("<h1>統計の一日</h1>" in page, "会員の話" in page, "ken" in page, "どんな朝か" in page) == (
        True,
        True,
        False,
        False,
    )
    client.force_login(hana)
    assert '<p class="session__name">kenさん</p>' in text(client, url(session))


# Afterwards


def test_afterwards_the_same_page_tells_what_remains(client, make_session, hana, ken, session) -> None:
    past = over(make_session)
    came(past, [hana, ken, *crowd(4)])
    Report.objects.create(session=past, body="# 題\n\n**太い**話 <script>", author=hana, published_at=NOW())
    Takeaway.objects.create(session=past, member=ken, text="みんなに読める一行", audience="public")
    Takeaway.objects.create(session=past, member=hana, text="会員に読める一行", audience="members", signed="none")
    Takeaway.objects.create(session=past, member=crowd(1)[0], text="世話人に読める一行")
    page = text(client, url(past))
    assert "<h3>題</h3>" in page
    assert "<strong>太い</strong>話 &lt;script&gt;" in page
    assert "<b>6</b>人が来ました" in page
    assert ("みんなに読める一行" in page, "kenさん</" in page, "統計" in page) == (True, True, False)
    assert ("会員に読める一行" in page, "世話人に読める一行" in page, "書いた人" in page) == (False, False, False)
    assert "いた人" not in page
    assert f'href="{url(session)}"' in page[page.index('id="come"') :]
    client.force_login(hana)
    Member.objects.filter(pk=ken.pk).update(listed_at=NOW())
    page = text(client, url(past))
    assert ("会員に読める一行" in page, "世話人に読める一行" in page, "書いた人 hanaさん" in page) == (
        True,
        False,
        True,
    )
    assert (">ken<" in page, "いた人" in page) == (True, True)


def test_a_report_or_a_line_that_is_not_out_is_not_shown(client, make_session, hana, kosuke) -> None:
    past = over(make_session)
    Report.objects.create(session=past, body="まだ下書き", author=hana)
    Takeaway.objects.create(session=past, member=hana, text="隠された一行", audience="public", hidden_at=NOW())
    client.force_login(kosuke)
    page = text(client, url(past))
    assert ("まだ下書き" in page, "隠された一行" in page) == (False, False)


# What it costs


@pytest.fixture
def lively(make_session, sato) -> Session:
    """A coming session with neighbours, two talks, sixty people, a queue."""
    session = make_session(capacity=60, summary="話", programme="7:00 朝ごはん")
    talk(session, sato)
    other = Speaker.objects.create(name="もう一人")
    Book.objects.create(speaker=other, title="別の本")
    talk(session, other)
    for days in (-14, 14):
        talk(make_session(starts_at=session.starts_at + timedelta(days=days)), other)
    return session


@pytest.mark.parametrize(("people", "behind"), [(1, 0), (60, 30)])
def test_a_coming_page_costs_five_statements_and_seven_signed_in(client, lively, make_session, people, behind) -> None:
    for n in range(behind):
        over(make_session, n + 30)
    comers = crowd(people)
    seat(lively, comers)
    client.get(url(lively))
    assert statements(lambda: client.get(url(lively))) == (200, 5)
    client.force_login(comers[0])
    Companion.objects.create(rsvp=lively.rsvps.get(member=comers[0]), name="友だち")
    assert statements(lambda: client.get(url(lively))) == (200, 7)


def test_with_three_thousand_people_behind_it_the_page_costs_the_same(client, lively) -> None:
    seat(lively, crowd(3000))
    client.get(url(lively))
    assert statements(lambda: client.get(url(lively))) == (200, 5)


@pytest.mark.parametrize("people", [1, 30])
def test_a_past_page_costs_at_most_eleven(client, make_session, session, sato, people) -> None:
    past = over(make_session)
    talk(past, sato)
    there = crowd(people)
    came(past, there)
    Report.objects.create(session=past, body="話", author=there[0], published_at=NOW())
    Takeaway.objects.bulk_create([Takeaway(session=past, member=m, text="一行", audience="public") for m in there])
    client.get(url(past))
    assert statements(lambda: client.get(url(past))) == (200, 8)
    client.force_login(there[0])
    assert statements(lambda: client.get(url(past))) == (200, 11)


# What need not be sent again


def test_a_repeated_view_by_nobody_is_answered_304_for_one_statement(client, lively) -> None:
    first = client.get(url(lively))
    assert sorted(part.strip() for part in first["Vary"].split(",")) == ["Accept-Language", "Cookie"]
    again = lambda: client.get(url(lively), headers={"if-none-match": first["ETag"]})  # noqa: E731
    assert statements(again) == (304, 1)
    assert again()["ETag"] == first["ETag"]


def changes(session: Session) -> dict[str, object]:
    """Everything that shows on a page, done by code that knows nothing of versions."""
    venue, member = session.venue, crowd(1)[0]
    past = Session.objects.filter(series=session.series, ends_at__lt=NOW()).first()
    return {
        "title": lambda: Session.objects.filter(pk=session.pk).update(title="別の題"),
        "seats": lambda: session.rsvp(member, Partstat.ACCEPTED, now=NOW()),
        "trade": lambda: Member.objects.filter(pk=member.pk).update(industry="T"),
        "queue": lambda: session.rsvps.update(question="ほかの質問"),
        "venue": lambda: Venue.objects.filter(pk=venue.pk).update(address="移転しました"),
        "series": lambda: Series.objects.update(name="別の名"),
        "book": lambda: Book.objects.update(title="別の本"),
        "guest": lambda: Speaker.objects.update(title="別の肩書"),
        "talk": lambda: Talk.objects.filter(session=session).update(abstract="別の話"),
        "neighbour": lambda: Session.objects.filter(pk=past.pk).update(title="前の回の別の題"),
        "neighbour's talk": lambda: Talk.objects.filter(session=past).update(title="前の回の別の話"),
        "report": lambda: Report.objects.create(session=session, body="話", published_at=NOW()),
        "line": lambda: Takeaway.objects.create(session=session, member=member, text="一行", audience="public"),
        "line hidden": lambda: Takeaway.objects.update(hidden_at=NOW()),
    }


@pytest.mark.django_db(transaction=True)
def test_whatever_changes_on_the_page_changes_its_version(lively, make_session, sato) -> None:
    """On real transactions: the version is made of the numbers of the transactions that wrote the rows."""
    talk(over(make_session), sato)
    seen = [versions.public_page(lively.code, now=NOW())]
    told = {}
    for name, change in changes(lively).items():
        change()
        seen.append(versions.public_page(lively.code, now=NOW()))
        told[name] = seen[-1] != seen[-2]
    assert told == dict.fromkeys(told, True)
    assert versions.public_page(lively.code, now=NOW()) == seen[-1]


def test_the_hours_that_pass_change_the_version(make_session) -> None:
    at = NOW()
    session = make_session(rsvp_opens_at=at + timedelta(days=1), rsvp_closes_at=at + timedelta(days=8))
    marks = [at, *(at + timedelta(days=days) for days in (2, 9)), session.starts_at, session.ends_at]
    seen = [versions.public_page(session.code, now=mark + timedelta(minutes=1)) for mark in marks]
    assert len(set(seen)) == len(marks)


def test_each_language_has_its_own_version(client, session) -> None:
    japanese = client.get(url(session))["ETag"]
    english = client.get(url(session), headers={"accept-language": "en"})
    assert english["Content-Language"] == "en"
    assert english["ETag"] != japanese
    response = client.get(url(session), headers={"accept-language": "en", "if-none-match": japanese})
    assert response.status_code == 200


def test_what_nobody_may_see_has_no_version(session) -> None:
    Series.objects.update(audience=Series.Audience.MEMBERS)
    assert versions.public_page(session.code, now=NOW()) is None
    assert versions.public_page("aaaaaaaaaa", now=NOW()) is None


def test_a_signed_in_reader_is_never_shown_the_page_of_nobody(client, session, hana) -> None:
    version = client.get(url(session))["ETag"]
    client.force_login(hana)
    response = client.get(url(session), headers={"if-none-match": version})
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-cache")


def test_the_page_reads_in_english(client, make_session, sato) -> None:
    session = make_session(number=7)
    talk(session, sato)
    page = client.get(url(session), headers={"accept-language": "en"}).content.decode()
    for words in ("No. 7", "Asako Sato", "I’m coming", "<b>24</b> seats left", "¥2,000, the cost of the room"):
        assert words in page


def test_a_host_belongs_to_those_who_see_a_draft_only_while_hosting(client, make_session, kosuke) -> None:
    draft = make_session(published_at=None)
    Membership.objects.filter(member=kosuke).update(left_at=NOW())
    client.force_login(kosuke)
    assert client.get(url(draft)).status_code == 404
