from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TOPIC = "letter"


def fold_in(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Who wanted no letter of a series has now stopped that topic of it."""
    stops, stop = apps.get_model("archive", "BulletinStop"), apps.get_model("outbox", "Stop")
    rows = stops.objects.values_list("member__email", "series", "stopped_at")
    stop.objects.bulk_create(
        [
            stop(address=email.lower(), topic=TOPIC, about=f"series:{series}", since=at)
            for email, series, at in rows.iterator()
        ],
        ignore_conflicts=True,
    )


def fold_out(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Back into the letter's own table, for members who are still there."""
    stops, stop = apps.get_model("archive", "BulletinStop"), apps.get_model("outbox", "Stop")
    members = dict(apps.get_model("members", "Member").objects.values_list("email", "pk"))
    series = set(apps.get_model("events", "Series").objects.values_list("pk", flat=True))
    for row in stop.objects.filter(topic=TOPIC, address__in=members):
        number = int(row.about.removeprefix("series:"))
        if number in series:
            values = {"stopped_at": row.since}
            stops.objects.get_or_create(member_id=members[row.address], series_id=number, defaults=values)


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0001_bulletin"),
        ("outbox", "0004_stops"),
    ]

    operations = [migrations.RunPython(fold_in, fold_out)]
