"""People whom a list names: each is asked by one mail, and nothing of them is shown before they have said yes.

What a list says lies here, apart from members, until its person answers; of who says no, or nothing until the day, an
emptied row stays. That somebody came to a morning is counted without a name, as of one whose account was deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from archive.importing.people import NAME_LENGTH, Named
from archive.importing.rows import Refused, Row
from events import nights
from events.models import Attendance, Membership, Series, Session
from events.recurrence import localise
from members import links
from members.fields import LineField
from members.models import Activity, Consent, Member
from members.refusals import Refusal
from outbox.models import Delivery, Lane

if TYPE_CHECKING:
    from archive.intakes import Intake

KIND = "people.asked"
# The words of the mail and of the page to which people say yes (templates/archive/listed_person.html).
TEXT_VERSION = "2026-11"
# Before the mails go one may still take the list back, and nobody has been asked.
MAILS_AFTER = timedelta(hours=1)
ANSWER_WITHIN = timedelta(days=30)
# Of one series, within as long as people have for an answer.
ASKED_AT_MOST = 500
# What stands for somebody of whom nothing is shown (events/personal.py has the same of those who left).
NOBODY = "－"
# An entry of a file with its number there.
Numbered = tuple[int, Row | Named | Refused]


class Answer(models.TextChoices):
    """How it ended. To the host a no looks like no answer."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    SILENT = "silent", _("no answer")
    TAKEN_BACK = "back", _("the list was taken back")


class ListedPersonQuerySet(models.QuerySet["ListedPerson"]):
    def waiting(self) -> ListedPersonQuerySet:
        return self.filter(answered_at=None)

    def lately(self, series: Series, *, now: datetime) -> ListedPersonQuerySet:
        """Those of a series who count against how many may be asked."""
        return self.filter(series=series, asked_at__gt=now - ANSWER_WITHIN)


class ListedPerson(models.Model):
    """One address that a list of a series named. Once it is answered only the digest is left: nobody is asked twice."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="listed_people")
    intake = models.ForeignKey("archive.Intake", on_delete=models.CASCADE, related_name="people")
    digest = models.CharField(max_length=64)
    email = models.EmailField(max_length=254, blank=True)
    name = LineField(max_length=NAME_LENGTH, blank=True)
    yomi = LineField(max_length=NAME_LENGTH, blank=True)
    since = models.DateField(null=True, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    # Counted without a name until the answer.
    attendances = models.ManyToManyField(Attendance, related_name="+")

    objects = ListedPersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "digest"], name="listed_person_once"),
            models.CheckConstraint(
                name="listed_person_empty_when_answered",
                condition=Q(answered_at=None, answer="") & ~Q(email="")
                | Q(answered_at__isnull=False, email="", name="", yomi="", since=None) & ~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.pk}"

    @property
    def answer_until(self) -> datetime:
        return self.asked_at + ANSWER_WITHIN

    @transaction.atomic
    def agree(self, *, now: datetime) -> tuple[Member, bool] | None:
        """Yes: a member of the series, to whom these mornings belong, and whether the account is new.

        Nothing where it was answered already, its time is over, or the account of this address is closed.
        """
        if not self._is_waiting() or now >= self.answer_until:
            return None
        fresh = Member(name=self.name, yomi=self.yomi, language=self.series.language)
        fresh.set_unusable_password()
        values = {name: getattr(fresh, name) for name in ("name", "yomi", "language", "password")}
        member, is_new = Member.objects.get_or_create(email=self.email, defaults=values)
        if not member.is_active:
            self._end(Answer.NO, now=now)
            return None
        self._belongs(member, now=now)
        self._merge(member)
        self.attendances.filter(member=None).update(member=member, name="")
        given = {"text_version": TEXT_VERSION, "given_at": now}
        kind = Consent.Kind.LISTED
        Consent.objects.get_or_create(member=member, kind=kind, withdrawn_at=None, defaults=given)
        self._end(Answer.YES, now=now)
        return member, is_new

    @transaction.atomic
    def refuse(self, *, now: datetime, answer: Answer = Answer.NO) -> None:
        """No, or the time is over: what the list says is erased, and the mail with it. Twice changes nothing."""
        if not self._is_waiting():
            return
        known = Member.objects.filter(email=self.email).first()
        if known is not None:
            self._merge(known)
        Delivery.objects.filter(kind=KIND, context__person=self.pk).delete()
        self._end(answer, now=now)

    def _is_waiting(self) -> bool:
        """Whether nobody has answered; the row is held and read anew."""
        held = ListedPerson.objects.select_for_update().waiting().filter(pk=self.pk).first()
        self.refresh_from_db()
        return held is not None

    def _belongs(self, member: Member, *, now: datetime) -> None:
        """To the series, since the day the list says."""
        self.series.join(member, now=now)
        if self.since:
            since = _begins(self.series, self.since)
            Membership.objects.filter(series=self.series, member=member, joined_at__gt=since).update(joined_at=since)

    def _merge(self, member: Member) -> None:
        """Mornings on whose list this member stands anyhow are not counted twice."""
        there = Attendance.objects.filter(session=OuterRef("session"), member=member)
        self.attendances.filter(Exists(there), member=None).delete()

    def _end(self, answer: Answer, *, now: datetime) -> None:
        self.email = self.name = self.yomi = ""
        self.since, self.answered_at, self.answer = None, now, answer
        self.save()
        self.attendances.clear()


def source(series: Series, row: Named) -> str:
    """By what a row is known again. It tells nobody an address."""
    return links.derive("listed", f"{series.pk}\n{row.key}")


def mornings(series: Series, rows: Iterable[Named]) -> dict[int, Session]:
    """By its line: the morning a row means, if it is over and its list is closed. One query."""
    rows = [row for row in rows if row.is_of_a_morning]
    if not rows:
        return {}
    closed = Session.objects.filter(series=series, cancelled_at=None, roster_closed_at__isnull=False)
    asked = Q(number__in={row.number for row in rows if row.number})
    if named := {row.on for row in rows if row.on}:
        asked |= Q(starts_at__range=(_begins(series, min(named)), _begins(series, max(named) + timedelta(days=1))))
    found = list(closed.filter(asked).order_by("-starts_at", "-pk"))
    by_day: dict[date, Session] = {one.local_start.date(): one for one in found}
    by_number = {one.number: one for one in found if one.number}
    meant = {row.line: _meant(row, by_day, by_number) for row in rows}
    return {line: session for line, session in meant.items() if session is not None}


def sifted(intake: Intake, portion: Sequence[Numbered], *, now: datetime) -> list[Numbered]:
    """The same entries, where those of no closed morning, and of more people than may be asked, are refused."""
    named = [found for _line, found in portion if isinstance(found, Named)]
    there = mornings(intake.series, named)
    asked = set(intake.rows.filter(refusal="").exclude(data__email="").values_list("data__email", flat=True))
    room = ASKED_AT_MOST - ListedPerson.objects.lately(intake.series, now=now).count()
    sifted: list[Numbered] = []
    for line, found in portion:
        why = ""
        if isinstance(found, Named) and found.is_of_a_morning and line not in there:
            why = _t("there is no morning here on that day whose list is closed")
        elif isinstance(found, Named) and found.email and found.email not in asked and len(asked) >= room:
            most = {"most": ASKED_AT_MOST, "days": ANSWER_WITHIN.days}
            why = _t("more than %(most)d people are not asked within %(days)d days") % most
        elif isinstance(found, Named) and found.email:
            asked.add(found.email)
        sifted.append((line, Refused(why) if why else found))
    return sifted


def _begins(series: Series, day: date) -> datetime:
    return localise(day, time(), series.timezone)


def _meant(row: Named, by_day: Mapping[date, Session], by_number: Mapping[int, Session]) -> Session | None:
    """By the day; with a number besides, it must be that one where there are two."""
    numbered = by_number.get(row.number) if row.number else None
    if row.on is None:
        return numbered
    return numbered if numbered and numbered.local_start.date() == row.on else by_day.get(row.on)


def take_in(intake: Intake, rows: Sequence[Named], *, now: datetime) -> dict[str, list[int]]:
    """Count who came, without names, and owe each address its mail, in the caller's transaction; what was made."""
    series = intake.series
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    found = mornings(series, rows)
    made: dict[str, list[int]] = {"attendances": [], "people": []}
    for email, said in _by_address(rows).items():
        person, is_new = _person(intake, said, now=now) if email else (None, False)
        there = [found[row.line] for row in said if row.line in found]
        if email:
            # One person sits at one morning once, however many rows say so.
            counted = set(person.attendances.values_list("session", flat=True)) if person else set()
            there = [one for one in dict.fromkeys(there) if one.pk not in counted]
        came = Attendance.objects.bulk_create(Attendance(session=one, name=NOBODY, marked_at=now) for one in there)
        made["attendances"] += [one.pk for one in came]
        if person is not None:
            person.attendances.add(*came)
        if person is not None and is_new:
            made["people"].append(person.pk)
            _owe(person, now=now)
    return made


def _by_address(rows: Iterable[Named]) -> dict[str, list[Named]]:
    found: dict[str, list[Named]] = {}
    for row in rows:
        found.setdefault(row.email, []).append(row)
    return found


def _person(intake: Intake, said: Sequence[Named], *, now: datetime) -> tuple[ListedPerson | None, bool]:
    """The one whom these rows name, and whether it is a new one; nobody where there is nobody left to ask."""
    series, email = intake.series, said[0].email
    digests = [links.derive_by(key, "listed", f"{series.pk}\n{email}") for key in settings.LINK_KEYS]
    known = ListedPerson.objects.filter(series=series, digest__in=digests).first()
    if known is not None and known.answer == Answer.TAKEN_BACK and known.asked_at < now - ANSWER_WITHIN:
        known.delete()
        known = None
    if known is not None:
        return (None if known.answered_at else known), False
    if Refusal.objects.covers(email):
        return None, False
    first = {name: next((value for row in said if (value := getattr(row, name))), "") for name in ("name", "yomi")}
    since = next((row.since for row in said if row.since), None)
    values = {"digest": digests[0], "email": email, "since": since, "asked_at": now, **first}
    return ListedPerson.objects.create(series=series, intake=intake, **values), True


def _owe(person: ListedPerson, *, now: datetime) -> None:
    Delivery.objects.owe(
        KIND,
        str(person.pk),
        to=person.email,
        language=person.series.language,
        context={"person": person.pk},
        lane=Lane.BULK,
        not_before=nights.by_day(now + MAILS_AFTER, person.series.zone),
        useful_until=person.answer_until - timedelta(days=1),
    )


def told(intake: Intake) -> dict[str, Any]:
    """What the page of a list says: before it is taken in how many would be asked, afterwards how many agreed."""
    if intake.wanted_at is None:
        asked = intake.rows.takeable().exclude(data__email="").values("data__email").distinct().count()
        return {"asked": asked, "within": ANSWER_WITHIN.days}
    counts = intake.people.aggregate(
        agreed=Count("pk", filter=Q(answer=Answer.YES)), waiting=Count("pk", filter=Q(answer=""))
    )
    return counts | {"until": (intake.taken_at or intake.wanted_at) + ANSWER_WITHIN}


def take_back(intake: Intake, made: Mapping[str, Sequence[int]], *, now: datetime) -> int:
    """Remove what a list has brought, in the caller's transaction; how many had said yes, and stay.

    Whose mail has gone out is not asked again for a while; of the others nothing is left.
    """
    Series.objects.select_for_update(no_key=True).get(pk=intake.series_id)
    for person in intake.people.waiting().order_by("pk"):
        was_sent = Delivery.objects.filter(kind=KIND, context__person=person.pk, sent_at__isnull=False).exists()
        person.refuse(now=now, answer=Answer.TAKEN_BACK)
        if not was_sent:
            person.delete()
    Attendance.objects.filter(pk__in=made.get("attendances", []), member=None).delete()
    return int(intake.people.filter(answer=Answer.YES).count())


def lapse(*, now: datetime) -> None:
    """Who has not answered in time: erased, and written down how many. Again changes nothing."""
    late = ListedPerson.objects.waiting().filter(asked_at__lte=now - ANSWER_WITHIN)
    by_series: dict[str, int] = {}
    for person in late.select_related("series").order_by("pk")[:200]:
        with transaction.atomic():
            person.refuse(now=now, answer=Answer.SILENT)
            slug = person.series.slug
            by_series[slug] = by_series.get(slug, 0) + 1
    for slug, count in by_series.items():
        Activity.record(None, "archive.people.lapse", f"series:{slug}", now=now, people=count)
