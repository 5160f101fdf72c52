"""What came of it: asked once, with the next morning or after four weeks; two taps; and a year later once more."""

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from events.models import ReminderRule, Series, Session
from events.reminders import carry_out
from introductions import consent, followup_links, followups
from introductions.followups import FollowUp, Numbers
from introductions.models import Introduction
from members.concerns import Concern
from members.models import Block, Member
from outbox.models import Delivery
from outbox.sending import send_due
from outbox.stops import Stop
from tests.introductions.test_answers import dropped, sent

NOW = timezone.now
A_DAY = timedelta(days=1)


@pytest.fixture
def made(asked: Introduction, hana, ken) -> Introduction:
    asked.answer(hana, yes=True, now=NOW())
    asked.answer(ken, yes=True, now=NOW())
    Delivery.objects.all().delete()
    return asked


def owed(kind: str = "intro.followup") -> list[str]:
    return sorted(Delivery.objects.filter(kind=kind).values_list("to", flat=True))


def word(made: Introduction, member: Member, **fields) -> FollowUp:
    return FollowUp.objects.create(introduction=made, member=member, asked_at=NOW(), **fields)


def page(row: FollowUp) -> str:
    return followup_links.link(row, now=NOW()).split("testserver")[-1].split("//")[-1].partition("/")[2]


def client_of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_both_are_asked_once_after_four_weeks(made: Introduction, hana, ken) -> None:
    assert made.made_at
    followups.tick(now=made.made_at + timedelta(weeks=4) - timedelta(minutes=1))
    assert owed() == []
    for _ in range(2):
        followups.tick(now=made.made_at + timedelta(weeks=4))
    assert owed() == sorted([hana.email, ken.email])


@pytest.fixture
def next_morning(made: Introduction, make_morning, hana, settings):
    """The series meets again a week later, hana comes, and whoever came is thanked at noon."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    at = (NOW() + 7 * A_DAY).replace(minute=0, second=0, microsecond=0)
    session = make_morning(hana, starts_at=at - timedelta(hours=5), roster_closed_at=at - timedelta(hours=3))
    Session.objects.filter(pk=session.pk).update(ends_at=at - timedelta(hours=4))
    session.refresh_from_db()
    noon = session.local_start.replace(hour=12, minute=10).time()
    ReminderRule.objects.create(series=session.series, template="thanks", audience="came", days_before=0, at=noon)
    return session


def thanked(session: Session) -> list[str]:
    """The mails of that noon: what each says below the heading of the question."""
    at = session.local_start.replace(hour=12, minute=10)
    with time_machine.travel(at, tick=False):
        carry_out(now=at)
        send_due()
    return [letter.body.partition("ご紹介のその後")[2] for letter in mail.outbox]


def test_the_thanks_of_the_next_morning_ask_who_came(made: Introduction, next_morning: Session, hana, ken) -> None:
    before = next_morning.ends_at - timedelta(minutes=5)
    followups.tick(now=before)
    assert FollowUp.objects.count() == 0
    followups.tick(now=next_morning.roster_closed_at + timedelta(minutes=1))
    assert (owed(), [row.member for row in FollowUp.objects.all()]) == ([], [hana])
    (said,) = thanked(next_morning)
    link, words = re.search(r"http\S+", said), re.sub(r"http\S+", "…", said)
    assert words.startswith(
        """

kenさん
その後、ご連絡を取られましたか
お返事はこちら:
…

2回ずつ押していただくだけです。お返事がお相手に伝わることはありません。
"""
    )
    assert link
    assert Client().post("/" + link[0].partition("//")[2].partition("/")[2], {"in_touch": "yes"}).status_code == 302
    followups.tick(now=next_morning.ends_at + timedelta(days=11))
    followups.tick(now=made.made_at + timedelta(weeks=4))
    assert (owed(), FollowUp.objects.get(member=hana).in_touch) == ([ken.email], "yes")


@pytest.mark.parametrize("what", ["block", "withdrawn", "stopped", "answered"])
def test_what_came_between_is_not_asked_in_the_thanks(
    made: Introduction, next_morning: Session, hana, ken, what: str
) -> None:
    followups.tick(now=next_morning.roster_closed_at + timedelta(minutes=1))
    if what == "block":
        Block.objects.create(member=ken, other=hana)
    elif what == "withdrawn":
        consent.refuse(hana, now=NOW())
    elif what == "stopped":
        Stop.objects.stop(hana.email, [("followup", "")], now=NOW())
    else:
        FollowUp.objects.get(member=hana).say_in_touch("yes", now=NOW())
    assert thanked(next_morning) == [""]


def test_thanks_that_never_went_leave_the_question_to_a_mail_of_its_own(
    made: Introduction, next_morning: Session, hana, ken
) -> None:
    followups.tick(now=next_morning.roster_closed_at + timedelta(minutes=1))
    ReminderRule.objects.update(is_on=False)
    assert thanked(next_morning) == []
    for _ in range(2):
        followups.tick(now=made.made_at + timedelta(weeks=4))
    assert owed() == sorted([hana.email, ken.email])


@pytest.mark.parametrize("what", ["no thanks", "thanked already"])
def test_where_nothing_goes_any_more_nothing_goes_along(made: Introduction, next_morning: Session, what: str) -> None:
    if what == "no thanks":
        ReminderRule.objects.all().delete()
    else:
        thanked(next_morning)
    followups.tick(now=next_morning.local_start.replace(hour=13))
    assert FollowUp.objects.count() == 0


@pytest.mark.parametrize("when", ["two days later", "another series"])
def test_what_is_no_next_morning_asks_nobody(made: Introduction, make_morning, hana, when: str) -> None:
    days = 2 if when == "two days later" else 7
    start = {"starts_on": date(2024, 1, 11), "at": time(7)}
    other = {} if when == "two days later" else {"series": Series.objects.create(slug="other", name="夜の会", **start)}
    make_morning(hana, starts_at=NOW() + days * A_DAY, roster_closed_at=NOW() + days * A_DAY, **other)
    followups.tick(now=NOW() + (days + 1) * A_DAY)
    assert (owed(), FollowUp.objects.count()) == ([], 0)


def test_who_is_kept_apart_by_now_and_what_was_never_made_is_not_asked_about(asked: Introduction, hana, ken) -> None:
    followups.tick(now=NOW() + timedelta(weeks=5))
    assert owed() == []
    asked.answer(hana, yes=True, now=NOW())
    asked.answer(ken, yes=True, now=NOW())
    Block.objects.create(member=ken, other=hana)
    followups.tick(now=NOW() + timedelta(weeks=5))
    assert (owed(), FollowUp.objects.count()) == ([], 0)


def test_two_taps_and_thanks(made: Introduction, hana) -> None:
    row, client = word(made, hana), Client()
    url = "/" + page(row)
    assert "お役に立ちましたか" not in client.get(url).content.decode()
    assert client.post(url, {"in_touch": "yes"}).status_code == 302
    shown = client.get(url).content.decode()
    assert ("お役に立ちましたか" in shown, "ありがとうございます" in shown) == (True, False)
    client.post(url, {"useful": "yes"})
    row.refresh_from_db()
    assert (row.in_touch, row.useful, "ありがとうございます" in client.get(url).content.decode()) == (
        "yes",
        "yes",
        True,
    )
    client.post(url, {"in_touch": "no"})
    row.refresh_from_db()
    assert (row.in_touch, row.useful) == ("no", "")
    client.post(url, {"useful": "yes"})
    row.refresh_from_db()
    assert row.useful == ""


def test_looking_changes_nothing_and_nonsense_is_said_so(made: Introduction, hana) -> None:
    row, client = word(made, hana), Client()
    url = "/" + page(row)
    client.get(url + "?in_touch=yes")
    assert client.post(url, {"in_touch": "perhaps"}).status_code == 422
    assert client.post(url, {"story_for": "the world", "story": "x"}).status_code == 422
    assert client.get("/introductions/afterwards/nonsense/").status_code == 404
    row.refresh_from_db()
    assert (row.in_touch, row.story) == ("", "")


@pytest.mark.parametrize("what", ["block", "closed account", "void link"])
def test_a_link_opens_nothing_where_something_came_between(made: Introduction, hana, ken, what: str) -> None:
    row = word(made, hana)
    url = "/" + page(row)
    if what == "block":
        Block.objects.create(member=ken, other=hana)
    elif what == "closed account":
        Member.objects.filter(pk=hana.pk).update(is_active=False)
    else:
        Member.objects.filter(pk=hana.pk).update(link_version=hana.link_version + 1)
    assert Client().get(url).status_code == 404


def test_the_database_keeps_useful_from_those_who_never_met(made: Introduction, hana) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        word(made, hana, in_touch="no", useful="yes")


def test_a_year_later_those_who_were_in_touch_are_asked_once_what_came_of_it(made: Introduction, hana, ken) -> None:
    word(made, hana, in_touch="yes")
    word(made, ken, in_touch="no")
    assert made.made_at
    followups.tick(now=made.made_at + 364 * A_DAY)
    assert owed("intro.later") == []
    concern = Concern.objects.tell(hana, ken, "誘われた", kind="canvassing", named=False, now=NOW())
    followups.tick(now=made.made_at + 365 * A_DAY)
    assert owed("intro.later") == []
    concern.look("nothing", note="", now=NOW(), actor=hana)
    for _ in range(2):
        followups.tick(now=made.made_at + 365 * A_DAY)
    assert owed("intro.later") == [hana.email]


def test_a_story_goes_as_far_as_its_teller_lets_it(made: Introduction, series, hana, ken, kosuke) -> None:
    row = word(made, hana, in_touch="yes", useful="yes")
    url, wall = "/" + page(row), f"/series/{series.slug}/stories/"

    def readers() -> list[bool]:
        return ["本になりました" in client_of(one).get(wall).content.decode() for one in (ken, kosuke)]

    seen = []
    for story_for in ("private", "hosts", "wall"):
        assert Client().post(url, {"story": "本になりました", "story_for": story_for}).status_code == 302
        seen.append(readers())
    assert seen == [[False, False], [False, True], [True, True]]
    Block.objects.create(member=hana, other=ken)
    assert readers() == [False, True]
    Block.objects.all().delete()
    Client().post(url, {"story": "", "story_for": "wall"})
    assert readers() == [False, False]


def test_the_host_reads_how_many_led_to_a_meeting_and_no_names(made: Introduction, series, hana, ken, kosuke) -> None:
    word(made, hana, in_touch="yes", useful="yes")
    word(made, ken, in_touch="yes")
    assert Numbers.of(series) == Numbers(made=1, met=1, useful=1)
    shown = client_of(kosuke).get(f"/series/{series.slug}/introductions/").content.decode()
    assert (
        "連絡を取られた組" in shown,
        "hana" in re.sub(r'<header class="masthead.*?</header>', "", shown, flags=re.DOTALL),
    ) == (
        True,
        False,
    )


def test_erasing_the_account_takes_the_word_and_the_story_along(made: Introduction, hana, ken) -> None:
    word(made, hana, in_touch="yes", story="本になりました", story_for="wall", story_at=NOW())
    word(made, ken, in_touch="yes")
    Member.objects.filter(pk=hana.pk).delete()
    assert FollowUp.objects.count() == 0


def test_the_question_afterwards_is_short_and_names_no_answer(made: Introduction, hana, ken) -> None:
    followups.tick(now=NOW() + timedelta(weeks=4))
    first, _second = sent()
    assert (first.to, first.reply_to, first.subject) == (
        ["hana@example.com"],
        [],
        "kenさんとは、その後ご連絡を取られましたか",
    )
    assert (
        re.sub(r"(afterwards|mails)/\S+", r"\1/…", first.body)
        == """\
hanaさん、先日kenさんをご紹介しました。その後、ご連絡を取られましたか。

2回押していただくだけです。お返事がkenさんに伝わることはありません。

こちらからお答えください。
http://localhost:8000/introductions/afterwards/…

----
ご紹介を受けられた方にお送りしています。ご紹介のページ:
http://localhost:8000/introductions/
このお知らせを止める
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )


def test_the_question_a_year_later_asks_for_a_story(made: Introduction, hana) -> None:
    word(made, hana, in_touch="yes")
    followups.tick(now=NOW() + 366 * A_DAY)
    (mail,) = sent()
    assert mail.subject == "kenさんとのその後をお聞かせください"
    assert (
        re.sub(r"(afterwards|mails)/\S+", r"\1/…", mail.body)
        == """\
hanaさん、kenさんをご紹介し、連絡を取られてから一年になります。その後、何か生まれましたか。

お仕事、本、友人、あるいは一度のおいしいお昼。よろしければ、ご自分の言葉でお聞かせください。どなたが読めるかはご自分で選べます。

こちらからお聞かせください。
http://localhost:8000/introductions/afterwards/…

----
ご紹介を受けられた方にお送りしています。ご紹介のページ:
http://localhost:8000/introductions/
このお知らせを止める
http://localhost:8000/mails/…
朝会
http://localhost:8000
"""
    )


@pytest.mark.parametrize("what", ["answered", "apart", "told about"])
def test_a_question_that_became_useless_does_not_go(made: Introduction, hana, ken, what: str) -> None:
    followups.tick(now=NOW() + timedelta(weeks=4))
    if what == "apart":
        Block.objects.create(member=ken, other=hana)
    elif what == "told about":
        Concern.objects.tell(hana, ken, "誘われた", kind="canvassing", named=False, now=NOW())
    else:
        FollowUp.objects.update(in_touch="no")
    why = "answered" if what == "answered" else "apart"
    assert (sent(), dropped()) == ([], [why, why])


@pytest.mark.parametrize("number", [1, 30])
def test_the_pages_cost_the_same_for_one_and_for_thirty(
    made: Introduction, make_morning, person, series, hana, kosuke, number: int, django_assert_num_queries
) -> None:
    word(made, hana, in_touch="yes", story="1", story_for="wall", story_at=NOW())
    others = [person(f"n{n}") for n in range(number)]
    old = make_morning(*others, days=400)
    for one in others[1:]:
        row = Introduction.objects.create(
            round=made.round,
            first=min(one, hana, key=lambda m: m.pk),
            second=max(one, hana, key=lambda m: m.pk),
            value=1,
        )
        word(row, one, in_touch="yes", story="1", story_for="wall", story_at=NOW())
    assert old.pk
    client = client_of(kosuke)
    with django_assert_num_queries(9):
        client.get(f"/series/{series.slug}/stories/")
    with django_assert_num_queries(15):
        client.get(f"/series/{series.slug}/introductions/")
