"""The oldest are taken first, whenever they fell due: found by an index in that order, and not by sorting a backlog."""

from django.db import migrations, models

OWED = models.Q(("dropped_at", None), ("failed_at", None), ("sent_at", None))


class Migration(migrations.Migration):
    dependencies = [("outbox", "0005_limits")]

    operations = [
        migrations.RemoveIndex(model_name="delivery", name="delivery_due"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=OWED, fields=["lane", "created_at", "id"], name="delivery_due"),
        ),
    ]
