from datetime import time

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0006_notice")]

    operations = [
        migrations.AddField(
            "series",
            "decides_at",
            models.TimeField(
                blank=True,
                default=time(18, 0),
                null=True,
                verbose_name="storm or snow: decided the evening before, at",
            ),
        ),
    ]
