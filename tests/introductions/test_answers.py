"""Two yeses: what makes an introduction, what never does, and what each side can see of the other's answer."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone, translation

from events.models import Attendance, Session
from introductions import consent, links, reasons, rounds
from introductions.models import Introduction, Round, TooLate
from introductions.pauses import Pause
from members.models import Block, Member
from outbox.models import Delivery
from outbox.sending import send_due

NOW = timezone.now
People = Callable[..., Member]


def mails(kind: str) -> list[str]:
    return list(Delivery.objects.filter(kind=kind).order_by("pk").values_list("to", flat=True))


def said(introduction: Introduction) -> tuple[str, str, bool]:
    introduction.refresh_from_db()
    return introduction.first_answer, introduction.second_answer, introduction.made_at is not None


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def sent() -> list[mail.EmailMultiAlternatives]:
    """What goes out now, as it goes out."""
    Delivery.objects.open().update(next_attempt_at=NOW())
    mail.outbox.clear()
    send_due()
    return list(mail.outbox)


def dropped() -> list[str]:
    return list(Delivery.objects.exclude(drop_reason="").order_by("pk").values_list("drop_reason", flat=True))


# The verb


def test_the_second_yes_makes_it_and_writes_to_both(asked: Introduction, hana, ken) -> None:
    asked.answer(ken, yes=True, now=NOW())
    assert (said(asked), mails("intro.made")) == (("", "yes", False), [])
    asked.answer(hana, yes=True, now=NOW())
    assert (said(asked), mails("intro.made")) == (("yes", "yes", True), ["hana@example.com", "ken@example.com"])


def test_saying_yes_again_is_one_mail(asked: Introduction, hana, ken) -> None:
    for member in (hana, ken, hana, ken):
        asked.answer(member, yes=True, now=NOW())
    assert mails("intro.made") == ["hana@example.com", "ken@example.com"]


@pytest.mark.parametrize("first_no", [True, False])
def test_one_no_makes_nothing_and_writes_to_nobody(asked: Introduction, hana, ken, first_no: bool) -> None:
    asked.answer(hana, yes=not first_no, now=NOW())
    asked.answer(ken, yes=first_no, now=NOW())
    assert (said(asked)[2], mails("intro.made")) == (False, [])


def test_the_last_word_counts_until_it_is_made(asked: Introduction, hana, ken) -> None:
    asked.answer(hana, yes=True, now=NOW())
    asked.answer(hana, yes=False, now=NOW())
    asked.answer(ken, yes=True, now=NOW())
    assert said(asked) == ("no", "yes", False)
    asked.answer(hana, yes=True, now=NOW())
    asked.answer(hana, yes=False, now=NOW())
    assert said(asked) == ("yes", "yes", True)


def test_after_its_day_nothing_is_taken(asked: Introduction, hana) -> None:
    assert asked.answer_until is not None
    with pytest.raises(TooLate, match="期限が過ぎました"):
        asked.answer(hana, yes=True, now=asked.answer_until)
    asked.answer(hana, yes=True, now=asked.answer_until - timedelta(seconds=1))
    assert said(asked) == ("yes", "", False)


def test_saying_the_same_again_keeps_the_first_time_and_is_never_too_late(asked: Introduction, hana) -> None:
    first = NOW()
    asked.answer(hana, yes=False, now=first)
    asked.answer(hana, yes=False, now=first + timedelta(days=30))
    asked.refresh_from_db()
    assert (asked.first_answer, asked.first_answered_at) == ("no", first)


def test_what_nobody_was_asked_cannot_be_answered(morning: Session, hana) -> None:
    rounds.compute(morning, now=NOW())
    with pytest.raises(TooLate):
        Introduction.objects.get().answer(hana, yes=True, now=NOW())


def test_nobody_else_can_answer(asked: Introduction, mallory) -> None:
    with pytest.raises(ValueError, match="neither"):
        asked.answer(mallory, yes=True, now=NOW())


@pytest.mark.parametrize("what", ["block", "blocked", "consent", "account"])
def test_what_changed_since_keeps_the_second_yes_from_making_it(asked: Introduction, hana, ken, what: str) -> None:
    asked.answer(hana, yes=True, now=NOW())
    change(what, hana, ken)
    asked.answer(ken, yes=True, now=NOW())
    assert (said(asked), mails("intro.made")) == (("yes", "yes", False), [])


def change(what: str, hana: Member, ken: Member) -> None:
    if what == "block":
        Block.objects.create(member=hana, other=ken)
    elif what == "blocked":
        Block.objects.create(member=ken, other=hana)
    elif what == "consent":
        consent.refuse(hana, now=NOW())
    elif what == "rest":
        Pause.take(hana, until=None, now=NOW())
    else:
        Member.objects.filter(pk=hana.pk).update(is_active=False)


def test_the_database_itself_keeps_an_introduction_without_two_yeses_from_being_made(asked: Introduction) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Introduction.objects.update(first_answer="yes", made_at=NOW())


@pytest.mark.django_db(transaction=True)
def test_two_yeses_at_the_same_instant_make_it_once(asked: Introduction, hana, ken) -> None:
    gate = Barrier(2)

    def run(member: Member) -> None:
        mine = Introduction.objects.get()
        gate.wait()
        mine.answer(member, yes=True, now=NOW())
        connection.close()

    for _again in range(5):
        threads = [Thread(target=run, args=[member]) for member in (hana, ken)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (said(asked), sorted(mails("intro.made"))) == (
            ("yes", "yes", True), ["hana@example.com", "ken@example.com"]
        )  # fmt: skip
        Introduction.objects.update(first_answer="", second_answer="", made_at=None)
        Delivery.objects.filter(kind="intro.made").delete()


# A no looks like no answer


def seen(member: Member, introduction: Introduction) -> list[bytes]:
    """Everything this member can look at, without what changes from one look to the next."""
    introduction = Introduction.objects.with_people().get(pk=introduction.pk)
    link = links.answer_link(introduction, member).removeprefix("http://localhost:8000")
    pages = [of(member).get("/introductions/"), of(member).get(link), Client().get(link)]
    return [re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content) for page in pages]


@pytest.mark.parametrize("mine", ["", "yes", "no"])
def test_a_no_looks_to_the_other_exactly_like_no_answer(asked: Introduction, hana, ken, mine: str) -> None:
    if mine:
        asked.answer(hana, yes=mine == "yes", now=NOW())
    before, owed = seen(hana, asked), Delivery.objects.count()
    asked.answer(ken, yes=False, now=NOW())
    assert (seen(hana, asked), Delivery.objects.count()) == (before, owed)


def test_saying_yes_is_answered_the_same_after_a_no_and_without_an_answer(asked: Introduction, hana, ken) -> None:
    def answered() -> tuple[int, str, list[bytes]]:
        client = of(hana)
        response = client.post(f"/introductions/{asked.code}/answer/", {"answer": "yes"})
        after = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", client.get("/introductions/").content)
        return response.status_code, response["Location"], [response.content, after]

    with transaction.atomic():
        silent = answered()
        transaction.set_rollback(True)
    asked.answer(ken, yes=False, now=NOW())
    assert answered() == silent
    assert said(asked) == ("yes", "no", False)


# The mails


@pytest.fixture
def long_ago(asked: Introduction) -> Introduction:
    """The same introduction, on fixed days."""
    start = datetime.fromisoformat("2026-11-26T07:00:00+09:00")
    Session.objects.update(starts_at=start, ends_at=start + timedelta(minutes=80))
    Introduction.objects.update(answer_until=datetime.fromisoformat("2126-12-03T23:59:00+09:00"))
    Delivery.objects.update(useful_until=None)
    return asked


def test_the_question_says_who_and_why_and_holds_no_address(long_ago: Introduction, hana, ken) -> None:
    first, second = sent()
    assert (first.to, second.to, first.subject) == (
        ["hana@example.com"], ["ken@example.com"], "kenさんをご紹介しましょうか"
    )  # fmt: skip
    assert (
        re.sub(r"(answer|mails)/\S+", r"\1/…", first.body)
        == """\
hanaさん、11月26日(木)はお越しくださり、ありがとうございました。お引き合わせしたい方がいらっしゃいました。

kenさん
統計、会ははじめて

- 「統計の読み方」を知りたい、とお書きでした。
- kenさんは「統計の探し方」のことなら何でも聞いてください、とのことです。
- kenさんは「食品の流通」を知りたいそうです。「食品の流通」のお話が、お役に立ちそうです。
- この朝がはじめての同席でした。卸売・小売と公務、業種もちがいます。

最初の話題に: 「『統計の探し方』には、どんなきっかけで関わるようになりましたか」

お二人それぞれに伺っています。どちらも「はい」のときだけ連絡先をお渡しします。「見送る」は相手に伝わらず、返事がないのと同じに見えます。

12月3日(火)までに、こちらでお返事ください:
http://localhost:8000/introductions/answer/…

----
ご紹介を受けてくださるとのことで、お送りしています。お休み、取りやめはこちら:
http://localhost:8000/introductions/
このお知らせを止める
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )
    assert ["example.com" in part for part in (first.body, str(first.alternatives[0][0]))] == [False, False]


@pytest.fixture
def two(make_morning, agree, person, hana, ken) -> list[Introduction]:
    """ken is asked about hana, and about rei, after the same morning."""
    rei = person("rei", industry="K")
    agree(hana, ken, rei)
    round_ = Round.objects.create(session=make_morning(hana, ken, rei), seed="x", computed_at=NOW())
    for other in (hana, rei):
        first, second = sorted((other, ken), key=lambda one: one.pk)
        Introduction.objects.create(round=round_, first=first, second=second, value=1, terms={"a_learns": 1})
    round_.release(now=NOW(), actor=None)
    return list(Introduction.objects.order_by("pk"))


def test_two_proposed_to_one_person_are_one_mail_with_an_answer_to_each(two) -> None:
    about = {one.to[0]: (one.subject, one.body) for one in sent()}
    assert {to: subject for to, (subject, _body) in about.items()} == {
        "hana@example.com": "kenさんをご紹介しましょうか",
        "ken@example.com": "2人の方をご紹介しましょうか",
        "rei@example.com": "kenさんをご紹介しましょうか",
    }
    body = about["ken@example.com"][1]
    tokens = re.findall(r"/introductions/answer/(\S+)/", body)
    found = [links.read(token, now=NOW()) for token in tokens]
    assert [one and (one[0], one[1].name) for one in found] == [(pair, "ken") for pair in two]
    assert body.index("\nhanaさん\n") < body.index(tokens[0]) < body.index("\nreiさん\n") < body.index(tokens[1])
    assert Delivery.objects.filter(to="ken@example.com", counted_at__isnull=False).count() == 1


@pytest.mark.parametrize("gone", ["answered", "dropped"])
def test_the_one_mail_asks_only_about_who_is_left(two, ken, gone: str) -> None:
    if gone == "answered":
        two[0].answer(ken, yes=False, now=NOW())
    else:
        Introduction.objects.filter(pk=two[0].pk).update(dropped_at=NOW())
    (mine,) = [one.subject for one in sent() if one.to == ["ken@example.com"]]
    assert mine == "reiさんをご紹介しましょうか"


def test_the_introduction_goes_to_each_alone_with_the_other_to_reply_to(long_ago: Introduction, hana, ken) -> None:
    sent()
    for member in (hana, ken):
        long_ago.answer(member, yes=True, now=NOW())
    first, second = sent()
    assert [(one.to, one.cc, one.reply_to) for one in (first, second)] == [
        (["hana@example.com"], [], ["ken@example.com"]),
        (["ken@example.com"], [], ["hana@example.com"]),
    ]
    assert (first.subject, second.subject) == ("hanaさんとkenさんをおつなぎします", "kenさんとhanaさんをおつなぎします")
    assert (
        re.sub(r"mails/\S+", "mails/…", second.body)
        == """\
kenさん、11月26日(木)はお越しくださり、ありがとうございました。お二人とも「会ってみたい」とのことでしたので、ご紹介します。

hanaさん <hana@example.com>
食品の流通、会ははじめて

- 「食品の流通」を知りたい、とお書きでした。
- hanaさんは「食品の流通」のことなら何でも聞いてください、とのことです。
- hanaさんは「統計の読み方」を知りたいそうです。「統計の探し方」のお話が、お役に立ちそうです。
- この朝がはじめての同席でした。公務と卸売・小売、業種もちがいます。

最初の話題に: 「『食品の流通』には、どんなきっかけで関わるようになりましたか」

このメールにそのまま返信していただくと、hanaさんだけに届きます。hanaさんにも同じようにお送りしました。
お急ぎになることはありません。次の朝食会のあとのコーヒーでも結構です。

----
お二人とも「はい」とお答えになったので、お二人にだけお送りしています。
届くメールを選ぶ
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )


def test_a_mail_speaks_the_readers_language_and_keeps_its_plain_text_plain(long_ago: Introduction, hana, ken) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en")
    Member.objects.filter(pk=ken.pk).update(name="健 O'Hara")
    Delivery.objects.filter(to="hana@example.com").update(language="en")
    first, _second = sent()
    assert first.subject == "Shall we introduce you to 健 O'Hara?"
    assert first.body.splitlines()[2:6] == [
        "健 O'Hara",
        "Public service, here for the first time",
        "",
        "- You wrote that you want to learn about “統計の読み方”.",
    ]


@pytest.mark.parametrize(
    ("what", "reason"),
    [("block", "apart"), ("blocked", "apart"), ("consent", "apart"), ("account", "apart"), ("rest", "takes a rest")],
)
def test_a_question_that_is_not_wanted_any_more_does_not_go(
    asked: Introduction, hana, ken, what: str, reason: str
) -> None:
    change(what, hana, ken)
    gone = [one.to for one in sent()]
    # Whoever rests is not asked; the other is, and may say so.
    assert gone == ([["ken@example.com"]] if what == "rest" else [])
    assert dropped() == [reason] * (1 if what == "rest" else 2)


def test_a_question_that_was_answered_or_is_too_late_does_not_go(asked: Introduction, hana, ken) -> None:
    asked.answer(hana, yes=True, now=NOW())
    Delivery.objects.filter(to="ken@example.com").update(useful_until=None)
    with transaction.atomic():
        assert ([one.to for one in sent()], dropped()) == ([["ken@example.com"]], ["answered"])
        transaction.set_rollback(True)
    Introduction.objects.update(answer_until=NOW())
    Delivery.objects.update(useful_until=None)
    assert (sent(), dropped()) == ([], ["too late", "too late"])


@pytest.mark.parametrize("what", ["block", "blocked", "consent", "account"])
def test_an_address_does_not_go_where_something_came_between(asked: Introduction, hana, ken, what: str) -> None:
    Delivery.objects.all().delete()
    for member in (hana, ken):
        asked.answer(member, yes=True, now=NOW())
    change(what, hana, ken)
    assert (sent(), dropped()) == ([], ["apart", "apart"])


def test_an_address_does_not_go_without_two_yeses(asked: Introduction, hana, ken) -> None:
    Delivery.objects.all().delete()
    for member in (hana, ken):
        asked.answer(member, yes=True, now=NOW())
    Introduction.objects.update(made_at=None, second_answer="no")
    assert (sent(), dropped()) == ([], ["not made", "not made"])


@pytest.mark.parametrize("kind", ["intro.ask", "intro.made"])
@pytest.mark.parametrize(
    ("tried", "goes"),
    [
        ("2026-11-27T20:59", None),
        ("2026-11-27T21:00", "2026-11-28T07:00"),
        ("2026-11-28T06:59", "2026-11-28T07:00"),
        ("2026-11-28T07:00", None),
    ],
)
def test_neither_the_question_nor_the_introduction_goes_by_night(
    long_ago: Introduction, hana, ken, kind: str, tried: str, goes: str | None
) -> None:
    if kind == "intro.made":
        Delivery.objects.all().delete()
        for member in (hana, ken):
            long_ago.answer(member, yes=True, now=NOW())
    with time_machine.travel(datetime.fromisoformat(f"{tried}:00+09:00"), tick=False):
        gone = len(sent())
    due = list(Delivery.objects.open().values_list("next_attempt_at", flat=True))
    assert (gone, due) == ((0, [datetime.fromisoformat(f"{goes}:00+09:00")] * 2) if goes else (2, []))


# The words


def loaded() -> Introduction:
    return Introduction.objects.with_people().get()


def test_the_reasons_are_told_from_each_side(asked: Introduction, hana, ken) -> None:
    assert [reason.label for reason in reasons.for_one(loaded(), hana)] == [
        "知りたい",
        "聞いてよい",
        "役に立つ",
        "これまで",
    ]
    with translation.override("en"):
        assert [reason.text for reason in reasons.for_one(loaded(), ken)] == [
            "You wrote that you want to learn about “食品の流通”.",
            "hana says: ask me about “食品の流通”.",
            "hana wants to learn about “統計の読み方”; you know about “統計の探し方”.",
            (
                "You were at the same breakfast for the first time."
                " Different trades: Public service, Wholesale and retail."
            ),
        ]
        assert reasons.for_host(loaded()) == [
            "hana wants to learn about “統計の読み方”, ken knows “統計の探し方”.",
            "ken wants to learn about “食品の流通”, hana knows “食品の流通”.",
            "Two trades: Wholesale and retail and Public service.",
        ]


def test_a_trade_that_is_something_else_is_not_named(asked: Introduction, ken) -> None:
    Member.objects.filter(pk=ken.pk).update(industry="T")
    assert reasons.for_one(loaded(), ken)[-1].text == "この朝がはじめての同席でした。業種もちがいます。"
    assert reasons.for_host(loaded())[-1] == "業種がちがいます。"


def test_a_newcomer_and_a_regular_hear_it_each_in_their_way(make_morning, agree, hana, ken) -> None:
    Member.objects.update(ask_me="", want_to_learn="山登り", industry="I")
    for days in (30, 60):
        make_morning(hana, days=days)
    agree(hana, ken)
    rounds.compute(make_morning(hana, ken), now=NOW())
    with translation.override("en"):
        assert [reason.text for reason in reasons.for_one(loaded(), ken)] == [
            "You both wrote about “山登り”.",
            "You are new here; hana has come 3 times and knows the club.",
            "You were at the same breakfast for the first time.",
        ]
        assert [reason.text for reason in reasons.for_one(loaded(), hana)][1] == "ken is new here; you know the club."
        assert reasons.for_host(loaded()) == ["Both wrote about “山登り”.", "ken is new here."]
        assert (reasons.standing(loaded(), ken), reasons.standing(loaded(), hana)) == (
            "Wholesale and retail", "Wholesale and retail, here for the first time"
        )  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "theirs", "shared"),
    [
        ("山登り", "写真、山登りの道具", "山登り"),
        ("統計の読み方", "統計の探し方", "統計"),
        ("食品流通業のこれから", "流通", "流通"),
        ("SQL", "sqlとPython", "SQL"),
        ("ＳＱＬ", "SQL", "SQL"),
        ("小さな店のマーケティング", "マーケティングの失敗", "マーケティング"),
    ],
)
def test_what_both_wrote_is_named_as_they_wrote_it(morning, hana, ken, mine: str, theirs: str, shared: str) -> None:
    Member.objects.update(ask_me="", want_to_learn=mine)
    Member.objects.filter(pk=ken.pk).update(want_to_learn=theirs)
    rounds.compute(morning, now=NOW())
    with translation.override("en"):
        assert reasons.for_host(loaded())[0] == f"Both wrote about “{shared}”."


@pytest.mark.parametrize(
    ("before", "japanese", "english"),
    [
        (0, "この朝がはじめての同席でした。", "You were at the same breakfast for the first time."),
        (1, "この前にも同じ朝が1回ありました。", "You had one morning in common before this one."),
        (2, "この前にも同じ朝が2回ありました。", "You had 2 mornings in common before this one."),
    ],
)
def test_mornings_in_common_are_those_before_the_one_of_the_round(
    make_morning, agree, hana, ken, before: int, japanese: str, english: str
) -> None:
    for nth in range(before):
        make_morning(hana, ken, days=30 * (nth + 1))
    agree(hana, ken)
    rounds.compute(make_morning(hana, ken), now=NOW())
    said = [reasons.for_one(loaded(), hana)[-1].text]
    with translation.override("en"):
        said.append(reasons.for_one(loaded(), hana)[-1].text)
    apart = ["卸売・小売と公務、業種もちがいます。", " Different trades: Wholesale and retail, Public service."]
    assert said == [japanese + apart[0], english + apart[1]]


@pytest.mark.parametrize(
    ("ask_me", "wants", "mine", "question"),
    [
        ("値札のつけ方、食品の流通", "", "流通のこと", "How did you get into ‘食品の流通’?"),
        ("値札のつけ方、食品の流通", "", "", "What has surprised you most lately about ‘値札のつけ方’?"),
        ("", "山登り", "", "What made you want to learn about ‘山登り’?"),
        ("", "", "山登り", "What did you take home from this morning?"),
    ],
)
def test_the_first_question_is_made_of_what_the_other_wrote(
    person: People, ask_me: str, wants: str, mine: str, question: str
) -> None:
    me, other = person("me", want_to_learn=mine), person("other", ask_me=ask_me, want_to_learn=wants)
    with translation.override("en"):
        assert reasons.opening(Introduction(first=me, second=other), me) == question


def test_a_late_closed_morning_does_not_count_later_ones_as_earlier(morning: Session, make_morning, hana, ken) -> None:
    rounds.compute(morning, now=NOW())
    make_morning(ken, starts_at=NOW() + timedelta(days=7), roster_closed_at=NOW() + timedelta(days=7))
    assert reasons.standing(loaded(), hana) == "統計、会ははじめて"
    assert Attendance.objects.filter(member=ken).count() == 2
