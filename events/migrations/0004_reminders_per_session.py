import datetime as dt

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import members.fields

NIGHT = Q(at__gte=dt.time(7, 0), at__lt=dt.time(21, 0))
DAYS = [django.core.validators.MinValueValidator(-7), django.core.validators.MaxValueValidator(31)]
PEOPLE = [
    ("coming", "those who come"),
    ("waiting", "those who wait for a seat"),
    ("declined", "those who said: not this time"),
    ("unanswered", "members who have not answered"),
    ("came", "those who came"),
    ("absent", "those who did not come"),
]
TEMPLATES = [
    ("invite", "invitation to answer"),
    ("still_coming", "still coming?"),
    ("tomorrow", "what one needs that morning"),
    ("thanks", "thanks, and one line to take home"),
    ("words", "words of your own"),
]


class Migration(migrations.Migration):
    """What one session does differently becomes a row of its own: the rule stays the same rule, and goes once."""

    dependencies = [("events", "0003_rsvp_lateness")]

    operations = [
        migrations.RemoveConstraint("reminderrule", "reminder_rule_once_per_series"),
        migrations.RemoveConstraint("reminderrule", "reminder_rule_once_per_session"),
        # No page ever made a rule of one session.
        migrations.RunSQL("DELETE FROM events_reminderrule WHERE session_id IS NOT NULL", migrations.RunSQL.noop),
        migrations.RemoveField("reminderrule", "session"),
        migrations.AddField(
            "reminderrule",
            "greeting",
            members.fields.ProseField(blank=True, max_length=1000, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "reminderrule",
            "subject",
            members.fields.LineField(blank=True, max_length=120, default=""),
            preserve_default=False,
        ),
        migrations.AlterField("reminderrule", "audience", models.CharField(max_length=20, choices=PEOPLE)),
        migrations.AlterField("reminderrule", "template", models.CharField(max_length=20, choices=TEMPLATES)),
        migrations.AlterField("reminderrule", "days_before", models.SmallIntegerField(validators=DAYS)),
        migrations.AddConstraint(
            "reminderrule",
            models.UniqueConstraint(
                fields=("series", "template", "audience", "days_before"), name="reminder_rule_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            "reminderrule", models.CheckConstraint(condition=NIGHT, name="reminder_rule_not_at_night")
        ),
        migrations.CreateModel(
            "ReminderException",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days_before", models.SmallIntegerField(validators=DAYS)),
                ("at", models.TimeField()),
                ("is_on", models.BooleanField(default=True)),
                ("greeting", members.fields.ProseField(blank=True, max_length=1000)),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exceptions", to="events.reminderrule"
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminder_exceptions",
                        to="events.session",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("rule", "session"), name="reminder_exception_once"),
                    models.CheckConstraint(condition=NIGHT, name="reminder_exception_not_at_night"),
                ]
            },
        ),
    ]
