from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0003_keepsakes")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="agreed",
            field=models.CharField(
                blank=True,
                choices=[
                    ("told", "The guest said by telephone or mail that it is right"),
                    ("unasked", "It goes without the guest's word"),
                ],
                default="",
                editable=False,
                max_length=10,
            ),
            preserve_default=False,
        )
    ]
