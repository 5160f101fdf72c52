"""Asking somebody I know for an introduction: they decide, then the other decides, and only then addresses go out.

Whatever the two say that is no yes, and whatever they do not say, looks the same to the asker: it did not come about.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events import nights
from events.nearness import same_morning
from introductions import consent, openness
from introductions.acquaintance import Exchange
from introductions.nearness import exchanged
from introductions.pauses import Pause
from members.concerns import Concern
from members.fields import CodeField, LineField, ProseField
from members.models import Member, MemberQuerySet
from outbox.models import Delivery, Lane

# How long each of the two has to answer, to the end of that day, and when the asker stops waiting whatever happened.
ANSWER_WITHIN = timedelta(days=7)
ENDS_AFTER = timedelta(days=15)
# Against flooding: what one may ask for, and be asked.
A_MONTH = timedelta(days=30)
OPEN_AT_MOST, ASKED_AT_MOST = 2, 4
RECEIVED_AT_MOST = 3
FORWARDED_AT_MOST = 2
# Whom one asked to meet in vain, one asks again only after so long.
AGAIN_AFTER = timedelta(days=365)


class Refused(ValidationError):  # noqa: N818 - it says what happened
    """It cannot be asked, or not any more. Says why to the one who asks."""


class Said(models.TextChoices):
    NONE = "", _("no answer yet")
    YES = "yes", _("yes")
    NO = "no", _("not this time")


class FavourQuerySet(models.QuerySet["Favour"]):
    def of(self, member: Member) -> FavourQuerySet:
        """What this member may look at: what they asked for, were asked, and what was passed on to them.

        As long as the hosts have not looked at what they were told about an asker, the other two see nothing of it.
        """
        passed_on = Q(other=member, connector_said=Said.YES)
        told_about = Concern.objects.open().filter(about=OuterRef("asker"))
        return self.filter(Q(asker=member) | (Q(connector=member) | passed_on) & ~Q(Exists(told_about)))

    def with_people(self) -> FavourQuerySet:
        return self.select_related("asker", "connector", "other")

    def asked_since(self, when: datetime) -> FavourQuerySet:
        return self.filter(asked_at__gt=when)

    def open(self, now: datetime) -> FavourQuerySet:
        """As the asker sees it: neither made nor over, whatever the two have said."""
        return self.filter(made_at=None, ends_at__gt=now)

    def made(self) -> FavourQuerySet:
        return self.filter(made_at__isnull=False)


class Favour(models.Model):
    """`asker` asks `connector` to be introduced to `other`, or to somebody who knows `subject`."""

    code = CodeField()
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favours_asked")
    connector = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favours_received")
    # Named by the asker, or chosen by the connector.
    other = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="favours_about"
    )
    subject = LineField(_("what the person should know about"), max_length=120, blank=True)
    # For the connector alone; for the other; the connector's own words to both.
    why = ProseField(_("why you ask"), max_length=600)
    forward = ProseField(_("what they may pass on"), max_length=1000)
    word = ProseField(_("your own words"), max_length=600, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    ends_at = models.DateTimeField()
    connector_said = models.CharField(max_length=3, choices=Said, blank=True)
    connector_said_at = models.DateTimeField(null=True, blank=True)
    other_until = models.DateTimeField(null=True, blank=True)
    other_said = models.CharField(max_length=3, choices=Said, blank=True)
    other_said_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    thanks = ProseField(_("your thanks"), max_length=600, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)

    objects = FavourQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="favour_three_people",
                condition=~Q(asker=F("connector"))
                & (Q(other=None) | (~Q(other=F("asker")) & ~Q(other=F("connector")))),
            ),
            models.CheckConstraint(name="favour_for_somebody", condition=~Q(subject="") | Q(other__isnull=False)),
            models.CheckConstraint(
                name="favour_made_after_two_yeses",
                condition=Q(made_at=None) | Q(connector_said="yes", other_said="yes", other__isnull=False),
            ),
            models.CheckConstraint(
                name="favour_answered_once_passed_on", condition=Q(other_said="") | Q(connector_said="yes")
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def names_somebody(self) -> bool:
        """Whether the asker said whom; otherwise the connector chooses, and it is known with the introduction."""
        return not self.subject

    def role_of(self, member: Member) -> str:
        """asker, connector or other. Raises ValueError for anybody else."""
        roles = {self.asker_id: "asker", self.connector_id: "connector", self.other_id: "other"}
        if member.pk not in roles:
            raise ValueError(f"{member.pk} is none of the three")
        return roles[member.pk]

    def awaits(self, role: str, now: datetime) -> bool:
        """Whether this one can still answer."""
        if role == "connector":
            return self.connector_said != Said.YES and now < self.until
        return role == "other" and self.made_at is None and self.other_until is not None and now < self.other_until

    def is_clear(self, now: datetime) -> bool:
        """Whether it may still reach the other: nothing stands between the three, and the other takes introductions."""
        if self.other is None:
            return openness.nothing_between(self.asker, self.connector)
        takes = consent.in_force().filter(member=self.other).exists()
        rests = Pause.objects.in_force(now).filter(member=self.other).exists()
        return takes and not rests and openness.nothing_between(self.asker, self.connector, self.other)

    # Verbs

    @transaction.atomic
    def ask(self, *, now: datetime) -> None:
        """Owe the connector the question. Raises `Refused` where a limit or the connector's word stands against it."""
        Member.objects.get_queryset().select_for_update().get(pk=self.asker_id)
        if not may_connect(self.asker, now=now).filter(pk=self.connector_id).exists():
            raise Refused(_t("Please choose somebody from the list."), code="connector")
        if self.other and not Member.objects.seen_by(self.connector).filter(pk=self.other.pk).exists():
            raise Refused(_t("Please ask somebody else: they may not know this person."), code="unknown")
        if (refusal := refused(self.asker, self.other, now=now)) is not None:
            raise refusal
        self.asked_at, self.until, self.ends_at = now, end_of_day(now + ANSWER_WITHIN), end_of_day(now + ENDS_AFTER)
        self.save()
        self._owe("intro.favour", self.connector, now=now, useful_until=self.until)

    @transaction.atomic
    def pass_on(self, other: Member, word: str, *, now: datetime) -> None:
        """The connector's yes: ask the other, with the connector's own words. Again changes nothing.

        Raises `Refused` when it is too late. Whether the other is reached at all is nobody's business.
        """
        self.refresh_from_db(from_queryset=Favour.objects.select_for_update(of=("self",)).with_people())
        if self.connector_said == Said.YES:
            return
        if not self.awaits("connector", now):
            raise Refused(_t("The time to answer is over."), code="late")
        if self.names_somebody and self.other_id != other.pk:
            raise ValueError("the asker named somebody else")
        self.other, self.word, self.connector_said, self.connector_said_at = other, word, Said.YES, now
        self.other_until = min(end_of_day(now + ANSWER_WITHIN), self.ends_at)
        self.save()
        if forwarded(other, now=now) <= FORWARDED_AT_MOST:
            self._owe("intro.forward", other, now=now, useful_until=self.other_until)

    @transaction.atomic
    def decline(self, *, now: datetime) -> None:
        """Not this time, says the connector: nobody is told, and as long as there is time it may still be passed on."""
        mine = Favour.objects.filter(pk=self.pk, connector_said="", until__gt=now)
        if mine.update(connector_said=Said.NO, connector_said_at=now):
            self.connector_said = Said.NO

    @transaction.atomic
    def answer(self, *, yes: bool, now: datetime) -> None:
        """The other's answer; a yes makes it: each has the other's card, and three mails are owed, once."""
        self.refresh_from_db(from_queryset=Favour.objects.select_for_update(of=("self",)).with_people())
        said = Said.YES if yes else Said.NO
        if self.made_at is not None or self.other_said == said:
            return
        if not self.awaits("other", now):
            raise Refused(_t("The time to answer is over."), code="late")
        self.other_said, self.other_said_at = said, now
        if yes and self.other is not None and self.is_clear(now):
            self.made_at = now
            Exchange.say(self.asker, self.other, session=None, now=now)
            Exchange.say(self.other, self.asker, session=None, now=now)
            for kind, member in (
                ("intro.through", self.asker),
                ("intro.through", self.other),
                ("intro.thanks", self.connector),
            ):
                self._owe(kind, member, now=now)
        self.save()

    @transaction.atomic
    def thank(self, words: str, *, now: datetime) -> None:
        """The asker's own thanks go to the connector, once."""
        if Favour.objects.made().filter(pk=self.pk, thanked_at=None).update(thanks=words, thanked_at=now):
            self._owe("intro.thanks", self.connector, now=now, version=":words")

    def _owe(
        self, kind: str, member: Member, *, now: datetime, useful_until: datetime | None = None, version: str = ""
    ) -> None:
        Delivery.objects.owe(
            kind,
            f"favour:{self.pk}:{member.pk}{version}",
            to=member.email,
            language=member.language,
            context={"favour": self.pk, "member": member.pk, "words": bool(version)},
            lane=Lane.ANSWER,
            not_before=by_day(now),
            useful_until=useful_until,
        )


def people_of(member: Member) -> MemberQuerySet:
    """Whom somebody knows and sees the name of: cards were exchanged, or both sat at the same breakfast."""
    return Member.objects.seen_by(member).filter(exchanged(member) | same_morning(member)).exclude(pk=member.pk)


def may_connect(asker: Member, *, now: datetime) -> MemberQuerySet:
    """Whom this member may ask for an introduction: who allows it and was not asked enough this month.

    And who answered a question of theirs with "I know somebody" (introductions.asks): they offered it.
    """
    recent = Favour.objects.asked_since(now - A_MONTH)
    busy = recent.values("connector").annotate(n=models.Count("pk")).filter(n__gte=RECEIVED_AT_MOST).values("connector")
    mine = recent.filter(asker=asker).values("connector")
    allow = openness.asked_for(people_of(asker), "connects").exclude(pk__in=busy).exclude(pk__in=mine)
    offered = Q(ask_replies__said="know", ask_replies__ask__asker=asker)
    offers = Member.objects.get_queryset().filter(offered).values("pk")
    return (
        Member.objects.joined().visible_to(asker).shown_around().filter(Q(pk__in=allow.values("pk")) | Q(pk__in=offers))
    )


def refused(asker: Member, other: Member | None, *, now: datetime) -> Refused | None:
    """What stands against asking now, for the asker to read; three queries."""
    mine = Favour.objects.filter(asker=asker)
    if mine.open(now).count() >= OPEN_AT_MOST:
        return Refused(_t("Two of your requests are still open. Please wait for these first."), code="open")
    if mine.asked_since(now - A_MONTH).count() >= ASKED_AT_MOST:
        return Refused(_t("Four requests in a month are the most. Please wait a little."), code="month")
    if other and mine.filter(other=other, subject="", made_at=None).asked_since(now - AGAIN_AFTER).exists():
        return Refused(_t("You asked to meet this person within the last year."), code="again")
    return None


def forwarded(other: Member, *, now: datetime) -> int:
    """How often somebody was asked through others this month."""
    return Favour.objects.filter(other=other, connector_said=Said.YES, connector_said_at__gt=now - A_MONTH).count()


def through(me: Member, other: Member) -> Favour | None:
    """By whom the two were introduced, if by somebody."""
    pair = Q(asker=me, other=other) | Q(asker=other, other=me)
    return Favour.objects.made().filter(pair).select_related("connector").first()


def by_day(now: datetime) -> datetime:
    """This instant, or the morning after it, by the clock of the club: no morning of a series is concerned."""
    return nights.by_day(now, timezone.get_current_timezone())


def end_of_day(when: datetime) -> datetime:
    """The last minute of that day, by the clock of the club."""
    local = timezone.localtime(when)
    return datetime.combine(local.date(), time(23, 59), tzinfo=local.tzinfo)
