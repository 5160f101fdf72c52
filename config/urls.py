"""Every address of the site. tests/test_access.py holds a row for each: who may come here."""

from django.conf import settings
from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("outbox.urls")),
    path("", include("members.urls")),
    path("", include("events.urls")),
    path("", include("records.urls")),
    path("", include("purse.urls")),
    path("", include("invitations.urls")),
    path("", include("introductions.urls")),
    path("", include("archive.urls")),
]

if settings.LOCAL or settings.TEST:
    urlpatterns += [path("", include("config.local_urls"))]
