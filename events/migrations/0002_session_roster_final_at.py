from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="roster_final_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
