import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("session", "Session"),
                            ("talk", "Talk"),
                            ("speaker", "Guest"),
                            ("book", "Book"),
                            ("report", "Report"),
                            ("takeaway", "Taken home"),
                        ],
                        max_length=20,
                    ),
                ),
                ("key", models.CharField(max_length=100)),
                ("session_code", models.CharField(blank=True, max_length=20, null=True)),
                ("series_slug", models.CharField(blank=True, max_length=100, null=True)),
                ("title", models.TextField()),
                ("who", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
                ("url", models.CharField(max_length=300)),
                ("on", models.DateField(blank=True, null=True)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("audience", models.CharField(max_length=120)),
                ("vector", django.contrib.postgres.search.SearchVectorField(editable=False)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["vector"], name="search_document_tokens"
                    ),
                    models.Index(
                        models.OrderBy(models.F("on"), descending=True, nulls_last=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="search_document_newest",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key"), name="search_document_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["session", "talk", "speaker", "book", "report", "takeaway"])),
                        name="search_document_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("audience__in", ["public", "members"]),
                            ("audience__regex", "^(series|attended):.+$"),
                            _connector="OR",
                        ),
                        name="search_document_audience_is_known",
                    ),
                ],
            },
        ),
    ]
