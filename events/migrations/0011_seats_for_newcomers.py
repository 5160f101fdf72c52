"""Seats kept for those who come for the first time, until five days before."""

import django.core.validators
from django.db import migrations, models

WHAT = "Seats for who comes for the first time"


class Migration(migrations.Migration):
    dependencies = [("events", "0010_visitors")]

    operations = [
        migrations.AddField("rsvp", "is_new", models.BooleanField(default=False)),
        migrations.AddField("series", "seats_for_new", models.PositiveSmallIntegerField(default=0, verbose_name=WHAT)),
        migrations.AddField(
            "session",
            "seats_for_new",
            models.PositiveSmallIntegerField(
                default=0, validators=[django.core.validators.MaxValueValidator(1000)], verbose_name=WHAT
            ),
        ),
        migrations.AddField("session", "seats_new", models.PositiveSmallIntegerField(default=0, editable=False)),
        migrations.AddField(
            "session", "kept_seats_freed_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
    ]
