from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0029_table_wishes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="series",
            name="joining",
            field=models.CharField(
                choices=[
                    ("open", "Anyone who would like to"),
                    ("approval", "Anyone, once a host says yes"),
                    ("invited", "Only people with a link from the hosts"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="series",
            name="near_start",
            field=models.CharField(
                choices=[
                    ("at_once", "The first in the queue gets it at once, and is told"),
                    ("offer", "The first in the queue is asked, and has twelve hours to answer"),
                    ("first_tap", "Everyone in the queue is told, and the first to tap gets it"),
                ],
                default="offer",
                max_length=10,
                verbose_name="When a seat becomes free in the last three days",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="near_start",
            field=models.CharField(
                blank=True,
                choices=[
                    ("at_once", "The first in the queue gets it at once, and is told"),
                    ("offer", "The first in the queue is asked, and has twelve hours to answer"),
                    ("first_tap", "Everyone in the queue is told, and the first to tap gets it"),
                ],
                max_length=10,
                verbose_name="When a seat becomes free in the last three days",
            ),
        ),
    ]
