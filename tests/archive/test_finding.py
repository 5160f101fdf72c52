"""Searching the past: what is found, under which morning, and by whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Attendance, Membership, Series, Session, Talk, TalkSpeaker
from members.models import Club, Member
from records.models import Report, Takeaway
from search import sources
from search.models import Document
from speakers.models import Book, Speaker
from tests.archive.test_archive_page import many, titles
from tests.events.pages import crowd, statements, talk, text
from tests.members.test_profile import GIVEN

NOW = timezone.now()
Make = Callable[..., Session]


@pytest.fixture
def morning(make_session: Make, sato: Speaker, hana: Member) -> Session:
    """A past morning with a guest, a book, a report and a line; 流通 is in report and line."""
    session = make_session(starts_at=NOW - timedelta(days=20), title="冷凍庫をひらくと", number=131, summary="夜中の話")
    talk(session, sato, "冷凍庫をひらくと", abstract="倉庫の一日")
    Report.objects.create(
        session=session, body="## 夜\n\n冷凍食品の**流通**は、夜中の三時間で決まる。", published_at=NOW
    )
    Takeaway.objects.create(session=session, member=hana, text="食品への流通は最後の一キロ", audience="public")
    sources.refresh([session.code])
    return session


def without_links(page: str) -> str:
    """The places as they read."""
    return re.sub(r"<b><a [^>]*>(.*?)</a></b>", r"<b>\1</b>", page)


def test_words_are_found_under_their_morning_and_marked(client: Client, club: Club, morning: Session) -> None:
    page = without_links(text(client, "/archive/?q=流通"))
    assert (titles(page), "「流通」は1回の朝に出てきます" in page) == (["冷凍庫をひらくと"], True)
    assert '<b>報告</b><span lang="ja">夜 冷凍食品の<mark>流通</mark>は、夜中の三時間で決まる。</span>' in page
    assert '<b>持ち帰ったこと</b><span lang="ja">食品への<mark>流通</mark>は最後の一キロ</span>' in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("冷凍庫", "<mark>冷凍庫</mark>をひらくと"),
        ("佐藤", "<mark>佐藤</mark> 朝子先生"),
        ("さとう", '<b>ゲスト</b><span lang="ja">佐藤 朝子 — <mark>さとう</mark> あさこ'),
        ("Asako", "<mark>Asako</mark> Sato"),
        ("帳場", '<b>本</b><span lang="ja">夜明けの<mark>帳場</mark>'),
        ("倉庫", '<b>話</b><span lang="ja"><mark>倉庫</mark>の一日'),
        ("夜中の話", '<b>案内</b><span lang="ja"><mark>夜中</mark>の<mark>話</mark>'),
        ("食品流通", "<mark>食品の流通</mark>"),
    ],
)  # fmt: skip
def test_everything_that_remains_is_found(client: Client, morning: Session, query: str, shows: str) -> None:
    Report.objects.update(body="食品の流通は夜に決まる。")
    sources.refresh([morning.code])
    page = without_links(text(client, f"/archive/?q={query}"))
    assert (titles(page) != [], shows in page) == (True, True), page[page.find("<ol") : page.find("</ol>")]


@pytest.mark.parametrize(
    ("place", "finds"),
    [("", True), ("reports", True), ("takeaways", True), ("books", False), ("guests", False), ("talks", False)],
)
def test_one_looks_in_one_place(client: Client, morning: Session, place: str, finds: bool) -> None:
    assert titles(text(client, f"/archive/?q=流通&in={place}")) == (["冷凍庫をひらくと"] if finds else [])


def test_what_people_took_home_and_reports_are_read_without_a_word_to_look_for(
    client: Client, morning: Session, make_session: Make, ken: Member, hana: Member
) -> None:
    bare = make_session(starts_at=NOW - timedelta(days=5), title="何も残らない朝")
    older = make_session(starts_at=NOW - timedelta(days=50), title="湯気の朝")
    for member, words, audience in ((hana, "湯気の向こう", "public"), (ken, "会員への一行", "members")):
        Takeaway.objects.create(session=older, member=member, text=words, audience=audience)
    sources.refresh([older.code, bare.code])
    page = text(client, "/archive/?in=takeaways")
    assert titles(page) == ["冷凍庫をひらくと", "湯気の朝"]
    assert "2回の朝から持ち帰ったこと" in page
    assert re.findall(r'</a></b><span lang="ja">(.*?)</span>', page) == ["食品への流通は最後の一キロ", "湯気の向こう"]
    page = text(client, "/archive/?in=reports&sort=best")
    assert (titles(page), "1回の朝の報告" in page) == (["冷凍庫をひらくと"], True)
    assert titles(text(client, f"/archive/?in=takeaways&year={older.local_start.year - 30}")) == []
    assert "ここには、まだありません" in text(client, f"/archive/?in=takeaways&year={older.local_start.year - 30}")
    client.force_login(ken)
    assert "会員への一行" in text(client, "/archive/?in=takeaways")
    # Everything else is browsed as ever.
    assert len(titles(text(client, "/archive/?in=books"))) == 3


def test_each_place_leads_to_where_it_was_found(client: Client, morning: Session, sato: Speaker) -> None:
    other = talk(morning, sato, "帳場の話", abstract="流通の一日")
    sources.refresh([morning.code])
    here = morning.get_absolute_url()
    shown = re.findall(r'<p><b><a href="(.*?)">(.*?)</a></b>', text(client, "/archive/?q=流通"))
    assert shown == [
        (f"{here}#report", "報告"),
        (f"{here}#learned", "持ち帰ったこと"),
        (f"{here}#talk-{other.pk}", "話"),
    ]
    assert f'id="talk-{other.pk}"' in text(client, here)


def test_a_member_is_found_by_the_name_they_have_now(client: Client, morning: Session, hana: Member) -> None:
    Talk.objects.create(session=morning, title="帳場の一日", member=hana)
    Takeaway.objects.update(signed="name", audience="members")
    Member.objects.filter(pk=hana.pk).update(name="有馬 花")
    sources.refresh([morning.code])
    # Which member it was is for members, on the list, in the search and as a filter.
    assert titles(text(client, "/archive/?q=有馬")) == titles(text(client, "/archive/?guest=有馬")) == []
    client.force_login(hana)
    assert titles(text(client, "/archive/?q=有馬")) == ["冷凍庫をひらくと"]
    assert client.post("/profile/", GIVEN | {"name": "羽衣 はな"}).status_code == 302
    assert [titles(text(client, f"/archive/?q={name}")) for name in ("羽衣", "有馬")] == [["冷凍庫をひらくと"], []]


def test_which_member_spoke_is_not_told_to_strangers(client: Client, make_session: Make, hana: Member) -> None:
    own = make_session(starts_at=NOW - timedelta(days=20), title="値札の話")
    Member.objects.filter(pk=hana.pk).update(name="有馬 花")
    Talk.objects.create(session=own, title="値札の話", member=hana)
    sources.refresh([own.code])
    for query in ("", "?q=値札", "?q=有馬"):
        page = text(client, f"/archive/{query}")
        assert ("有馬" in page.split('id="found"')[1].split("<li")[-1], "会員の話" in page) == (
            False,
            query != "?q=有馬",
        )
    client.force_login(hana)
    assert ["有馬" in text(client, f"/archive/{query}") for query in ("", "?q=値札", "?q=有馬")] == [True] * 3


def test_year_and_series_narrow_the_search(client: Client, morning: Session) -> None:
    year = morning.local_start.year
    pages = [
        text(client, f"/archive/?q=流通&{more}")
        for more in (f"year={year}", "year=1999", "series=breakfast", "series=x")
    ]
    assert [bool(titles(page)) for page in pages] == [True, False, True, False]
    assert ("ここには見あたりません" in pages[1], 'href="/archive/?q=%E6%B5%81%E9%80%9A&amp;"' in pages[1]) == (
        True,
        True,
    )


def test_the_newest_first_or_the_best(client: Client, make_session: Make) -> None:
    for days, title, summary in ((9, "人脈", ""), (2, "朝", "人脈の話")):
        make_session(starts_at=NOW - timedelta(days=days), title=title, summary=summary)
    sources.refresh(list(Session.objects.values_list("code", flat=True)))
    newest, best = text(client, "/archive/?q=人脈"), text(client, "/archive/?q=人脈&sort=best")
    assert ("".join(titles(newest)[:1]), "<mark>人脈</mark></a>" in best.split("</li>")[-3]) == ("朝", False)
    assert best.index("<mark>人脈</mark></a>") < best.index("人脈</mark>の話")


def test_twenty_mornings_on_a_page_and_a_count_that_ends_at_a_thousand(client: Client, series: Series) -> None:
    Document.objects.put(
        Document(kind="talk", key=f"{n}", title="人脈", session_code=f"none{n}", audience="public") for n in range(1001)
    )
    page = text(client, "/archive/?q=人脈")
    assert "「人脈」は、とても多くの朝に出てきます" in page
    assert "新しい300か所から、近い順" in text(client, "/archive/?q=人脈&sort=best")
    Document.objects.filter(key="0").delete()
    assert "「人脈」は1,000回の朝に出てきます" in text(client, "/archive/?q=人脈")


def test_a_word_is_excluded_with_its_morning_and_hidden_text_tells_nothing(
    client: Client, club: Club, morning: Session, make_session: Make, sato: Speaker
) -> None:
    """The report has 流通, the title beside it has not."""
    other = make_session(title="底冷え", summary="冷凍庫の話", starts_at=NOW - timedelta(days=9))
    sources.refresh([other.code])
    page = text(client, "/archive/?q=冷凍庫 -流通")
    assert (titles(page), "1回の朝に出てきます" in page) == (["底冷え"], True)
    Document.objects.filter(body__contains="流通").update(audience="members")
    Document.objects.filter(title__contains="流通").update(audience="members")
    assert titles(text(client, "/archive/?q=冷凍庫 -流通")) == ["底冷え", "をひらくと"]


def test_what_is_excluded_from_too_much_is_looked_for_among_the_newest(client: Client, club: Club) -> None:
    fields = {"kind": "talk", "audience": "public"}
    Document.objects.put(
        Document(key=f"{n}", title="人脈 流通", session_code=f"none{n}", on=NOW.date(), **fields) for n in range(1001)
    )
    older = NOW.date() - timedelta(days=9)
    Document.objects.put([Document(key="older", title="人脈", session_code="older", on=older, **fields)])
    page = text(client, "/archive/?q=人脈 -流通")
    assert ("新しい1,000か所の中でさがしました。" in page, "見あたりません" in page) == (True, True)
    Document.objects.filter(key="7").update(vector=Document(title="人脈").tokens())
    page = text(client, "/archive/?q=人脈 -流通")
    assert ("新しい1,000か所の中で</p>" in page, "1回の朝に出てきます" in page) == (True, True)
    assert "新しい300か所の中で" in text(client, "/archive/?q=人脈 -流通&sort=best")
    Document.objects.filter(key__in=["0", "1"]).delete()
    page = text(client, "/archive/?q=人脈 -流通")
    assert ("か所の中で" in page, "2回の朝に出てきます" in page) == (False, True)


def test_what_is_coming_is_found_and_says_so(client: Client, session: Session) -> None:
    sources.refresh([session.code])
    page = text(client, "/archive/?q=値札")
    assert ('<span class="chip">これから</span>' in page, "date-block--past" in page) == (True, False)


@pytest.mark.parametrize("words", ["☕", "-流通"])
def test_a_query_that_asks_for_nothing_is_told_so(client: Client, morning: Session, words: str) -> None:
    page = text(client, f"/archive/?q={words}")
    assert (titles(page), "さがすことばをお書きください" in page) == ([], True)


def test_what_is_not_there_is_told_without_a_nought(client: Client, morning: Session) -> None:
    page = text(client, "/archive/?q=羅針盤")
    assert ("「羅針盤」は見あたりません" in page, "よみでもさがせます" in page) == (True, True)


def test_what_is_typed_is_shown_as_it_is_and_harms_nobody(client: Client, morning: Session) -> None:
    Takeaway.objects.update(text="<script>alert(1)</script> 流通 <b>")
    sources.refresh([morning.code])
    page = text(client, "/archive/?q=流通 %22%3E%3Cscript%3Ealert(1)")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert 'value="流通 &quot;&gt;&lt;script&gt;alert(1)"' in page


def test_searching_takes_three_statements(
    client: Client, club: Club, morning: Session, make_session: Make, sato: Speaker, hana: Member
) -> None:
    client.get("/archive/?q=流通")
    for hits in (1, 30):
        while Session.objects.count() < hits:
            talk(make_session(starts_at=NOW - timedelta(days=50)), sato, "流通の話")
        sources.refresh(list(Session.objects.values_list("code", flat=True)))
        for order in ("", "best"):
            assert statements(lambda order=order: client.get(f"/archive/?q=流通&sort={order}")) == (200, 3)
    client.force_login(hana)
    client.get("/archive/")
    signed_in = statements(lambda: client.get("/about/"))[1]
    assert statements(lambda: client.get("/archive/?q=流通")) == (200, signed_in + 3)


@pytest.fixture
def guests(client: Client, club: Club, make_session: Make, sato: Speaker) -> dict[str, Session]:
    """Three mornings about 流通: with Asako Sato, with 髙橋 in another year, and with both trades at one table."""
    other = Speaker.objects.create(name="髙橋 奏", yomi="たかはし かなで", romaji="Kanade Takahashi")
    made = {}
    for name, days, guest in (("佐藤の朝", 20, sato), ("髙橋の朝", 800, other), ("佐藤ふたたび", 900, sato)):
        made[name] = make_session(title=name, starts_at=NOW - timedelta(days=days))
        talk(made[name], guest, "流通の話")
    sources.refresh([session.code for session in made.values()])
    return made


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("guest=佐藤", ["佐藤の朝", "佐藤ふたたび"]),
        ("guest=さとう+あさこ", ["佐藤の朝", "佐藤ふたたび"]),
        ("guest=高橋", ["髙橋の朝"]),
        ("guest=takahashi", ["髙橋の朝"]),
        ("guest=流通", []),
        ("guest=%22-", ["佐藤の朝", "髙橋の朝", "佐藤ふたたび"]),
    ],
)
def test_a_guest_narrows_the_past_and_the_search(
    client: Client, guests: dict[str, Session], query: str, shown: list[str]
) -> None:
    assert [titles(text(client, f"/archive/?{more}{query}")) for more in ("", "q=流通&", "q=流通&sort=best&")] == [
        shown
    ] * 3


def test_of_several_talks_of_a_morning_the_row_leads_to_that_of_the_guest(
    client: Client, morning: Session, sato: Speaker
) -> None:
    here, mori = morning.get_absolute_url(), Speaker.objects.create(name="森 一", yomi="もり はじめ")
    first, second = morning.talks.get(), talk(morning, mori, "二つめの話")
    sources.refresh([morning.code])
    href = re.compile(r'result__title"[^>]*><a href="(.*?)"')
    for guest, place in (("もり", f"#talk-{second.pk}"), ("佐藤", f"#talk-{first.pk}"), ("", "")):
        for words in ("", "&q=流通"):
            page = text(client, f"/archive/?guest={guest}{words}")
            assert href.findall(page) == [here + place]
            assert ("二つめの話" in page) is (guest == "もり")
    Talk.objects.filter(pk=second.pk).update(abstract="市場の話")
    Talk.objects.filter(pk=first.pk).update(abstract="市場の流通")
    sources.refresh([morning.code])
    found = re.compile(r"<p><b><a href=\"(.*?)\"")
    assert [found.findall(text(client, f"/archive/?guest={guest}&q=市場")) for guest in ("もり", "佐藤")] == [
        [f"{here}#talk-{second.pk}"],
        [f"{here}#talk-{first.pk}"],
    ]
    second.delete()
    assert href.findall(text(client, "/archive/?guest=佐藤")) == [here]


def test_a_trade_narrows_the_past_from_five_people_up(client: Client, guests: dict[str, Session]) -> None:
    people = crowd(6)
    for one, industry in zip(people, "MIIIIJ", strict=True):
        one.industry = industry
        one.save()
    Member.objects.filter(pk=people[5].pk).update(industry_level=0)
    for name, there in (("佐藤の朝", people), ("髙橋の朝", people[:4])):
        Attendance.objects.bulk_create(Attendance(session=guests[name], member=one) for one in there)
    shown = {code: titles(text(client, f"/archive/?industry={code}")) for code in "MIJZ"}
    everything = ["佐藤の朝", "髙橋の朝", "佐藤ふたたび"]
    assert shown == {"M": ["佐藤の朝"], "I": ["佐藤の朝"], "J": [], "Z": everything}
    assert titles(text(client, "/archive/?q=流通&industry=M")) == ["佐藤の朝"]
    page = text(client, "/archive/?q=流通&industry=M&guest=佐藤")
    assert re.findall(r'<option value="(\w)"', page.split('id="industry"')[1].split("</select>")[0]) == ["I", "M"]
    # Each filter can be taken away by itself, and the words stay.
    links = re.findall(r'<a class="chip" href="/archive/\?([^"]*)"', page)
    assert [unquote(link) for link in links] == ["q=流通&amp;guest=佐藤&amp;", "q=流通&amp;industry=M&amp;"]


@pytest.mark.parametrize("words", ["第7回", "第７回", "第 7 回", "No. 7", "no.7", "#7", "7回目"])
def test_a_morning_is_found_by_its_number(client: Client, guests: dict[str, Session], words: str) -> None:
    Session.objects.filter(pk=guests["髙橋の朝"].pk).update(number=7)
    page = text(client, f"/archive/?{urlencode({'q': words})}")
    assert (titles(page), "か所" in page) == (["髙橋の朝"], False)
    assert titles(text(client, f"/archive/?{urlencode({'q': words, 'guest': '佐藤'})}")) == []
    assert statements(lambda: client.get(f"/archive/?{urlencode({'q': words})}")) == (200, 3)


def test_a_series_that_is_called_so_is_named(client: Client, guests: dict[str, Session]) -> None:
    other = Series.objects.create(slug="evening", name="夜の会", starts_on="2024-01-10", at="19:00")
    Session.objects.filter(pk=guests["髙橋の朝"].pk).update(series=other)
    named = re.compile(r'この名前の会があります。 <a href="([^"]*)">(.*?)</a>')
    shown = [
        named.findall(text(client, f"/archive/?q={words}")) for words in ("朝食会", "夜の", "会", "breakfast", "流通")
    ]
    breakfast = [("/archive/?series=breakfast&amp;", "朝食会（2回）")]
    assert shown == [breakfast, [("/archive/?series=evening&amp;", "夜の会（1回）")], [], breakfast, []]


def test_topics_lead_to_their_mornings(client: Client, guests: dict[str, Session]) -> None:
    Talk.objects.filter(session__in=[guests["佐藤の朝"], guests["髙橋の朝"]]).update(tags=["流通", "夜"])
    Talk.objects.filter(session=guests["佐藤ふたたび"]).update(tags=["夜"])
    page = text(client, "/archive/?q=流通")
    topics = re.findall(r'<a class="chip" href="/archive/\?([^"]*)">(.*?)</a>', page.split('id="topics"')[1])
    assert [(unquote(query), topic) for query, topic in topics] == [
        ("q=流通&amp;topic=夜&amp;", "夜"),
        ("q=流通&amp;topic=流通&amp;", "流通"),
    ]
    assert titles(text(client, "/archive/?topic=流通")) == ["佐藤の朝", "髙橋の朝"]
    assert titles(text(client, "/archive/?topic=流通&q=流通&guest=高橋")) == ["髙橋の朝"]
    assert 'href="/archive/?topic=%E5%A4%9C"' in text(client, guests["佐藤の朝"].get_absolute_url())


def test_filters_stay_while_one_turns_pages(client: Client, series: Series, guests: dict[str, Session]) -> None:
    many(series, 51)
    TalkSpeaker.objects.update(speaker=Speaker.objects.get(name="髙橋 奏"))
    sources.refresh(list(Session.objects.values_list("code", flat=True)))
    page = text(client, "/archive/?guest=髙橋&year=")
    assert (len(titles(page)), "54回の朝" in page) == (20, True)
    assert f'href="?guest={quote("髙橋")}&amp;page=2"' in page
    assert statements(lambda: client.get("/archive/?guest=髙橋&industry=M")) == (200, 2)


# Who finds which of these words: one for everything that may be hidden, and one that may not.
WORDS = {
    "ほんだな": "a public line", "しおかぜ": "a line for members", "かくれが": "a line for hosts",
    "うらやま": "a line a host has hidden", "したがき": "a report that is a draft", "ゆうだち": "a draft session",
    "あらなみ": "a cancelled session", "ないしょ": "a series of its own", "なかまうち": "a series for members",
}  # fmt: skip
EVERYBODY = {"ほんだな"}
MEMBERS = {"ほんだな", "しおかぜ", "なかまうち"}


@pytest.fixture
def hidden(
    morning: Session, make_session: Make, hana: Member, ken: Member, person: Callable[..., Member]
) -> list[Series]:
    """Something of every kind that could leak."""
    authors = [hana, ken, person("a"), person("b")]
    Takeaway.objects.all().delete()
    lines = [
        ("public", "ほんだな", None),
        ("members", "しおかぜ", None),
        ("hosts", "かくれが", None),
        ("public", "うらやま", NOW),
    ]
    for author, (audience, line, hidden_at) in zip(authors, lines, strict=True):
        Attendance.objects.create(session=morning, member=author)
        Takeaway.objects.create(session=morning, member=author, text=line, audience=audience, hidden_at=hidden_at)
    Report.objects.update(body="したがき", published_at=None)
    days = {"starts_at": NOW - timedelta(days=3)}
    make_session(title="ゆうだち", published_at=None, **days)
    make_session(title="あらなみ", cancelled_at=NOW, cancel_reason="波", **days)
    closed = []
    for audience, title in (("series", "ないしょ"), ("members", "なかまうち")):
        one = Series.objects.create(slug=audience, name="別の会", audience=audience, starts_on="2024-01-01", at="07:00")
        session = make_session(series=one, title=title, **days)
        Talk.objects.create(session=session, title=title, abstract=title)
        guest = Speaker.objects.create(name=f"{title} 客")
        Book.objects.create(speaker=guest, title=f"{title}の本")
        talk(session, guest, f"{title}の話")
        Report.objects.create(session=session, body=f"{title}の報告", published_at=NOW)
        Takeaway.objects.create(session=session, member=hana, text=f"{title}の一行", audience="public")
        closed.append(one)
    sources.refresh(list(Session.objects.values_list("code", flat=True)))
    return closed


def found_by(client: Client, viewer: Member | None) -> set[str]:
    """The words for which a page shows a morning; a word shown nowhere is not in any excerpt, figure or page either."""
    client.logout()
    if viewer is not None:
        client.force_login(viewer)
    found = set()
    for word in WORDS:
        pages = [text(client, f"/archive/?q={word}&sort={order}") for order in ("", "best")]
        seen = [bool(titles(page)) for page in pages]
        assert seen[0] == seen[1]
        assert [f"「{word}」は1回の朝" in page for page in pages] == seen
        assert [f"<mark>{word}" in page for page in pages] == seen
        found |= {word} if seen[0] else set()
    return found


def test_nobody_finds_what_is_hidden_from_them(
    client: Client, hidden: list[Series], hana: Member, kosuke: Member, mallory: Member, person: Callable[..., Member]
) -> None:
    operator = person("operator", is_staff=True)
    insider = person("insider")
    Membership.objects.create(series=hidden[0], member=insider)
    passer_by = person("visitor", joined_at=None)
    assert {
        "nobody": found_by(client, None),
        "visitor": found_by(client, passer_by),
        "member": found_by(client, hana),
        "host": found_by(client, kosuke),
        "stranger": found_by(client, mallory),
        "insider": found_by(client, insider),
        "operator": found_by(client, operator),
    } == {
        "nobody": EVERYBODY,
        "visitor": EVERYBODY,
        "member": MEMBERS,
        "host": MEMBERS,
        "stranger": MEMBERS,
        "insider": MEMBERS | {"ないしょ"},
        "operator": MEMBERS | {"ないしょ"},
    }


def test_a_word_that_is_hidden_stands_on_no_page_of_the_morning(
    client: Client, hidden: list[Series], morning: Session, hana: Member, kosuke: Member, mallory: Member
) -> None:
    def shown(viewer: Member | None) -> set[str]:
        client.logout()
        if viewer is not None:
            client.force_login(viewer)
        page = text(client, morning.get_absolute_url())
        lines = len([word for word in ("ほんだな", "しおかぜ", "かくれが", "うらやま") if word in page])
        assert f"{lines}人が書きました" in page
        return {word for word in WORDS if word in page}

    assert {"nobody": shown(None), "hana": shown(hana), "mallory": shown(mallory), "kosuke": shown(kosuke)} == {
        "nobody": {"ほんだな"},
        "hana": {"ほんだな", "しおかぜ"},
        "mallory": {"ほんだな", "しおかぜ"},
        "kosuke": {"ほんだな", "しおかぜ", "かくれが"},
    }


def test_the_index_alone_lets_nobody_see_a_session(client: Client, morning: Session) -> None:
    Document.objects.put([Document(kind="talk", key="x", title="羅針盤", session_code=morning.code, audience="public")])
    Series.objects.update(audience="series")
    page = text(client, "/archive/?q=羅針盤")
    assert (titles(page), morning.code in page) == ([], False)


def test_statements_do_not_grow_with_what_is_found(client: Client, club: Club, morning: Session) -> None:
    many: list[Any] = [
        Document(kind="talk", key=f"t{n}", title="羅針盤", body="羅針盤", session_code=morning.code, audience="public")
        for n in range(60)
    ]
    Document.objects.put(many)
    page = text(client, "/archive/?q=羅針盤")
    assert (titles(page), "ほか56か所" in page) == (["冷凍庫をひらくと"], True)
