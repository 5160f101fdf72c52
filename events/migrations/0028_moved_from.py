from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0027_book_read_beforehand"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="moved_from",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
