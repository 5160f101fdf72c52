"""Friends who want mails, and whom they become; covers beyond the seats, for friends alone."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0022_jobs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "companion", "email", models.EmailField(blank=True, max_length=254, verbose_name="mail address")
        ),
        migrations.AddField(
            "companion",
            "member",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="came_as_friend",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "companion",
            models.UniqueConstraint(
                models.F("rsvp"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("email", ""), _negated=True),
                name="friend_once_per_address",
            ),
        ),
        migrations.AddField(
            "series", "spare_covers", models.PositiveSmallIntegerField(default=0, verbose_name="Spare covers")
        ),
        migrations.AddField(
            "session",
            "spare_covers",
            models.PositiveSmallIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name="Spare covers"
            ),
        ),
        migrations.AddField("session", "spares_freed_at", models.DateTimeField(blank=True, editable=False, null=True)),
    ]
