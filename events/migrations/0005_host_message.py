import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import members.fields

PEOPLE = [
    ("coming", "those who come"),
    ("waiting", "those who wait for a seat"),
    ("declined", "those who said: not this time"),
    ("unanswered", "members who have not answered"),
    ("came", "those who came"),
    ("absent", "those who did not come"),
]


class Migration(migrations.Migration):
    dependencies = [("events", "0004_reminders_per_session"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            "HostMessage",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("segment", models.CharField(choices=PEOPLE, max_length=20, verbose_name="To whom")),
                ("subject", members.fields.LineField(max_length=120, verbose_name="Subject")),
                ("text", members.fields.ProseField(max_length=4000, verbose_name="What you write")),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("people", models.PositiveIntegerField(default=0, editable=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="host_messages", to="events.session"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("session", "segment", "digest"), name="host_message_same_words_once"
                    )
                ],
            },
        ),
    ]
