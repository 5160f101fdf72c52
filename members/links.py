"""Private links in mails: who may do what, without signing in, until when. Every purpose has a key of its own."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse


class BadLink(Exception):  # noqa: N818
    """The link was not made by us for this purpose, or its time is over."""


def sign(purpose: str, payload: dict[str, Any], *, until: datetime) -> str:
    """A token for one purpose, holding ids only, worthless after `until`."""
    return _signer(purpose).sign_object({**payload, "until": int(until.timestamp())})


def read(purpose: str, token: str, *, now: datetime) -> dict[str, Any]:
    """What was signed. Raises `BadLink`: a token of another purpose, a changed one, an old one."""
    try:
        payload: dict[str, Any] = _signer(purpose).unsign_object(token)
    except (signing.BadSignature, ValueError, UnicodeError) as error:
        raise BadLink(purpose) from error
    if payload.pop("until") < now.timestamp():
        raise BadLink(purpose)
    return payload


def derive(purpose: str, subject: str) -> str:
    """256 bits that only this installation can make again: never stored, and so never in a dump."""
    return derive_by(settings.LINK_KEYS[0], purpose, subject)


def is_derived(purpose: str, subject: str, token: str) -> bool:
    """Whether the token is that of the subject, under any key in use; compared in constant time."""
    return any(
        hmac.compare_digest(derive_by(key, purpose, subject).encode(), token.encode()) for key in settings.LINK_KEYS
    )


def derive_by(key: str, purpose: str, subject: str) -> str:
    """The same by a given key: to find what was made before the key was changed."""
    digest = hmac.new(key.encode(), f"asakai.{purpose}.v1:{subject}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def absolute(name: str, *args: object) -> str:
    """A link for a mail: from SITE_URL, never from a request's Host header."""
    return settings.SITE_URL + reverse(name, args=args)


def _signer(purpose: str) -> signing.Signer:
    first: str = settings.LINK_KEYS[0]
    rest: list[str | bytes] = list(settings.LINK_KEYS[1:])
    return signing.Signer(key=first, fallback_keys=rest, salt=f"asakai.{purpose}.v1")
