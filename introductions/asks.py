"""A question to the club: it goes to the few whom it fits and who allow it, and what they say is the asker's alone.

Who does not answer is never named. Addresses go out after two yeses: "I can help", and the asker's "put us in touch".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from introductions import openness
from introductions.acquaintance import Exchange
from introductions.favours import A_MONTH, Refused, by_day, end_of_day
from introductions.pauses import Pause
from introductions.subjects import common, fitting
from members.concerns import Concern
from members.directory import is_open_to
from members.fields import CodeField, LineField, ProseField
from members.levels import Level
from members.models import Member
from outbox.models import Delivery, Lane

GOES_TO_AT_MOST = 5
OPEN_FOR = timedelta(days=14)
# Against flooding: what one may ask, and be asked, in a month.
ASKED_AT_MOST, RECEIVED_AT_MOST = 2, 2


@dataclass(frozen=True)
class Fit:
    """Somebody whom a question fits, and the words of the question that say why."""

    member: Member
    words: Sequence[str]


class AskQuerySet(models.QuerySet["Ask"]):
    def open(self, now: datetime) -> AskQuerySet:
        return self.filter(closed_at=None, asked_at__lte=now, until__gt=now)

    def in_letters(self, now: datetime) -> AskQuerySet:
        """Open ones that the asker lets the monthly letter carry, to be answered by whoever reads it."""
        return self.open(now).filter(in_letter_at__isnull=False, asker__is_active=True)


class Ask(models.Model):
    """One question of one member."""

    code = CodeField()
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="asks")
    question = LineField(_("your question"), max_length=120)
    more = ProseField(_("what one should know about it"), max_length=800, blank=True)
    # The asker lets the monthly letter carry it, with the name.
    in_letter_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    thanks = ProseField(_("your thanks"), max_length=600, blank=True)

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return self.question

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.until

    @transaction.atomic
    def ask(self, *, now: datetime) -> int:
        """Send it to those whom it fits; to how many. Raises `Refused` where a limit is reached or nobody fits."""
        Member.objects.get_queryset().select_for_update().get(pk=self.asker_id)
        if (refusal := refused(self.asker, now=now)) is not None:
            raise refusal
        fits = fitting_members(self.asker, f"{self.question}\n{self.more}", now=now)
        if not fits and not self.in_letter_at:
            raise Refused(_t("Nobody’s words fit this question. Try another word for it."), code="nobody")
        self.asked_at, self.until = now, end_of_day(now + OPEN_FOR)
        self.save()
        rows = [Reply(ask=self, member=fit.member, words=list(fit.words), asked_at=now) for fit in fits]
        Reply.objects.bulk_create(rows)
        Delivery.objects.owe_many([mail("ask.question", row, row.member, now=now, until=self.until) for row in rows])
        return len(rows)

    @transaction.atomic
    def close(self, thanks: str, *, now: datetime) -> None:
        """No more answers; thanks go to those who answered. Closing twice changes nothing."""
        if Ask.objects.filter(pk=self.pk, closed_at=None).update(closed_at=now, thanks=thanks):
            self.closed_at, self.thanks = now, thanks
            answered = self.replies.answered().select_related("member") if thanks else []
            Delivery.objects.owe_many([mail("ask.thanks", row, row.member, now=now) for row in answered])


class ReplyQuerySet(models.QuerySet["Reply"]):
    def answered(self) -> ReplyQuerySet:
        return self.exclude(said="")

    def with_people(self) -> ReplyQuerySet:
        return self.select_related("ask__asker", "member")

    def here(self) -> ReplyQuerySet:
        """Of members who are still there and between whom and the asker nothing stands."""
        blocked = Q(member__blocks__other=models.F("ask__asker")) | Q(member__blocked_by__member=models.F("ask__asker"))
        clear = self.filter(member__is_active=True, ask__asker__is_active=True)
        return clear.exclude(pk__in=self.filter(blocked).values("pk"))

    def reaching(self) -> ReplyQuerySet:
        """As those asked see it: while the hosts have not looked at what was told about an asker, it reaches nobody."""
        told_about = Concern.objects.open().filter(about=OuterRef("ask__asker"))
        return self.here().filter(~Exists(told_about))

    def shown(self) -> ReplyQuerySet:
        """What both let the club read."""
        return self.here().filter(released_at__isnull=False, shown_at__isnull=False)


class Reply(models.Model):
    """One member to whom a question went, and what they said, if they did."""

    class Said(models.TextChoices):
        NONE = "", _("no answer yet")
        HELP = "help", _("I can help")
        KNOW = "know", _("I know somebody")

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="replies")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ask_replies")
    # Which words of the question brought it to this member; none for who read it in the letter.
    words = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    said = models.CharField(max_length=4, choices=Said, blank=True)
    line = ProseField(_("a line"), max_length=600, blank=True)
    said_at = models.DateTimeField(null=True, blank=True)
    # Both let the club read it: the one who answered, the one who asked.
    released_at = models.DateTimeField(null=True, blank=True)
    shown_at = models.DateTimeField(null=True, blank=True)
    touch_at = models.DateTimeField(null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(fields=["ask", "member"], name="reply_once"),
            models.CheckConstraint(name="reply_touch_after_two_yeses", condition=Q(touch_at=None) | Q(said="help")),
            models.CheckConstraint(name="reply_shown_once_released", condition=Q(shown_at=None) | ~Q(released_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.ask_id} {self.member_id}"

    def is_clear(self) -> bool:
        """Whether anything may still go from one to the other."""
        return openness.nothing_between(self.ask.asker, self.member)

    @transaction.atomic
    def answer(self, said: str, line: str, *, may_show: bool, now: datetime) -> None:
        """I can help, or I know somebody, with a line; the asker hears of it. Raises `Refused` when it is over.

        The last word counts until the two are in touch. Saying the same again changes nothing.
        """
        locked = Reply.objects.select_for_update(of=("self",)).with_people().filter(pk=self.pk).first()
        row = locked or self
        if not row.ask.is_open(now) or row.touch_at is not None:
            raise Refused(_t("This question is closed. Thank you all the same."), code="late")
        if (row.said, row.line, row.released_at is not None) == (said, line, may_show):
            return
        row.said, row.line, row.said_at = said, line, now
        row.released_at, row.shown_at = (row.released_at or now, row.shown_at) if may_show else (None, None)
        row.save()
        Delivery.objects.owe_many([mail("ask.answer", row, row.ask.asker, now=now, version=f":{said}")])

    @transaction.atomic
    def put_in_touch(self, *, now: datetime) -> None:
        """The asker's yes after "I can help": each has the other's card, two mails are owed, once."""
        self.refresh_from_db(from_queryset=Reply.objects.select_for_update(of=("self",)).with_people())
        if self.touch_at is not None or self.said != self.Said.HELP or not self.is_clear():
            return
        self.touch_at = now
        self.save(update_fields=["touch_at"])
        for one, other in ((self.ask.asker, self.member), (self.member, self.ask.asker)):
            Exchange.say(one, other, session=None, now=now)
        Delivery.objects.owe_many([mail("ask.touch", self, one, now=now) for one in (self.ask.asker, self.member)])

    def show(self, *, now: datetime) -> None:
        """The asker lets the club read what the other released."""
        Reply.objects.filter(pk=self.pk, released_at__isnull=False, shown_at=None).update(shown_at=now)


def fitting_members(asker: Member, text: str, *, now: datetime) -> list[Fit]:
    """At most five whose "ask me about" fits, the best first, then whom nobody asked for longest. Three queries.

    What somebody shows to nobody is not read.
    """
    received = Reply.objects.filter(asked_at__gt=now - A_MONTH).exclude(words=[])
    busy = received.values("member").annotate(n=models.Count("pk")).filter(n__gte=RECEIVED_AT_MOST).values("member")
    resting = Pause.objects.in_force(now).values("member")
    people = openness.asked_for(Member.objects.joined().visible_to(asker), "answers").exclude(pk=asker.pk)
    people = people.exclude(pk__in=busy).exclude(pk__in=resting).annotate(last=Max("ask_replies__asked_at"))
    found = {one.pk: one for one in people}
    said = {pk: one.as_seen_at(Level.HOSTS).ask_me for pk, one in found.items()}
    fits = fitting(text, said)

    def rank(pk: int) -> tuple[Any, ...]:
        last = vars(found[pk])["last"]
        return -fits[pk], last is not None, last, pk

    return [Fit(found[pk], common(text, said[pk])) for pk in sorted(fits, key=rank)[:GOES_TO_AT_MOST]]


def refused(asker: Member, *, now: datetime) -> Refused | None:
    """What stands against asking now, for the asker to read."""
    if not is_open_to(asker):
        return Refused(_t("You can ask from your second morning on."), code="new")
    mine = Ask.objects.filter(asker=asker)
    if mine.open(now).exists():
        return Refused(_t("One of your questions is still open. Close it first, with thanks."), code="open")
    if mine.filter(asked_at__gt=now - A_MONTH).count() >= ASKED_AT_MOST:
        return Refused(_t("Two questions in a month are the most. Please wait a little."), code="month")
    return None


def mail(
    kind: str, row: Reply, to: Member, *, now: datetime, until: datetime | None = None, version: str = ""
) -> Delivery:
    """One mail about one reply, to one of the two; by night it waits for the morning."""
    return Delivery(
        kind=kind,
        key=f"{kind}:{row.pk}:{to.pk}{version}",
        to=to.email,
        language=to.language,
        context={"reply": row.pk, "member": to.pk},
        lane=Lane.ANSWER,
        next_attempt_at=by_day(now),
        useful_until=until,
    )
