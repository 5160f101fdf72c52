"""The second factor: an authenticator app (RFC 6238), with recovery codes for the day the phone is lost.

Whoever has one is asked for it after the code by mail. A passkey is asked for nothing more: it is two things already,
the device and the finger. Without an app on it, nobody is asked: in a chat program's browser there is only the mail.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from members import codes
from members.models import Club, Member

PERIOD, AROUND = 30, 1
# In the session until the first code was typed: the secret that is to be.
COMING = "second-factor"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets lie encrypted in the database, so that a copy of it opens no account (LINK_KEYS)."""

    def encrypt(self, text: str) -> str:
        return _locks().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _locks().decrypt(encrypted_text.encode()).decode()

    def _get_site_name(self) -> str:
        return Club.current().display_name


class SecondStep(AuthenticateStage):  # type: ignore[misc]
    """After the code by mail, for whoever has an app."""

    def _should_handle(self, request: HttpRequest) -> bool:
        """Not after a passkey, which is two factors by itself."""
        return has_app(self.login.user) and not used(request, self.login.user)


def _locks() -> MultiFernet:
    keys = [hashlib.sha256(f"asakai.second-factor.v1:{key}".encode()).digest() for key in settings.LINK_KEYS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def has_app(member: Member) -> bool:
    return bool(Authenticator.objects.filter(user=member, type=Authenticator.Type.TOTP).exists())


def used(request: HttpRequest, member: Member) -> bool:
    """Whether this person showed more than a code by mail since signing in here: app, recovery code or passkey."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, member))


def coming_secret(request: HttpRequest) -> str:
    """The secret for the app, the same until it is confirmed, so that a wrong code does not ask for a new square."""
    secret: str = request.session.get(COMING) or generate_totp_secret()
    if COMING not in request.session:
        request.session[COMING] = secret
    return secret


def in_groups(secret: str) -> str:
    """As somebody types it into the app."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def address_for_app(member: Member, secret: str) -> str:
    """What the square says: otpauth://totp/…, the club's name before one's own address."""
    club = Club.current().display_name
    what = urlencode({"secret": secret, "issuer": club}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{club}:{member.email}')}?{what}"


@transaction.atomic
def add_app(request: HttpRequest, member: Member, typed: str, *, now: datetime) -> bool:
    """Keep the app when it says the right code, and make recovery codes. False: it was not the code."""
    secret = coming_secret(request)
    one_try(member, too_often="rate_limited")
    counter = _counter(secret, typed, after=0, now=now)
    if counter is None:
        return False
    Member.objects.get_queryset().select_for_update().get(pk=member.pk)
    if not has_app(member):
        app = TOTP.activate(member, secret).instance
        app.data["counter"] = counter
        app.save(update_fields=["data"])
        RecoveryCodes.activate(member)
        _note(request, member, app)
    request.session.pop(COMING, None)
    return True


@transaction.atomic
def remove_app(member: Member) -> bool:
    """The app and its recovery codes go. Whether there was one."""
    gone = Authenticator.objects.filter(user=member).exclude(type=Authenticator.Type.WEBAUTHN).delete()
    return bool(gone[0])


@transaction.atomic
def opens(request: HttpRequest, member: Member, typed: str, *, now: datetime) -> bool:
    """Whether this is the code the app shows now, not yet used, or an unused recovery code; either is used up by it.

    Raises ValidationError when it was tried too often.
    """
    tried = one_try(member)
    found = Authenticator.objects.select_for_update().filter(user=member).exclude(type=Authenticator.Type.WEBAUTHN)
    for one in found:
        if _is_right(one, typed, now=now):
            one.user = member
            one.last_used_at = now
            one.save(update_fields=["data", "last_used_at"])
            tried.rollback()
            _note(request, member, one)
            return True
    return False


def one_try(member: Member, *, too_often: str = "too_many_login_attempts") -> ratelimit.RateLimitUsage:
    """One of five tries in five minutes, in whichever browser. Raises ValidationError when there is none left.

    The caller rolls it back when it was right: wrong ones before it stay counted, or whoever guesses would begin anew
    each time the owner signs in.
    """
    counted = {"app": "allauth.account", "action": "login_failed", "key": f"mfa-auth-user-{member.pk}"}
    if usage := ratelimit.consume(context.request, **counted):
        return usage
    raise get_adapter().validation_error(too_often)


def recovery_codes(member: Member) -> list[str]:
    """The codes still unused, in order."""
    found = Authenticator.objects.filter(user=member, type=Authenticator.Type.RECOVERY_CODES).first()
    return unused(found) if found else []


def unused(spare: Authenticator) -> list[str]:
    """Of one row; none under keys this installation does not have any more."""
    try:
        return list(spare.wrap().get_unused_codes())
    except InvalidToken:
        return []


@transaction.atomic
def renew_recovery_codes(member: Member) -> None:
    """Ten new ones; the old ones open nothing any more."""
    Member.objects.get_queryset().select_for_update().get(pk=member.pk)
    Authenticator.objects.filter(user=member, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(member)


def _is_right(one: Authenticator, typed: str, *, now: datetime) -> bool:
    wrapped: Any = one.wrap()
    try:
        return _opens_by(one, wrapped, typed, now=now)
    except InvalidToken:
        # Kept under keys this installation does not have any more.
        return False


def _opens_by(one: Authenticator, wrapped: Any, typed: str, *, now: datetime) -> bool:
    if one.type == Authenticator.Type.RECOVERY_CODES:
        right = bool(wrapped.validate_code(codes.tidy(typed)))
        one.data = wrapped.instance.data
        return right
    counter = _counter(decrypt(one.data["secret"]), typed, after=one.data.get("counter", 0), now=now)
    if counter is not None:
        one.data["counter"] = counter
    return counter is not None


def _counter(secret: str, typed: str, *, after: int, now: datetime) -> int | None:
    """The step of time this code is of, of the current and its two neighbours; each works once (RFC 6238, 5.2)."""
    current, said = int(now.timestamp()) // PERIOD, codes.tidy(typed)
    for counter in range(current - AROUND, current + AROUND + 1):
        if counter > after and constant_time_compare(format_hotp_value(hotp_value(secret, counter)), said):
            return counter
    return None


def _note(request: HttpRequest, member: Member, one: Authenticator) -> None:
    record_authentication(request, member, "mfa", id=one.pk, type=one.type, reauthenticated=True)
