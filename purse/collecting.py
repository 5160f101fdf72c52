"""Who pays for a morning, what, and whether they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from events import roster
from events.models import Rsvp, Session, TalkSpeaker
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

    @property
    def photo_url(self) -> str:
        return self.place.photo_url


@dataclass(frozen=True)
class Late:
    """Somebody who gave a seat back after the restaurant had its number, and agreed to its price."""

    rsvp: Rsvp
    payment: Payment | None

    @property
    def key(self) -> str:
        return f"l{self.rsvp.member_id}"

    @property
    def member(self) -> Member:
        assert self.rsvp.member is not None  # noqa: S101 - only members agree to a price
        return self.rsvp.member

    @property
    def amount(self) -> int:
        return self.rsvp.owes_amount

    @property
    def is_waived(self) -> bool:
        """A host let it be."""
        return self.rsvp.owes_waived_at is not None

    @property
    def due(self) -> int:
        """What the restaurant's bill is lightened by for the others."""
        return 0 if self.is_waived else self.amount


@dataclass(frozen=True)
class Till:
    """The money of one morning. `gone` are payments of people who are no longer on the list."""

    payers: list[Payer]
    late: list[Late]
    gone: list[Payment]
    bill: Bill | None
    share: Share
    taken: int

    @property
    def each(self) -> int:
        return self.share.each

    @property
    def unpaid(self) -> int:
        late = sum(one.payment is None and bool(one.due) for one in self.late)
        return late + sum(payer.payment is None for payer in self.payers)

    @property
    def rest(self) -> int:
        """How many on the list have not paid."""
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
    rows = Rsvp.objects.filter(session=session, member__isnull=False).owing().select_related("member").order_by("pk")
    late = [Late(row, paid.get(f"l{row.member_id}")) for row in rows]
    known = {payer.key for payer in people} | {one.key for one in late}
    gone = [payment for place, payment in paid.items() if place not in known]
    taken = sum(payment.amount for payment in paid.values())
    each = share(session, bill, len(people), late=sum(one.due for one in late))
    return Till(people, late, gone, bill, each, taken)


def share(session: Session, bill: Bill | None, payers: int, *, late: int = 0) -> Share:
    """What each pays: a part of the bill where it is divided, else the fee of the session.

    `late` is what those owe who gave their seats back too late: those who came do not pay it.
    """
    if bill is not None and bill.is_split:
        return split(max(bill.total - late, 0), payers, bill.step, bill.rounding)
    return Share(session.fee_amount, session.fee_amount * payers + late - (bill.total if bill else 0))


def bill_of(session: Session) -> Bill:
    """What was written down; else one to be written, divided as the last one of the series was."""
    known = Bill.objects.filter(session=session).first()
    if known is not None:
        return known
    last = Bill.objects.filter(session__series=session.series_id).order_by("-session__starts_at", "-pk").first()
    return Bill(is_split=last.is_split, step=last.step, rounding=last.rounding) if last else Bill()


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
    member, name, amount = _asked(till(session), key)
    payment = Payment.objects.create(
        session=session, place=key, member=member, name=name, amount=amount, how=how, paid_at=now, recorded_by=actor,
    )  # fmt: skip
    Activity.record(actor, "purse.pay", f"session:{session.code}", now=now, place=key, amount=payment.amount, how=how)
    return payment


@transaction.atomic
def pay_rest(session: Session, how: str, *, now: datetime, actor: Member) -> int:
    """Everybody on the list who has not paid yet did, in this way; gives back how many that were.

    Raises `PurseError` where there is nothing to pay.
    """
    Session.objects.select_for_update().get(pk=session.pk)
    found = till(session)
    if not found.each:
        raise PurseError(_("There is nothing to pay. Write the bill first."), code="free")
    rest = [payer.place for payer in found.payers if payer.payment is None]
    told = {"session": session, "amount": found.each, "how": how, "paid_at": now, "recorded_by": actor}
    Payment.objects.bulk_create(
        Payment(place=place.key, member=place.row.member, name="" if place.row.member else place.row.name, **told)
        for place in rest
    )
    if rest:
        told = {"people": len(rest), "amount": found.each, "how": how}
        Activity.record(actor, "purse.pay_rest", f"session:{session.code}", now=now, **told)
    return len(rest)


def _asked(found: Till, key: str) -> tuple[Member | None, str, int]:
    """Who this is, by name where it is no member, and what they are asked for. Raises `PurseError`."""
    late = next((one for one in found.late if one.key == key), None)
    if late is not None:
        if late.is_waived:
            raise PurseError(_("This was waived. Ask for it again first."), code="waived")
        return late.member, "", late.amount
    payer = next((payer for payer in found.payers if payer.key == key), None)
    if payer is None:
        raise PurseError(_("This person is not on the list any more."), code="gone")
    if not found.each:
        raise PurseError(_("There is nothing to pay. Write the bill first."), code="free")
    row = payer.place.row
    return row.member, "" if row.member else row.name, found.each


@transaction.atomic
def waive(session: Session, key: str, *, waived: bool, now: datetime, actor: Member) -> None:
    """Let somebody's late cancellation be, or ask for it again. Raises `PurseError` where it is paid already."""
    Session.objects.select_for_update().get(pk=session.pk)
    late = next((one for one in till(session).late if one.key == key), None)
    if late is None or late.is_waived == waived:
        return
    if late.payment is not None:
        raise PurseError(_("It is paid already. Undo the payment first."), code="paid")
    late.rsvp.owes_waived_at = now if waived else None
    late.rsvp.save(update_fields=["owes_waived_at"])
    Activity.record(actor, "purse.waive", f"session:{session.code}", now=now, place=key, waived=waived)


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
    people = [(place.key, place.row) for place in roster.places(session)]
    mine = [key for key, row in people if member.pk in {row.member_id, row.introduced_by_id}]
    keys = [f"m{member.pk}", *mine]
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
