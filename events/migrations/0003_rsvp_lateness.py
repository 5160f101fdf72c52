from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("events", "0002_session_roster_final_at")]

    operations = [
        migrations.AddField("rsvp", "late_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
        migrations.AddField("rsvp", "late_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "rsvp",
            models.CheckConstraint(
                name="rsvp_late_only_with_a_seat",
                condition=Q(late_minutes=None, late_at=None)
                | Q(late_minutes__isnull=False, late_at__isnull=False, seated_at__isnull=False),
            ),
        ),
    ]
