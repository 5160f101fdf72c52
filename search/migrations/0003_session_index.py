from django.db import migrations, models


class Migration(migrations.Migration):
    """All documents of a session at once: that is how the index is kept current."""

    dependencies = [("search", "0002_vector_statistics")]

    operations = [
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["session_code"], name="search_document_session"),
        ),
    ]
