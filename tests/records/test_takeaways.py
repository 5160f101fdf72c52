"""One line to take home: said by those who came, shown as far as they chose, gone when they or a host want it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Attendance, Series, Session
from members.models import Activity, Member
from records.models import Takeaway, attended_by
from search.models import Document
from tests.events.pages import statements, text

NOW = timezone.now()
LINE = {"text": "最後の一キロがいちばん高い", "audience": "public", "signed": "name"}


@pytest.fixture
def morning(make_session: Callable[..., Session], hana: Member) -> Session:
    """Hana came."""
    session = make_session(starts_at=NOW - timedelta(days=2))
    Attendance.objects.create(session=session, member=hana)
    return session


@pytest.fixture
def home(client: Client, hana: Member) -> Client:
    client.force_login(hana)
    return client


def url(session: Session, more: str = "") -> str:
    return f"/sessions/{session.code}/takeaway/{more}"


def test_who_came_says_it_on_the_page_of_that_morning(home: Client, morning: Session) -> None:
    before = morning.changed_at
    page = text(home, morning.get_absolute_url())
    form = page[page.index('id="takeaway"') :]
    assert f'action="{url(morning)}"' in form
    assert re.findall(r'value="(\w+)" [^>]*checked', form) == ["hosts", "name"]
    response = home.post(url(morning), LINE)
    assert (response.status_code, response["Location"]) == (302, f"{morning.get_absolute_url()}#learned")
    morning.refresh_from_db()
    assert morning.changed_at > before
    page = text(Client(), morning.get_absolute_url())
    assert ("最後の一キロ" in page, "hanaさん" in page, 'id="takeaway"' in page) == (True, True, False)
    assert Document.objects.get(kind="takeaway").who == "hana はな"


def test_saying_it_anew_replaces_it_and_without_the_name_nobody_is_named(home: Client, morning: Session) -> None:
    home.post(url(morning), LINE)
    home.post(url(morning), {"text": "返品の箱", "audience": "public", "signed": "none"})
    assert Takeaway.objects.get().text == "返品の箱"
    page = text(Client(), morning.get_absolute_url())
    assert ("返品の箱" in page, "一キロ" in page, "hana" in page) == (True, False, False)
    assert (Document.objects.get(kind="takeaway").who, Document.objects.matching("hana").count()) == ("", 0)


def test_with_the_surname_alone_nobody_reads_or_finds_the_other_name(
    home: Client, morning: Session, hana: Member
) -> None:
    Member.objects.filter(pk=hana.pk).update(name="有馬 花", yomi="ありま はな", romaji="Hana Arima")
    home.post(url(morning), LINE)
    assert Document.objects.get(kind="takeaway").who == "有馬 花 ありま はな Hana Arima"
    home.post(url(morning), LINE | {"signed": "surname"})
    assert Document.objects.get(kind="takeaway").who == "有馬 ありま Arima"
    found = [Document.objects.matching(word).count() for word in ("有馬", "ありま", "Arima", "はな", "Hana")]
    assert found == [1, 1, 1, 0, 0]
    pages = {}
    for language in ("ja", "en"):
        stranger = Client(headers={"accept-language": language})
        pages[language] = text(stranger, morning.get_absolute_url())
    assert [name in pages["ja"] for name in ("有馬さん", "花さん", "Hana")] == [True, False, False]
    assert [name in pages["en"] for name in ("<cite>Arima</cite>", "Hana", "有馬")] == [True, False, False]


def test_where_the_name_does_not_tell_the_surname_it_cannot_be_chosen_and_nobody_is_named(
    home: Client, morning: Session, hana: Member
) -> None:
    assert 'value="surname"' not in text(home, morning.get_absolute_url())
    assert home.post(url(morning), LINE | {"signed": "surname"}).status_code == 422
    Takeaway.objects.create(session=morning, member=hana, text="一行", audience="public", signed="surname")
    page = text(home, url(morning))
    assert re.findall(r'<input type="radio" name="signed" value="(\w+)"[^>]*?( checked)?>', page) == [
        ("name", ""),
        ("none", " checked"),
    ]
    assert "<cite>" not in text(Client(), morning.get_absolute_url())


def test_on_an_english_page_a_japanese_name_beside_a_trade_is_no_markup(morning: Session, hana: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(name="有馬 花", role="塩屋", role_level=5)
    Takeaway.objects.create(session=morning, member=hana, text="一行", audience="members")
    client = Client(headers={"accept-language": "en"})
    client.force_login(hana)
    assert '<cite><span lang="ja">有馬 花</span> (塩屋)</cite>' in text(client, morning.get_absolute_url())


def test_its_author_takes_it_back(home: Client, morning: Session) -> None:
    home.post(url(morning), LINE)
    assert home.post(url(morning, "removal/")).status_code == 302
    assert (Takeaway.objects.count(), Document.objects.filter(kind="takeaway").count()) == (0, 0)
    assert home.post(url(morning, "removal/")).status_code == 404


def test_a_host_takes_it_off_the_page_for_everybody_and_for_good(
    home: Client, morning: Session, kosuke: Member, mallory: Member, hana: Member
) -> None:
    home.post(url(morning), LINE)
    line = Takeaway.objects.get()
    host, stranger = Client(), Client()
    host.force_login(kosuke)
    stranger.force_login(mallory)
    hiding = url(morning, f"{line.pk}/hiding/")
    assert f'action="{hiding}"' in text(host, morning.get_absolute_url())
    assert [one.post(hiding).status_code for one in (Client(), stranger, home, host, host)] == [302, 404, 404, 302, 302]
    assert list(Activity.objects.values_list("verb", "actor__name")) == [("takeaway.hide", "kosuke")]
    response = home.post(url(morning), LINE | {"text": "もう一度"}, follow=True)
    assert "世話人がページからはずしています" in response.content.decode()
    pages = [text(one, morning.get_absolute_url()) for one in (Client(), stranger, host)]
    assert [word in page for word in ("もう一度", "最後の一キロ") for page in pages] == [False] * 6
    assert Document.objects.filter(kind="takeaway").count() == 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"text": ""}, "まだ空いています"),
        ({"text": "長" * 201}, "200"),
        ({"audience": "world"}, "正しく選択"),
        ({"signed": "first"}, "正しく選択"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_in_the_form(
    home: Client, morning: Session, wrong: dict[str, str], sentence: str
) -> None:
    response = home.post(url(morning), LINE | wrong)
    page = response.content.decode()
    assert (response.status_code, sentence in page, (LINE | wrong)["text"] in page) == (422, True, True)
    assert Takeaway.objects.count() == 0


def test_only_who_came_may_say_something(
    client: Client, morning: Session, session: Session, ken: Member, hana: Member, kosuke: Member
) -> None:
    Attendance.objects.create(session=morning, member=ken, status=Attendance.Status.ABSENT)
    said = {}
    for member in (hana, ken, kosuke):
        client.force_login(member)
        said[member.name] = [client.get(url(one)).status_code for one in (morning, session)]
    assert said == {"hana": [200, 404], "ken": [404, 404], "kosuke": [404, 404]}
    assert list(attended_by(hana)) == [morning]


def test_each_sees_what_was_meant_for_them(
    morning: Session, hana: Member, ken: Member, kosuke: Member, mallory: Member, person: Callable[..., Member]
) -> None:
    visitor = person("visitor", joined_at=None)
    for author, audience in ((hana, "hosts"), (ken, "members"), (mallory, "public")):
        Takeaway.objects.create(session=morning, member=author, text=audience, audience=audience)
    Takeaway.objects.create(session=morning, member=kosuke, text="hidden", audience="public", hidden_at=NOW)
    viewers = (hana, ken, kosuke, mallory, visitor)
    assert {one.name: [line.text for line in Takeaway.objects.visible_to(one)] for one in viewers} == {
        "hana": ["hosts", "members", "public"],
        "ken": ["members", "public"],
        "kosuke": ["hosts", "members", "public"],
        "mallory": ["members", "public"],
        "visitor": ["public"],
    }
    Series.objects.update(audience="series")
    assert {one.name: len(Takeaway.objects.visible_to(one)) for one in viewers} == {
        "hana": 3, "ken": 0, "kosuke": 3, "mallory": 0, "visitor": 0,
    }  # fmt: skip


def test_a_line_for_hosts_is_found_by_nobody(home: Client, morning: Session) -> None:
    home.post(url(morning), LINE | {"audience": "hosts"})
    assert Document.objects.filter(kind="takeaway").count() == 0
    assert "一キロ" not in text(Client(), morning.get_absolute_url())


def test_the_page_of_that_morning_costs_the_same_with_one_line_and_with_thirty(
    client: Client, morning: Session, person: Callable[..., Member], hana: Member
) -> None:
    client.get(morning.get_absolute_url())
    counted = []
    for number in (1, 30):
        while Takeaway.objects.count() < number:
            author = person(f"p{Takeaway.objects.count()}")
            Takeaway.objects.create(session=morning, member=author, text="一行", audience="public")
        counted.append(statements(lambda: client.get(morning.get_absolute_url())))
    assert counted[0] == counted[1]
    assert counted[0][1] <= 10
