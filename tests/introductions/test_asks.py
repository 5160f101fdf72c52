"""A question to the club: to at most five whom it fits, the answers the asker's alone, addresses after two yeses."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from archive.bulletins import parts
from events.models import Membership, Session
from introductions import ask_links, asks, favours
from introductions.acquaintance import Exchange
from introductions.asks import Ask, Reply
from introductions.favours import Refused
from introductions.openness import Openness
from introductions.pauses import Pause
from members.concerns import Concern
from members.levels import Level
from members.models import Block, Member
from outbox.models import Delivery
from tests.introductions.test_answers import dropped, of, sent

NOW = timezone.now
A_DAY = timedelta(days=1)


@pytest.fixture
def helper(person: Callable[..., Member]) -> Callable[..., Member]:
    """Somebody who allows questions."""

    def make(name: str, ask_me: str = "空き家の片づけ", **fields) -> Member:
        member = person(name, ask_me=ask_me, **fields)
        Openness.say(member, {"answers"}, now=NOW())
        return member

    return make


@pytest.fixture
def regular(hana: Member, make_morning: Callable[..., Session]) -> Member:
    """hana has come twice."""
    for days in (40, 80):
        make_morning(hana, days=days)
    return hana


def ask(asker: Member, question: str = "空き家を借りたい方を探すには", **fields) -> Ask:
    found = Ask(asker=asker, question=question, **fields)
    found.ask(now=NOW())
    return found


@pytest.fixture
def row(regular: Member, helper: Callable[..., Member]) -> Reply:
    """hana's question has come to rei."""
    helper("rei", role="空き家の相談員")
    return ask(regular).replies.with_people().get()


def owed() -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(kind__startswith="ask.").order_by("pk")
    return [(one.kind, one.to.split("@")[0]) for one in rows]


def names(asker: Member, question: str = "空き家を借りたい方を探すには") -> list[str]:
    return [fit.member.name for fit in asks.fitting_members(asker, question, now=NOW())]


# To whom it goes


def test_it_goes_to_those_whom_it_fits_the_best_first(regular, helper) -> None:
    helper("rei")
    helper("aki", "花の持ち")
    helper("sen", "空き家、借家の約束ごと")
    fits = asks.fitting_members(regular, "空き家や借家の約束ごとにくわしい方", now=NOW())
    assert [(fit.member.name, list(fit.words)) for fit in fits] == [
        ("sen", ["空き家", "借家", "約束ごと"]), ("rei", ["空き家"])
    ]  # fmt: skip


def test_five_at_most_and_whom_nobody_asked_for_longest_first(regular, helper) -> None:
    people = [helper(f"h{n}") for n in range(7)]
    old = Ask.objects.create(asker=people[6], question="…", until=NOW())
    for n, days in ((0, 40), (1, 50)):
        Reply.objects.create(ask=old, member=people[n], words=["空き家"], asked_at=NOW() - days * A_DAY)
    assert names(regular) == ["h2", "h3", "h4", "h5", "h6"]
    Openness.say(people[2], set(), now=NOW())
    Openness.say(people[3], set(), now=NOW())
    assert names(regular) == ["h4", "h5", "h6", "h1", "h0"]


@pytest.mark.parametrize(
    "what", ["not allowed", "block", "blocked", "account", "rest", "asked twice", "told nobody", "oneself"]
)
def test_to_these_it_does_not_go(regular, helper, ken, what: str) -> None:
    rei = helper("rei")
    assert names(regular) == ["rei"]
    if what == "not allowed":
        Openness.say(rei, {"connects"}, now=NOW())
    elif what == "block":
        Block.objects.create(member=regular, other=rei)
    elif what == "blocked":
        Block.objects.create(member=rei, other=regular)
    elif what == "account":
        Member.objects.filter(pk=rei.pk).update(is_active=False)
    elif what == "rest":
        Pause.take(rei, until=None, now=NOW())
    elif what == "asked twice":
        for _one in range(2):
            other = Ask.objects.create(asker=ken, question="…", until=NOW())
            Reply.objects.create(ask=other, member=rei, words=["空き家"], asked_at=NOW() - A_DAY)
    elif what == "told nobody":
        Member.objects.filter(pk=rei.pk).update(ask_me_level=Level.NOBODY)
    else:
        regular = rei
    assert names(regular) == []


def test_who_may_ask_and_how_often(ken, make_morning, helper) -> None:
    helper("rei")
    helper("sen")

    def refusal() -> str:
        found = asks.refused(ken, now=NOW())
        return found.messages[0] if found else ""

    make_morning(ken, days=10)
    assert refusal() == "二回目のご参加から質問できます。"
    make_morning(ken, days=20)
    assert refusal() == ""
    first = ask(ken)
    assert refusal() == "受け付け中の質問があります。お礼をそえて、先にそちらを閉じてください。"
    first.close("", now=NOW())
    ask(ken).close("", now=NOW())
    assert refusal() == "質問はひと月に二つまでです。少しお待ちください。"
    with pytest.raises(Refused):
        ask(ken)
    Ask.objects.update(asked_at=NOW() - 31 * A_DAY)
    assert refusal() == ""


def test_a_question_that_fits_nobody_is_not_kept(regular, helper) -> None:
    helper("rei")
    with pytest.raises(Refused, match="見つかりません"):
        ask(regular, "潜水艦の操縦")
    assert (Ask.objects.count(), owed()) == (0, [])


# What is said


def test_each_step_writes_once_to_the_one_it_concerns(row: Reply) -> None:
    assert owed() == [("ask.question", "rei")]
    for _again in range(2):
        row.answer("help", "一度ご一緒に見に行きましょう。", may_show=False, now=NOW())
    assert owed()[1:] == [("ask.answer", "hana")]
    row.refresh_from_db()
    for _again in range(2):
        row.put_in_touch(now=NOW())
    assert owed()[2:] == [("ask.touch", "hana"), ("ask.touch", "rei")]
    for _again in range(2):
        row.ask.close("助かりました。", now=NOW())
    assert owed()[4:] == [("ask.thanks", "rei")]


def test_addresses_go_after_two_yeses_alone(row: Reply) -> None:
    row.put_in_touch(now=NOW())
    assert Exchange.objects.count() == 0
    row.answer("know", "知り合いの大工さんが。", may_show=False, now=NOW())
    row.put_in_touch(now=NOW())
    assert Exchange.objects.count() == 0
    row.answer("help", "一度ご一緒に。", may_show=False, now=NOW())
    row.put_in_touch(now=NOW())
    assert (Exchange.objects.mutual().count(), row.touch_at is not None) == (2, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.objects.update(said="know")


@pytest.mark.parametrize("what", ["block", "blocked", "account"])
def test_what_came_between_ends_it(row: Reply, regular, what: str) -> None:
    row.answer("help", "どうぞ", may_show=False, now=NOW())
    row.refresh_from_db()
    if what == "account":
        Member.objects.filter(pk=row.member_id).update(is_active=False)
    else:
        pair = (regular, row.member) if what == "block" else (row.member, regular)
        Block.objects.create(member=pair[0], other=pair[1])
    row.put_in_touch(now=NOW())
    assert (row.touch_at, of(regular).get(f"/asks/{row.ask.code}/").context["replies"]) == (None, [])
    assert (sent(), sorted(set(dropped()))) == ([], ["apart"])


def test_after_it_is_closed_nothing_is_taken(row: Reply) -> None:
    row.ask.close("", now=NOW())
    with pytest.raises(Refused, match="終わりました"):
        row.answer("help", "…", may_show=False, now=NOW())
    assert owed() == [("ask.question", "rei")]


def test_the_asker_reads_who_answered_and_never_whom_it_went_to(row: Reply, regular, helper) -> None:
    client, url = of(regular), f"/asks/{row.ask.code}/"
    page = client.get(url).content.decode()
    assert ("1人に届けました" in page, "reiさん" in page) == (True, False)
    row.answer("help", "一度ご一緒に。", may_show=False, now=NOW())
    page = client.get(url).content.decode()
    assert ("reiさん" in page, "一度ご一緒に。" in page, "rei@example.com" in page) == (True, True, False)


def test_an_answer_is_shown_to_members_only_when_both_want_it(row: Reply, regular, mallory) -> None:
    def is_shown() -> bool:
        return "鍵は区役所" in of(mallory).get("/asks/").content.decode()

    row.answer("help", "鍵は区役所の二階です。", may_show=False, now=NOW())
    of(regular).post(f"/asks/{row.ask.code}/showing/", {"reply": row.pk})
    assert is_shown() is False
    row.answer("help", "鍵は区役所の二階です。", may_show=True, now=NOW())
    assert is_shown() is False
    of(regular).post(f"/asks/{row.ask.code}/showing/", {"reply": row.pk})
    assert is_shown() is True
    row.answer("help", "鍵は区役所の二階です。", may_show=False, now=NOW())
    assert is_shown() is False


def test_who_knows_somebody_can_be_asked_for_the_introduction(row: Reply, regular) -> None:
    assert list(favours.may_connect(regular, now=NOW())) == []
    row.answer("know", "知り合いの大工さんが。", may_show=False, now=NOW())
    assert list(favours.may_connect(regular, now=NOW())) == [row.member]
    page = of(regular).get(f"/asks/{row.ask.code}/").content.decode()
    assert f"/favours/new/?by={row.member.code}&amp;about=" in page


def test_somebody_the_hosts_were_told_of_is_offered_to_nobody_until_they_have_looked(
    row: Reply, regular, ken, mallory
) -> None:
    Ask.objects.update(in_letter_at=NOW())
    row.answer("know", "知り合いの大工さんが。", may_show=True, now=NOW())
    row.show(now=NOW())

    def offered() -> list[bool]:
        letter = parts.read([f"ask:{row.ask_id}"], ken)
        page = of(mallory).get("/asks/").content.decode()
        return [favours.may_connect(regular, now=NOW()).exists(), bool(letter), "大工さん" in page]

    assert offered() == [True, True, True]
    Concern.objects.tell(mallory, row.member, "", kind="canvassing", named=False, now=NOW())
    assert offered() == [False, True, False]
    Concern.objects.tell(ken, regular, "", kind="canvassing", named=False, now=NOW())
    assert offered() == [False, False, False]


def test_a_question_of_somebody_the_hosts_were_told_of_reaches_nobody_until_they_have_looked(
    row: Reply, regular, mallory, kosuke
) -> None:
    link = ask_links.link(row).removeprefix("http://localhost:8000")
    title = row.ask.question

    def seen() -> list[bool]:
        there = [of(row.member).get(path).status_code == 200 for path in (f"/asks/{row.ask.code}/", link)]
        return [title in of(row.member).get("/asks/").content.decode(), *there]

    def own() -> int:
        return of(regular).get(f"/asks/{row.ask.code}/").status_code

    assert (seen(), own()) == ([True] * 3, 200)
    told = Concern.objects.tell(mallory, regular, "", kind="canvassing", named=False, now=NOW())
    assert (seen(), own()) == ([False] * 3, 200)
    told.look("nothing", note="", now=NOW(), actor=kosuke)
    assert (seen(), own()) == ([True] * 3, 200)


# Pages and mails


def test_asking_says_to_how_many_and_why_before_it_goes(regular, helper) -> None:
    helper("rei")
    helper("sen", "空き家、借家の約束ごと")
    client, data = of(regular), {"question": "空き家を貸すときの約束ごと", "more": ""}
    page = client.post("/asks/new/", data).content.decode()
    assert ("2人に届きます" in page, "「空き家」、「約束ごと」" in page, "reiさん" in page) == (True, True, False)
    assert Ask.objects.count() == 0
    response = client.post("/asks/new/", data | {"send": "yes"})
    assert (response.status_code, Ask.objects.get().replies.count()) == (302, 2)


def test_answering_from_the_mail_without_signing_in(row: Reply) -> None:
    path = ask_links.link(row).removeprefix("http://localhost:8000")
    client = Client()
    assert client.get(path).status_code == 200
    response = client.post(path, {"said": "help", "line": ""})
    assert (response.status_code, "ひとことお書きください" in response.content.decode()) == (422, True)
    assert client.post(path, {"said": "help", "line": "どうぞ"}).status_code == 302
    row.refresh_from_db()
    assert (row.said, row.line) == ("help", "どうぞ")
    Member.objects.filter(pk=row.member_id).update(link_version=9)
    assert client.get(path).status_code == 404


def test_nobody_else_sees_a_question_unless_the_letter_carries_it(row: Reply, regular, mallory, series) -> None:
    url = f"/asks/{row.ask.code}/"
    assert of(mallory).get(url).status_code == 404
    Ask.objects.update(in_letter_at=NOW())
    assert of(mallory).post(url, {"said": "help", "line": "わたしも"}).status_code == 302
    assert list(row.ask.replies.order_by("pk").values_list("member__name", "words")) == [
        ("rei", ["空き家"]), ("mallory", [])
    ]  # fmt: skip
    Block.objects.create(member=regular, other=mallory)
    assert of(mallory).get(url).status_code == 404


def test_the_letter_offers_open_questions_by_consent(row: Reply, make_session, ken, series) -> None:
    session = make_session(starts_at=NOW() - 12 * A_DAY)
    told = parts.period(session, now=NOW())
    assert list(parts._offer_asks(told)) == []
    Ask.objects.update(in_letter_at=NOW())
    assert list(parts._offer_asks(told)) == [f"ask:{row.ask_id}"]

    def read() -> list[str]:
        return [item.title for part in parts.read([f"ask:{row.ask_id}"], ken) for item in part.items]

    assert read() == ["空き家を借りたい方を探すには"]
    row.ask.close("", now=NOW())
    assert read() == []
    assert Membership.objects.filter(member=row.ask.asker).exists()


@pytest.mark.parametrize("number", [1, 30])
def test_the_pages_cost_the_same_for_one_and_for_thirty(regular, person, number, django_assert_num_queries) -> None:
    found = Ask.objects.create(asker=regular, question="…", until=NOW() + A_DAY)
    for n in range(number):
        values = {"said": "help", "line": "…", "released_at": NOW(), "shown_at": NOW(), "asked_at": NOW()}
        Reply.objects.create(ask=found, member=person(f"c{n}"), words=["x"], **values)
        theirs = Ask.objects.create(asker=person(f"a{n}"), question="…", until=NOW() + A_DAY)
        Reply.objects.create(ask=theirs, member=regular, words=["x"], asked_at=NOW())
    client = of(regular)
    with django_assert_num_queries(7):
        client.get("/asks/")
    with django_assert_num_queries(6):
        client.get(f"/asks/{found.code}/")


def said(mail) -> str:
    return re.sub(r"/mails/\S+", "/mails/…", re.sub(r"/asks/(answer/)?[\w:=-]+/", r"/asks/\1…/", mail.body))


def test_the_mails_word_for_word(row: Reply, regular) -> None:
    Ask.objects.update(until="2126-12-03T23:59:00+09:00", more="祖母の家です。")
    (mail,) = sent()
    assert (mail.to, mail.subject) == (["rei@example.com"], "hanaさんからの質問: 空き家を借りたい方を探すには")
    assert (
        said(mail)
        == """\
reiさん、「聞いてください」に書いてくださったことについて、hanaさんから質問です。

空き家を借りたい方を探すには
祖母の家です。

(hanaさん、食品の流通)

「お力になれます」か「心あたりがあります」に、ひとことそえてください。なければ、そのままで結構です。どなたに届いたかは、誰にも伝わりません。

12月3日(火)までに、こちらでお返事ください:
http://localhost:8000/asks/answer/…/

----
会からの質問(ひと月に二つまで)を受けてくださるとのことで、お送りしています。変えるときはこちら:
http://localhost:8000/introductions/
このお知らせを止める
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )
    row.answer("help", "一度ご一緒に見に行きましょう。", may_show=False, now=NOW())
    (mail,) = sent()
    assert (mail.to, mail.subject, mail.reply_to) == (
        ["hana@example.com"], "reiさんがお力になれるそうです(ご質問の件)", []
    )  # fmt: skip
    assert (
        said(mail)
        == """\
hanaさん、ご質問の「空き家を借りたい方を探すには」に、reiさんからお返事です。

一度ご一緒に見に行きましょう。

連絡を取りたいときは、ページのボタンひとつで、お二人に連絡先をお渡しします。

質問とお返事はこちら:
http://localhost:8000/asks/…/

----
会に質問なさったので、お送りしています。
届くメールを選ぶ
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )
    row.refresh_from_db()
    row.put_in_touch(now=NOW())
    hers, theirs = sent()
    assert [(one.to, one.reply_to) for one in (hers, theirs)] == [
        (["hana@example.com"], ["rei@example.com"]), (["rei@example.com"], ["hana@example.com"])
    ]  # fmt: skip
    assert (
        said(theirs)
        == """\
reiさん、hanaさんがぜひお話をうかがいたいそうです。連絡先をお渡しします。

ご質問「空き家を借りたい方を探すには」
reiさんより「一度ご一緒に見に行きましょう。」

hanaさん <hana@example.com>

このメールにそのまま返信していただくと、hanaさんだけに届きます。hanaさんにも同じようにお送りしました。

----
お二人とも「はい」とお答えになったので、お二人にだけお送りしています。
届くメールを選ぶ
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )
