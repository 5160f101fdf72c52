"""Changing one's mail address: the new one is proved by a code, what was kept by the old one moves along, and the old
one is told, with a link that takes the change back for a week.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F

from members import links, personal_data
from members.adapter import owe_notice
from members.devices import Device
from members.models import Activity, FormerAddress, Member
from members.refusals import Refusal
from outbox.models import Delivery, Suppression

UNDO, UNDO_FOR = "address-undo", timedelta(days=7)
# Whoever takes a change back loses the ways to sign in that were added shortly before it: they may be a thief's.
SUSPECT = timedelta(days=1)


class TakenError(Exception):
    """Somebody else has this address by now."""


def is_free(member: Member, address: str) -> bool:
    """Whether this person may have the address. Whoever asks on a page must not learn it: both are always looked up."""
    held = Member.objects.get_queryset().filter(email=address).exclude(pk=member.pk).exists()
    refused = Refusal.objects.covers(address)
    return not (held or refused)


@transaction.atomic
def move(member: Member, address: str, *, now: datetime) -> None:
    """From now on the account is that of this address; its owner has proved it.

    Raises `TakenError`, also when the account has another address by now than when `member` was loaded: whoever is
    signed out at this very moment, because the old address takes a change back, must not get away with the next one.
    """
    found = Member.objects.get_queryset().select_for_update().get(pk=member.pk)
    if found.email == address:
        return
    if found.email != member.email or not is_free(found, address):
        raise TakenError
    former = FormerAddress(member=found, address=found.email, left_at=now, undo_until=now + UNDO_FOR)
    former.save()
    _become(found, address, now=now)
    owe_notice("address-left", former.address, once=str(former.pk), former=former.pk)
    owe_notice("address-new", address, once=str(former.pk))


@transaction.atomic
def undo(former: FormerAddress, *, now: datetime) -> None:
    """The address is the account's again, and everybody is signed out. Raises `TakenError`; again changes nothing."""
    found = Member.objects.get_queryset().select_for_update().get(pk=former.member_id)
    if not FormerAddress.objects.filter(pk=former.pk, undo_until__gte=now).delete()[0]:
        return
    if not is_free(found, former.address):
        raise TakenError
    FormerAddress.objects.filter(member=found).update(undo_until=None)
    FormerAddress.objects.create(member=found, address=found.email, left_at=now)
    _become(found, former.address, now=now)
    _close_young_ways(found, since=former.left_at - SUSPECT)
    Device.objects.filter(member=found).delete()
    owe_notice("address-undone", former.address, once=str(former.pk))


def undo_url(former: FormerAddress) -> str:
    """The link in the mail to the old address."""
    token = links.sign(UNDO, {"f": former.pk}, until=former.left_at + UNDO_FOR)
    return links.absolute("address_undo", token)


def undoable(token: str, *, now: datetime) -> FormerAddress | None:
    """What the link takes back, if it still can."""
    try:
        pk = links.read(UNDO, token, now=now)["f"]
    except links.BadLink:
        return None
    return FormerAddress.objects.filter(pk=pk, undo_until__gte=now).select_related("member").first()


def _become(member: Member, address: str, *, now: datetime) -> None:
    """The account is that address's: links mailed before are void, what is kept by address moves, and it gets mails."""
    old = member.email
    try:
        with transaction.atomic():
            EmailAddress.objects.filter(user=member).delete()
            Member.objects.get_queryset().filter(pk=member.pk).update(email=address, link_version=F("link_version") + 1)
            EmailAddress.objects.create(user=member, email=address, verified=True, primary=True)
    except IntegrityError as error:
        raise TakenError from error
    for policy in personal_data.policies():
        for column in policy.addresses:
            _carry(apps.get_model(policy.model), column, old, address)
    owed = Delivery.objects.open().filter(to=old, rendered__isnull=True)
    owed.exclude(kind__startswith="account.").update(to=address)
    Suppression.objects.filter(address__in=[old, address]).delete()
    Activity.record(member, "member.move", f"member:{member.code}", now=now)


def _close_young_ways(member: Member, *, since: datetime) -> None:
    """Passkeys, apps, accounts elsewhere, tokens: whatever opens the account and is younger than this."""
    for policy in personal_data.policies():
        if policy.opens and policy.exports:
            rows = apps.get_model(policy.model)._default_manager.filter(policy.exports(member))  # noqa: SLF001
            rows.filter(**{f"{policy.opens}__gte": since}).delete()


def _carry(model: type[models.Model], column: str, old: str, new: str) -> None:
    """Rows of the old address become rows of the new one; where it has the same already, one is enough."""
    rows = model._default_manager.filter(**{f"{column}__iexact": old})  # noqa: SLF001 - Django's name
    for row in rows:
        try:
            with transaction.atomic():
                rows.filter(pk=row.pk).update(**{column: new})
        except IntegrityError:
            row.delete()
