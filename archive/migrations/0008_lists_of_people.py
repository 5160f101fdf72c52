from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0007_intakes_fetched"),
    ]

    operations = [
        migrations.AlterField(
            model_name="intake",
            name="kind",
            field=models.CharField(
                choices=[
                    ("csv", "a table (CSV)"),
                    ("jsonl", "JSON lines"),
                    ("calendar", "a calendar (iCalendar)"),
                    ("connpass", "connpass"),
                    ("doorkeeper", "Doorkeeper"),
                    ("series", "a series of another Asakai"),
                    ("people", "people, and when they came (CSV)"),
                ],
                max_length=10,
            ),
        ),
    ]
