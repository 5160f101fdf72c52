import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models, transaction
from django.db.models import Count, F

from archive.bulletins.due import ready
from archive.models import Bulletin
from archive.sample import build, portraits
from archive.sample.data import people, read
from events.models import Attendance, Companion, Membership, ReminderRule, Rsvp, Series, Session, Talk
from introductions.models import Introduction
from introductions.openness import Openness
from introductions.threes import Three
from invitations.models import Invitation
from members.concerns import Concern
from members.industries import Industry
from members.models import Block, Club, Consent, Member
from members.names import clean_line, clean_text
from members.refusals import Refusal
from outbox.models import Delivery
from records.models import Intention, Report, Takeaway
from search.models import Document
from speakers.models import Book, Speaker

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=TOKYO)
OURS = ("members", "speakers", "events", "records", "purse", "invitations", "introductions", "archive")
# Random by nature: the salt of no password; keys made of ids.
UNREPEATABLE = {("Member", "password"), ("Bulletin", "chosen"), ("Payment", "place")}


@pytest.fixture(scope="module", autouse=True)
def _sample(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One club for all tests of this module that only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        build(NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def empty(db: None) -> Iterator[None]:
    """A database as it was before the sample club, until the test ends."""
    wipe()
    return


def wipe() -> None:
    Delivery.objects.all().delete()
    for name in (
        "Payment",
        "Wish",
        "Idea",
        "Concern",
        "Refusal",
        "Introduction",
        "Round",
        "Invitation",
        "Report",
        "Takeaway",
        "Session",
        "Series",
        "Venue",
    ):
        next(model for model in apps.get_models() if model.__name__ == name).objects.all().delete()
    for model in (Speaker, Member, Club):
        model.objects.all().delete()
    apps.get_model("members", "Activity").objects.all().delete()


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the club; ids, which no two databases share, as places in their table."""
    ours = [model for model in apps.get_models() if model._meta.app_label in OURS]
    place = {
        model: {pk: number for number, pk in enumerate(model.objects.order_by("pk").values_list("pk", flat=True))}
        for model in ours
    }

    def value(row: models.Model, field: models.Field[Any, Any]) -> Any:
        found = getattr(row, field.attname)
        target = field.related_model if field.is_relation else type(row) if field.primary_key else None
        return place[target].get(found) if target in place else found

    return {
        model.__name__: [
            tuple(
                value(row, field)
                for field in model._meta.concrete_fields
                if (model.__name__, field.name) not in UNREPEATABLE
            )
            for row in model.objects.order_by("pk")
        ]
        for model in ours
    }


def breakfasts() -> models.QuerySet[Session]:
    return Session.objects.filter(series__slug="breakfast").order_by("starts_at")


@pytest.mark.django_db
def test_sixty_people_of_all_trades_are_members_a_third_of_them_new() -> None:
    assert Member.objects.joined().count() == 60
    assert set(Member.objects.values_list("industry", flat=True)) == set(Industry.values)
    assert sum(person.is_newcomer for person in people()) == 19
    assert {character for member in Member.objects.all() for character in member.name} > set("髙齋𠮷")


@pytest.mark.django_db
def test_everybody_says_who_they_are_in_both_scripts() -> None:
    lacking = [
        member.name
        for member in Member.objects.all()
        if not all((member.yomi, member.romaji, member.role, member.one_line, member.ask_me, member.want_to_learn))
    ]
    assert lacking == []
    assert Member.objects.filter(romaji="Kosuke Shiomi").get().display_name == "潮見 耕介"


@pytest.mark.django_db
def test_the_host_is_the_operator_and_others_have_their_tasks() -> None:
    assert [member.name for member in Member.objects.filter(is_staff=True)] == ["潮見 耕介"]
    tasks = Membership.objects.exclude(role="member").values_list("series__slug", "role", "member__name")
    assert sorted(tasks) == [
        ("breakfast", "door", "芦沢 幹夫"),
        ("breakfast", "host", "小暮 文乃"),
        ("breakfast", "owner", "潮見 耕介"),
        ("shiokaze", "host", "諸井 敬"),
        ("shiokaze", "owner", "潮見 耕介"),
    ]


@pytest.mark.django_db
def test_each_came_as_often_as_told_and_never_more_than_there_were_seats() -> None:
    came = Counter(Attendance.objects.came().exclude(member=None).values_list("member__name", flat=True))
    assert {person.name: came[person.name] for person in people()} == {p.name: p.times for p in people()}
    assert [s for s in Session.objects.all() if s.attendances.came().count() > s.capacity] == []


@pytest.mark.django_db
def test_nobody_came_before_joining_and_each_newcomer_came_for_the_first_time_once() -> None:
    early = Attendance.objects.filter(session__starts_at__lt=F("member__joined_at"))
    assert list(early) == []
    first = Attendance.objects.filter(first_time=True).exclude(member=None)
    assert Counter(first.values_list("member__name", flat=True)) == Counter(
        person.name for person in people() if person.times > 0 and not person.is_old_hand
    )
    told = Attendance.objects.get(member__name="棚瀬 蓮", first_time=True)
    assert (told.session.number, told.introduced_by and told.introduced_by.name) == (34, "芦沢 幹夫")


@pytest.mark.django_db
def test_eighteen_mornings_of_the_past_are_numbered_and_the_one_called_off_is_not() -> None:
    past = list(breakfasts().filter(ends_at__lte=NOW))
    assert [session.number for session in past] == [*range(19, 29), None, *range(29, 37)]
    assert [session.is_cancelled for session in past].index(True) == 10
    assert past[10].cancel_reason == "強い風のため中止します。お話は翌月にうかがいます。"
    assert NOW - past[0].starts_at > timedelta(days=30 * 18)
    assert all(session.local_start.strftime("%a %H:%M") == "Thu 07:00" for session in past)
    assert all(8 <= session.local_start.day <= 14 for session in past)
    assert breakfasts()[0].series.first_number == 1
    assert Session.objects.past(NOW).filter(roster_closed_at=None, cancelled_at=None).count() == 0


@pytest.mark.django_db
def test_the_series_is_as_old_as_its_numbers_say() -> None:
    series = Series.objects.get(slug="breakfast")
    first, last = series.starts_on, breakfasts().get(number=36).recurrence_id
    assert last is not None
    assert (last.year - first.year) * 12 + last.month - first.month == 36  # 37 mornings, one of them called off
    assert set(series.reminder_rules.values_list("template", flat=True)) == set(ReminderRule.Template.values)


@pytest.mark.django_db
def test_guests_books_reports_and_what_was_taken_home_are_there() -> None:
    assert (Speaker.objects.count(), Book.objects.count()) == (16, 16)
    assert set(Book.objects.values_list("isbn", flat=True)) == {""}
    assert set(Talk.objects.filter(session__ends_at__lte=NOW).values_list("session", flat=True)) == set(
        Session.objects.past(NOW).filter(cancelled_at=None).values_list("pk", flat=True)
    )
    given = {36, 35, 34, 32, 29}
    assert given <= set(Report.objects.filter(published_at__lte=NOW).values_list("session__number", flat=True))
    assert Takeaway.objects.count() == 26
    assert Takeaway.objects.filter(signed="none").get().session.number == 29
    assert sorted(Intention.objects.values_list("outcome", flat=True)) == ["", "done"]
    for takeaway in Takeaway.objects.all():
        assert takeaway.session.attendances.came().filter(member=takeaway.member).exists()


@pytest.mark.django_db
def test_coming_mornings_are_in_every_state() -> None:
    following, asked, open_, draft = breakfasts().exclude(recurrence_id=None).filter(ends_at__gt=NOW)[:4]
    assert (following.number, following.seats_left, following.rsvps.waiting().count()) == (37, 0, 5)
    assert [rsvp.member and rsvp.member.name for rsvp in following.rsvps.waiting()][-1] == "棚瀬 蓮"
    assert following.rsvps.exclude(question="").count() == 3
    assert Companion.objects.filter(rsvp__session=following, rsvp__seated_at=None).count() == 1
    assert (following.seats_taken, following.capacity, following.spare_covers, following.spares_taken) == (25, 24, 2, 1)
    assert (asked.number, Invitation.objects.get(session=asked).state) == (38, "asked")
    assert (open_.number, open_.seats_left) == (39, 14)
    assert (draft.number, draft.is_draft) == (None, True)
    outing = breakfasts().get(recurrence_id=None)
    assert (outing.title, outing.number, outing.local_start.weekday()) == ("みんなで早起き市場見学", None, 5)
    study = Session.objects.filter(series__slug="shiokaze", ends_at__gt=NOW).order_by("starts_at")
    assert ["cancelled" if s.is_cancelled else "draft" if s.is_draft else "open" for s in study] == [
        *("open", "open", "cancelled", "open", "open", "draft"),
    ]


@pytest.mark.django_db
def test_seats_taken_is_what_the_rows_say() -> None:
    said = {
        session.pk: session.guest_seats
        + session.rsvps.seated().count()
        + Companion.objects.filter(rsvp__session=session, rsvp__seated_at__isnull=False).count()
        for session in Session.objects.all()
    }
    assert dict(Session.objects.values_list("pk", "seats_taken")) == said
    assert sum(said.values()) == 25 + 8 + 10 + 7 + 7 + 5 + 3 + 4 + 2


@pytest.mark.django_db
def test_few_mails_go_out_at_the_first_start() -> None:
    assert Counter(Delivery.objects.open().values_list("kind", flat=True)) == {
        "rsvp.confirmed": 14,
        "session.cancelled": 3,
        "rsvp.left": 1,
        "rsvp.promoted": 1,
        "friend.coming": 1,
        "guest.letter": 1,
    }
    assert set(Delivery.objects.exclude(dropped_at=None).values_list("drop_reason", flat=True)) == {"sample"}


@pytest.mark.django_db
def test_the_letter_of_last_month_went_out_and_the_next_one_is_not_yet_due() -> None:
    bulletin = Bulletin.objects.get()
    assert (bulletin.session.number, bulletin.sent_at) == (35, datetime(2026, 10, 18, 12, 30, tzinfo=TOKYO))
    assert Counter(key.split(":")[0] for key in bulletin.chosen) == {"morning": 1, "line": 2, "next": 1}
    hosted = list(Session.objects.past(NOW))
    assert [[s.number for s in ready(hosted, now=NOW + timedelta(days=d))] for d in (0, 2)] == [[38], [36, 39]]


@pytest.mark.django_db
def test_the_past_can_be_found() -> None:
    found = Document.objects.matching("段ボール").values_list("session_code", flat=True)
    assert breakfasts().get(number=33).code in set(found)


@pytest.mark.django_db
def test_introductions_are_of_people_who_came_agreed_and_keep_nobody_away() -> None:
    agreed = set(Consent.objects.filter(kind="introductions").values_list("member", flat=True))
    assert 45 <= len(agreed) < 60
    for one in Introduction.objects.all():
        both = {one.first_id, one.second_id}
        assert both <= agreed
        assert (
            set(one.round.session.attendances.came().filter(member__in=both).values_list("member", flat=True)) == both
        )
        assert (one.made_at is not None) == (one.first_answer == one.second_answer == "yes")
        assert one.value == sum(one.terms.values()) > 0
        assert not Block.objects.filter(member__in=both, other__in=both).exists()
    made = Introduction.objects.exclude(made_at=None).values_list("first__name", "second__name")
    assert {("潮見 耕介", "小暮 文乃"), ("𠮷崎 澄江", "髙梨 悠人"), ("齋木 千晶", "万代 一真")} < set(made)
    waiting = Introduction.objects.filter(answer_until__gt=NOW, made_at=None, asked_at__lt=NOW)
    assert waiting.filter(first__name="潮見 耕介", first_answer="").count() == 1
    assert Block.objects.count() == 1


@pytest.mark.django_db
def test_three_met_at_once_and_the_hosts_were_told_something() -> None:
    (three,) = Three.objects.with_people()
    assert [one.name for one in three.people] == ["潮見 耕介", "齋木 千晶", "小暮 文乃"]
    assert Openness.objects.filter(member__in=three.people, threes_at__isnull=False).count() == 3
    told = Concern.objects.order_by("told_on").values_list("about__name", "outcome")
    assert (list(told), Refusal.objects.covers("seminar.desk@example.com")) == ([("巻島 啓", "talk"), (None, "")], True)


@pytest.mark.django_db
def test_nothing_that_happened_lies_ahead() -> None:
    happened = [
        *((Member, name) for name in ("joined_at", "created_at", "listed_at")),
        *((Session, name) for name in ("published_at", "cancelled_at", "roster_closed_at", "created_at", "changed_at")),
        *((Report, name) for name in ("created_at", "approved_at", "published_at")),
        *((Rsvp, name) for name in ("answered_at", "seated_at")),
        *((Introduction, name) for name in ("asked_at", "first_answered_at", "second_answered_at", "made_at")),
        *((Invitation, name) for name in ("created_at", "asked_at", "answered_at", "confirmed_at", "thanked_at")),
        *(
            (Bulletin, "sent_at"),
            (Takeaway, "created_at"),
            (Membership, "joined_at"),
            (Consent, "given_at"),
            (Attendance, "marked_at"),
        ),
    ]
    ahead = [(m.__name__, f) for m, f in happened if m._default_manager.filter(**{f"{f}__gt": NOW}).exists()]
    assert ahead == []


@pytest.mark.django_db
def test_no_address_but_of_example_com_and_no_telephone() -> None:
    text = repr(rows())
    assert set(re.findall(r"@([\w.-]+)", text)) == {"example.com", "localhost"}  # localhost: UIDs
    assert re.findall(r"\b0\d{1,3}-\d{2,4}-\d{4}\b", text) == []
    assert set(Member.objects.values_list("email", flat=True)) == {person.email for person in people()}


def test_the_words_are_clean() -> None:
    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from strings(list(value.values()))
        elif isinstance(value, list):
            for one in value:
                yield from strings(one)

    files = [
        read(name)
        for name in ("club", "guests", "mornings", "coming", "introductions", "news", "purse", "told", "wishes")
    ]
    words = [*strings(files), *strings([vars(person) for person in people()])]
    assert [text for text in words if clean_text(text) != text.strip("\n")] == []
    assert [text for text in words if "\n" not in text.strip("\n") and clean_line(text) != text.strip("\n")] == []


def test_the_same_day_makes_the_same_club(empty: None) -> None:
    build(NOW)
    first = rows()
    wipe()
    build(NOW + timedelta(hours=3))
    second = rows()
    assert [name for name in first if first[name] != second[name]] == []
    assert sum(len(lines) for lines in first.values()) > 1400


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 12, 10, 6, 0, tzinfo=TOKYO),  # an hour before the next morning
        datetime(2026, 12, 10, 7, 40, tzinfo=TOKYO),  # in the middle of it
        datetime(2026, 12, 10, 9, 0, tzinfo=TOKYO),  # it has just ended
        datetime(2026, 12, 9, 7, 30, tzinfo=TOKYO),  # in the middle of the study group, the evening before
        datetime(2027, 5, 5, 12, 0, tzinfo=TOKYO),  # a holiday on the study group's day
        datetime(2028, 2, 29, 15, 30, tzinfo=UTC),  # already the first of March in Tokyo
    ],
)
def test_the_club_never_ages(empty: None, now: datetime) -> None:
    build(now)
    past, ahead = breakfasts().filter(ends_at__lte=now), breakfasts().filter(ends_at__gt=now, number__isnull=False)
    assert [past.exclude(number=None).last().number, *ahead.values_list("number", flat=True)] == [36, 37, 38, 39]
    assert (ahead[0].seats_left, ahead[0].rsvps.waiting().count()) == (0, 5)
    assert breakfasts().filter(published_at=None, ends_at__gt=now).count() >= 1
    over = Session.objects.past(now).filter(cancelled_at=None).annotate(people=Count("attendances"))
    assert over.count() == 18 + 40
    assert min(over.values_list("people", flat=True)) >= 2
    assert Introduction.objects.filter(answer_until__gt=now, made_at=None).exists()
    assert Member.objects.filter(joined_at__gt=now).count() == 0
    assert Report.objects.filter(published_at__gt=now).count() == 0
    assert Delivery.objects.open().count() in range(10, 31)


def test_where_there_are_members_the_sample_stays_away(empty: None, settings: Any) -> None:
    Member.objects.create_user("hana@example.com", name="hana")
    call_command("sample_club", "--if-empty")
    assert list(Member.objects.values_list("name", flat=True)) == ["hana"]
    with pytest.raises(CommandError):
        call_command("sample_club")
    assert Session.objects.count() == 0


def test_an_empty_database_is_filled(empty: None, media: Path) -> None:
    call_command("sample_club", "--if-empty")
    assert (Member.objects.count(), Club.current().name_en) == (60, "Kamomebashi Breakfast Club")
    pictured = set(Member.objects.exclude(photo="").values_list("name", flat=True))
    assert (pictured, len(list(media.glob("photos/*.jpg")))) == (set(read("portraits")), 2 * len(read("portraits")))


def test_whom_the_sample_draws_are_people_of_it_and_may_be_drawn_so() -> None:
    looks: dict[str, Any] = read("portraits")
    assert set(looks) <= {person.name for person in people()}
    assert {len(portraits.drawn(name, look)) > 1000 for name, look in looks.items()} == {True}


def test_it_is_not_for_production(empty: None, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("sample_club", "--if-empty")
    assert Member.objects.count() == 0
