"""The outbox's own mail: the operator's test, which proves that mails go out."""

from django.conf import settings
from django.urls import reverse

from outbox.health import TEST
from outbox.kinds import Kind, Letter
from outbox.models import Delivery
from outbox.topics import Topic


def letter(_delivery: Delivery) -> Letter:
    """Nothing about anybody: it shows the way."""
    return Letter({"url": settings.SITE_URL + reverse("mail_health")})


KINDS = [Kind(TEST, letter, Topic.ACCOUNT)]
