"""What makes the club write each kind of mail: small scenes with the sample people, played and taken back again.

A scene uses the verbs that pages use, so that a mail in the gallery is the mail that would go out. Where a kind keeps
quiet at night, the scene is set where it is noon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from archive import people
from archive.importing.people import Named
from archive.importing.sources import Kind
from archive.models import Bulletin, Intake
from archive.sample import guest_scenes, member_scenes, standing_scenes
from events import host_messages, segments, together
from events.models import Attendance, Companion, NearStart, ReminderRule, Segment, Series, Session, Visit
from events.models.reminder import AUDIENCE
from introductions import consent, looking
from introductions.acquaintance import Memory
from introductions.followups import FollowUp
from introductions.lookouts import Lookout
from introductions.models import Introduction, Round
from members.concerns import Concern
from members.models import Member
from outbox.models import Delivery

Template = ReminderRule.Template


@dataclass(frozen=True)
class Stage:
    """The sample club at this moment, in a transaction that will be taken back."""

    now: datetime

    @property
    def zone(self) -> str:
        """Where it is noon. (The signs of Etc/GMT are those of POSIX: west is plus.)"""
        ahead = 12 - self.now.hour
        return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"

    @property
    def series(self) -> Series:
        return Series.objects.get(slug="breakfast")

    def morning(self, *, days: int = 1, **fields: Any) -> Session:
        """A breakfast of the sample, met so many days from now at seven, with its guest and seats to spare."""
        session = Session.objects.on().filter(series=self.series, talks__isnull=False).latest("starts_at")
        local = self.now.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=days)
        session.timezone, session.starts_at = self.zone, datetime.combine(local, time(7), tzinfo=ZoneInfo(self.zone))
        session.rsvp_opens_at = session.rsvp_closes_at = session.roster_closed_at = None
        session.headcount_at = session.local_start - timedelta(hours=16)
        for name, value in fields.items():
            setattr(session, name, value)
        session.save()
        session.set_capacity(session.seats_taken + 9, now=self.now)
        return session

    def member(self, session: Session, segment: str = Segment.UNANSWERED) -> Member:
        """Somebody of the sample in that segment."""
        return segments.people(segment, session).filter(email__endswith="@example.com").order_by("pk")[1]

    def seated(self, session: Session) -> Member:
        member = self.member(session)
        session.rsvp(member, "ACCEPTED", now=self.now)
        return member

    def host(self) -> Member:
        return Member.objects.get(memberships__series=self.series, memberships__role="owner")


def newest(kind: str) -> Delivery:
    return Delivery.objects.filter(kind=kind).latest("pk")


def account_code(_stage: Stage) -> Delivery:
    return Delivery(context={"for": "sign-in", "code": "KMM-HSH", "minutes": 15})


def account_notice(_stage: Stage) -> Delivery:
    return Delivery(context={"notice": "passkey-added"})


def operator_test(_stage: Stage) -> Delivery:
    return Delivery(context={})


def confirmed(stage: Stage) -> Delivery:
    stage.seated(stage.morning())
    return newest("rsvp.confirmed")


def promoted(stage: Stage) -> Delivery:
    session = stage.morning()
    session.set_capacity(max(session.seats_taken, 1), now=stage.now)
    while not session.is_full:
        stage.seated(session)
    stage.seated(session)
    session.set_capacity(session.seats_taken + 1, now=stage.now)
    return newest("rsvp.promoted")


def _full(stage: Stage, *, days: int = 1, **fields: Any) -> tuple[Session, Member]:
    """A morning without a free seat, and somebody with a friend who waits for two."""
    session = stage.morning(days=days, **fields)
    session.set_capacity(max(session.seats_taken, 1), now=stage.now)
    while not session.is_full:
        stage.seated(session)
    waits = stage.seated(session)
    session.add_friend(waits, "沢 まなみ", yomi="さわ まなみ", now=stage.now)
    return session, waits


def waiting(stage: Stage) -> Delivery:
    _full(stage)
    return newest("rsvp.waiting")


def offer(stage: Stage) -> Delivery:
    session, _waits = _full(stage, days=2, near_start=NearStart.OFFER)
    session.set_capacity(session.seats_taken + 2, now=stage.now)
    return newest("rsvp.offer")


def free(stage: Stage) -> Delivery:
    session, _waits = _full(stage, days=2, near_start=NearStart.FIRST_TAP)
    session.set_capacity(session.seats_taken + 2, now=stage.now)
    return newest("rsvp.free")


def smaller(stage: Stage) -> Delivery:
    session, _waits = _full(stage, days=5)
    session.set_capacity(session.seats_taken + 1, now=stage.now)
    return newest("rsvp.smaller")


def left(stage: Stage) -> Delivery:
    session = stage.morning()
    session.rsvp(stage.seated(session), "DECLINED", now=stage.now)
    return newest("rsvp.left")


def _friend(stage: Stage, *, days: int = 1) -> tuple[Session, Companion, Member]:
    """A friend who wants the mails, with somebody who has a seat."""
    session = stage.morning(days=days)
    member, named = stage.seated(session), {"yomi": "さわ まなみ", "email": "manami@example.com"}
    return session, session.add_friend(member, "沢 まなみ", **named, now=stage.now), member


def friend_coming(stage: Stage) -> Delivery:
    _friend(stage)
    return newest("friend.coming")


def friend_left(stage: Stage) -> Delivery:
    session, _one, member = _friend(stage)
    newest("friend.coming").succeed(now=stage.now)
    session.rsvp(member, "DECLINED", now=stage.now)
    return newest("friend.left")


def friend_evening(stage: Stage) -> Delivery:
    session, friend, _member = _friend(stage)
    rule = ReminderRule.objects.get(series=session.series, template=Template.TOMORROW)
    return Delivery(context={**together.Pair(rule, session).ids, "friend": friend.pk}, to=friend.email)


def friend_changed(stage: Stage) -> Delivery:
    session, _one, _member = _friend(stage, days=3)
    session.move(session.starts_at + timedelta(days=7), now=stage.now)
    return newest("friend.changed")


def walk_in(stage: Stage) -> Delivery:
    session = stage.morning(days=0)
    row = Attendance.objects.create(session=session, name="水無瀬 健吾", yomi="みなせ けんご")
    row.ask_to_join("kengo.minase@example.com", now=stage.now)
    return newest("walk_in.welcome")


def listed(stage: Stage) -> Delivery:
    """Somebody whom an older list of the series names, with two mornings."""
    intake = Intake.objects.create(
        series=stage.series, member=stage.host(), kind=Kind.PEOPLE, name="名簿.csv", columns={}, read_at=stage.now
    )
    past = Session.objects.on().past(stage.now).filter(series=stage.series, roster_closed_at__isnull=False)
    days = [one.local_start.date() for one in past.order_by("-starts_at")[:2]]
    said = ("水無瀬 健吾", "みなせ けんご", "kengo.minase@example.com", days[-1])
    people.take_in(intake, [Named(line, *said, on=day) for line, day in enumerate(days)], now=stage.now)
    return newest("people.asked")


def visitor(stage: Stage) -> Delivery:
    session = stage.morning()
    Visit.ask(session, name="笹本 すみれ", email="sumire@example.com", now=stage.now)
    return newest("rsvp.visitor")


def changed(stage: Stage) -> Delivery:
    session = stage.morning(days=3)
    stage.seated(session)
    session.move(session.starts_at + timedelta(days=7), now=stage.now)
    return newest("session.changed")


def cancelled(stage: Stage) -> Delivery:
    session = stage.morning()
    stage.seated(session)
    session.cancel("台風が近づいているため", now=stage.now)
    return newest("session.cancelled")


def reminder(template: Template) -> Callable[[Stage], Delivery]:
    def scene(stage: Stage) -> Delivery:
        session, rule, member = _reminded(stage, template)
        return Delivery(context={**together.Pair(rule, session).ids, "member": member.pk})

    return scene


def _reminded(stage: Stage, template: Template) -> tuple[Session, ReminderRule, Member]:
    afterwards = template in {Template.THANKS, Template.WORDS}
    session = stage.morning(days=0 if template == Template.THANKS else -1 if afterwards else 1)
    audience = AUDIENCE.get(template, Segment.ABSENT)
    rule = ReminderRule.objects.filter(series=session.series, template=template, audience=audience).first()
    rule = rule or ReminderRule(template=template, audience=audience, series=session.series, days_before=1, at=time(18))
    rule.greeting = rule.greeting or "今回は二階の奥の部屋です。階段を上がって、左へお進みください。"
    rule.save()
    if audience == Segment.COMING:
        return session, rule, _looked_for(stage, session) or stage.seated(session)
    member = stage.member(session)
    if afterwards:
        status = Attendance.Status.CAME if audience == Segment.CAME else Attendance.Status.ABSENT
        others = segments.people(Segment.UNANSWERED, session).exclude(pk=member.pk).filter(listed_at__isnull=False)
        for one in (member, *others.order_by("pk")[:5]):
            Attendance.objects.update_or_create(session=session, member=one, defaults={"status": status})
    return session, rule, member


def _looked_for(stage: Stage, session: Session) -> Member | None:
    """Somebody who is named another to look for at breakfast."""
    looking.choose(session, now=stage.now)
    found = Lookout.objects.filter(session=session).standing(stage.now).select_related("first").order_by("-value", "pk")
    return next((row.first for row in found), None)


def joined(stage: Stage) -> Delivery:
    session, rule, member = _reminded(stage, Template.TOMORROW)
    other = Session.objects.on().filter(series__slug="shiokaze", starts_at__gt=stage.now).latest("starts_at")
    other.set_capacity(other.seats_taken + 9, now=stage.now)
    other.rsvp(member, "ACCEPTED", now=stage.now)
    asks = ReminderRule.objects.create(
        series=other.series, template=Template.STILL_COMING, audience=Segment.COMING, days_before=3, at=time(18)
    )
    parts = [together.Pair(rule, session).ids, together.Pair(asks, other).ids]
    return Delivery(context={"parts": parts, "member": member.pk})


def host_message(stage: Stage) -> Delivery:
    session = stage.morning(days=3)
    stage.seated(session)
    text = "入口は同じです。\n二階が改装中のため、今回だけ三階に席をつくります。"
    host_messages.send(session, "coming", "部屋が三階に変わります", text, actor=stage.host(), now=stage.now)
    return newest(host_messages.KIND)


def _introduced(stage: Stage) -> Introduction:
    """Two who were at breakfast this morning, asked whether they would like to meet."""
    session = stage.morning(days=0, roster_closed_at=stage.now)
    Round.objects.filter(session=session).delete()
    first, second = segments.people(Segment.UNANSWERED, session).exclude(ask_me="").order_by("pk")[2:4]
    for member in (first, second):
        consent.give(member, now=stage.now)
        Attendance.objects.update_or_create(session=session, member=member, defaults={"status": "came"})
    Introduction.objects.filter(first=first, second=second).delete()
    round_ = Round.objects.create(session=session, seed=session.code, computed_at=stage.now)
    introduction = Introduction.objects.create(round=round_, first=first, second=second, value=1)
    round_.release(now=stage.now, actor=None)
    introduction.refresh_from_db()
    return introduction


def intro_ask(stage: Stage) -> Delivery:
    _introduced(stage)
    return newest("intro.ask")


def _made(stage: Stage) -> Introduction:
    introduction = _introduced(stage)
    for member in (introduction.first, introduction.second):
        introduction.answer(member, yes=True, now=stage.now)
    return introduction


def intro_made(stage: Stage) -> Delivery:
    _made(stage)
    return newest("intro.made")


def intro_followup(stage: Stage) -> Delivery:
    introduction = _made(stage)
    FollowUp.objects.create(introduction=introduction, member=introduction.first, asked_at=stage.now)
    return Delivery(context={"introduction": introduction.pk, "member": introduction.first_id})


def memory_reminder(stage: Stage) -> Delivery:
    introduction = _made(stage)
    today = stage.now.date()
    memory = Memory.objects.create(
        owner=introduction.first, other=introduction.second, next_step="紹介された本を読んで、感想を送る", next_on=today
    )
    return Delivery(context={"memory": memory.pk, "on": str(today)})


def concern_looked(stage: Stage) -> Delivery:
    host = stage.host()
    teller, about = Member.objects.joined().exclude(pk=host.pk).order_by("pk")[:2]
    told = Concern.objects.tell(teller, about, "お誘いが続きます。", kind="contact", named=True, now=stage.now)
    told.look("talk", note="", now=stage.now, actor=host)
    return newest("concern.looked")


def bulletin(stage: Stage) -> Delivery:
    letter = Bulletin.objects.sent().select_related("session")[0]
    Session.objects.filter(pk=letter.session_id).update(timezone=stage.zone)
    member = letter.audience().order_by("pk")[0]
    return Delivery(context={"bulletin": letter.pk, "member": member.pk})


SCENES: dict[str, Callable[[Stage], Delivery]] = {
    "account.code": account_code,
    "account.notice": account_notice,
    "bulletin": bulletin,
    **guest_scenes.SCENES,
    **member_scenes.SCENES,
    **standing_scenes.SCENES,
    "concern.looked": concern_looked,
    "friend.changed": friend_changed,
    "friend.coming": friend_coming,
    "friend.evening": friend_evening,
    "friend.left": friend_left,
    "host.message": host_message,
    "intro.ask": intro_ask,
    "intro.followup": intro_followup,
    "intro.later": intro_followup,
    "intro.made": intro_made,
    "memory.reminder": memory_reminder,
    "operator.test": operator_test,
    "people.asked": listed,
    "reminder.joined": joined,
    "rsvp.confirmed": confirmed,
    "rsvp.free": free,
    "rsvp.left": left,
    "rsvp.offer": offer,
    "rsvp.promoted": promoted,
    "rsvp.smaller": smaller,
    "rsvp.visitor": visitor,
    "rsvp.waiting": waiting,
    "session.cancelled": cancelled,
    "session.changed": changed,
    "walk_in.welcome": walk_in,
    **{f"reminder.{template}": reminder(template) for template in Template},
}


def is_there() -> bool:
    """Whether this is the sample club: no scene is played with real people."""
    sample = Series.objects.filter(slug__in=["breakfast", "shiokaze"]).count() == 2
    return sample and Bulletin.objects.sent().exists()


def play(kind: str, *, now: datetime) -> Delivery:
    """A mail of that kind, wanted at this moment. In a transaction that the caller takes back."""
    delivery = SCENES[kind](Stage(now))
    delivery.kind = kind
    return delivery
