import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_rsvp_lateness"),
        ("introductions", "0002_pause"),
    ]

    operations = [
        migrations.CreateModel(
            name="TableSeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table_no", models.PositiveSmallIntegerField()),
                ("pinned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "companion",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="table_seat",
                        to="events.companion",
                    ),
                ),
                (
                    "rsvp",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="table_seat",
                        to="events.rsvp",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="table_seats", to="events.session"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="table_seat_one_person",
                        condition=Q(rsvp__isnull=False, companion=None) | Q(rsvp=None, companion__isnull=False),
                    ),
                    models.CheckConstraint(name="table_seat_from_one", condition=Q(table_no__gt=0)),
                ],
            },
        ),
    ]
