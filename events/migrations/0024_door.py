"""The door taps one by one: by whom, with which tap; walk-ins may leave an address; when a list was opened again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0023_friends_and_spare_covers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "attendance", "email", models.EmailField(blank=True, max_length=254, verbose_name="mail address")
        ),
        migrations.AddField(
            "attendance",
            "marked_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("attendance", "tap", models.UUIDField(blank=True, editable=False, null=True)),
        migrations.AddConstraint(
            "attendance", models.UniqueConstraint(fields=["session", "tap"], name="attendance_once_per_tap")
        ),
        migrations.AddField(
            "session", "roster_reopened_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
    ]
