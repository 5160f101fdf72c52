from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0002_stops_are_the_outboxs"),
    ]

    operations = [migrations.DeleteModel(name="BulletinStop")]
