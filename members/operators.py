"""What an operator does to accounts: each deed is recorded, and whose ways in it touches is told by mail.

Nothing here reads what people told the club: a name, an address and how somebody signs in are what running it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import second_factor
from members.adapter import owe_notice
from members.devices import Device
from members.models import Activity, Club, Member, MemberQuerySet
from members.refusals import Refusal

Change = Callable[[Member, datetime], None]


@dataclass(frozen=True)
class Deed:
    """One thing an operator may do to an account: its words, whether it can be done now, and doing it."""

    word: Promise
    more: Promise
    fits: Callable[[Member], bool]
    change: Change


def accounts(words: str = "") -> MemberQuerySet:
    """Who has an account, the latest seen first; with what an operator must know of them and nothing else."""
    ways = Authenticator.objects.filter(user=OuterRef("pk"))
    found = Member.objects.get_queryset().filter(erased_at=None).annotate(
        seen_at=Max("devices__seen_at"),
        has_app=Exists(ways.filter(type=Authenticator.Type.TOTP)),
        has_passkey=Exists(ways.filter(type=Authenticator.Type.WEBAUTHN)),
    )  # fmt: skip
    for word in words.split()[:5]:
        found = found.filter(Q(email__icontains=word) | Q(name__icontains=word))
    return found.only("code", "email", "name", "joined_at", "created_at", "is_active", "is_staff").order_by(
        F("seen_at").desc(nulls_last=True), "pk"
    )


@transaction.atomic
def do(actor: Member, member: Member, name: str, *, now: datetime) -> None:
    """Do it, if it fits; a second time changes nothing. Raises ValidationError when it must not be done."""
    found = Member.objects.get_queryset().select_for_update().get(pk=member.pk)
    deed = DEEDS[name]
    if not deed.fits(found):
        return
    if found.pk == actor.pk and name in {"closing", "operator-removal"}:
        raise ValidationError(_("Not to yourself: another operator can."))
    deed.change(found, now)
    Activity.record(actor, f"account.{name}", f"member:{found.code}", now=now)


@transaction.atomic
def keep_club(actor: Member, club: Club, *, now: datetime) -> None:
    """The club's name, sentence and rules as they stand on the pages."""
    club.save()
    Activity.record(actor, "club.save", "club:1", now=now)


def _close(member: Member, _now: datetime) -> None:
    Member.objects.filter(pk=member.pk).update(is_active=False, link_version=F("link_version") + 1)
    Device.objects.filter(member=member).delete()


def _open(member: Member, _now: datetime) -> None:
    if Refusal.objects.covers(member.email):
        raise ValidationError(_("Hosts refused this address. Take it off their list first."))
    Member.objects.filter(pk=member.pk).update(is_active=True)


def _sign_out(member: Member, _now: datetime) -> None:
    Device.objects.filter(member=member).delete()


def _app_off(member: Member, now: datetime) -> None:
    second_factor.remove_app(member)
    owe_notice("app-removed", member.email, once=now.isoformat(timespec="minutes"))


def _make_operator(member: Member, now: datetime) -> None:
    Member.objects.filter(pk=member.pk).update(is_staff=True, is_superuser=True)
    owe_notice("operator", member.email, once=now.isoformat(timespec="minutes"))


def _unmake_operator(member: Member, _now: datetime) -> None:
    Member.objects.filter(pk=member.pk).update(is_staff=False, is_superuser=False)


DEEDS: Mapping[str, Deed] = {
    "signing-out": Deed(
        _("Sign out everywhere"),
        _("A phone was lost, or somebody sat down at it."),
        lambda member: Device.objects.filter(member=member).exists(),
        _sign_out,
    ),
    "app-removal": Deed(
        _("Take the authenticator app off"),
        _("Phone and recovery codes are gone. Make sure that it is they who ask: the code by mail is enough then."),
        second_factor.has_app,
        _app_off,
    ),
    "closing": Deed(
        _("Close the account"),
        _("Nobody signs in with it, and links in mails are void. What they wrote stays."),
        lambda member: member.is_active,
        _close,
    ),
    "opening": Deed(
        _("Open the account again"),
        _("They sign in as before."),
        lambda member: not member.is_active,
        _open,
    ),
    "operator": Deed(
        _("Make them an operator"),
        _("They may see and change everything here, once they have a passkey or an authenticator app."),
        lambda member: member.is_active and not member.is_staff,
        _make_operator,
    ),
    "operator-removal": Deed(
        _("Operator no more"),
        _("They stay a member."),
        lambda member: member.is_staff,
        _unmake_operator,
    ),
}
