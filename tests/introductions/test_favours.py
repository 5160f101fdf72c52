"""Asking somebody one knows for an introduction: two yeses in a row make it, and nothing else can be told apart."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from events.models import Session
from introductions import consent, favour_links, favours, memories
from introductions.acquaintance import Exchange
from introductions.favours import Favour, Refused
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
def rei(person: Callable[..., Member], agree: Callable[..., None]) -> Member:
    """Whom hana would like to meet; ken knows her."""
    rei = person("rei", yomi="れい", industry="K", role="空き家の相談員", ask_me="空き家の片づけ")
    Member.objects.filter(pk=rei.pk).update(name_level=Level.MEMBERS)
    agree(rei)
    return rei


@pytest.fixture
def known(make_morning: Callable[..., Session], hana: Member, ken: Member, rei: Member) -> None:
    """hana and ken sat at one breakfast, ken and rei at another; ken lets himself be asked."""
    Member.objects.filter(pk__in=[hana.pk, ken.pk]).update(name_level=Level.MORNING)
    make_morning(hana, ken, days=40)
    make_morning(ken, rei, days=80)
    Openness.say(ken, {"connects"}, now=NOW())


def ask(asker: Member, connector: Member, other: Member | None = None, subject: str = "") -> Favour:
    found = Favour(
        asker=asker, connector=connector, other=other, subject=subject, why="実家が空き家に", forward="hanaです。"
    )
    found.ask(now=NOW())
    return found


@pytest.fixture
def favour(known: None, hana: Member, ken: Member, rei: Member) -> Favour:
    return ask(hana, ken, rei)


@pytest.fixture
def forwarded(favour: Favour, rei: Member) -> Favour:
    favour.pass_on(rei, "ご一緒している方です。", now=NOW())
    return favour


@pytest.fixture
def made(forwarded: Favour) -> Favour:
    forwarded.answer(yes=True, now=NOW())
    return forwarded


def owed() -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(kind__startswith="intro.").order_by("pk")
    return [(row.kind, row.to.split("@")[0]) for row in rows]


# The way there


def test_each_step_writes_to_the_next_one_alone(favour: Favour, rei: Member) -> None:
    assert owed() == [("intro.favour", "ken")]
    favour.pass_on(rei, "ご一緒している方です。", now=NOW())
    assert owed()[1:] == [("intro.forward", "rei")]
    favour.answer(yes=True, now=NOW())
    assert owed()[2:] == [("intro.through", "hana"), ("intro.through", "rei"), ("intro.thanks", "ken")]


def test_saying_it_again_is_one_mail(favour: Favour, rei: Member) -> None:
    for _again in range(2):
        favour.pass_on(rei, "ご一緒している方です。", now=NOW())
        favour.answer(yes=True, now=NOW())
        favour.thank("ありがとう", now=NOW())
    kinds = [kind for kind, _to in owed()]
    assert kinds == ["intro.favour", "intro.forward", "intro.through", "intro.through", "intro.thanks", "intro.thanks"]


def test_who_is_introduced_has_the_others_card_and_reads_who_brought_them_together(made, hana, ken, rei) -> None:
    assert Exchange.objects.mutual().count() == 2
    cards = [memories.of(one, other.code, now=NOW()) for one, other in ((hana, rei), (rei, hana))]
    assert [(card.has_cards, card.through.connector) for card in cards if card and card.through] == [(True, ken)] * 2


@pytest.mark.parametrize("who", ["connector", "other"])
def test_a_no_makes_nothing_and_may_be_taken_back_in_time(favour: Favour, rei: Member, who: str) -> None:
    if who == "connector":
        favour.decline(now=NOW())
        assert owed() == [("intro.favour", "ken")]
    favour.pass_on(rei, "ご一緒している方です。", now=NOW())
    favour.answer(yes=False, now=NOW())
    assert (favour.made_at, len(owed())) == (None, 2)
    favour.answer(yes=True, now=NOW())
    assert (favour.made_at is not None, len(owed())) == (True, 5)


def test_after_its_day_neither_can_answer(favour: Favour, rei: Member) -> None:
    with pytest.raises(Refused, match="期限"):
        favour.pass_on(rei, "…", now=favour.until)
    favour.pass_on(rei, "…", now=favour.until - timedelta(seconds=1))
    assert favour.other_until
    assert favour.other_until <= favour.ends_at
    with pytest.raises(Refused, match="期限"):
        favour.answer(yes=True, now=favour.other_until)


def test_the_database_makes_nothing_without_two_yeses(forwarded: Favour) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Favour.objects.update(made_at=NOW())


def part(what: str, one: Member, other: Member) -> None:
    """Something comes between them."""
    if what == "block":
        Block.objects.create(member=one, other=other)
    elif what == "blocked":
        Block.objects.create(member=other, other=one)
    elif what == "account":
        Member.objects.filter(pk=other.pk).update(is_active=False)
    elif what == "consent":
        consent.refuse(other, now=NOW())
    else:
        Pause.take(other, until=None, now=NOW())


@pytest.mark.parametrize("what", ["block", "blocked", "account", "consent", "rest"])
def test_what_came_between_keeps_the_question_and_the_yes_from_going_on(favour, hana, rei, what: str) -> None:
    sent()
    favour.pass_on(rei, "…", now=NOW())
    part(what, hana, rei)
    assert (sent(), dropped()) == ([], ["apart"])
    favour.answer(yes=True, now=NOW())
    assert (favour.made_at, Exchange.objects.count()) == (None, 0)


@pytest.mark.parametrize("what", ["block", "blocked", "account"])
def test_no_address_goes_where_something_came_between_at_last(made: Favour, hana, rei, what: str) -> None:
    Delivery.objects.exclude(kind__in=["intro.through", "intro.thanks"]).delete()
    part(what, hana, rei)
    assert (sent(), dropped()) == ([], ["apart"] * 3)


# Who may be asked, and how often


def test_only_who_allows_it_and_is_known_can_be_asked(known, hana, ken, mallory) -> None:
    assert list(favours.may_connect(hana, now=NOW())) == [ken]
    assert list(favours.may_connect(mallory, now=NOW())) == []
    Openness.say(ken, set(), now=NOW())
    assert list(favours.may_connect(hana, now=NOW())) == []


def test_one_is_asked_by_the_same_person_once_a_month_and_three_times_in_all(
    known, hana, ken, make_morning, person
) -> None:
    ask(hana, ken, subject="発酵")
    with pytest.raises(Refused, match="一覧"):
        ask(hana, ken, subject="林業")
    others = [person(f"o{n}", name_level=Level.MORNING) for n in range(3)]
    make_morning(ken, *others, days=50)
    for one in others[:2]:
        ask(one, ken, subject="発酵")
    with pytest.raises(Refused, match="一覧"):
        ask(others[2], ken, subject="発酵")
    Favour.objects.update(asked_at=NOW() - 31 * A_DAY)
    ask(others[2], ken, subject="発酵")


def test_two_may_be_open_four_go_in_a_month_and_nobody_is_asked_for_twice_in_a_year(known, hana, rei) -> None:
    now, row = NOW(), {"asker": hana, "why": "…", "forward": "…", "until": NOW()}

    def past(asked, ends, **fields) -> None:
        connector = Member.objects.create_user(f"c{Favour.objects.count()}@example.com", name="c")
        Favour.objects.create(**row | {"asked_at": now - asked, "ends_at": now + ends, "connector": connector} | fields)

    past(40 * A_DAY, -25 * A_DAY, other=rei)
    assert (
        str(favours.refused(hana, rei, now=now)) == "['この方へのご紹介は、この一年のあいだに一度お願いしています。']"
    )
    assert [favours.refused(hana, rei, now=now + days * A_DAY) is None for days in (324, 326)] == [False, True]
    for _one in range(2):
        past(A_DAY, 14 * A_DAY, subject="発酵")
    assert str(favours.refused(hana, None, now=now)) == "['お願いが二つ、まだ途中です。そちらをお待ちください。']"
    Favour.objects.update(ends_at=now)
    assert favours.refused(hana, None, now=now) is None
    for _one in range(2):
        past(A_DAY, -A_DAY, subject="林業")
    assert str(favours.refused(hana, None, now=now)) == "['お願いはひと月に四つまでです。少しお待ちください。']"


def test_somebody_whose_name_the_connector_may_not_see_is_not_named_to_them(known, hana, ken, rei) -> None:
    Member.objects.filter(pk=rei.pk).update(name_level=Level.CARDS)
    for one, other in ((hana, rei), (rei, hana)):
        Exchange.say(one, other, session=None, now=NOW())
    with pytest.raises(Refused, match="別の方"):
        ask(hana, ken, rei)


def test_who_was_asked_twice_through_others_this_month_gets_no_third_question(forwarded, ken, rei, person) -> None:
    values = {"connector": ken, "other": rei, "why": "…", "forward": "…", "connector_said": "yes"}
    for n in range(2):
        asker, day = person(f"o{n}"), NOW() - A_DAY
        Favour.objects.create(**values, asker=asker, until=day, ends_at=day, connector_said_at=day, subject="空き家")
    third = Favour.objects.create(
        asker=person("o9"),
        connector=ken,
        why="…",
        forward="…",
        until=NOW() + A_DAY,
        ends_at=NOW() + A_DAY,
        subject="空き家",
    )
    third.pass_on(rei, "…", now=NOW())
    assert (third.connector_said, Delivery.objects.filter(kind="intro.forward").count()) == ("yes", 1)


# What the asker sees


def looks(member: Member, found: Favour) -> list[bytes]:
    client = of(member)
    pages = [client.get("/favours/"), client.get(f"/favours/{found.code}/")]
    return [re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content) for page in pages]


@pytest.mark.parametrize("later", [False, True])
def test_all_that_is_no_yes_looks_the_same_to_the_asker(favour, hana, rei, later: bool) -> None:
    def seen() -> list[bytes]:
        if later:
            Favour.objects.update(ends_at=NOW() - timedelta(seconds=1))
        return looks(hana, favour)

    def after(*steps: Callable[[], None]) -> list[bytes]:
        with transaction.atomic():
            for step in steps:
                step()
            found = seen()
            transaction.set_rollback(True)
        favour.refresh_from_db()
        return found

    silent = after()
    word = lambda: favour.pass_on(rei, "…", now=NOW())  # noqa: E731 - three ways beside each other
    assert after(lambda: favour.decline(now=NOW())) == silent
    assert after(word) == silent
    assert after(word, lambda: favour.answer(yes=False, now=NOW())) == silent


def test_the_connector_cannot_tell_a_no_from_silence(forwarded: Favour, ken) -> None:
    before = looks(ken, forwarded)
    forwarded.answer(yes=False, now=NOW())
    assert looks(ken, forwarded) == before


def test_whom_the_connector_chose_the_asker_learns_with_the_introduction(known, hana, ken, rei) -> None:
    found = ask(hana, ken, subject="空き家の片づけ")
    found.pass_on(rei, "…", now=NOW())
    assert ["reiさん".encode() in page for page in looks(hana, found)] == [False, False]
    found.answer(yes=True, now=NOW())
    assert ["reiさん".encode() in page for page in looks(hana, found)] == [True, True]


# Pages


def test_asking_through_the_page(known, hana, ken, rei) -> None:
    client = of(hana)
    page = client.get(f"/favours/new/?to={rei.code}").content.decode()
    assert ("reiさんに紹介してもらう" in page, f'value="{ken.code}"' in page) == (True, True)
    response = client.post(
        "/favours/new/", {"to": rei.code, "by": ken.code, "why": "実家のこと", "forward": "hanaです"}
    )
    assert (response.status_code, response["Location"]) == (302, "/favours/")
    found = Favour.objects.get()
    assert (found.asker, found.connector, found.other, found.subject) == (hana, ken, rei, "")


def test_nothing_typed_is_lost_where_something_is_missing(known, hana, ken) -> None:
    response = of(hana).post(
        "/favours/new/", {"by": ken.code, "subject": "発酵", "why": "味噌を仕込みたい", "forward": ""}
    )
    page = response.content.decode()
    assert (response.status_code, "味噌を仕込みたい" in page, 'value="発酵"' in page) == (422, True, True)
    assert Favour.objects.count() == 0


def test_the_form_begins_with_a_text_to_pass_on(known, hana) -> None:
    form = of(hana).get("/favours/new/?about=空き家").context["form"]
    assert form.initial["forward"] == (
        "hanaと申します。仕事は食品の流通です。「空き家」のことで、お話をうかがえたらと思っております。"
        "お電話でもお茶でも、ご都合のよいかたちで十五分ほどいただければうれしいです。"
    )


def test_without_a_subject_the_text_leaves_no_gap_to_fill(known, hana) -> None:
    form = of(hana).get("/favours/new/").context["form"]
    assert form.initial["forward"] == (
        "hanaと申します。仕事は食品の流通です。お仕事のお話をうかがえたらと思っております。"
        "お電話でもお茶でも、ご都合のよいかたちで十五分ほどいただければうれしいです。"
    )


def path(found: Favour, member: Member) -> str:
    return favour_links.link(found, member).removeprefix("http://localhost:8000")


def test_both_answer_from_their_mail_and_looking_changes_nothing(known, hana, ken, rei) -> None:
    found, client = ask(hana, ken, subject="空き家の片づけ"), Client()
    assert client.get(path(found, ken)).status_code == 200
    assert client.post(path(found, ken), {"answer": "yes", "word": "…"}).status_code == 422
    response = client.post(path(found, ken), {"answer": "yes", "word": "お顔が浮かびました。", "to": rei.code})
    found.refresh_from_db()
    assert (response.status_code, found.other, found.word) == (302, rei, "お顔が浮かびました。")
    assert "お顔が浮かびました。" in client.get(path(found, rei)).content.decode()
    found.refresh_from_db()
    assert found.made_at is None
    client.post(path(found, rei), {"answer": "yes"})
    found.refresh_from_db()
    assert found.made_at is not None


def test_who_fits_stands_first_in_the_connectors_list(known, hana, ken, rei, person, make_morning) -> None:
    aki = person("aki", yomi="あき", name_level=Level.MEMBERS, ask_me="花の持ち")
    make_morning(ken, aki, days=20)
    form = of(ken).get(f"/favours/{ask(hana, ken, subject='空き家のこと').code}/").context["form"]
    assert [code for code, _label in form.fields["to"].choices] == ["", rei.code, aki.code]


def test_a_link_made_void_and_a_strangers_page_are_not_there(forwarded: Favour, ken, mallory) -> None:
    link = path(forwarded, ken)
    assert of(mallory).get(f"/favours/{forwarded.code}/").status_code == 404
    Member.objects.filter(pk=ken.pk).update(link_version=2)
    assert Client().get(link).status_code == 404


def test_who_is_named_sees_nothing_before_it_is_passed_on_or_where_something_stands_between(favour, hana, rei) -> None:
    url = f"/favours/{favour.code}/"
    assert of(rei).get(url).status_code == 404
    favour.pass_on(rei, "…", now=NOW())
    assert of(rei).get(url).status_code == 200
    Block.objects.create(member=hana, other=rei)
    assert of(rei).get(url).status_code == 404


def test_a_request_of_somebody_the_hosts_were_told_of_is_seen_by_nobody_else_until_they_have_looked(
    forwarded: Favour, hana, ken, rei, mallory, kosuke
) -> None:
    def seen() -> list[int]:
        pages = [(one, f"/favours/{forwarded.code}/") for one in (hana, ken, rei)]
        pages += [(None, path(forwarded, one)) for one in (ken, rei)]
        return [(of(who) if who else Client()).get(page).status_code for who, page in pages]

    assert seen() == [200] * 5
    told = Concern.objects.tell(mallory, hana, "", kind="canvassing", named=False, now=NOW())
    assert seen() == [200, 404, 404, 404, 404]
    assert hana.display_name not in of(ken).get("/favours/").content.decode()
    told.look("nothing", note="", now=NOW(), actor=kosuke)
    assert seen() == [200] * 5


def test_thanks_go_to_the_connector_in_the_askers_words(made: Favour, hana, ken) -> None:
    sent()
    response = of(hana).post(f"/favours/{made.code}/thanks/", {"thanks": "鍵を返す前に会えました。"})
    assert response.status_code == 302
    mail = sent()[0]
    assert (mail.to, mail.subject) == ([ken.email], "hanaさんからのひとこと")
    assert "鍵を返す前に会えました。" in mail.body


@pytest.mark.parametrize("number", [1, 30])
def test_my_requests_cost_the_same_for_one_and_for_thirty(hana, person, number, django_assert_num_queries) -> None:
    for n in range(number):
        Favour.objects.create(
            asker=hana,
            connector=person(f"c{n}"),
            other=person(f"o{n}"),
            why="…",
            forward="…",
            until=NOW(),
            ends_at=NOW(),
        )
    client = of(hana)
    with django_assert_num_queries(5):
        assert client.get("/favours/").status_code == 200


@pytest.mark.parametrize("number", [1, 30])
def test_the_form_costs_the_same_for_one_and_for_thirty(
    hana, person, make_morning, number, django_assert_num_queries
) -> None:
    people = [person(f"c{n:02}", name_level=Level.MORNING) for n in range(number)]
    make_morning(hana, *people, days=40)
    for one in people:
        Openness.say(one, {"connects"}, now=NOW())
    client = of(hana)
    with django_assert_num_queries(7):
        assert client.get("/favours/new/").context["connectors"] == people


# The mails, word for word


@pytest.fixture
def worded(known: None, hana: Member, ken: Member, rei: Member) -> Favour:
    found = Favour(
        asker=hana, connector=ken, other=rei,
        why="祖母の家が空いて三年になります。",
        forward="hanaと申します。空き家のことで、十五分ほどお話をうかがえたらと思っております。",
    )  # fmt: skip
    found.ask(now=NOW())
    Favour.objects.update(until="2126-12-03T23:59:00+09:00", ends_at="2126-12-10T23:59:00+09:00")
    found.refresh_from_db()
    return found


def said(mail) -> str:
    return re.sub(r"/mails/\S+", "/mails/…", re.sub(r"/answer/[\w:=-]+/", "/answer/…/", mail.body))


def test_the_request_to_the_connector(worded: Favour) -> None:
    (mail,) = sent()
    assert (mail.to, mail.subject) == (["ken@example.com"], "hanaさんから: reiさんに紹介していただけますか")
    assert (
        said(mail)
        == """\
kenさん、hanaさんがreiさんに会ってみたいそうです。つないでいただけないか、お尋ねです。

あなたへ
祖母の家が空いて三年になります。

渡していただく文
hanaと申します。空き家のことで、十五分ほどお話をうかがえたらと思っております。

あなたがひとことそえて、あとは先方がお決めになります。気が進まないときは、そのままで結構です。見送っても伝わらず、お返事がないのと同じに見えます。

12月3日(火)までに、こちらでお返事ください:
http://localhost:8000/favours/answer/…/

----
知っている方からのご紹介のお願いを受けてくださるとのことで、お送りしています。変えるときはこちら:
http://localhost:8000/introductions/
このお知らせを止める
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )


def test_the_question_passed_on_holds_no_address(worded: Favour, rei: Member) -> None:
    sent()
    worded.pass_on(rei, "kenです。hanaさんの話を聞いて、お顔が浮かびました。", now=NOW())
    Favour.objects.update(other_until="2126-12-03T23:59:00+09:00")
    (mail,) = sent()
    assert (mail.to, mail.subject) == (["rei@example.com"], "kenさんが、hanaさんを紹介したいそうです")
    assert (
        said(mail)
        == """\
reiさん、hanaさんがお会いしてみたいそうです。お二人をご存じのkenさんから、おことづけです。

kenさんより
kenです。hanaさんの話を聞いて、お顔が浮かびました。

hanaさんより (食品の流通)
hanaと申します。空き家のことで、十五分ほどお話をうかがえたらと思っております。

「はい」のときだけ、連絡先をお渡しします。見送ってもお二人のどちらにも伝わらず、お返事がないのと同じに見えます。

12月3日(火)までに、こちらでお返事ください:
http://localhost:8000/favours/answer/…/

----
ご紹介を受けてくださるとのことで、お送りしています。お休み、取りやめはこちら:
http://localhost:8000/introductions/
このお知らせを止める
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )
    assert ["example.com" in text for text in (mail.body, str(mail.alternatives[0][0]))] == [False, False]


def test_the_introduction_goes_to_each_alone_in_the_connectors_words(worded: Favour, rei: Member) -> None:
    worded.pass_on(rei, "hanaさんの話を聞いて、お顔が浮かびました。", now=NOW())
    sent()
    worded.answer(yes=True, now=NOW())
    hers, theirs, thanks = sent()
    assert [(one.to, one.reply_to) for one in (hers, theirs, thanks)] == [
        (["hana@example.com"], ["rei@example.com"]),
        (["rei@example.com"], ["hana@example.com"]),
        (["ken@example.com"], []),
    ]
    assert hers.subject == "kenさんのご紹介で、hanaさんとreiさんをおつなぎします"
    assert (
        said(hers)
        == """\
hanaさん、お二人とも「会ってみたい」とのことでしたので、kenさんからのご紹介です。

hanaさんの話を聞いて、お顔が浮かびました。
(kenさん)

reiさん <rei@example.com>
空き家の相談員

このメールにそのまま返信していただくと、reiさんだけに届きます。reiさんにも同じようにお送りしました。

kenさんへのお礼のひとことはこちら:
http://localhost:8000/favours/answer/…/

----
お二人とも「はい」とお答えになったので、お二人にだけお送りしています。
届くメールを選ぶ
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )
    assert (
        said(thanks)
        == """\
kenさん、お二人とも「会ってみたい」とのことでした。hanaさんとreiさんに連絡先をお渡しし、ご紹介のメールのはじめに、あなたの言葉を載せました。ありがとうございました。

ご返信には及びません。

----
お二人をご紹介くださったので、お送りしています。
届くメールを選ぶ
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )
