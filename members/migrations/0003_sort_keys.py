"""Readings sort by the fifty sounds from now on, and names are found as they sound."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from members import collation
from members.folding import sounds


def fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    member = apps.get_model("members", "Member")
    rows = list(member.objects.only("name", "yomi", "romaji"))
    for row in rows:
        row.reading = collation.key(row.yomi or row.name)[:300]
        row.sounds = " ".join(sounds(text) for text in (row.yomi or row.name, row.romaji) if text)[:200]
    member.objects.bulk_update(rows, ["reading", "sounds"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("members", "0002_profile_lines")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
