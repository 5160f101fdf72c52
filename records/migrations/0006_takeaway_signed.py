from django.db import migrations, models


class Migration(migrations.Migration):
    """A line taken home is signed with the name, the surname alone, or not."""

    dependencies = [("records", "0005_slides_of_the_guest")]

    operations = [
        migrations.AddField(
            model_name="takeaway",
            name="signed",
            field=models.CharField(
                choices=[
                    ("name", "with my name"),
                    ("surname", "with my surname alone"),
                    ("none", "with no name"),
                ],
                default="name",
                max_length=10,
                verbose_name="whose line it is",
            ),
        ),
    ]
