"""Telling the hosts: with or without a name; until one has looked the person is not shown around and learns nothing."""

import io
import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail, serializers
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from psycopg import sql

from events.models import Membership, Rsvp, Session
from members.blocks import Block
from members.concerns import Concern
from members.levels import Level
from members.models import Activity, Member
from outbox.models import Delivery
from outbox.sending import send_due
from tests.events import pages

NOON = datetime(2027, 1, 12, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
SAYS = {"kind": "canvassing", "text": "投資の集まりに三度誘われました。", "named": "no"}


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def tell(teller: Member, about: Member | None, *, named: bool = False, now: datetime | None = None) -> Concern:
    return Concern.objects.tell(
        teller, about, "誘われました", kind="canvassing", who="背の高い方", named=named, now=now or timezone.now()
    )


def tables() -> str:
    """The text of every row of the database but those that say who may sign in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        found = []
        for name in names:
            cursor.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
            found += [f"{name}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(found)


@pytest.fixture
def seen(hana, ken, mallory) -> None:
    ken.name = "健一朗"
    ken.save()
    Member.objects.update(name_level=Level.MEMBERS)


@pytest.fixture
def host(kosuke, series) -> Client:
    return of(kosuke)


def test_the_person_is_out_of_the_lists_until_a_host_has_looked_and_sees_nothing_of_it(
    seen, session, hana, ken, mallory, host
) -> None:
    Member.objects.update(listed_at=timezone.now())
    for member in (hana, ken, mallory):
        session.rsvp(member, "ACCEPTED", now=timezone.now())
    page = f"/sessions/{session.code}/"
    own = [of(ken).get(url).content.decode().count("健一朗") for url in (page, "/profile/", ken.get_absolute_url())]
    of(mallory).post(f"/hosts/word/{ken.code}/", SAYS)

    def shown() -> tuple[bool, bool]:
        around = Member.objects.seen_by(hana).shown_around().filter(pk=ken.pk).exists()
        return around, "健一朗" in of(hana).get(page).content.decode()

    assert shown() == (False, False)
    after = [of(ken).get(url).content.decode().count("健一朗") for url in (page, "/profile/", ken.get_absolute_url())]
    assert (after, Rsvp.objects.seated().count()) == (own, 3)
    concern = Concern.objects.get()
    host.post(f"/desk/told/{concern.code}/", {"outcome": "nothing", "note": ""})
    assert shown() == (True, True)


def test_the_hosts_desk_shows_it_at_once_and_first(seen, session, ken, mallory, host) -> None:
    of(mallory).post(f"/hosts/word/{ken.code}/", SAYS)
    desk = host.get("/desk/").content.decode()
    assert desk.index("会員からお知らせがあります") < desk.index("これからの朝")
    concern = Concern.objects.get()
    page = host.get(f"/desk/told/{concern.code}/").content.decode()
    assert "投資の集まりに三度誘われました。" in page
    assert "mallory" not in page
    host.post(f"/desk/told/{concern.code}/", {"outcome": "talk", "note": "木曜に話した"})
    assert "会員からお知らせがあります" not in host.get("/desk/").content.decode()


@pytest.mark.parametrize(("told", "said"), [(NOON, "1月12日(火)"), (NOON.replace(year=2026), "2026年1月12日(月)")])
def test_what_waits_on_the_desk_since_another_year_says_which(seen, hana, ken, kosuke, series, told, said) -> None:
    tell(hana, ken, now=told)
    with time_machine.travel(NOON, tick=False):
        assert f"<span>{said}</span>" in pages.text(of(kosuke), "/desk/")


def test_the_words_are_in_the_language_of_whom_they_are_for_and_called_in_the_hosts(
    seen, hana, ken, kosuke, host
) -> None:
    Member.objects.filter(pk=kosuke.pk).update(language="en")
    page = host.get(f"/desk/told/{tell(hana, ken).code}/", headers={"accept-language": "en"}).content.decode()
    assert ("<summary>For a talk</summary>" in page, "今週、十分ほどお時間を" in page) == (True, True)


def test_while_the_door_is_open_it_comes_before_what_was_told(seen, session, ken, mallory, host) -> None:
    of(mallory).post(f"/hosts/word/{ken.code}/", SAYS)
    soon = timezone.now() + timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=soon, ends_at=soon + timedelta(hours=1))
    desk = host.get("/desk/").content.decode()
    assert desk.index("受付の時間です") < desk.index("会員からお知らせがあります")


def test_without_a_name_nothing_in_the_database_says_who_told(seen, hana, ken, mallory, host) -> None:
    """Searched: every row of every table, the answers of the host's pages, a fixture of all rows, the outbox."""
    browser = of(mallory)
    before = tables()
    browser.post(f"/hosts/word/{ken.code}/", SAYS | {"apart": ""})
    concern = Concern.objects.get()
    host.post(f"/desk/told/{concern.code}/", {"outcome": "talk", "note": ""})
    new = "\n".join(sorted(set(tables().splitlines()) - set(before.splitlines())))
    new = "\n".join(line for line in new.splitlines() if not line.startswith("members_device"))
    assert concern.code in new
    row = json.loads(serializers.serialize("json", [Concern.objects.get()]))[0]["fields"]
    assert (row["teller"], row["told_on"]) == (None, str(timezone.localdate()))
    out = io.StringIO()
    call_command("dumpdata", "members.concern", "members.activity", "outbox", stdout=out)
    for text in (new, out.getvalue(), host.get(f"/desk/told/{concern.code}/").content.decode()):
        assert [word for word in ("mallory", mallory.code) if word in text] == []
    assert Delivery.objects.count() == 0


def test_two_without_a_name_cannot_be_told_to_be_one_persons(ken, hana, mallory) -> None:
    one, other = tell(mallory, ken), tell(mallory, hana)
    assert one.mark != other.mark
    assert (one.is_by(mallory), one.is_by(hana)) == (True, False)


def test_who_told_without_a_name_finds_on_their_page_that_it_was_looked_at(seen, ken, mallory, host, hana) -> None:
    of(mallory).post(f"/hosts/word/{ken.code}/", SAYS)
    page = of(mallory).get("/profile/told/").content.decode()
    assert "世話人の机の上にあります。" in page
    assert "健一朗" not in of(hana).get("/profile/told/").content.decode()
    host.post(f"/desk/told/{Concern.objects.get().code}/", {"outcome": "talk", "note": ""})
    assert "に世話人が見ました。" in of(mallory).get("/profile/told/").content.decode()


def test_who_told_with_a_name_gets_a_mail_once(club, seen, ken, mallory, kosuke, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    concern = tell(mallory, ken, named=True, now=NOON)
    for outcome in ("talk", "warning"):
        concern.look(outcome, note="", now=NOON, actor=kosuke)
    with time_machine.travel(NOON, tick=False):
        send_due()
    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("お知らせいただいた件を世話人が見ました", ["mallory@example.com"])
    assert (
        "\n".join(line for line in letter.body.splitlines() if not line.startswith("http"))
        == """\
malloryさん、1月12日に世話人へお知らせくださり、ありがとうございました。世話人が見ました。

どうしたかは、世話人とご本人とのあいだのことといたします。まだ続くようでしたら、またお知らせください。

世話人に知らせたこと:

----
お名前を添えて世話人にお知らせくださったので、このメールをお送りしています。
届くメールを選ぶ
河口の朝会"""
    )


def test_the_one_concerned_finds_nothing_even_as_a_host(series, seen, ken, mallory) -> None:
    Membership.objects.create(series=series, member=ken, role="host")
    concern = tell(mallory, ken)
    assert [of(ken).get(url).status_code for url in ("/desk/told/", f"/desk/told/{concern.code}/")] == [200, 404]
    assert "お知らせはありません" in of(ken).get("/desk/told/").content.decode()
    assert "会員からお知らせ</" not in of(ken).get("/desk/").content.decode()


def test_three_in_a_month_and_one_at_a_time_about_one_person(person, ken, mallory, kosuke) -> None:
    now = timezone.now()
    first = tell(mallory, ken)
    with pytest.raises(ValidationError, match="すでに"):
        tell(mallory, ken, named=True)
    first.look("talk", note="", now=now, actor=kosuke)
    tell(mallory, ken)
    tell(mallory, None)
    with pytest.raises(ValidationError, match="何度か"):
        tell(mallory, person("yui"))
    tell(mallory, person("rei"), now=now + timedelta(days=31))
    assert Concern.objects.count() == 4


def test_what_was_typed_stays_when_it_is_refused(seen, ken, mallory) -> None:
    tell(mallory, ken)
    answer = of(mallory).post(f"/hosts/word/{ken.code}/", SAYS)
    assert (answer.status_code, "投資の集まりに三度誘われました。" in answer.content.decode()) == (422, True)


def test_telling_keeps_the_two_apart_if_wanted(seen, ken, hana, mallory) -> None:
    of(mallory).post(f"/hosts/word/{ken.code}/", SAYS | {"apart": "on"})
    of(mallory).post(f"/hosts/word/{hana.code}/", SAYS)
    assert list(Block.objects.values_list("member__name", "other__name")) == [("mallory", "健一朗")]
    assert of(mallory).get(f"/hosts/word/{ken.code}/").status_code == 200


def test_somebody_one_cannot_see_is_named_in_words(mallory, host) -> None:
    answer = of(mallory).post("/hosts/word/", SAYS | {"who": "黒いかばんの方"})
    concern = Concern.objects.get()
    assert (answer.status_code, concern.about, concern.who) == (302, None, "黒いかばんの方")
    page = host.get(f"/desk/told/{concern.code}/").content.decode()
    assert ("黒いかばんの方" in page, 'value="refusal"' in page) == (True, False)


@pytest.mark.parametrize(
    "wrong", [{"mark": "x", "named": True}, {"about": None, "who": ""}, {"looked_at": NOON, "outcome": ""}]
)
def test_the_database_itself_refuses_what_makes_no_sense(ken, mallory, wrong) -> None:
    named = wrong.pop("named", False)
    values = {"about": ken, "kind": "other", "text": "x", "told_on": NOON.date(), "teller": mallory if named else None}
    with pytest.raises(IntegrityError), transaction.atomic():
        Concern.objects.create(**values | wrong)


def test_what_a_host_did_is_recorded_without_the_teller(seen, ken, mallory, host, kosuke) -> None:
    concern = tell(mallory, ken, named=True)
    host.post(f"/desk/told/{concern.code}/", {"outcome": "warning", "note": "話した"})
    row = Activity.objects.get(verb="concern.look")
    assert (row.actor, row.target, row.detail) == (kosuke, f"concern:{concern.code}", {"outcome": "warning"})


@pytest.mark.parametrize("number", [1, 30])
def test_the_hosts_list_costs_the_same_for_one_and_for_thirty(
    person, ken, host, number, django_assert_num_queries
) -> None:
    for n in range(number):
        tell(person(f"teller{n}"), ken)
    with django_assert_num_queries(6):
        host.get("/desk/told/")
