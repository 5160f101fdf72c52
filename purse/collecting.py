"""Who pays for a morning, what, and whether they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from events import roster
from events.models import Session, TalkSpeaker
from members.models import Activity, Member
from purse.models import Bill, Payment, Receipt
from purse.splitting import Share, split


class PurseError(ValidationError):
    """It cannot be written down like this. Says why to the person."""


@dataclass(frozen=True)
class Payer:
    """Somebody who came and pays; `payment` is what they gave."""

    place: roster.Place
    payment: Payment | None

    @property
    def key(self) -> str:
        return self.place.key

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def yomi(self) -> str:
        return self.place.yomi

    @property
    def romaji(self) -> str:
        return self.place.romaji


@dataclass(frozen=True)
class Till:
    """The money of one morning. `gone` are payments of people who are no longer on the list."""

    payers: list[Payer]
    gone: list[Payment]
    bill: Bill | None
    share: Share
    taken: int

    @property
    def each(self) -> int:
        return self.share.each

    @property
    def unpaid(self) -> int:
        return sum(payer.payment is None for payer in self.payers)

    @property
    def over(self) -> int:
        """What is left when the restaurant is paid; below nought the purse has to give."""
        return self.taken - (self.bill.total if self.bill else 0)


def till(session: Session) -> Till:
    """Everybody on the list but the guests, with what they paid: as many queries for thirty as for one."""
    bill = Bill.objects.filter(session=session).first()
    paid = {payment.place: payment for payment in Payment.objects.filter(session=session).order_by("pk")}
    people = [Payer(place, paid.get(place.key)) for place in _paying(session)]
    gone = [payment for place, payment in paid.items() if place not in {payer.key for payer in people}]
    taken = sum(payment.amount for payment in paid.values())
    return Till(people, gone, bill, share(session, bill, len(people)), taken)


def share(session: Session, bill: Bill | None, payers: int) -> Share:
    """What each pays: a part of the bill where it is divided, else the fee of the session."""
    if bill is not None and bill.is_split:
        return split(bill.total, payers, bill.step, bill.rounding)
    return Share(session.fee_amount, session.fee_amount * payers - (bill.total if bill else 0))


@transaction.atomic
def write_bill(bill: Bill, session: Session, *, now: datetime, actor: Member) -> None:
    """What the restaurant took, and how it is divided from now on; what was paid before stays as it was paid."""
    bill.session, bill.written_at = session, now
    bill.save()
    Activity.record(actor, "purse.bill", f"session:{session.code}", now=now, total=bill.total)


@transaction.atomic
def pay(session: Session, key: str, how: str, *, now: datetime, actor: Member) -> Payment:
    """This person gave their part, in this way. Saying it twice changes nothing.

    Raises `PurseError` for who is not among those who pay, and where there is nothing to pay.
    """
    Session.objects.select_for_update().get(pk=session.pk)
    known = Payment.objects.filter(session=session, place=key).first()
    if known is not None:
        return known
    found = till(session)
    payer = next((payer for payer in found.payers if payer.key == key), None)
    if payer is None:
        raise PurseError(_("This person is not on the list any more."), code="gone")
    if not found.each:
        raise PurseError(_("There is nothing to pay. Write the bill first."), code="free")
    row = payer.place.row
    payment = Payment.objects.create(
        session=session, place=key, member=row.member, name="" if row.member else row.name,
        amount=found.each, how=how, paid_at=now, recorded_by=actor,
    )  # fmt: skip
    Activity.record(actor, "purse.pay", f"session:{session.code}", now=now, place=key, amount=payment.amount, how=how)
    return payment


@transaction.atomic
def take_back(session: Session, key: str, *, now: datetime, actor: Member) -> None:
    """It was a mistake. Raises `PurseError` once a receipt stands upon it."""
    Session.objects.select_for_update().get(pk=session.pk)
    payment = Payment.objects.filter(session=session, place=key).first()
    if payment is None:
        return
    if receipt := _receipt_for(session, payment):
        said = _("Receipt no. %(number)s stands upon it. Void that first.") % {"number": receipt.label}
        raise PurseError(said, code="receipt")
    payment.delete()
    Activity.record(actor, "purse.take_back", f"session:{session.code}", now=now, place=key, amount=payment.amount)


def paid_by(session: Session, member: Member) -> list[Payment]:
    """What this member gave, for themselves and for the friends who came on their word."""
    friends = [place.key for place in roster.places(session) if place.row.introduced_by_id == member.pk]
    keys = [f"m{member.pk}", *friends]
    return list(Payment.objects.filter(session=session, place__in=keys).order_by("pk"))


def _paying(session: Session) -> Iterable[roster.Place]:
    """Guests are in the bill and not among those who pay."""
    guests = set(TalkSpeaker.objects.filter(talk__session=session).values_list("speaker__member", flat=True))
    for place in roster.places(session):
        if not place.is_absent and not (place.row.member_id and place.row.member_id in guests):
            yield place


def _receipt_for(session: Session, payment: Payment) -> Receipt | None:
    """The valid receipt this payment is part of."""
    host_of_friend = next(
        (place.row.introduced_by_id for place in roster.places(session) if place.key == payment.place), None
    )
    members = [pk for pk in (payment.member_id, host_of_friend) if pk]
    return Receipt.objects.valid().filter(session=session, member__in=members).first()
