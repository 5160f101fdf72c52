from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0028_moved_from")]

    operations = [
        migrations.AddField("details", "near_door", models.BooleanField(default=False)),
        migrations.AddField("details", "with_known", models.BooleanField(default=False)),
    ]
