"""Readers who follow an author: asked by mail whether it is they, and told once when the author is announced."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from events.models import Series, Session
from events.models.session import SessionQuerySet
from outbox.models import Delivery, Lane
from speakers.models import Speaker

# An address that was never confirmed is forgotten after so many days.
FORGET_DAYS = 7
# So many questions "is it you?" may reach one address in a day, whoever types it.
ASKED_A_DAY = 3


class FollowerQuerySet(models.QuerySet["Follower"]):
    def confirmed(self) -> FollowerQuerySet:
        return self.filter(confirmed_at__isnull=False)

    def stale(self, now: datetime) -> FollowerQuerySet:
        """Somebody typed the address, and nobody said that it is theirs."""
        return self.filter(confirmed_at=None, asked_at__lt=now - timedelta(days=FORGET_DAYS))

    def ask(self, speaker: Speaker, email: str, *, language: str, now: datetime) -> None:
        """Somebody typed this address: the mail asks whether it is they. Once a day at most, and not who follows."""
        email = email.lower()
        waiting = self.filter(email=email, confirmed_at=None, asked_at__gt=now - timedelta(days=1))
        if waiting.exclude(speaker=speaker).count() >= ASKED_A_DAY:
            return
        with transaction.atomic():
            asked = {"language": language, "asked_at": now}
            follower, _new = self.get_or_create(speaker=speaker, email=email, defaults=asked)
            if follower.confirmed_at is None:
                self.filter(pk=follower.pk).update(**asked)
                key = f"{follower.pk}:{now.date().isoformat()}"
                context = {"follower": follower.pk}
                Delivery.objects.owe("follow.confirm", key, to=email, language=language, context=context)


class Follower(models.Model):
    """One address that hears of one author."""

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="followers")
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=8, default="ja")
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # Mornings this reader was told of, or saw when beginning to follow.
    known = models.ManyToManyField(Session, related_name="+", blank=True)

    objects = FollowerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("speaker", Lower("email"), name="follower_once")]

    def __str__(self) -> str:
        return f"{self.email} → {self.speaker_id}"

    @transaction.atomic
    def confirm(self, *, now: datetime) -> None:
        """It is they. What is announced already stands on the page they came from, and is no news."""
        if Follower.objects.filter(pk=self.pk, confirmed_at=None).update(confirmed_at=now):
            self.known.add(*announced(now).filter(talks__speakers=self.speaker_id))

    def stop(self) -> None:
        """No more. Stopping twice is no error."""
        Follower.objects.filter(pk=self.pk).delete()


def announced(now: datetime) -> SessionQuerySet:
    """Mornings to come that anybody may see."""
    return Session.objects.on().filter(series__audience=Series.Audience.PUBLIC, starts_at__gt=now)


@transaction.atomic
def tell(*, now: datetime) -> int:
    """Owe a mail to every follower of a guest newly announced; returns how many. Each morning is told once."""
    named = Q(talks__speakers__followers__confirmed_at__isnull=False)
    pairs = announced(now).filter(named).values_list("pk", "starts_at", "talks__speakers__followers").distinct()
    seen = Follower.known.through.objects
    keys = {follower for _pk, _starts, follower in pairs}
    known = set(seen.filter(follower__in=keys).values_list("follower_id", "session_id"))
    followers = Follower.objects.confirmed().in_bulk(keys)
    rows, told = [], []
    for session, starts_at, follower in pairs:
        if follower in followers and (follower, session) not in known:
            one = followers[follower]
            told.append(Follower.known.through(follower_id=follower, session_id=session))
            row = Delivery(kind="follow.announced", key=f"follow.announced:{follower}:{session}", to=one.email)
            row.language, row.lane, row.useful_until = one.language, Lane.BULK, starts_at
            row.context = {"follower": follower, "session": session}
            rows.append(row)
    seen.bulk_create(told, ignore_conflicts=True)
    Delivery.objects.owe_many(rows)
    return len(rows)
