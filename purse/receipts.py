"""Receipts: drawn up by who paid, taken once as the original, voided by a host, never changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.models import Session
from members.models import Activity, Member
from purse.collecting import PurseError, paid_by
from purse.models import Issuer, Receipt

# A tap that is made twice, or a phone that lost the answer, is no second copy.
SAME_COPY_FOR = timedelta(minutes=2)


@transaction.atomic
def draw_up(session: Session, member: Member, *, addressee: str, suffix: str, purpose: str, now: datetime) -> Receipt:
    """The receipt for what this member gave, with the next number. The one there is stays as it is.

    Raises `PurseError` as long as nothing is paid, or nobody has said in whose name receipts are drawn up.
    """
    issuer = Issuer.objects.select_for_update().filter(series=session.series_id).first()
    if issuer is None:
        raise PurseError(_("The host has not said yet in whose name receipts are drawn up."), code="issuer")
    known = Receipt.objects.valid().filter(session=session, member=member).first()
    if known is not None:
        return known
    payments = paid_by(session, member)
    if not payments:
        raise PurseError(_("The host has not noted your payment yet."), code="unpaid")
    issuer.last_number += 1
    issuer.save(update_fields=["last_number"])
    return Receipt.objects.create(
        series=session.series,
        session=session,
        member=member,
        number=issuer.last_number,
        addressee=addressee,
        suffix=suffix,
        purpose=purpose,
        amount=sum(payment.amount for payment in payments),
        currency=session.fee_currency,
        people=len(payments),
        paid_on=max(payment.paid_at for payment in payments).astimezone(session.zone).date(),
        issuer=issuer.name,
        issuer_address=issuer.address,
        registration=issuer.registration,
        language=get_language() or "ja",
        drawn_up_at=now,
    )


@transaction.atomic
def take(receipt: Receipt, *, now: datetime) -> int:
    """It is taken home; gives back which copy it is, 0 for the original. Raises `PurseError` for a void one."""
    fresh = Receipt.objects.select_for_update().get(pk=receipt.pk)
    if fresh.voided_at is not None:
        raise PurseError(_("This receipt is void."), code="void")
    if fresh.taken_at is None:
        fresh.taken_at = now
    elif now - fresh.taken_at > SAME_COPY_FOR:
        fresh.copies += 1
    fresh.save(update_fields=["taken_at", "copies"])
    return fresh.copies


@transaction.atomic
def void(receipt: Receipt, *, reason: str, now: datetime, actor: Member) -> None:
    """It does not hold any more; its number stays in the book. Voiding it twice changes nothing."""
    fresh = Receipt.objects.select_for_update().get(pk=receipt.pk)
    if fresh.voided_at is not None:
        return
    fresh.voided_at, fresh.void_reason, fresh.voided_by = now, reason, actor
    fresh.save(update_fields=["voided_at", "void_reason", "voided_by"])
    Activity.record(actor, "receipt.void", f"session:{fresh.session.code}", now=now, number=fresh.number, why=reason)
