"""OpenID Connect, the part a site needs to be told by Google or LINE who somebody is (OpenID Connect Core 1.0, 3.1).

Authorization code flow with state, nonce and PKCE (RFC 7636). The ID token comes straight from the provider over TLS,
so its signature need not be checked (3.1.3.7, 6); whom it is by and for, until when, and the nonce are. Pure but for
one request.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from config import outside

TIMEOUT_SECONDS = 10
ANSWER_AT_MOST = 64_000
# How far the provider's clock may be behind ours or before it.
LEEWAY_SECONDS = 60


class OpenIdError(Exception):
    """Nobody is told who this is: an answer that is none, or not for us. Says what was wrong, for the log."""


@dataclass(frozen=True)
class Provider:
    """One place where people may have an account. `vouches` when it is also right about their mail address."""

    name: str
    label: str
    issuer: str
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str
    vouches: bool

    @property
    def origin(self) -> str:
        """Where the browser goes, for the content security policy."""
        parts = urlsplit(self.authorize_url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Asked:
    """What is remembered in the browser's session while somebody is away at the provider."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Asked:
        return cls(*(secrets.token_urlsafe(32) for _secret in range(3)))


@dataclass(frozen=True)
class Claims:
    """What the provider says: its own name for the person, and a mail address it is right about, or none."""

    subject: str
    email: str


def way_there(provider: Provider, asked: Asked, *, back: str) -> str:
    """The address to send the browser to; it comes `back` with a code."""
    digest = hashlib.sha256(asked.verifier.encode()).digest()
    question = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid email" if provider.vouches else "openid",
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{provider.authorize_url}?{urlencode(question)}"


def claims(provider: Provider, asked: Asked, code: str, *, back: str, now: datetime) -> Claims:
    """Who came back with this code. Raises `OpenIdError`."""
    answer = _token(
        provider,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": provider.client_id,
            "client_secret": provider.client_secret,
            "code_verifier": asked.verifier,
        },
    )
    said = _payload(answer.get("id_token"))
    audience = said.get("aud")
    if said.get("iss") not in {provider.issuer, provider.issuer.removeprefix("https://")}:
        raise OpenIdError("of another issuer")
    if provider.client_id not in (audience if isinstance(audience, list) and len(audience) == 1 else [audience]):
        raise OpenIdError("for somebody else")
    if not isinstance(said.get("exp"), int | float) or said["exp"] < now.timestamp() - LEEWAY_SECONDS:
        raise OpenIdError("too old")
    if not hmac.compare_digest(str(said.get("nonce", "")).encode(), asked.nonce.encode()):
        raise OpenIdError("for another question")
    subject = said.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise OpenIdError("without a subject")
    return Claims(subject, _address(said) if provider.vouches else "")


def _address(said: dict[str, Any]) -> str:
    """The mail address, where the provider itself hands out such addresses: it may be wrong about others' later on.

    Google says so of gmail.com and of what it hosts for a company (`hd`).
    """
    address = str(said.get("email", "")).strip().lower()
    is_its_own = address.endswith("@gmail.com") or (said.get("hd") and address.endswith(f"@{str(said['hd']).lower()}"))
    return address if said.get("email_verified") is True and is_its_own else ""


def _token(provider: Provider, sent: dict[str, str]) -> dict[str, Any]:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = outside.ask(
            provider.token_url, method="POST", body=urlencode(sent).encode(), headers=headers,
            seconds=TIMEOUT_SECONDS, at_most=ANSWER_AT_MOST,
        )  # fmt: skip
    except outside.Unanswered as error:
        raise OpenIdError(f"no answer: {error}") from error
    if answer.status != 200:
        raise OpenIdError(f"status {answer.status}")
    return _object(answer.body)


def _payload(token: object) -> dict[str, Any]:
    """The middle one of the three parts of a JWT."""
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        raise OpenIdError("no ID token")
    try:
        return _object(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError) as error:
        raise OpenIdError("no ID token") from error


def _object(raw: bytes) -> dict[str, Any]:
    try:
        said = json.loads(raw)
    except ValueError as error:
        raise OpenIdError("no JSON") from error
    if not isinstance(said, dict):
        raise OpenIdError("no JSON")
    return said
