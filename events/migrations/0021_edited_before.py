from typing import Any

from django.db import migrations

# What a change could have been pushed to when it was not yet kept which fields were edited by hand.
FIELDS = ["capacity", "fee_amount", "programme", "starts_at", "summary", "venue"]


def all_of_them(apps: Any, _editor: Any) -> None:
    apps.get_model("events", "Session").objects.filter(edited_at__isnull=False).update(edited_fields=FIELDS)


class Migration(migrations.Migration):
    """Sessions edited so far were left alone as a whole: they still are."""

    dependencies = [("events", "0020_edited_by_hand")]

    operations = [migrations.RunPython(all_of_them, migrations.RunPython.noop)]
