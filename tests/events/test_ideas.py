import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from events.models import Hearer, Idea, IdeaQuestion, Talk
from members.models import Activity, Block
from outbox.kinds import Unwanted
from outbox.models import Delivery
from outbox.rendering import letter as letter_of
from outbox.rendering import render
from tests.events.pages import statements, talk, text

NOW = timezone.now


def theme(member, title: str = "値段はどう決まるのか") -> Idea:
    return Idea.propose(member, title=title, about="", offers=False, now=NOW())


def offer(member, title: str = "卸の一日") -> Idea:
    return Idea.propose(member, title=title, about="朝三時から始まります。", offers=True, now=NOW())


def test_a_theme_is_wished_for_and_taken_by_who_can_speak(client, club, hana, ken) -> None:
    client.force_login(ken)
    client.post("/talks/", {"kind": "theme", "title": "値段はどう決まるのか", "about": ""})
    idea = Idea.objects.get()
    assert (idea.proposer, idea.speaker, Hearer.objects.filter(idea=idea, member=ken).count()) == (ken, None, 1)
    client.force_login(hana)
    client.post(f"/talks/{idea.code}/taking/", {"take": "yes"})
    idea.refresh_from_db()
    assert (idea.speaker, idea.agreed_at is not None) == (hana, True)
    client.force_login(ken)
    client.post(f"/talks/{idea.code}/taking/", {"take": "no"})
    idea.refresh_from_db()
    assert (idea.speaker, "hanaさんが話せます" in text(client, "/talks/")) == (hana, True)


def test_a_count_shows_from_three_only(client, club, hana, ken, mallory, kosuke) -> None:
    idea = offer(hana)
    client.force_login(kosuke)
    shown = []
    for member in (ken, mallory, kosuke):
        for _twice in range(2):
            idea.hear(member, yes=True, now=NOW())
        shown.append("人が聞きたいと言っています" in text(client, "/talks/"))
    assert (shown, Hearer.objects.count()) == ([False, False, True], 3)
    idea.hear(ken, yes=False, now=NOW())
    assert "人が聞きたいと言っています" not in text(client, "/talks/")


def test_questions_are_read_by_speaker_and_hosts_without_a_name(
    client, club, series, hana, ken, mallory, kosuke
) -> None:
    idea = offer(hana)
    client.force_login(ken)
    client.post(f"/talks/{idea.code}/question/", {"text": "卸は何をしているのですか"})
    seen = {}
    for viewer in (hana, kosuke, mallory, ken):
        client.force_login(viewer)
        page = text(client, "/talks/").partition("<main")[2].partition("</main")[0]
        seen[viewer.name] = ("卸は何をしているのですか" in page, ">ken" in page or "kenさん" in page)
    assert seen == {"hana": (True, False), "kosuke": (True, False), "mallory": (False, False), "ken": (False, False)}


def test_three_questions_each_and_the_same_once(hana, ken) -> None:
    idea = offer(hana)
    for text_ in ("一", "一", "二", "三"):
        idea.ask(ken, text_, now=NOW())
    with pytest.raises(ValidationError, match="三つ"):
        idea.ask(ken, "四", now=NOW())
    assert IdeaQuestion.objects.count() == 3


def test_five_open_ones_each_are_enough(hana) -> None:
    for number in range(5):
        offer(hana, f"話 {number}")
    assert offer(hana, "話 0").pk == Idea.objects.earliest("pk").pk
    with pytest.raises(ValidationError, match="五つ"):
        offer(hana, "話 5")


def test_a_host_asks_a_member_and_nothing_is_said_of_it_to_others(
    client, club, series, hana, ken, kosuke, mallory
) -> None:
    idea = theme(ken)
    client.force_login(mallory)
    assert client.post(f"/talks/{idea.code}/asking/", {"member": hana.code}).status_code == 404
    client.force_login(kosuke)
    client.post(f"/talks/{idea.code}/asking/", {"member": hana.code})
    seen = {}
    for viewer in (hana, kosuke, mallory):
        client.force_login(viewer)
        page = text(client, "/talks/").partition("<main")[2]
        seen[viewer.name] = ("お願いです" in page, "hanaさんにお願いしています" in page)
    assert seen == {"hana": (True, False), "kosuke": (False, True), "mallory": (False, False)}
    idea.refresh_from_db()
    assert idea.put_into(None, minutes=10, now=NOW(), actor=kosuke) is None  # type: ignore[arg-type]
    idea.take(hana, yes=True, now=NOW())
    assert Idea.objects.offered().get() == idea


def test_the_host_puts_it_beside_a_guest_and_twice_is_once(client, club, session, hana, kosuke, sato, mallory) -> None:
    talk(session, sato, "値札のない朝")
    idea = offer(hana)
    client.force_login(mallory)
    assert client.post(f"/talks/{idea.code}/planning/", {"session": session.code, "minutes": "10"}).status_code == 404
    client.force_login(kosuke)
    sent = {"session": session.code, "minutes": "10"}
    answers = [client.post(f"/talks/{idea.code}/planning/", sent).status_code for _twice in range(2)]
    told = list(session.talks.values_list("position", "title", "member", "minutes"))
    assert (answers, told) == ([302, 404], [(1, "値札のない朝", None, 30), (2, "卸の一日", hana.pk, 10)])
    page = text(client, session.get_absolute_url())
    assert ("卸の一日" in page, "朝三時から始まります。" in page, f'id="{idea.code}"' in text(client, "/talks/")) == (
        True,
        True,
        False,
    )
    assert "卸の一日" in text(client, "/talks/").partition('id="planned"')[2]
    assert Activity.objects.get(verb="talk.plan").target == f"session:{session.code}"


def test_alone_it_is_the_morning_and_stands_in_for_a_guest_who_fell_ill(session, hana, kosuke, sato) -> None:
    session.title = ""
    session.save()
    talk(session, sato).delete()
    idea = offer(hana)
    idea.put_into(session, minutes=20, now=NOW(), actor=kosuke)
    idea.put_into(session, minutes=20, now=NOW(), actor=kosuke)
    assert list(session.talks.values_list("title", "member")) == [("卸の一日", hana.pk)]


def test_who_proposed_takes_back_and_a_host_closes(client, club, series, hana, ken, kosuke) -> None:
    first, second = offer(hana), theme(ken)
    client.force_login(ken)
    assert client.post(f"/talks/{first.code}/removal/").status_code == 404
    assert client.post(f"/talks/{second.code}/removal/").status_code == 302
    client.force_login(kosuke)
    client.post(f"/talks/{first.code}/removal/")
    assert Idea.objects.open().count() == 0


def test_the_page_takes_as_many_queries_with_thirty(client, club, series, session, hana, ken, kosuke) -> None:
    offer(hana).ask(ken, "なぜ？", now=NOW())
    client.force_login(kosuke)
    client.get("/talks/")
    first = statements(lambda: client.get("/talks/"))
    made = [Idea(title=f"話 {n}", proposer=ken, speaker=ken, agreed_at=NOW()) for n in range(30)]
    for idea in Idea.objects.bulk_create(made):
        IdeaQuestion.objects.create(idea=idea, member=hana, text="なぜ？")
    assert [first, statements(lambda: client.get("/talks/"))] == [(200, 9), (200, 9)]


ASKED = """\
hanaさん、

kosukeさんが、「値段はどう決まるのか」について、いつかの朝にお話しいただけないかと尋ねています。

15分ほどで十分です。あなたのお仕事では当たり前のことが、ほかのみなさんの聞きたいことです。お断りになるのに理由は要りません。

お返事をする（ほかの方に譲ることもできます）:
http://localhost:8000/talks/#{code}

----
世話人があなたのお名前を挙げてお願いしたため、お送りしています。"""


def test_who_is_asked_for_a_talk_reads_it_in_one_mail(series, hana, ken, kosuke) -> None:
    idea = theme(ken)
    for _tap in range(2):
        idea.ask_for(hana, now=NOW(), actor=kosuke)
    owed = Delivery.objects.get(kind="talk.asked")
    found = render(owed, letter_of(owed))
    assert (owed.to, found["subject"]) == ("hana@example.com", "「値段はどう決まるのか」をお話しくださいませんか")
    assert ASKED.format(code=idea.code) in found["text"]
    Idea.objects.get(pk=idea.pk).take(hana, yes=True, now=NOW())
    with pytest.raises(Unwanted, match="answered"):
        letter_of(Delivery.objects.get(kind="talk.asked"))


def test_the_host_puts_the_talks_of_a_morning_in_order(client, club, session, sato, hana, kosuke, mallory) -> None:
    for number, title in enumerate(("一", "二", "三"), start=1):
        talk(session, sato, title, position=number)
    third = Talk.objects.get(title="三")
    client.force_login(mallory)
    assert client.post(f"/sessions/{session.code}/talks/{third.pk}/up/").status_code == 404
    client.force_login(kosuke)
    page = text(client, session.get_absolute_url())
    assert page.count("/up/") == 2
    client.post(f"/sessions/{session.code}/talks/{third.pk}/up/")
    assert list(Talk.objects.values_list("title", "position")) == [("一", 1), ("三", 2), ("二", 3)]
    for _more in range(3):
        client.post(f"/sessions/{session.code}/talks/{third.pk}/up/")
    assert list(Talk.objects.values_list("title", flat=True)) == ["三", "一", "二"]
    client.force_login(hana)
    assert "/up/" not in text(client, session.get_absolute_url())


@pytest.mark.parametrize("keeper", ["hana", "ken"])
def test_those_who_keep_apart_do_not_see_each_other_s_talks_and_hosts_see_all(
    client, club, series, hana, ken, kosuke, keeper
) -> None:
    """Nobody is told: what is not there for somebody is not there for their taps either."""
    own, asked = offer(hana), theme(kosuke)
    asked.ask_for(hana, now=NOW(), actor=kosuke)
    Block.objects.create(member=hana if keeper == "hana" else ken, other=ken if keeper == "hana" else hana)
    client.force_login(ken)
    page = text(client, "/talks/")
    assert (own.title in page, "hanaさん" in page, asked.title in page) == (False, False, True)
    taps = [("hearing", {"hear": "yes"}), ("question", {"text": "なぜ"}), ("taking", {"take": "yes"})]
    assert [client.post(f"/talks/{own.code}/{tap}/", form).status_code for tap, form in taps] == [404] * 3
    assert not Hearer.objects.filter(idea=own).exists()
    asked.take(hana, yes=True, now=NOW())
    assert asked.title not in text(client, "/talks/")
    client.force_login(kosuke)
    assert own.title in text(client, "/talks/")
