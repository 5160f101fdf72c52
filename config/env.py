"""The environment, read in one typed place that fails loudly.

Every variable may also come from a file: `NAME_FILE=/run/secrets/name` (Docker secrets). `.env.example` lists them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Mode = Literal["local", "test", "production"]


def read(name: str, default: str | None = None, *, environ: Mapping[str, str] = os.environ) -> str:
    """The value of a variable, from `NAME` or from the file `NAME_FILE` names; without a default it must be there."""
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
    value = environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. .env.example says what it is for.")
    return value


def number(name: str, default: int, *, environ: Mapping[str, str] = os.environ) -> int:
    """A whole number."""
    value = read(name, str(default), environ=environ)
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def mode(*, environ: Mapping[str, str] = os.environ) -> Mode:
    """Local | test | production; production unless told otherwise: a forgotten variable must be safe."""
    value = read("ASAKAI_MODE", "production", environ=environ)
    if value == "local":
        return "local"
    if value == "test":
        return "test"
    if value == "production":
        return "production"
    raise ImproperlyConfigured(f"ASAKAI_MODE must be local, test or production, not {value!r}.")


# One stuck statement or lock must not hold the site: what waits longer fails, and is tried again by whoever asked.
LIMITS = "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"


def database(url: str) -> dict[str, Any]:
    """Django's database settings from postgresql://user:password@host:port/name?host=/socket/folder&sslmode=…

    `pool=transaction` in the query: PgBouncer stands between, and lends a connection for one transaction. Then nothing
    is asked for when a connection begins (the role has LIMITS, docs/operating.md), and no cursor stays on the server.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    options: dict[str, Any] = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    pool = options.pop("pool", "")
    if pool not in {"", "transaction"}:
        raise ImproperlyConfigured("The only pool DATABASE_URL can name is pool=transaction.")
    if not pool:
        options = {"options": LIMITS, "prepare_threshold": 0} | options
    return {
        "ENGINE": "config.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": bool(pool),
    }


@dataclass(frozen=True)
class Redis:
    """One Redis-protocol server: database 0 is the broker's, 1 the cache's."""

    url: str

    @property
    def broker(self) -> str:
        if self.url.startswith("unix://"):
            return f"redis+socket://{self.url.removeprefix('unix://')}?virtual_host=0"
        return f"{self.url.rstrip('/')}/0"

    @property
    def cache(self) -> str:
        if self.url.startswith("unix://"):
            return f"{self.url}?db=1"
        return f"{self.url.rstrip('/')}/1"


def redis(url: str) -> Redis:
    """redis://host:6379, rediss://…, or unix:///folder/redis.sock; without a database number."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://.")
    if parts.query or (parts.scheme != "unix" and parts.path.strip("/")):
        raise ImproperlyConfigured("REDIS_URL must not name a database: Asakai uses 0 and 1 of that server.")
    return Redis(url)


def smtp(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from smtp://user:password@host:25, smtp+tls:// (STARTTLS) or smtps://."""
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp+tls://user:password@host:587.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


# Google: https://accounts.google.com/.well-known/openid-configuration; LINE: https://access.line.me/.well-known/…
PLACES: dict[str, dict[str, Any]] = {
    "google": {
        "label": "Google",
        "issuer": "https://accounts.google.com",
        "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_url": "https://oauth2.googleapis.com/token",
        "vouches": True,
    },
    "line": {
        "label": "LINE",
        "issuer": "https://access.line.me",
        "authorize_url": "https://access.line.me/oauth2/v2.1/authorize",
        "token_url": "https://api.line.me/oauth2/v2.1/token",
        "vouches": False,
    },
}


def sign_in_by(*, environ: Mapping[str, str] = os.environ) -> dict[str, dict[str, Any]]:
    """Where people may sign in: GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, LINE_LOGIN_ID and LINE_LOGIN_SECRET."""
    told = {
        "google": (read("GOOGLE_CLIENT_ID", "", environ=environ), read("GOOGLE_CLIENT_SECRET", "", environ=environ)),
        "line": (read("LINE_LOGIN_ID", "", environ=environ), read("LINE_LOGIN_SECRET", "", environ=environ)),
    }
    names = {"google": "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET", "line": "LINE_LOGIN_ID and LINE_LOGIN_SECRET"}
    for name, given in told.items():
        if any(given) and not all(given):
            raise ImproperlyConfigured(f"{names[name]} belong together: one of them is not set.")
    return {
        name: PLACES[name] | {"client_id": key, "client_secret": secret}
        for name, (key, secret) in told.items()
        if key and secret
    }
