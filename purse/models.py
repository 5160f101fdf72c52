"""What was paid, what the morning cost, what else went in or out, and the receipts that were drawn up."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Series, Session
from members.fields import CodeField, LineField
from purse.splitting import Rounding

AT_MOST = 100_000_000
# 適格請求書発行事業者登録番号: T and thirteen digits.
REGISTRATION = re.compile(r"T\d{13}")


def check_registration(value: str) -> None:
    """Raises ValidationError for what is no registration number."""
    if not REGISTRATION.fullmatch(value):
        raise ValidationError(_("A registration number is T and thirteen digits."), code="registration")


class How(models.TextChoices):
    """How it was paid. What is given by phone is noted by hand like cash."""

    CASH = "cash", _("cash")
    PHONE = "phone", _("by phone")
    TRANSFER = "transfer", _("by transfer")


class Bill(models.Model):
    """What the restaurant took for a morning, and how it is divided."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="bill")
    total = models.PositiveIntegerField(_("the bill"), validators=[MaxValueValidator(AT_MOST)])
    # Without it everybody pays the fee of the session, and the purse has the difference.
    is_split = models.BooleanField(_("divide it by those who came"), default=False)
    step = models.PositiveIntegerField(
        _("each pays a multiple of"), default=100, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    rounding = models.CharField(_("rounded"), max_length=10, choices=Rounding, default=Rounding.UP)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(name="bill_step_positive", condition=Q(step__gt=0))]

    def __str__(self) -> str:
        return f"{self.session_id} {self.total}"


class Payment(models.Model):
    """One person has paid for one morning. Hangs on the person, not on the list: that can be opened again."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="payments")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="payments"
    )
    # A friend or walk-in, by the key of their place on the list.
    place = models.CharField(max_length=100)
    name = LineField(max_length=80, blank=True)
    amount = models.PositiveIntegerField(validators=[MaxValueValidator(AT_MOST)])
    how = models.CharField(max_length=10, choices=How, default=How.CASH)
    paid_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "place"], name="payment_once")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.place} {self.amount}"


class Entry(models.Model):
    """Anything else: what a notebook cost, what was given. Below nought it went out."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="purse_entries")
    on = models.DateField(_("day"))
    what = LineField(_("what for"), max_length=120)
    amount = models.IntegerField(validators=[MinValueValidator(-AT_MOST), MaxValueValidator(AT_MOST)])
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["on", "pk"]
        constraints = [models.CheckConstraint(name="entry_not_nothing", condition=~Q(amount=0))]

    def __str__(self) -> str:
        return f"{self.on} {self.what}"


class Issuer(models.Model):
    """In whose name the receipts of a series are drawn up."""

    series = models.OneToOneField(Series, on_delete=models.CASCADE, related_name="issuer")
    name = LineField(_("in whose name"), max_length=80)
    address = LineField(_("address"), max_length=160, blank=True)
    registration = LineField(
        _("registration number"), max_length=14, blank=True, validators=[check_registration],
        help_text=_("Of a registered issuer of invoices, T and thirteen digits."),
    )  # fmt: skip
    # The number of the last receipt; the row is locked while one is drawn up, so that no number is missing.
    last_number = models.PositiveIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.name


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def valid(self) -> ReceiptQuerySet:
        return self.filter(voided_at=None)


class Receipt(models.Model):
    """A receipt (領収書) as it was drawn up. It is never changed: it is voided, and another takes its place."""

    class Suffix(models.TextChoices):
        PERSON = "様", _("a person (様)")
        COMPANY = "御中", _("a company (御中)")

    code = CodeField()
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="receipts")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="receipts")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="receipts")
    number = models.PositiveIntegerField()
    addressee = LineField(_("made out to"), max_length=80)
    suffix = models.CharField(_("form of address"), max_length=4, choices=Suffix, default=Suffix.PERSON)
    purpose = LineField(_("what for"), max_length=100)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3, default="JPY")
    people = models.PositiveSmallIntegerField(default=1)
    paid_on = models.DateField()
    issuer = models.CharField(max_length=80)
    issuer_address = models.CharField(max_length=160, blank=True)
    registration = models.CharField(max_length=14, blank=True)
    language = models.CharField(max_length=8, default="ja")
    drawn_up_at = models.DateTimeField(default=timezone.now)
    # When it was first taken; every later copy says that it is one.
    taken_at = models.DateTimeField(null=True, blank=True)
    copies = models.PositiveSmallIntegerField(default=0)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = LineField(_("why"), max_length=200, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="receipt_number_unique"),
            models.UniqueConstraint(
                fields=["session", "member"], condition=Q(voided_at=None), name="receipt_one_valid_per_person"
            ),
            models.CheckConstraint(name="receipt_void_with_reason", condition=Q(voided_at=None) | ~Q(void_reason="")),
            models.CheckConstraint(
                name="receipt_taken_before_copied", condition=Q(copies=0) | Q(taken_at__gte=F("drawn_up_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("receipt", args=[self.session.code])

    @property
    def label(self) -> str:
        """No. 0012."""
        return f"{self.number:04d}"
