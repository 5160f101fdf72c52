"""A statement that is built once brings what the ORM brings, and a line that was kept is known to stand."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, F
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from config.postgresql import base
from config.prepared import Prepared, any_of, insert, instant, number, text
from events.models import Membership, Partstat, Rsvp, Series, Session
from events.models.session import to_answer
from events.pages import session as page
from members.models import Member
from members.readers import Reader
from outbox.models import Delivery
from tests.drills.crew import database_url

pytestmark = pytest.mark.django_db


def columns(row: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


OWED = Prepared(
    lambda: (
        Delivery.objects.filter(kind=text("kind"), lane__gte=1, created_at__lt=instant("before"))
        .annotate(twice=F("attempts") * 2)
        .order_by("pk")
    )
)


def test_rows_are_as_the_orm_brings_them(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Annotations, JSON and instants included; and another time with other values."""
    now = timezone.now()
    for n in range(3):
        Delivery.objects.owe("a", f"{n}", to=f"{n}@example.com", language="ja", context={"n": [n, "朝"]})
    Delivery.objects.owe("b", "1", to="b@example.com", language="en", context={})
    Delivery.objects.filter(key="a:2").update(created_at=now + timedelta(days=1), attempts=2)
    later = {"a": now + timedelta(hours=1), "b": now + timedelta(days=2)}
    for kind, before in later.items():
        orm = Delivery.objects.filter(kind=kind, lane__gte=1, created_at__lt=before).annotate(twice=F("attempts") * 2)
        with django_assert_num_queries(1):
            found = list(OWED.rows(kind=kind, before=before))
        assert [columns(row) for row in found] == [columns(row) for row in orm.order_by("pk")]
        assert [row._state.adding for row in found] == [False] * len(found)
    assert [row.key for row in OWED.rows(kind="a", before=later["b"])] == ["a:0", "a:1", "a:2"]
    assert OWED.first(kind="nothing", before=now) is None


def test_a_blank_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="before"):
        OWED.first(kind="a")


def test_what_was_not_asked_for_is_read_later(ken: Member, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    found = Prepared(lambda: Member.objects.filter(pk=number("pk")).only("name")).first(pk=ken.pk)
    assert found is not None
    with django_assert_num_queries(1):
        assert (found.name, found.email) == (ken.name, ken.email)


def test_a_new_row_is_written_as_save_writes_it(session: Session, ken: Member, hana: Member) -> None:
    """Clean like everything people type, with the defaults, and with its key."""
    now = timezone.now()
    mine, hers = (Rsvp(session=session, member=who, question="朝\x0b食", answered_at=now) for who in (ken, hana))
    mine.save()
    insert(hers)
    stored = [columns(Rsvp.objects.get(pk=row.pk)) for row in (mine, hers)]
    assert stored[0] | {"id": hers.pk, "member_id": hana.pk} == stored[1]
    assert (mine.pk < hers.pk, stored[1]["question"]) == (True, "朝食")
    hers.question = "昼食"
    hers.save()
    assert Rsvp.objects.count() == 2


def test_where_it_is_known_nothing_is_written(series: Series, ken: Member) -> None:
    for role in ("member", "host"):
        insert(Membership(series=series, member=ken, role=role), unless_there=True)
    assert list(Membership.objects.filter(member=ken).values_list("role", flat=True)) == ["member"]


@pytest.mark.parametrize("audience", Series.Audience)
@pytest.mark.parametrize("who", ["ken", "kosuke", "stranger", "operator"])
@pytest.mark.parametrize("published", [True, False])
def test_whoever_may_see_a_session_may_answer(
    request: pytest.FixtureRequest, session: Session, series: Series, audience: str, who: str, published: bool
) -> None:
    """The rule stands in `visible_to` alone: a host sees drafts, an operator everything."""
    Series.objects.filter(pk=series.pk).update(audience=audience)
    Session.objects.filter(pk=session.pk).update(published_at=timezone.now() if published else None)
    if who in {"stranger", "operator"}:
        member = Member.objects.create_user(f"{who}@example.com", name=who, is_staff=who == "operator")
    else:
        member = request.getfixturevalue(who)
    seen = Session.objects.visible_to(member).filter(pk=session.pk).exists()
    found = to_answer(session.code, member)
    assert (found.pk if found else None) == (session.pk if seen else None)
    assert to_answer("nothinghere", member) is None
    assert not Session.objects.visible_to(AnonymousUser()).filter(pk=session.pk, published_at=None).exists()


@pytest.fixture
def other(transactional_db: None) -> Iterator[psycopg.Connection]:
    """Somebody else on the same server, while our line is looked after as between two requests."""
    connection.ensure_connection()
    connection.health_check_enabled = True
    with psycopg.connect(database_url(), autocommit=True) as line:
        yield line
    connection.health_check_enabled = False


def begin_request() -> int:
    """Its first statement; returns whose line it went over."""
    connection.health_check_done = False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_line_the_server_has_closed_is_opened_anew(other: psycopg.Connection) -> None:
    ours = begin_request()
    assert begin_request() == ours
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
    assert begin_request() != ours


@pytest.mark.parametrize(("rested", "last"), [(0, "SELECT pg_backend_pid()"), (base.REST_SECONDS, "SELECT 1")])
def test_only_after_a_rest_is_the_server_asked(other: psycopg.Connection, rested: float, last: str) -> None:
    ours = begin_request()
    connection._heard_at -= rested
    assert connection.is_usable()
    seen = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [ours]).fetchone()
    assert seen == (last,)


def everything(row: Any) -> dict[str, Any]:
    """A row with what `select_related` brought along."""
    related = {name: columns(other) for name, other in row._state.fields_cache.items() if other is not None}
    return columns(row) | {"related": related}


@pytest.mark.parametrize("who", ["nobody", "stranger", "member", "host", "operator"])
def test_the_page_of_a_session_is_as_the_orm_brings_it(
    who: str, session: Session, series: Series, ken: Member, hana: Member, kosuke: Member, mallory: Member
) -> None:
    """Related rows, JSON and lists included, for every kind of reader; two of a kind do not get each other's."""
    now = timezone.now()
    for member in (ken, hana):
        session.rsvp(member, Partstat.ACCEPTED, now=now, question=f"{member.name}の質問")
    session.add_friend(ken, "友だち", yomi="ともだち", now=now)
    viewers: dict[str, list[Any]] = {
        "nobody": [AnonymousUser()],
        "stranger": [mallory],
        "member": [ken, hana],
        "host": [kosuke],
        "operator": [Member.objects.create_user("op@example.com", name="運", is_staff=True, joined_at=now)],
    }
    for viewer in viewers[who]:
        kept, orm = page.found_or_404(session.code, viewer, now=now), page.seen_by(viewer, now=now)
        assert everything(kept) == everything(orm.get(code=session.code))
        assert kept.series == session.series


@pytest.mark.parametrize("now", [timezone.now, timezone.localdate])
def test_a_moment_or_day_that_is_no_blank_is_an_error(now: Callable[[], date]) -> None:
    """It would stay what it was when the process began."""
    late = Prepared(lambda: Session.objects.filter(Exists(Series.objects.filter(starts_on__lt=now()))))
    with pytest.raises(ValueError, match="no blank"):
        late.first()


def test_rows_by_name_are_as_values_gives_them(session: Session, series: Series, ken: Member) -> None:
    rows = Membership.objects.annotate(twice=F("series_id") * 2).order_by("pk")
    names = ("twice", "member__name", "joined_at", "series__jobs")
    kept = Prepared(lambda: rows.filter(series=number("series")).values(*names))
    assert kept.dicts(series=series.pk) == list(rows.filter(series=series).values(*names))
    assert kept.dicts(series=series.pk + 1) == []


def test_a_rule_may_ask_of_a_reader_only_what_decides_how_the_statement_looks(ken: Member) -> None:
    kind = Reader.of(ken)
    assert (kind.member.is_staff, kind.member.has_profile, kind.member.is_active) == (False, True, True)
    with pytest.raises(Member.DoesNotExist):
        _ = kind.member.language
    assert Reader.of(AnonymousUser()).stand_in == AnonymousUser()


def test_any_number_of_rows_is_asked_for_by_one_statement(ken: Member, hana: Member, kosuke: Member) -> None:
    people = Prepared(lambda: Member.objects.filter(pk__in=any_of("people")).order_by("pk").values("name"))
    assert people.dicts(people=[]) == []
    assert [row["name"] for row in people.dicts(people=[hana.pk])] == [hana.name]
    assert len(people.dicts(people=[ken.pk, hana.pk, kosuke.pk, 2**40])) == 3
