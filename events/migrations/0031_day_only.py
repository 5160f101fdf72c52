from django.db import migrations, models


class Migration(migrations.Migration):
    """Of some older mornings only the day is known."""

    dependencies = [("events", "0030_plainer_choices")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="is_day_only",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
