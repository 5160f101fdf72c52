"""Who wants no mails of a kind. Asked after the claim, so that it holds for what was owed before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from outbox.topics import Subject, Topic

if TYPE_CHECKING:
    from outbox.models import Delivery

# How long the links in a mail work.
LINKS_FOR = timedelta(days=400)
SALT = "asakai.mails.v1"


class StopQuerySet(models.QuerySet["Stop"]):
    def of(self, address: str) -> set[Subject]:
        """What this address has stopped."""
        return set(self.filter(address=address.lower()).values_list("topic", "about"))

    def of_all(self, addresses: Iterable[str]) -> Mapping[str, set[Subject]]:
        """The same for many addresses, in lower case: one query."""
        found: dict[str, set[Subject]] = defaultdict(set)
        wanted = self.filter(address__in={address.lower() for address in addresses})
        for address, topic, about in wanted.values_list("address", "topic", "about"):
            found[address].add((topic, about))
        return found

    def stop(self, address: str, subjects: Iterable[Subject], *, now: datetime) -> None:
        """No more of these. A second time changes nothing; what always comes is left out."""
        rows = [
            Stop(address=address.lower(), topic=topic, about=about, since=now)
            for topic, about in subjects
            if Topic(topic).can_stop
        ]
        self.bulk_create(rows, ignore_conflicts=True)

    def allow(self, address: str, subjects: Collection[Subject]) -> None:
        """Let these come again."""
        for topic, about in subjects:
            self.filter(address=address.lower(), topic=topic, about=about).delete()


class Stop(models.Model):
    """Mails of one topic do not go to this address any more."""

    address = models.EmailField(max_length=254)
    topic = models.CharField(max_length=12)
    about = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()

    objects = StopQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "topic", "about"], name="stop_once"),
            models.CheckConstraint(name="stop_address_lower", condition=models.Q(address=Lower("address"))),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.topic} {self.about}".strip()


def choices_url(delivery: Delivery, subjects: Iterable[Subject], *, now: datetime) -> str:
    """Where whoever got this mail chooses which mails come, without signing in."""
    return settings.SITE_URL + reverse("mail_choices", args=[token(delivery, subjects, now=now)])


def stop_url(delivery: Delivery, subjects: Iterable[Subject], *, now: datetime) -> str:
    """Where mails like this one are stopped, by one POST of a mail program (RFC 8058)."""
    return settings.SITE_URL + reverse("mail_stop", args=[token(delivery, subjects, now=now)])


def token(delivery: Delivery, subjects: Iterable[Subject], *, now: datetime) -> str:
    """Names the mail and what it was about; no address, which a log or a screen might show."""
    until = int((now + LINKS_FOR).timestamp())
    return _signer().sign_object({"d": delivery.pk, "s": [list(subject) for subject in subjects], "u": until})


def read(text: str, *, now: datetime) -> tuple[int, list[Subject]] | None:
    """The mail's number and what it was about; none for what we did not sign, or too long ago."""
    try:
        payload = _signer().unsign_object(text)
    except (signing.BadSignature, ValueError, UnicodeError):
        return None
    if payload["u"] < now.timestamp() or payload["d"] is None:
        return None
    return payload["d"], [(topic, about) for topic, about in payload["s"]]


def _signer() -> signing.Signer:
    first: str = settings.LINK_KEYS[0]
    rest: list[str | bytes] = list(settings.LINK_KEYS[1:])
    return signing.Signer(key=first, fallback_keys=rest, salt=SALT)
