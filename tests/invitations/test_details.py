"""The guest's own dates: what goes to whom and when, and the words for the guest's readers."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from events.models import Series, Session, TalkSpeaker
from invitations import details, link, readers, steps
from invitations.models import Invitation
from members.models import Member
from outbox.kinds import NotNow, Unwanted
from outbox.models import Delivery
from outbox.rendering import letter as letter_of
from outbox.rendering import render

MORNING = datetime.fromisoformat("2026-12-24T07:00:00+09:00")
WEEK_BEFORE = datetime.fromisoformat("2026-12-17T12:10:00+09:00")
EVE = datetime.fromisoformat("2026-12-23T18:00:00+09:00")
MINUTE = timedelta(minutes=1)

DETAILS = """\
佐藤 朝子 様

お越しいただける日が近づいてまいりました。当日のことを、下のとおりご用意しております。ご都合の悪いところがございましたら、お知らせください。

とき　12月24日(木) 7:00、開場 6:40
ところ　喫茶みなと 東京都かもめ区1-2-3
行き方　{way_in}
お迎え　kosukeが改札の前に
お話　7:20から30分
お食事　お話のあとにご用意します
機材　プロジェクターあり
お連れの方　どうぞご一緒に
本の販売　歓迎いたします。サインもぜひお願いします
おわり　8:20(みなさんご出勤のため、時刻どおりにおひらきにします)
当日の電話　090-0000-0000

道順と入口はこちら:
http://localhost:8000/m/{meeting}/

専用のページ:
{link}

----
お引き受けくださったゲストの方にお送りしています。ご返信はkosukeに直接届きます。
河口の朝会
http://localhost:8000
"""


@pytest.fixture
def coming(invite: Callable[..., Invitation], make_session) -> Invitation:
    """A guest who has accepted for Christmas Eve, and all that the host prepared."""
    told = {"meets": "kosukeが改札の前に", "speaks": "7:20から30分", "eats": "お話のあとにご用意します"}
    told |= {"equipment": "プロジェクターあり", "phone": "090-0000-0000"}
    invitation = invite(session=make_session(starts_at=MORNING), **told)
    invitation.send(now=WEEK_BEFORE - timedelta(days=30))
    invitation.accept(how="link", now=WEEK_BEFORE - timedelta(days=20))
    Delivery.objects.all().delete()
    return Invitation.objects.whole().get()


def tick(at: datetime) -> list[str]:
    """Kinds of what is owed after a tick at that instant, and another a minute later."""
    for now in (at, at + timedelta(seconds=30)):
        details.tick(now=now)
    return list(Delivery.objects.order_by("pk").values_list("kind", flat=True))


def text(delivery: Delivery) -> str:
    return render(delivery, letter_of(delivery))["text"]


@pytest.mark.parametrize(
    ("at", "owed"),
    [
        (WEEK_BEFORE - MINUTE, []),
        (WEEK_BEFORE, ["guest.details"]),
        (EVE - timedelta(hours=6, minutes=1), ["guest.details"]),
        (EVE - timedelta(hours=6), []),
        (EVE - MINUTE, []),
        (EVE, ["guest.evening"]),
        (EVE + timedelta(hours=3) - MINUTE, ["guest.evening"]),
        (EVE + timedelta(hours=3), []),
        (MORNING - timedelta(hours=1), []),
        (datetime.fromisoformat("2026-12-20T23:00:00+09:00"), []),
    ],
)
def test_a_week_before_and_on_the_evening_before(coming: Invitation, at: datetime, owed: list[str]) -> None:
    assert tick(at) == owed


def test_each_goes_once_for_a_date_and_anew_for_another(coming: Invitation) -> None:
    assert (tick(WEEK_BEFORE), tick(WEEK_BEFORE + timedelta(days=2))) == (["guest.details"], ["guest.details"])
    coming.session.move(MORNING + timedelta(days=14), now=WEEK_BEFORE + timedelta(days=3))
    owed = tick(WEEK_BEFORE + timedelta(days=14))
    assert sorted(owed) == ["guest.changed", "guest.details", "guest.details"]


@pytest.mark.parametrize(
    "change",
    [
        {"state": "asked"},
        {"state": "declined"},
        {"state": "thanked"},
        {"chosen_start": MORNING + timedelta(days=7)},
    ],
)
def test_it_goes_to_nobody_who_has_not_accepted_that_date(coming: Invitation, change: dict[str, object]) -> None:
    tick(WEEK_BEFORE)
    owed = Delivery.objects.get()
    Invitation.objects.update(**change)
    TalkSpeaker.objects.all().delete()
    assert tick(EVE) == ["guest.details"]
    if change.get("state") != "thanked":
        with time_machine.travel(EVE), pytest.raises(Unwanted, match="does not come"):
            letter_of(owed)


def test_a_morning_called_off_tells_nothing_of_itself(coming: Invitation) -> None:
    tick(WEEK_BEFORE)
    owed = Delivery.objects.get()
    coming.session.cancel("台風のため", now=WEEK_BEFORE + MINUTE)
    Delivery.objects.exclude(pk=owed.pk).delete()
    assert tick(EVE) == ["guest.details"]
    with time_machine.travel(EVE), pytest.raises(Unwanted, match="called off"):
        letter_of(owed)


def test_nothing_goes_by_night(coming: Invitation) -> None:
    tick(WEEK_BEFORE)
    with time_machine.travel(WEEK_BEFORE + timedelta(hours=10)), pytest.raises(NotNow):
        letter_of(Delivery.objects.get())


def test_all_of_the_morning_word_for_word(coming: Invitation) -> None:
    tick(WEEK_BEFORE)
    venue = coming.session.venue
    assert venue
    way_in = " ".join(part for part in (venue.directions, venue.entrance) if part)
    expected = DETAILS.format(way_in=way_in, meeting=coming.session.meeting_code, link=link.address(coming))
    with time_machine.travel(WEEK_BEFORE):
        assert text(Delivery.objects.get()) == (expected if way_in else expected.replace("行き方　\n", ""))


def test_the_evening_before_has_the_way_who_meets_and_a_phone(coming: Invitation) -> None:
    tick(EVE)
    with time_machine.travel(EVE):
        mail = render(Delivery.objects.get(), letter_of(Delivery.objects.get()))
    assert (mail["subject"], "明朝お目にかかれる" in mail["text"]) == ("明朝 12月24日(木) 7:00の会について", True)
    assert [word in mail["text"] for word in ("お迎え　kosukeが", "当日の電話　090-0000-0000", "機材", "おわり")] == [
        True,
        True,
        False,
        False,
    ]


def test_who_comes_at_noon_is_not_expected_in_the_morning(coming: Invitation) -> None:
    noon = MORNING + timedelta(hours=5)
    Session.objects.update(starts_at=noon, ends_at=noon + timedelta(hours=1))
    tick(EVE)
    with time_machine.travel(EVE):
        mail = render(Delivery.objects.get(), letter_of(Delivery.objects.get()))
    told = "明日お目にかかれるのを楽しみにしております。" in mail["text"]
    assert (mail["subject"], told) == ("明日 12月24日(木) 12:00の会について", True)


def test_the_host_fills_it_in_and_the_guest_reads_it(coming: Invitation, kosuke: Member) -> None:
    client = Client()
    client.force_login(kosuke)
    told = {
        "meets": "入口で潮見が",
        "speaks": "7:30から",
        "eats": "",
        "equipment": "",
        "companions": "",
        "book_sales": "",
    }
    answered = client.post(f"/invitations/{coming.code}/morning/", told | {"phone": "090-1111-1111"})
    assert answered.status_code == 302
    assert client.post(f"/invitations/{coming.code}/morning/", told | {"meets": "長" * 121}).status_code == 422
    with time_machine.travel(WEEK_BEFORE):
        page = Client().get(link.address(coming).removeprefix("http://localhost:8000")).content.decode()
    assert [word in page for word in ("入口で潮見が", "7:30から", "090-1111-1111")] == [True, True, True]


def test_the_desk_asks_for_what_is_lacking_until_it_is_there(coming: Invitation) -> None:
    def said(now: datetime) -> list[tuple[str, int]]:
        return [(step.what, step.urgency) for step in steps.steps(list(Session.objects.select_related("venue")), now)]

    assert said(WEEK_BEFORE) == []
    Invitation.objects.update(speaks="")
    assert said(MORNING - timedelta(days=15)) == []
    assert said(MORNING - timedelta(days=12)) == [("佐藤 朝子先生への当日のご案内", 3)]
    assert said(WEEK_BEFORE) == [("佐藤 朝子先生への当日のご案内", 1)]


def test_readers_are_told_in_the_first_person_what_a_stranger_may_see(coming: Invitation) -> None:
    told = readers.of(coming, now=WEEK_BEFORE)
    assert told
    address = f"http://localhost:8000/sessions/{coming.session.code}/"
    assert told.text == (
        "朝食会でお話しします。\n「値札のない朝」\n12月24日(木) 7:00 喫茶みなと\n"
        f"少人数で朝ごはんを囲む会です。よろしければご一緒に。\n{address}?openExternalBrowser=1"
    )
    assert told.picture_url == f"{address}picture.png"


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Session, {"published_at": None}),
        (Session, {"cancelled_at": timezone.now(), "cancel_reason": "台風"}),
        (Series, {"audience": "members"}),
        (Invitation, {"state": "talking"}),
    ],
)
def test_what_strangers_may_not_see_is_not_offered_for_readers(coming: Invitation, model, change) -> None:
    model.objects.update(**change)
    assert readers.of(Invitation.objects.whole().get(), now=WEEK_BEFORE) is None


def test_what_is_known_stands_in_the_form_already(coming: Invitation, make_session, invite, kosuke: Member) -> None:
    later = make_session(starts_at=MORNING + timedelta(days=28), programme="6:40 開場\n7:20 ゲストのお話\n8:20 おわり")
    nothing = {"meets": "", "speaks": "", "phone": "", "length": "30分ほど"}
    second = invite(session=later, state="accepted", **nothing)
    client = Client()
    client.force_login(kosuke)
    form = client.get(f"/invitations/{second.code}/morning/").context["form"]
    assert {name: form[name].value() for name in ("meets", "speaks", "phone")} == {
        "meets": "kosukeが入口でお待ちします",
        "speaks": "7:20、30分ほど",
        "phone": "090-0000-0000",
    }
    kept = client.get(f"/invitations/{coming.code}/morning/").context["form"]
    assert (kept["meets"].value(), kept["speaks"].value()) == ("kosukeが改札の前に", "7:20から30分")
