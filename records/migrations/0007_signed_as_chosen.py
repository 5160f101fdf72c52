"""Who had chosen to stand there with or without a name does so still; on the way back a surname becomes no name."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forwards(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("records", "Takeaway").objects.filter(with_name=False).update(signed="none")


def backwards(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("records", "Takeaway").objects.exclude(signed="name").update(with_name=False)


class Migration(migrations.Migration):
    dependencies = [("records", "0006_takeaway_signed")]

    operations = [migrations.RunPython(forwards, backwards, elidable=True)]
