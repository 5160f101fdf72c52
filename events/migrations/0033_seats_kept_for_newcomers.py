import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0032_venues_in_english"),
    ]

    operations = [
        migrations.AlterField(
            model_name="series",
            name="seats_for_new",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="Seats kept for newcomers"),
        ),
        migrations.AlterField(
            model_name="session",
            name="seats_for_new",
            field=models.PositiveSmallIntegerField(
                default=0,
                validators=[django.core.validators.MaxValueValidator(1000)],
                verbose_name="Seats kept for newcomers",
            ),
        ),
    ]
