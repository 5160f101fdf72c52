from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from archive.models import Bulletin
from events.models import Session
from members.levels import Level
from members.models import Activity, Member
from members.news import News
from outbox.models import Delivery
from records.models import Takeaway
from tests.events.pages import crowd, statements, text


@pytest.fixture
def morning(make_session: Callable[..., Session]) -> Session:
    return make_session(starts_at=timezone.now() - timedelta(days=12), number=37)


@pytest.fixture
def host(client: Client, kosuke: Member) -> Client:
    client.force_login(kosuke)
    return client


def lines(session: Session, number: int, audience: str = "members") -> list[Takeaway]:
    rows = [Takeaway(session=session, member=one, text=f"湯気 {one.name}", audience=audience) for one in crowd(number)]
    return Takeaway.objects.bulk_create(rows)


def test_the_desk_leads_to_the_letter(host: Client, morning: Session) -> None:
    desk = text(host, "/desk/")
    assert ("今月のたよりができています" in desk, f'href="/sessions/{morning.code}/bulletin/"' in desk) == (True, True)


def test_looking_keeps_nothing(host: Client, morning: Session) -> None:
    lines(morning, 2)
    page = text(host, f"/sessions/{morning.code}/bulletin/")
    mail = text(host, f"/sessions/{morning.code}/bulletin/mail/")
    assert ["湯気 会員" in page, "湯気 会員" in mail, "2人の会員に送る" in page] == [True, True, True]
    assert Bulletin.objects.count() == 0


def test_a_host_drops_what_he_likes_and_sends_it_with_one_tap(host: Client, morning: Session, hana: Member) -> None:
    kept, dropped = lines(morning, 2)
    url = f"/sessions/{morning.code}/bulletin/"
    form = {"greeting": "お元気ですか", "chosen": [f"morning:{morning.pk}", f"line:{kept.pk}"]}
    assert host.post(url, form | {"keep": "1"})["Location"] == url
    mail = text(host, f"{url}mail/")
    assert ["お元気ですか" in mail, kept.text in mail, dropped.text in mail] == [True, True, False]
    assert Delivery.objects.count() == 0
    response = host.post(url, form | {"send": "1"}, follow=True)
    assert response.redirect_chain == [(f"/bulletins/{morning.code}/", 302)]
    assert "たよりを2人の会員に送ります。" in response.content.decode()
    assert sorted(Delivery.objects.values_list("to", flat=True)) == ["hana@example.com", "kosuke@example.com"]
    assert host.post(url, form | {"send": "1"}).status_code == 302
    assert Activity.objects.filter(verb="bulletin.send").count() == 1


@pytest.mark.parametrize(
    ("number", "greeting", "sentence"),
    [(0, "", "一つ以上お選びください。"), (4, "", "三つまでです。"), (1, "あ" * 1001, "1000")],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    host: Client, morning: Session, number: int, greeting: str, sentence: str
) -> None:
    keys = [f"line:{one.pk}" for one in lines(morning, 5)]
    sent = {"greeting": greeting or "ひと言", "chosen": keys[:number], "send": "1"}
    response = host.post(f"/sessions/{morning.code}/bulletin/", sent)
    page = response.content.decode()
    ticked = [key for key in keys if f'value="{key}" checked' in page]
    assert (response.status_code, sentence in page, ticked, sent["greeting"] in page) == (
        422,
        True,
        keys[:number],
        True,
    )
    assert (Bulletin.objects.count(), Delivery.objects.count()) == (0, 0)


def test_somebody_elses_line_cannot_be_put_in(
    host: Client, morning: Session, make_session: Callable[..., Session]
) -> None:
    (secret,) = lines(morning, 1, audience="hosts")
    (other,) = lines(make_session(starts_at=timezone.now() - timedelta(days=200)), 1)
    for line in (secret, other):
        sent = {"greeting": "", "chosen": [f"line:{line.pk}"], "send": "1"}
        assert host.post(f"/sessions/{morning.code}/bulletin/", sent).status_code == 422
    assert Bulletin.objects.count() == 0


def test_members_read_it_at_an_address_that_stays_and_hosts_find_the_text_for_line(
    host: Client, morning: Session, hana: Member
) -> None:
    (public,) = lines(morning, 1, audience="public")
    host.post(f"/sessions/{morning.code}/bulletin/", {"greeting": "", "chosen": [f"line:{public.pk}"], "send": "1"})
    member = Client()
    member.force_login(hana)
    page, hosts = text(member, f"/bulletins/{morning.code}/"), text(host, f"/bulletins/{morning.code}/")
    assert (public.text in page, "LINE用の文" in page, "LINE用の文" in hosts) == (True, False, True)
    assert f'href="/bulletins/{morning.code}/"' in text(member, "/bulletins/")


@pytest.mark.parametrize("number", [1, 30])
def test_the_hosts_page_takes_the_same_number_of_statements(host: Client, morning: Session, number: int) -> None:
    lines(morning, number)
    assert statements(lambda: host.get(f"/sessions/{morning.code}/bulletin/")) == (200, 22)
    assert statements(lambda: host.get(f"/sessions/{morning.code}/bulletin/mail/")) == (200, 15)


@pytest.mark.parametrize("number", [1, 30])
def test_the_letters_page_takes_the_same_number_of_statements(
    host: Client, morning: Session, make_session: Callable[..., Session], kosuke: Member, number: int
) -> None:
    now = timezone.now()
    told = lines(morning, number)
    news = News.objects.bulk_create([News(member_id=one.member_id, text="店", level=Level.MEMBERS) for one in told])
    chosen = [f"line:{one.pk}" for one in told] + [f"news:{one.pk}" for one in news]
    Bulletin.objects.keep(morning, greeting="", chosen=chosen, language="ja", now=now).send(now=now, actor=kosuke)
    for days in range(number):
        other = make_session(starts_at=now - timedelta(days=100 + days))
        values = {"session": other, "series": other.series, "chosen": ["morning:0"], "sent_at": now}
        Bulletin.objects.create(**values)
    assert statements(lambda: host.get(f"/bulletins/{morning.code}/")) == (200, 8)
    assert statements(lambda: host.get("/bulletins/")) == (200, 4)
