"""The report: a first draft from what is there, kept or published, by those who host."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Partstat, Rsvp, Series, Session, Talk
from members.models import Activity, Member
from records.models import REPORT_LENGTH, Report, Takeaway
from search.models import Document
from speakers.models import Speaker
from tests.events.pages import talk, text

NOW = timezone.now()


@pytest.fixture
def morning(make_session: Callable[..., Session]) -> Session:
    return make_session(starts_at=NOW - timedelta(days=2))


@pytest.fixture
def host(client: Client, kosuke: Member) -> Client:
    client.force_login(kosuke)
    return client


def url(session: Session) -> str:
    return f"/sessions/{session.code}/report/"


def test_the_first_draft_is_put_together_from_what_is_there(
    host: Client, morning: Session, sato: Speaker, hana: Member, ken: Member, mallory: Member
) -> None:
    talk(morning, sato, "夜明けの*帳場*", abstract="市場の話")
    Talk.objects.create(session=morning, position=2, title="花の競り", member=hana)
    Rsvp.objects.create(session=morning, member=ken, partstat=Partstat.ACCEPTED, question="値札は\n誰が貼りますか")
    for member, audience in ((hana, "public"), (ken, "members"), (mallory, "hosts")):
        Takeaway.objects.create(session=morning, member=member, text=f"{audience} に言う", audience=audience)
    page = text(host, url(morning))
    draft = page[page.index("<textarea") : page.index("</textarea>")].split(">", 1)[1].strip()
    assert draft.split("\n\n") == [
        "## 夜明けの\\*帳場\\*",
        "佐藤 朝子先生",
        "市場の話",
        "## 花の競り",
        "会員の話",
        "## みなさんからの質問",
        "- 値札は 誰が貼りますか",
        "## みなさんが持ち帰ったこと",
        "- public に言う",
    ]
    assert Report.objects.count() == 0
    # Which member it was stands where members alone read.
    morning.series.audience = Series.Audience.MEMBERS
    morning.series.save()
    assert "会員の話" not in text(host, url(morning))


def test_a_draft_is_for_hosts_alone_until_it_is_published(
    host: Client, client: Client, morning: Session, hana: Member
) -> None:
    before = morning.changed_at
    response = host.post(url(morning), {"body": "## 夜\n\n**流通**", "language": "ja", "keep": "1"})
    assert (response.status_code, response["Location"]) == (302, url(morning))
    assert "下書きがあります" in text(host, morning.get_absolute_url())
    assert "流通" not in text(Client(), morning.get_absolute_url())
    response = host.post(url(morning), {"body": "## 夜\n\n**流通**", "language": "ja", "publish": "1"})
    assert response["Location"] == f"{morning.get_absolute_url()}#report"
    morning.refresh_from_db()
    assert morning.changed_at > before
    page = text(Client(), morning.get_absolute_url())
    assert ('<div class="prose" lang="ja"><h3>夜</h3>' in page, "<strong>流通</strong>" in page) == (True, True)
    assert ("kosuke" in page, "報告を直す" in page) == (False, False)
    assert Document.objects.get(kind="report").body == "夜\n流通"


def test_a_published_report_can_be_taken_back(host: Client, morning: Session, kosuke: Member) -> None:
    write = {"body": "流通", "language": "ja"}
    host.post(url(morning), write | {"publish": "1"})
    first = Report.objects.get().published_at
    host.post(url(morning), write | {"body": "流通の夜", "publish": "1"})
    assert Report.objects.get().published_at == first
    host.post(url(morning), write | {"keep": "1"})
    assert (Report.objects.get().published_at, Document.objects.filter(kind="report").count()) == (None, 0)
    assert "流通" not in text(Client(), morning.get_absolute_url())
    assert list(Activity.objects.order_by("pk").values_list("verb", "actor__name")) == [
        ("report.publish", "kosuke"),
        ("report.publish", "kosuke"),
        ("report.keep", "kosuke"),
    ]


def test_looking_at_it_first_keeps_nothing_and_loses_nothing(host: Client, morning: Session) -> None:
    response = host.post(url(morning), {"body": "**夜** <script>", "language": "ja", "preview": "1"})
    page = response.content.decode()
    assert response.status_code == 200
    assert '<div class="prose" lang="ja"><p><strong>夜</strong> &lt;script&gt;</p>' in page
    assert "**夜** &lt;script&gt;</textarea>" in page
    assert Report.objects.count() == 0


@pytest.mark.parametrize("body", ["", " \n", "長" * (REPORT_LENGTH + 1)])
def test_what_cannot_be_kept_is_said_and_stays_in_the_form(host: Client, morning: Session, body: str) -> None:
    response = host.post(url(morning), {"body": body, "language": "ja", "publish": "1"})
    page = response.content.decode()
    assert (response.status_code, "field__error" in page, body.strip() in page) == (422, True, True)
    assert Report.objects.count() == 0


def test_only_hosts_write_and_only_of_mornings_that_have_begun(
    client: Client, morning: Session, session: Session, hana: Member, mallory: Member, kosuke: Member
) -> None:
    said = {}
    for member in (hana, mallory, kosuke):
        client.force_login(member)
        said[member.name] = [client.get(url(one)).status_code for one in (morning, session)]
    assert said == {"hana": [404, 404], "mallory": [404, 404], "kosuke": [200, 404]}


def test_who_may_see_the_session_may_see_the_report(
    morning: Session, hana: Member, mallory: Member, kosuke: Member
) -> None:
    report = Report.objects.create(session=morning, body="流通", published_at=NOW)

    def seen() -> list[str]:
        return [one.name for one in (hana, mallory, kosuke) if report in Report.objects.visible_to(one)]

    assert seen() == ["hana", "mallory", "kosuke"]
    Series.objects.update(audience="series")
    assert seen() == ["hana", "kosuke"]
    Report.objects.update(published_at=None)
    assert seen() == ["kosuke"]


def test_a_host_says_what_the_morning_was_about(host: Client, morning: Session, sato: Speaker) -> None:
    talk(morning, sato, "夜明けの帳場")
    sent = {
        "body": "帳場の話。",
        "language": "ja",
        "agreed": "told",
        "publish": "1",
        "topics": " 値段、 流通 ,値段，夜",
    }
    assert host.post(url(morning), sent).status_code == 302
    assert Talk.objects.get().tags == ["値段", "流通", "夜"]
    assert Document.objects.filter(kind="talk").matching("流通").exists()
    assert 'value="値段、流通、夜"' in text(host, url(morning))
    # What is sent without the field leaves them; an empty field takes them away.
    del sent["topics"]
    host.post(url(morning), sent)
    assert Talk.objects.get().tags == ["値段", "流通", "夜"]
    host.post(url(morning), sent | {"topics": ""})
    assert Talk.objects.get().tags == []


@pytest.mark.parametrize(("typed", "said"), [("、".join("一二三四五六七"), "話題は6つまで"), ("話" * 31, "30文字まで")])
def test_topics_that_cannot_be_kept_are_said_and_stay(
    host: Client, morning: Session, sato: Speaker, typed: str, said: str
) -> None:
    talk(morning, sato, "夜明けの帳場")
    answer = host.post(url(morning), {"body": "帳場の話。", "language": "ja", "keep": "1", "topics": typed})
    page = answer.content.decode()
    assert (answer.status_code, said in page, typed in page, Report.objects.count()) == (422, True, True, 0)


def test_of_several_talks_the_topics_stay_as_they_are(host: Client, morning: Session, sato: Speaker) -> None:
    for title in ("一", "二"):
        talk(morning, sato, title)
    Talk.objects.update(tags=["夜"])
    assert 'name="topics"' not in text(host, url(morning))
    host.post(url(morning), {"body": "話。", "language": "ja", "keep": "1", "topics": "朝"})
    assert [one.tags for one in Talk.objects.all()] == [["夜"], ["夜"]]
