"""近況: one line about what is new with somebody, with their name, seen as far as they choose."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import audiences
from members.fields import LineField
from members.levels import Level

if TYPE_CHECKING:
    from members.models import Member

# Nobody would be no news, and the public is told by a report.
LEVELS = [Level.HOSTS, Level.CARDS, Level.MORNING, Level.SERIES, Level.MEMBERS]


class NewsQuerySet(models.QuerySet["News"]):
    def seen_by(self, viewer: Member | AnonymousUser) -> NewsQuerySet:
        """Lines this person is near enough to read; whoever keeps the other away neither shows nor sees one."""
        if isinstance(viewer, AnonymousUser):
            return self.none()
        near = get_user_model().objects.joined().visible_to(viewer).annotate(nearness=audiences.nearness(viewer))
        return self.filter(member__in=near.filter(news__level__gte=F("nearness")).values("pk"))

    @transaction.atomic
    def tell(self, member: Member, text: str, *, level: int, now: datetime) -> News:
        """Say it anew, as a new row: a letter that named the old one shows neither the old nor the new."""
        get_user_model().objects.get_queryset().select_for_update(no_key=True).get(pk=member.pk)
        self.filter(member=member).delete()
        return self.create(member=member, text=text, level=level, written_at=now)


class News(models.Model):
    """What is new with one person."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="news")
    text = LineField(_("what is new with you, in one line"), max_length=140)
    level = models.PositiveSmallIntegerField(
        _("who may read it"), choices=[(level.value, level.label) for level in LEVELS], default=Level.HOSTS
    )
    written_at = models.DateTimeField(default=timezone.now)

    objects = NewsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="news_level", condition=Q(level__gte=min(LEVELS).value, level__lte=max(LEVELS).value)
            )
        ]

    def __str__(self) -> str:
        return self.text
