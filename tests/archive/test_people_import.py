"""A list of people: counted without names, each asked by one mail, and nothing of them shown before their yes."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from psycopg import sql

from archive import people, people_mails
from archive.importing import people as listed
from archive.importing.rows import Refused
from archive.models import Intake, ListedPerson
from archive.people import ANSWER_WITHIN, KIND
from events.attended import of as attended_by
from events.models import Attendance, Membership, Series, Session
from members import erasing
from members.models import Activity, Consent, Member
from members.refusals import Refusal
from outbox import kinds, rendering
from outbox.models import Delivery

COLUMNS = {"name": 0, "yomi": 1, "email": 2, "since": 3, "on": 4, "status": 5}
TABLE = """氏名,よみ,メール,入会日,開催日,出欠
水無瀬 健吾,みなせ けんご,Kengo@Example.com,2019-04-01,2019-05-09,○
水無瀬 健吾,みなせ けんご,kengo@example.com,,2019-06-13,出席
沢 まなみ,さわ まなみ,manami@example.com,,2019-05-09,
名乗らない人,,,,2019-05-09,
欠席の人,,kesseki@example.com,,2019-05-09,×
遠い人,,toi@example.com,,2018-01-01,
,,nobody@example.com,,2019-05-09,
届かない人,,a..b@docomo.ne.jp,,2019-05-09,
"""


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    default = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.fixture
def mornings(make_session: Any, series: Series) -> list[Session]:
    """Two of the past, whose lists are closed."""
    made = []
    for on in (date(2019, 5, 9), date(2019, 6, 13)):
        at = timezone.datetime(on.year, on.month, on.day, 7, tzinfo=series.zone)
        made.append(make_session(starts_at=at, roster_closed_at=at + timedelta(hours=2), number=None))
    return made


def upload(series: Series, actor: Member, text: str = TABLE, columns: dict[str, int] = COLUMNS) -> Intake:
    file = SimpleUploadedFile("people.csv", text.encode())
    intake = Intake.objects.upload(series, file, now=timezone.now(), actor=actor, of_people=True)
    intake.map(columns)
    intake.work(now=timezone.now(), seconds=60)
    return intake


def taken(series: Series, actor: Member, text: str = TABLE, columns: dict[str, int] = COLUMNS) -> Intake:
    intake = upload(series, actor, text, columns)
    intake.take(now=timezone.now(), actor=actor)
    intake.work(now=timezone.now(), seconds=60)
    return intake


def of(email: str) -> ListedPerson:
    return ListedPerson.objects.get(email=email)


@pytest.fixture
def link(series: Series, kosuke: Member, mornings: list[Session], settings: Any) -> str:
    taken(series, kosuke)
    return people_mails.link(of("kengo@example.com")).removeprefix(settings.SITE_URL)


def test_nothing_is_written_and_nobody_asked_before_the_host_says_so(
    series: Series, kosuke: Member, mornings: list[Session]
) -> None:
    intake = upload(series, kosuke)
    assert list(intake.rows.refused().values_list("number", "refusal")) == [
        (6, "来なかった"),
        (7, "その日に、出欠を締めた朝会がここにありません"),
        (8, "お名前がありません"),
        (9, "このアドレスにはメールが届きません"),
    ]
    assert (Attendance.objects.count(), ListedPerson.objects.count(), Delivery.objects.count()) == (0, 0, 0)


def test_who_came_is_counted_without_a_name_and_each_address_gets_one_mail(
    series: Series, kosuke: Member, mornings: list[Session]
) -> None:
    before = Member.objects.count()
    intake = taken(series, kosuke)
    assert sorted(Attendance.objects.values_list("session", "name", "member", "email")) == sorted(
        [(mornings[0].pk, "－", None, "")] * 3 + [(mornings[1].pk, "－", None, "")]
    )
    assert sorted(Delivery.objects.values_list("kind", "to")) == [
        (KIND, "kengo@example.com"),
        (KIND, "manami@example.com"),
    ]
    assert sorted(of("kengo@example.com").attendances.values_list("session", flat=True)) == sorted(
        m.pk for m in mornings
    )
    assert (Member.objects.count(), set(intake.rows.values_list("data__email", flat=True))) == (before, {None})
    assert Activity.objects.get(verb="archive.people").actor == kosuke


def test_the_mails_go_an_hour_later_and_by_day(series: Series, kosuke: Member, mornings: list[Session]) -> None:
    taken(series, kosuke)
    for row in Delivery.objects.all():
        assert row.next_attempt_at - row.created_at >= timedelta(minutes=59)
        assert 7 <= row.next_attempt_at.astimezone(series.zone).hour < 21


def test_the_mail_says_what_the_list_says_once(series: Series, kosuke: Member, mornings: list[Session]) -> None:
    taken(series, kosuke)
    row = Delivery.objects.get(to="kengo@example.com")
    mail = rendering.render(row, rendering.letter(row))
    text = re.sub(r"http\S+/listed/\S+", "LINK", mail["text"])
    until = (of("kengo@example.com").asked_at + ANSWER_WITHIN).astimezone(series.zone)
    assert mail["subject"] == "朝食会：お名前を載せてもよろしいですか"
    assert text.partition("同意いただけない")[0] == (
        "水無瀬 健吾さん、\n\n"
        "kosukeさんが、朝食会 のこれまでの名簿をこちらに移しました。そこにあなたのお名前があります。"
        "どなたかにお見せする前に、ご本人におたずねしています。\n\n"
        "お名前: 水無瀬 健吾\nよみ: みなせ けんご\nご入会: 2019年4月1日(月)\n"
        "参加した朝会: 2回（2019年5月9日(木)から2019年6月13日(木)まで）\n\n"
        "同意いただくと 朝食会 の会員になり、これらの朝会があなたの記録に入ります。"
        "同席した方に何を見せるかは、続けてご自分で選べます。\n\n"
    )
    assert f"または{until.year}年{until.month}月{until.day}日" in text
    assert "\n内容を見て答える:\nLINK\n" in text
    with translation.override("en"):
        row.language = "en"
        assert (
            "Mornings attended: 2, from Thu 9 May 2019 to Thu 13 Jun 2019"
            in rendering.render(row, rendering.letter(row))["text"]
        )


def test_looking_changes_nothing_and_yes_makes_a_member_with_these_mornings(
    link: str, client: Client, series: Series, mornings: list[Session]
) -> None:
    page = client.get(link)
    assert ("水無瀬 健吾" in page.content.decode(), page["X-Robots-Tag"]) == (True, "noindex")
    assert (Member.objects.filter(email="kengo@example.com").exists(), ListedPerson.objects.waiting().count()) == (
        False,
        2,
    )
    assert client.post(link, {"answer": "yes"})["Location"] == "/profile/"
    member = Member.objects.get(email="kengo@example.com")
    assert (member.name, member.yomi, member.joined_at, int(client.session["_auth_user_id"])) == (
        "水無瀬 健吾", "みなせ けんご", None, member.pk,
    )  # fmt: skip
    assert [one.session for one in attended_by(member).mornings] == mornings[::-1]
    joined = Membership.objects.get(member=member, series=series).joined_at.astimezone(series.zone)
    assert (joined.date(), Consent.objects.get(member=member).kind) == (date(2019, 4, 1), "listed")
    row = ListedPerson.objects.get(answer="yes")
    assert (row.email, row.name, row.yomi, row.since, row.attendances.count()) == ("", "", "", None, 0)
    assert "会員になり" in client.get(link).content.decode()


def test_a_no_erases_everything_and_the_mail_with_it(link: str, client: Client) -> None:
    assert client.post(link, {"answer": "perhaps"}).status_code == 422
    assert client.post(link, {"answer": "no"})["Location"] == link
    assert "消しました" in client.get(link).content.decode()
    assert everywhere("kengo@example") == everywhere("水無瀬") == []
    assert (Attendance.objects.filter(name="－").count(), Member.objects.filter(email__contains="kengo").count()) == (
        4,
        0,
    )
    # A second thought is none: there is nothing left to agree to.
    client.post(link, {"answer": "yes"})
    assert Member.objects.filter(email__contains="kengo").count() == 0


def everywhere(needle: str) -> list[str]:
    """Tables in which it stands."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in cursor.fetchall():
            question = sql.SQL("SELECT count(*) FROM {} t WHERE t::text ILIKE %s").format(sql.Identifier(name))
            cursor.execute(question, [f"%{needle}%"])
            if cursor.fetchone()[0]:
                found.append(name)
    return sorted(found)


def test_silence_is_a_no_after_thirty_days_and_written_down(link: str, series: Series) -> None:
    assert everywhere("kengo@example") == ["archive_listedperson", "outbox_delivery"]
    people.lapse(now=timezone.now() + ANSWER_WITHIN - timedelta(hours=1))
    assert ListedPerson.objects.waiting().count() == 2
    for _again in range(2):
        people.lapse(now=timezone.now() + ANSWER_WITHIN)
    assert everywhere("kengo@example") == everywhere("水無瀬") == everywhere("manami") == []
    (line,) = Activity.objects.filter(verb="archive.people.lapse")
    assert (line.actor, line.target, line.detail) == (None, "series:breakfast", {"people": 2})
    assert sorted(ListedPerson.objects.values_list("answer", flat=True)) == ["silent", "silent"]


def test_the_time_is_over_for_the_link_too(link: str, client: Client) -> None:
    ListedPerson.objects.update(asked_at=timezone.now() - ANSWER_WITHIN)
    client.post(link, {"answer": "yes"})
    assert Member.objects.filter(email__contains="kengo").count() == 0


def test_the_same_list_again_counts_nothing_and_asks_nobody(
    series: Series, kosuke: Member, mornings: list[Session]
) -> None:
    taken(series, kosuke)
    again = taken(series, kosuke)
    assert (Attendance.objects.count(), ListedPerson.objects.count(), Delivery.objects.count()) == (4, 2, 2)
    assert (again.rows.filter(is_known=True).count(), again.made.get("people", [])) == (4, [])


def test_who_has_answered_is_never_asked_again(link: str, client: Client, series: Series, kosuke: Member) -> None:
    client.post(link, {"answer": "no"})
    taken(series, kosuke, "氏名,メール\n水無瀬,kengo@example.com\n", {"name": 0, "email": 1})
    assert Delivery.objects.filter(to="kengo@example.com").count() == 0
    assert everywhere("kengo@example") == []


def test_a_member_is_asked_as_anybody_and_is_not_counted_twice(
    series: Series, kosuke: Member, hana: Member, mornings: list[Session], client: Client, settings: Any
) -> None:
    """The list does not show who is a member: everybody gets the same mail."""
    Attendance.objects.create(session=mornings[0], member=hana)
    taken(
        series,
        kosuke,
        f"n,m,d\nだれか,{hana.email},2019-05-09\nだれか,{hana.email},2019-06-13\n",
        {"name": 0, "email": 1, "on": 2},
    )
    assert Attendance.objects.filter(session=mornings[0]).count() == 2
    link = people_mails.link(of(hana.email)).removeprefix(settings.SITE_URL)
    assert client.post(link, {"answer": "yes"})["Location"] == link
    assert "_auth_user_id" not in client.session
    hana.refresh_from_db()
    assert (hana.name, sorted(Attendance.objects.values_list("member", flat=True))) == ("hana", [hana.pk, hana.pk])


def test_one_person_sits_at_one_morning_once(
    series: Series, kosuke: Member, mornings: list[Session], client: Client, settings: Any
) -> None:
    Session.objects.filter(pk=mornings[0].pk).update(number=7)
    text = "n,m,d,no\nken,k@example.com,2019-05-09,\nken,k@example.com,,第7回\nken,k@example.com,2019-05-09,7\n"
    taken(series, kosuke, text, {"name": 0, "email": 1, "on": 2, "number": 3})
    assert Attendance.objects.count() == 1
    taken(series, kosuke, "n,m,no\nken,k@example.com,7回目\n", {"name": 0, "email": 1, "number": 2})
    client.post(people_mails.link(of("k@example.com")).removeprefix(settings.SITE_URL), {"answer": "yes"})
    assert Attendance.objects.filter(member__email="k@example.com").count() == 1


def test_taken_back_within_the_hour_nobody_was_asked(series: Series, kosuke: Member, mornings: list[Session]) -> None:
    intake = taken(series, kosuke)
    for _again in range(2):
        intake.undo(now=timezone.now(), actor=kosuke)
    assert (Attendance.objects.count(), ListedPerson.objects.count(), Delivery.objects.count()) == (0, 0, 0)
    taken(series, kosuke)
    assert (Attendance.objects.count(), ListedPerson.objects.count(), Delivery.objects.count()) == (4, 2, 2)


def test_taken_back_later_leaves_who_agreed_and_asks_nobody_twice(
    link: str, client: Client, series: Series, kosuke: Member
) -> None:
    client.post(link, {"answer": "yes"})
    Delivery.objects.update(sent_at=timezone.now())
    intake = Intake.objects.get()
    intake.undo(now=timezone.now(), actor=kosuke)
    assert (intake.stayed, Attendance.objects.filter(member=None).count(), Attendance.objects.count()) == (1, 0, 2)
    assert everywhere("manami") == []
    taken(series, kosuke)
    assert Delivery.objects.filter(to="manami@example.com").count() == 0


def test_a_refused_address_gets_no_mail(series: Series, kosuke: Member, mornings: list[Session]) -> None:
    Refusal.objects.add("kengo@example.com", "", now=timezone.now())
    taken(series, kosuke)
    assert [row.to for row in Delivery.objects.all()] == ["manami@example.com"]
    assert Attendance.objects.count() == 4


def test_more_people_than_may_be_asked_are_refused(
    series: Series, kosuke: Member, mornings: list[Session], monkeypatch: Any
) -> None:
    monkeypatch.setattr(people, "ASKED_AT_MOST", 3)
    lines = "".join(f"人,p{n}@example.com\n" for n in range(5))
    intake = taken(series, kosuke, f"氏名,メール\n{lines}", {"name": 0, "email": 1})
    assert (Delivery.objects.count(), intake.rows.refused().count()) == (3, 2)
    assert (
        upload(series, kosuke, "氏名,メール\n人,p9@example.com\n", {"name": 0, "email": 1}).rows.refused().count() == 1
    )


def test_the_database_keeps_nothing_of_who_has_answered(
    series: Series, kosuke: Member, mornings: list[Session]
) -> None:
    taken(series, kosuke)
    with pytest.raises(IntegrityError), transaction.atomic():
        ListedPerson.objects.update(answered_at=timezone.now(), answer="no")


def test_deleting_the_account_takes_what_a_list_says_with_it(link: str, person: Any) -> None:
    member = person("kengo")
    erasing.erase(member, now=timezone.now())
    assert everywhere("kengo@example") == everywhere("水無瀬") == []


def test_a_name_is_no_advertisement() -> None:
    for name in ("https://a.example", "安い www.a.example", "me@example.com", "名" * 81):
        with pytest.raises(Refused):
            listed.row(1, {"name": name, "email": "a@example.com"}, today=date(2026, 1, 1))


def test_only_a_table_names_people(series: Series, kosuke: Member) -> None:
    file = SimpleUploadedFile("a.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    with pytest.raises(ValidationError, match="名簿は表"):
        Intake.objects.upload(series, file, now=timezone.now(), actor=kosuke, of_people=True)


def test_a_host_takes_in_a_list_page_by_page(
    series: Series, kosuke: Member, mornings: list[Session], client: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("archive.views_intakes.SECONDS_HERE", 60)
    client.force_login(kosuke)
    file = SimpleUploadedFile("people.csv", TABLE.encode("cp932"))
    columns = client.post("/series/breakfast/imports/", {"file": file, "holds": "people"})["Location"]
    page = client.get(columns).content.decode()
    assert [f'<option value="{n}" selected>' in page for n in range(6)] == [True] * 6
    intake = client.post(columns, {name: str(column) for name, column in COLUMNS.items()})["Location"]
    preview = client.get(intake).content.decode()
    assert ("2名にメールでおたずねすることになります。" in preview, "kengo@example.com" in preview) == (True, True)
    client.post(f"{intake}taking/")
    with CaptureQueriesContext(connection) as found:
        page = client.get(intake).content.decode()
    assert len(found) == 7
    assert ("2名にメールでおたずねします。" in page, "kengo" in page, "水無瀬" in page) == (True, False, False)
    client.post(f"{intake}undoing/")
    assert "同意していなかった方について名簿にあったことは消えています" in client.get(intake).content.decode()
    assert all(
        word not in b"".join(client.get(f"{intake}refused.csv").streaming_content).decode() for word in ("人", "@")
    )


@pytest.mark.parametrize("rows", [1, 30])
def test_the_preview_and_what_one_says_yes_to_ask_a_fixed_number_of_questions(
    series: Series, kosuke: Member, make_session: Any, client: Client, settings: Any, rows: int
) -> None:
    first, lines = timezone.datetime(2019, 1, 10, 7, tzinfo=series.zone), []
    for n in range(rows):
        at = first + timedelta(weeks=n)
        make_session(starts_at=at, roster_closed_at=at + timedelta(hours=2), number=None)
        on = at.date().isoformat()
        lines += [f"水無瀬 健吾,,kengo@example.com,,{on},", f"沢 {n},,sawa{n}@example.com,,{on},", f",,,,{on},"]
    intake = upload(series, kosuke, "\n".join([TABLE.split("\n", maxsplit=1)[0], *lines]))
    client.force_login(kosuke)
    with CaptureQueriesContext(connection) as found:
        page = client.get(intake.get_absolute_url()).content.decode()
    assert (len(found), f"{rows + 1}名にメールでおたずねすることになります。" in page) == (9, True)
    intake.take(now=timezone.now(), actor=kosuke)
    intake.work(now=timezone.now(), seconds=60)
    consent = people_mails.link(of("kengo@example.com")).removeprefix(settings.SITE_URL)
    with CaptureQueriesContext(connection) as found:
        page = Client().get(consent).content.decode()
    assert (len(found), "水無瀬 健吾" in page) == (3, True)


def test_an_unanswered_mail_of_a_list_taken_back_is_not_sent(
    series: Series, kosuke: Member, mornings: list[Session]
) -> None:
    taken(series, kosuke)
    row = Delivery.objects.get(to="kengo@example.com")
    of("kengo@example.com").refuse(now=timezone.now())
    with pytest.raises(kinds.Unwanted):
        rendering.letter(row)
