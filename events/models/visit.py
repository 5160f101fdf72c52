"""Who asked for a seat without an account: a name and an address, until the mail there is answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events.models.seats import SeatsError
from events.models.series import Joining
from members import codes, links
from members.fields import CodeField, LineField
from members.models import Member
from members.refusals import Refusal
from outbox.models import Delivery, Lane

if TYPE_CHECKING:
    from events.models.rsvp import Rsvp
    from events.models.session import Session

TRIES = 5
# As long as the morning is not over, the link answers; the code is for the page that is open now.
CODE_FOR = timedelta(minutes=30)
KEPT_FOR = timedelta(days=1)


class CodeError(ValidationError):
    """The code does not open: mistyped, too old, tried too often. Says so to the person."""


class VisitQuerySet(models.QuerySet["Visit"]):
    def forgotten(self, now: datetime) -> VisitQuerySet:
        """What is kept no longer: the morning is over."""
        return self.filter(session__ends_at__lt=now - KEPT_FOR)


class Visit(models.Model):
    """One asking. Whether the address is a member's is asked when the mail is written, never on a page.

    It becomes an answer by the link in the mail or by the code there, typed on the page. Of the code only what can be
    made from it is kept.
    """

    session = models.ForeignKey("events.Session", on_delete=models.CASCADE, related_name="visits")
    code = CodeField()
    name = LineField(_("name"), max_length=80)
    email = models.EmailField(_("mail address"), max_length=254)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="ja")
    # Wants to hear of the next mornings of the series, too.
    wants_more = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    # Until when a seat is kept; empty where none was free.
    held_until = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64)
    digest_until = models.DateTimeField()
    mails = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="visits"
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visitor")

    def __str__(self) -> str:
        return f"{self.session_id} {self.email}"

    @classmethod
    @transaction.atomic
    def ask(cls, session: Session, *, name: str, email: str, wants_more: bool = False, now: datetime) -> Visit:
        """Keep a seat if one is free, and owe the mail that asks. Raises `SeatsError` when no answer can be taken."""
        email = email.lower()
        held_until = session.hold(name, email, minutes=session.series.hold_minutes, now=now)
        language = get_language() or settings.LANGUAGE_CODE
        visit = cls(session=session, name=name, email=email, language=language, wants_more=wants_more, asked_at=now)
        visit.held_until = held_until
        visit.owe_mail(now=now)
        return visit

    @transaction.atomic
    def mail_again(self, *, now: datetime) -> None:
        """A new mail with a new code; the one before is worth nothing. A seat that was let go is asked for anew."""
        # The visit before the session, as in `confirm`: the two at once would wait for each other.
        visit = Visit.objects.select_for_update(of=["self"]).select_related("session__series").get(pk=self.pk)
        if visit.confirmed_at is None:
            minutes = visit.session.series.hold_minutes
            visit.held_until = visit.session.hold(visit.name, visit.email, minutes=minutes, now=now)
            visit.owe_mail(now=now)

    def confirm_by_code(self, typed: str, *, now: datetime) -> Rsvp:
        """Whoever types the code has read the mail. Each try is counted before it is looked at, whatever follows.

        Raises `CodeError`, and `SeatsError` when no answer can be taken any more.
        """
        counted = Visit.objects.filter(pk=self.pk, tries__lt=TRIES, digest_until__gt=now)
        if not counted.update(tries=F("tries") + 1):
            raise CodeError(_t("This code is no longer good. Please ask for a new mail below."), code="over")
        visit = Visit.objects.get(pk=self.pk)
        if not visit.opens_with(typed):
            raise CodeError(_t("This is not the code in the newest mail. Please look once more."), code="wrong")
        return visit.confirm(now=now)

    def opens_with(self, typed: str) -> bool:
        """Whether this is the code of the newest mail."""
        return links.is_derived("visit.code", self._subject(codes.tidy(typed)), self.digest)

    @transaction.atomic
    def confirm(self, *, now: datetime) -> Rsvp:
        """The address is theirs: an answer like any other, of the member who has it or of somebody new.

        Confirming twice changes nothing, whatever became of the answer. Raises `SeatsError` when none can be taken.
        """
        visit = Visit.objects.select_for_update(of=["self"]).select_related("session__series").get(pk=self.pk)
        if visit.member is not None:
            return visit.session.rsvps.get(member=visit.member)
        member = visit.person()
        rsvp = visit.session.confirm(visit.email, member, now=now)
        visit.confirmed_at, visit.member = now, member
        visit.save(update_fields=["confirmed_at", "member"])
        if visit.wants_more and visit.session.series.joining == Joining.OPEN:
            visit.session.series.join(member, now=now)
        return rsvp

    def person(self) -> Member:
        """Who has this address: somebody known, or a person without a profile (`joined_at` is empty)."""
        fresh = Member(name=self.name, language=self.language)
        fresh.set_unusable_password()
        values = {"name": fresh.name, "language": fresh.language, "password": fresh.password}
        member, _made = Member.objects.get_or_create(email=self.email, defaults=values)
        if not member.is_active:
            raise SeatsError(_t("This answer cannot be taken here. Please write to the host."), code="refused")
        if not member.name:
            member.name = self.name
            member.save(update_fields=["name"])
        return member

    def owe_mail(self, *, now: datetime) -> None:
        """The mail with a new code; only in `Visit.ask` and `mail_again`, under their locks.

        To a refused address nothing goes, and the page says what it says to everybody; a seat kept for it runs out.
        """
        typed = codes.new()
        self.mails, self.tries = self.mails + 1, 0
        self.digest = links.derive("visit.code", self._subject(typed))
        self.digest_until = min(max(self.held_until or now, now + CODE_FOR), self.session.starts_at)
        self.save()
        if Refusal.objects.covers(self.email):
            return
        Delivery.objects.owe(
            "rsvp.visitor",
            f"{self.pk}:{self.mails}",
            to=self.email,
            language=self.language,
            context={"visit": self.pk, "code": typed},
            # A code is wiped from the books once the mail has left.
            lane=Lane.CODE,
            useful_until=self.session.starts_at,
        )

    def _subject(self, typed: str) -> str:
        return f"{self.code}:{typed}"
