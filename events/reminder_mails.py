"""What the reminders say, asked at the last moment: who has left, moved away or was told already is not written to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from events import (
    along,
    dates,
    due_times,
    jobs,
    nights,
    programme,
    reminder_words,
    segments,
    standing_mails,
    terms,
    together,
)
from events.along import Section
from events.fees import fee
from events.links import answer_link, meeting_link, session_link, square_link
from events.models import Job, ReminderException, ReminderRule, Session
from events.models.reminder import due_at
from events.pages import people
from members.models import Club, Member
from outbox.kinds import Kind, Letter, NotNow, Said, Unwanted, register
from outbox.models import Delivery
from outbox.stops import Stop
from outbox.topics import Subject, Topic

Template = ReminderRule.Template
TOPICS: dict[str, Topic] = {
    Template.INVITE: Topic.INVITE,
    Template.STILL_COMING: Topic.REMIND,
    Template.TOMORROW: Topic.REMIND,
    Template.THANKS: Topic.THANKS,
    Template.WORDS: Topic.HOST,
}

NOT_CONCERNED = "no longer concerned"
FOR_WHO_COMES = {ReminderRule.Template.STILL_COMING, ReminderRule.Template.TOMORROW}


def register_kinds() -> None:
    """One kind a template, so that a host's letter box and the gallery can tell them apart; and several in one."""
    for template in ReminderRule.Template.values:
        register(Kind(f"reminder.{template}", letter=letter, topic=TOPICS[template], letters=letters))
    register(Kind(together.JOINED, letter=joined, topic=Topic.INVITE))


@dataclass(frozen=True)
class Part:
    """One reminder that is wanted now, and what its words are made of."""

    rule: ReminderRule
    session: Session
    member: Member
    # The day on which it is read: what is said of tomorrow is said on the day before.
    today: date
    # What apps above say to this member in the same mail.
    sections: Sequence[Section] = ()

    @property
    def subject(self) -> Subject:
        """What is stopped by whoever wants no more of these."""
        return TOPICS[self.rule.template].value, f"series:{self.session.series_id}"

    @property
    def version(self) -> str:
        """Changes with what would be said otherwise: the session's hour, how far away its day is, who is named."""
        return f"{self.session.sequence}:{self.rule.greeting}:{self.today}:{along.version(self.sections)}"

    def context(self, language: str) -> dict[str, Any]:
        """The values of the templates."""
        return self.shared(language) | self.own() | self.besides()

    def own(self) -> dict[str, str]:
        """Those that are this member's alone, printed as they are."""
        own = {"name": self.member.display_name, "answer_url": answer_link(self.member, self.session)}
        tomorrow = self.rule.template == Template.TOMORROW
        return {**own, "square_url": square_link(self.member, self.session)} if tomorrow else own

    def besides(self, told: Mapping[int, list[str]] | None = None) -> dict[str, Any]:
        """What makes a mail unlike the others: who was there besides, a job, what apps above say.

        `told` is what `duties` found.
        """
        said: dict[str, Any] = {"sections": self.sections} if self.sections else {}
        if self.rule.template == Template.THANKS:
            return said | {"company": people.company(self.session, self.member)}
        told = duties(self.rule, self.session) if told is None else told
        mine = told.get(self.member.pk, [])
        return said | ({"duty": _(", ").join(mine)} if mine else {})

    def shared(self, language: str) -> dict[str, Any]:
        """Those that are the same for everybody who gets this reminder in this language."""
        session, talks = self.session, programme.of(self.session)
        day, clock = dates.day(session.local_start.date(), language, year=False), dates.clock(session.local_start)
        on_which_day = reminder_words.on_which_day(session, self.today)
        return {
            "club": Club.current(),
            "template": self.rule.template,
            "session": session,
            "series": session.series.display_name,
            "start": session.local_start,
            "day": day,
            "clock": clock,
            "when": dates.instant(session.local_start),
            "on_which_day": on_which_day,
            "On_which_day": on_which_day[:1].upper() + on_which_day[1:],
            "title": programme.title(session, talks),
            "guests": talks.who,
            "facts": []
            if self.rule.is_afterwards
            else [*_facts(session, dates.instant(session.local_start)), *self._weather(), *self._hours()],
            "breakfast": reminder_words.is_breakfast(session),
            "this_morning": session.local_start.date() == self.today and reminder_words.is_in_the_morning(session),
            "greeting": self.rule.greeting,
            "subject": self.rule.subject,
            "why": reminder_words.why(self.rule),
            "meeting_url": meeting_link(session),
            "session_url": session_link(session),
        }

    def _weather(self) -> list[tuple[str, str]]:
        """Until when storm and snow call a morning off: for those who come."""
        at = self.rule.series.decides_at
        if at is None or self.rule.template not in FOR_WHO_COMES:
            return []
        when = {"clock": reminder_words.clock(at)}
        return [(_("Storm or snow"), _("decided by %(clock)s the evening before; a mail and the page tell") % when)]

    def _hours(self) -> list[tuple[str, str]]:
        """For who has not answered, when answers are taken; for who comes, until when leaving costs nothing."""
        if self.rule.template == Template.INVITE:
            return [(_("Answers"), terms.window(self.session, now=timezone.now()))]
        if self.rule.template in FOR_WHO_COMES:
            return [(_("If you cannot come"), terms.late_terms(self.session, now=timezone.now()))]
        return []


def duties(rule: ReminderRule, session: Session) -> dict[int, list[str]]:
    """By member: the evening before what they do, some days before what they are asked to do."""
    if rule.template == Template.TOMORROW:
        return jobs.duties(session)
    if rule.template == Template.STILL_COMING:
        free, asked = jobs.asked(session)
        return {member: [str(Job.Kind(kind).label) for kind in free] for member in asked}
    return {}


def letter(delivery: Delivery) -> Letter:
    """Read everything anew. Raises `Unwanted` when the session is off or moved, or the member no longer concerned."""
    said = letters([delivery])[delivery.pk]
    if isinstance(said, Exception):
        raise said
    return said


def letters(deliveries: Sequence[Delivery]) -> dict[int, Said]:
    """The same for many: what they share is read once for each reminder of each session, and the people at once."""
    said: dict[int, Said] = {}
    by_pair: dict[tuple[Any, ...], list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_pair[tuple(delivery.context[name] for name in ("rule", "session", "day"))].append(delivery)
    for alike in by_pair.values():
        try:
            said |= _letters(alike)
        except (Unwanted, NotNow) as reason:
            said |= {delivery.pk: reason for delivery in alike}
    return said


def _letters(alike: Sequence[Delivery]) -> dict[int, Said]:
    """Of mails that differ in their readers alone. Raises what keeps all of them back."""
    rule, session = pair_of(alike[0].context)
    not_at_night(session, now=timezone.now())
    concerned = segments.people(rule.audience, session).in_bulk([delivery.context["member"] for delivery in alike])
    besides = standing_mails.besides(session, concerned.keys())
    sections = along.sections(rule.template, session, concerned.values())
    shared: dict[str, Any] = {}
    said: dict[int, Said] = {}
    told = duties(rule, session)
    for delivery in alike:
        member = concerned.get(delivery.context["member"])
        if member is None:
            said[delivery.pk] = Unwanted(NOT_CONCERNED)
            continue
        part = _of(rule, session, member, sections[member.pk])
        shared = shared or part.shared(delivery.language)
        own, mine, beside = part.own(), part.besides(told), besides.get(member.pk, {})
        said[delivery.pk] = Letter(
            # What stands for one reader alone, company, a job, names or their word for every time, is not shared.
            context=_with(shared | own | mine, beside) if mine or beside else shared,
            own={} if mine or beside else own,
            sender_name=shared["series"],
            about=part.subject[1],
            version=part.version,
        )
    return said


def joined(delivery: Delivery) -> Letter:
    """Several reminders in one mail: each is asked whether it is wanted still, and those that are not are left out."""
    parts, reasons, now = [], [], timezone.now()
    stopped = Stop.objects.of(delivery.to)
    for ids in delivery.context["parts"]:
        try:
            part = _part(ids, delivery.context["member"])
        except Unwanted as reason:
            reasons.append(str(reason))
            continue
        if part.subject in stopped:
            reasons.append("unsubscribed")
        elif now >= due_times.useful_until(part.rule, part.session):
            reasons.append("expired")
        else:
            parts.append(part)
    if not parts:
        raise Unwanted(", ".join(dict.fromkeys(reasons)))
    # What comes first is told first: tomorrow's way in stands above a question about Saturday.
    parts.sort(key=lambda part: part.session.starts_at)
    first = parts[0]
    not_at_night(first.session, now=now)
    told = [part.context(delivery.language) for part in parts]
    every_time = ""
    for part, context in zip(parts, told, strict=True):
        beside = standing_mails.besides(part.session, [part.member.pk]).get(part.member.pk, {})
        every_time = _with(context, beside).get("every_time_url", every_time)
    days = _(", ").join(dict.fromkeys(one["day"] for one in told))
    return Letter(
        context={
            "member": first.member,
            "parts": told,
            "days": days,
            "every_time_url": every_time,
            "whys": list(dict.fromkeys(t["why"] for t in told)),
        },
        sender_name=first.session.series.display_name,
        subjects=tuple(dict.fromkeys(part.subject for part in parts)),
        version="|".join(part.version for part in parts),
    )


def _with(context: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """What is said beside it to who comes every time: where that is ended, and that somebody waits."""
    if not beside:
        return context
    context["every_time_url"] = beside["every_time_url"]
    if "asked" in beside and context["template"] in FOR_WHO_COMES:
        context["facts"] = [*context["facts"], (_("Somebody waits"), beside["asked"])]
    return context


def shown(rule: ReminderRule, session: Session, member: Member) -> dict[str, Any]:
    """What the mail is made of when its time comes, for whoever it is: for the host who looks at it beforehand."""
    return Part(rule, session, member, due_at(rule, session).date()).context(member.language)


def _part(ids: dict[str, Any], member_id: int) -> Part:
    rule, session = pair_of(ids)
    member = segments.people(rule.audience, session).filter(pk=member_id).first()
    if member is None:
        raise Unwanted(NOT_CONCERNED)
    return _of(rule, session, member, along.sections(rule.template, session, [member])[member.pk])


def _of(rule: ReminderRule, session: Session, member: Member, sections: Sequence[Section]) -> Part:
    return Part(rule, session, member, timezone.now().astimezone(session.zone).date(), sections)


def pair_of(ids: dict[str, Any]) -> tuple[ReminderRule, Session]:
    """The reminder as it holds for its session. Raises `Unwanted` when it is off, for whoever it is."""
    session = Session.objects.on().select_related("series", "venue", "gathering").filter(pk=ids["session"]).first()
    if session is None:
        raise Unwanted("cancelled")
    if session.local_start.date().isoformat() != ids["day"]:
        raise Unwanted(together.MOVED)
    rule = ReminderRule.objects.select_related("series").filter(pk=ids["rule"]).first()
    if rule is None:
        raise Unwanted(NOT_CONCERNED)
    rule = rule.as_for(ReminderException.objects.filter(rule=rule, session=session).first())
    if not rule.is_on:
        raise Unwanted("switched off")
    return rule, session


def not_at_night(session: Session, *, now: datetime) -> None:
    """A reminder that was held up waits for the morning. Raises `NotNow`."""
    morning = nights.by_day(now, session.zone)
    if morning != now:
        raise NotNow(morning)


def _facts(session: Session, when: str) -> list[tuple[str, str]]:
    venue = session.venue
    doors = dates.clock(session.doors_at)
    return [
        (_("When"), _("%(when)s, doors open %(doors)s") % {"when": when, "doors": doors}),
        (_("Where"), venue.whereabouts if venue else ""),
        (_("Way in"), venue.way_in if venue else ""),
        (
            _("Bring"),
            _("%(fee)s in cash") % {"fee": fee(session.fee_amount, session.fee_currency)} if session.fee_amount else "",
        ),
    ]
