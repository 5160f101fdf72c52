"""What follows a guest's morning: the report they see before it is published, the thank-you, what people took home."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from invitations.models import states
from invitations.models.telling import Telling
from members.fields import ProseField
from members.models import Activity, Member
from records.models import Report

if TYPE_CHECKING:
    from invitations.models.invitation import Invitation


def digest(text: str) -> str:
    """A short name of this very text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Afterwards(Telling):
    """Host and guest after the morning. Nothing goes to the guest before the host has tapped."""

    thanks = ProseField(_("the thank-you"), max_length=3000, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)
    thanks_read_at = models.DateTimeField(null=True, blank=True, editable=False)

    # What this guest said of the report: of which text, and whether it is right. Of several each speaks for themselves.
    report_text = models.CharField(max_length=12, blank=True, editable=False)
    report_right_at = models.DateTimeField(null=True, blank=True, editable=False)
    report_remark = ProseField(_("what the guest would like put right"), max_length=4000, blank=True, editable=False)

    class Meta:
        abstract = True

    def finds_right(self, report: Report) -> bool:
        """Whether this guest found this very text right, or the host noted that all did."""
        mine = self.report_text == digest(report.body) and self.report_right_at is not None
        return mine or report.is_approved

    def may_thank(self, now: datetime) -> bool:
        """Whether there is somebody who came and has not been thanked."""
        came = self.state in {self.State.ACCEPTED, self.State.CONFIRMED} and not self.session.is_cancelled
        return came and self.session.ends_at <= now

    def seen_to_at(self) -> datetime | None:
        """When the guest had read the thank-you and no report was waiting for them any more; None until then."""
        # Thanked in person, there is nothing to read.
        read_at = self.thanks_read_at if self.thanks else self.thanked_at
        if read_at is None:
            return None
        report = Report.objects.filter(session=self.session_id).first()
        if report is None:
            return read_at
        if report.waits_for_guest and not self.finds_right(report):
            return None
        return max(read_at, self.report_right_at or report.approved_at or read_at)

    # Verbs of the host

    @transaction.atomic
    def thank(self, words: str, *, now: datetime, actor: Member | None = None) -> None:
        """The thank-you goes out, with what people took home; without an address it stands on the page alone.

        A second tap changes nothing. Raises ValidationError for somebody who has not come.
        """
        self._lock()
        if self.state == self.State.THANKED:
            return
        if not self.may_thank(now):
            raise ValidationError(_t("There is nobody to thank yet."))
        self.state, self.thanks, self.thanked_at = self.State.THANKED, words, now
        self.save(update_fields=["state", "thanks", "thanked_at"])
        self._owe("guest.thanks", to=self.addressee if words else "", key="once", context={"invitation": self.pk})
        Activity.record(actor, "invitation.thank", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def show_report(self, *, now: datetime, actor: Member | None = None) -> None:
        """Every guest of the morning reads the draft before anybody else does. The same text is shown once."""
        self._lock()
        report = Report.objects.select_for_update().filter(session=self.session_id).first()
        if report is None or self.state not in states.ACCEPTED:
            raise ValidationError(_t("There is no report to show yet."))
        report.show(now=now)
        text = digest(report.body)
        for one in self._guests():
            one.owe_report(text)
        Activity.record(actor, "invitation.show_report", f"invitation:{self.code}", now=now)

    def owe_report(self, text: str) -> None:
        """The mail that the draft of this name lies on the guest's page."""
        self._owe("guest.report", to=self.addressee, key=text, context={"invitation": self.pk, "text": text})

    def _guests(self) -> list[Invitation]:
        """Everybody who was a guest of this morning."""
        return list(self.session.invitations.accepted().whole().order_by("pk"))

    # Verbs of the guest

    @transaction.atomic
    def answer_report(self, *, is_right: bool, remark: str, now: datetime) -> None:
        """The report is right as it stands, or something is to be put right. Saying it twice says it once.

        Of several guests each speaks for themselves: it is approved when the last of them has found it right.
        """
        self._lock()
        report = Report.objects.select_for_update().filter(session=self.session_id, shown_at__isnull=False).first()
        if report is None or self.state not in states.ACCEPTED:
            raise ValidationError(_t("There is no report to show yet."))
        text = digest(report.body)
        before = (self.report_text, self.report_right_at is not None, self.report_remark)
        if before == (text, is_right, remark):
            return
        self.report_text, self.report_right_at, self.report_remark = text, now if is_right else None, remark
        self.save(update_fields=["report_text", "report_right_at", "report_remark"])
        guests = self._guests()
        of_this = [one for one in guests if one.report_text == text]
        remarks = [one.report_remark for one in of_this if one.report_remark]
        all_right = len(of_this) == len(guests) and all(one.report_right_at for one in of_this)
        report.hear(is_right=all_right, remark="\n\n".join(remarks), now=now)
        Activity.record(None, "invitation.answer_report", f"invitation:{self.code}", now=now, is_right=is_right)
        said = {"invitation": self.pk, "answered_at": now.isoformat()}
        self._owe_hosts("guest.reported", key=now.isoformat(), context=said)

    @transaction.atomic
    def read_thanks(self, *, now: datetime) -> None:
        """The guest has read the thank-you. Saying it twice says it once."""
        self._lock()
        if self.state != self.State.THANKED or self.thanks_read_at is not None:
            return
        self.thanks_read_at = now
        self.save(update_fields=["thanks_read_at"])
        Activity.record(None, "invitation.read_thanks", f"invitation:{self.code}", now=now)
