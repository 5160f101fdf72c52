"""What the restaurant was told of a morning, and how it is paid."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import members.fields


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0016_standing_rsvp"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="venue",
            name="payment",
            field=members.fields.LineField(blank=True, max_length=80),
        ),
        migrations.CreateModel(
            name="RestaurantCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("told_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("to", members.fields.LineField(blank=True, max_length=80)),
                ("number", models.PositiveSmallIntegerField()),
                ("others", models.PositiveSmallIntegerField(default=0)),
                ("diets", models.JSONField(default=dict)),
                (
                    "caller",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="restaurant_calls",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="restaurant_calls",
                        to="events.session",
                    ),
                ),
            ],
            options={
                "ordering": ["-told_at", "-pk"],
            },
        ),
    ]
