"""How free seats are passed on near the start: at once, asked first, or whoever taps first."""

from django.db import migrations, models
from django.db.models import Q

WAYS = [
    ("at_once", "The first who waits has it at once, and is told"),
    ("offer", "The first who waits is asked, and has twelve hours to answer"),
    ("first_tap", "All who wait are told, and whoever taps first has it"),
]
WHAT = "When a seat becomes free in the last three days"


class Migration(migrations.Migration):
    dependencies = [("events", "0007_decision_hour")]

    operations = [
        migrations.AddField("rsvp", "offer_lapsed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "series",
            "near_start",
            models.CharField(choices=WAYS, default="offer", max_length=10, verbose_name=WHAT),
        ),
        migrations.AddField(
            "session",
            "near_start",
            models.CharField(blank=True, choices=WAYS, max_length=10, verbose_name=WHAT, default=""),
            preserve_default=False,
        ),
        migrations.AddField("session", "seats_held", models.PositiveSmallIntegerField(default=0, editable=False)),
        migrations.AddConstraint(
            "rsvp",
            models.CheckConstraint(
                name="rsvp_offer_only_for_who_waits",
                condition=Q(offered_until=None, offer_lapsed_at=None)
                | Q(queue_no__isnull=False, offer_lapsed_at=None)
                | Q(queue_no__isnull=False, offered_until=None),
            ),
        ),
    ]
