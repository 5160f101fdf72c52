"""What the letter holds: everything an author needs to decide (C3). What is empty reads "not yet decided"."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.fields import LineField, ProseField

HONORARIUM_AT_MOST = 100_000_000


class Terms(models.Model):
    """The fields of the letter, apart from what becomes of it."""

    class GoesTo(models.TextChoices):
        GUEST = "guest", _("the guest")
        COPY = "copy", _("the guest, with a copy to the contact person")
        CONTACT = "contact", _("the contact person")

    goes_to = models.CharField(_("the letter goes to"), max_length=8, choices=GoesTo, default=GoesTo.GUEST)
    subject = LineField(_("subject"), max_length=150, blank=True)
    greeting = ProseField(_("beginning of the letter"), max_length=2000, blank=True)
    why_you = ProseField(_("why you"), max_length=2000, blank=True)
    who_comes = LineField(_("who comes"), max_length=200, blank=True)
    other_dates = ArrayField(models.DateTimeField(), default=list, blank=True)
    length = LineField(_("length of the talk"), max_length=120, blank=True)
    # Null is "not yet decided". The amount is in the smallest unit of the session's currency, before tax.
    is_paid = models.BooleanField(_("honorarium"), null=True, blank=True)
    fee = models.PositiveIntegerField(
        _("amount of the honorarium"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(HONORARIUM_AT_MOST)],
    )
    honorarium = LineField(_("a word on the honorarium"), max_length=120, blank=True)
    is_withheld = models.BooleanField(_("withholding tax"), null=True, blank=True)
    tax = LineField(_("a word on the tax"), max_length=120, blank=True)
    travel = LineField(_("travel"), max_length=120, blank=True)
    meal = LineField(_("meal"), max_length=120, blank=True)
    companions = LineField(_("companions"), max_length=120, blank=True)
    recording = LineField(_("recording and photos"), max_length=200, blank=True)
    off_record = LineField(_("off the record"), max_length=200, blank=True)
    approval = LineField(_("approval of the report"), max_length=200, blank=True)
    book_sales = LineField(_("book sales and signing"), max_length=200, blank=True)
    equipment = LineField(_("equipment"), max_length=200, blank=True)
    closing = ProseField(_("end of the letter"), max_length=1000, blank=True)
    # What stands before a letter sent once more, in the host's own words; empty: as it is drafted.
    nudge = ProseField(_("the reminder"), max_length=1000, blank=True)

    class Meta:
        abstract = True

    @property
    def to_contact(self) -> bool:
        """Whether the contact person is the addressee."""
        return self.goes_to == self.GoesTo.CONTACT
