from django.db import migrations, models

CHOICES = [
    ("coming", "those who come"),
    ("waiting", "those who wait for a seat"),
    ("declined", "those who said: not this time"),
    ("unanswered", "members who have not answered"),
    ("came", "those who came"),
    ("first", "those who came for the first time"),
    ("absent", "those who did not come"),
]


class Migration(migrations.Migration):
    dependencies = [("events", "0024_door")]

    operations = [
        migrations.AlterField(
            model_name="hostmessage",
            name="segment",
            field=models.CharField(choices=CHOICES, max_length=20, verbose_name="To whom"),
        ),
        migrations.AlterField(
            model_name="reminderrule",
            name="audience",
            field=models.CharField(choices=CHOICES, max_length=20),
        ),
    ]
