from django.db import migrations, models


class Migration(migrations.Migration):
    """The record of the whole club is read the latest first, page by page."""

    dependencies = [("members", "0011_consent_to_lists")]

    operations = [
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["-at", "-id"], name="activity_latest"),
        ),
    ]
