"""What remains of a session: the report and what people took home."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Session
from members.fields import LineField, ProseField


class Report(models.Model):
    """What was said that morning, in Markdown. Public once it is published."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="report")
    body = ProseField(_("report"), max_length=20_000)
    language = models.CharField(_("language"), max_length=8, default="ja")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reports")
    created_at = models.DateTimeField(default=timezone.now)
    approved_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("report")

    def __str__(self) -> str:
        return f"{self.session}"


class Takeaway(models.Model):
    """What one person took home, in one line, shown as far as they chose."""

    class Audience(models.TextChoices):
        HOSTS = "hosts", _("hosts and the guest")
        MEMBERS = "members", _("members")
        PUBLIC = "public", _("everyone")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="takeaways")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="takeaways")
    text = LineField(_("what you take home, in one line"), max_length=200)
    language = models.CharField(_("language"), max_length=8, default="ja")
    audience = models.CharField(_("who may read it"), max_length=10, choices=Audience, default=Audience.HOSTS)
    with_name = models.BooleanField(_("with my name"), default=True)
    created_at = models.DateTimeField(default=timezone.now)
    hidden_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("what was taken home")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["session", "member"], name="takeaway_once")]

    def __str__(self) -> str:
        return self.text
